/* The guest of the tests: its memory, tables and accesses; see core_model.h. */
#include "grader/unit/core_model.h"

#include "kernel/frame.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/paging.h"
#include "vmm/mode.h"
#include "vmm/refill.h"
#include "vmm/store.h"

u32 mpn_of(u32 gpa)
{
	mpn_t m;

	cr_assert(pmap_back(vm, ppn(gpa >> PAGE_SHIFT), &m), "no memory at 0x%x", gpa);
	return m.n;
}

static u8 *byte_at(u32 gpa)
{
	return core_page(mpn_of(gpa)) + (gpa & PAGE_MASK);
}

u32 peek(u32 gpa)
{
	u32 value;

	memcpy(&value, byte_at(gpa), sizeof(value));
	return value;
}

void poke(u32 gpa, u32 value)
{
	memcpy(byte_at(gpa), &value, sizeof(value));
}

u8 peek_byte(u32 gpa)
{
	return *byte_at(gpa);
}

void poke_byte(u32 gpa, u8 value)
{
	*byte_at(gpa) = value;
}

struct descriptor desc(u32 base, u32 limit, u8 access, u8 flags)
{
	return (struct descriptor){
		.lo = (limit & 0xffff) | base << 16,
		.hi = (base & 0xff000000) | (u32)flags << 20 | (limit & 0xf0000) |
		      (u32)access << 8 | (base >> 16 & 0xff),
	};
}

void set_desc(u16 sel, struct descriptor d)
{
	poke(GDT_AT + (sel & ~7u), d.lo);
	poke(GDT_AT + (sel & ~7u) + 4, d.hi);
}

void set_gate(u8 vector, u8 type_dpl_p, u16 sel, u32 offset)
{
	poke(IDT_AT + vector * 8, (u32)sel << 16 | (offset & 0xffff));
	poke(IDT_AT + vector * 8 + 4, (offset & 0xffff0000) | (u32)type_dpl_p << 8);
}

void fill_idt(void)
{
	for (u32 v = 0; v < 256; v++)
		set_gate((u8)v, GATE_INT, KCODE, HANDLER + v * 16);
	vm->cpu.idtr = (struct dtable){IDT_AT, 256 * 8 - 1};
}

static void store(u32 at, u32 value)
{
	gpa_write(vm, gpa(at), &value, sizeof(value));
}

void map(u32 gva, u32 gpa, u32 bits)
{
	u32 pde_at = DIR_AT + (gva >> 22) * 4;

	if (!(peek(pde_at) & PTE_P)) {
		store(pde_at, core.next_table | PTE_P | PTE_W | PTE_U);
		core.next_table += PAGE_SIZE;
	}
	store((peek(pde_at) & ~(u32)PAGE_MASK) +
		      (gva >> PAGE_SHIFT & (PAGE_WORDS - 1)) * 4,
	      gpa | bits);
}

u32 pte_of(u32 gva)
{
	u32 pde = peek(DIR_AT + (gva >> 22) * 4);

	return peek((pde & ~(u32)PAGE_MASK) +
		    (gva >> PAGE_SHIFT & (PAGE_WORDS - 1)) * 4);
}

void paging_on(u32 bits)
{
	for (u32 a = 0; a < CORE_PAGES * PAGE_SIZE; a += PAGE_SIZE)
		map(a, a, bits);
	vm->cpu.cr3 = DIR_AT;
	vm->cpu.cr0 |= CR0_PG | CR0_WP;
	mode_flush(vm);
}

void user_mode(void)
{
	vm->tf->cs = UCODE;
	vm->tf->ss = vm->tf->ds = vm->tf->es = UDATA;
	vm->tf->esp = USTACK;
	vm->cpu.mode = vm->view = VMODE_USER;
	fake_cpu.cr3 = shadow_root(vm, VMODE_USER);
}

static bool guest_fault(u32 at, unsigned acc, bool *emulate)
{
	enum shadow_result r;
	u32 error;

	*emulate = at >= HOST_BASE;
	if (*emulate)
		return true;
	switch (refill(vm, gva(at), acc)) { /* the quick way first, as exits do */
	case REFILL_DONE:
		return true;
	case REFILL_TRUE:
	case REFILL_DENIED:
		cr_assert_eq(shadow_fault(vm, gva(at), acc, &error), SHADOW_TRUE,
			     "the quick way refuses 0x%x", at);
		return false;
	default:
		r = shadow_fault(vm, gva(at), acc, &error);
	}
	*emulate = r == SHADOW_EMULATE;
	return r != SHADOW_TRUE;
}

/* As exits do it, whose instruction is a plain store. */
static bool quick_store(u32 at, u32 value)
{
	return vm->quick.refills && vm->cpu.mode == VMODE_KERNEL && at < HOST_BASE &&
	       at % 4 == 0 && store_to_directory(vm, gva(at), value);
}

bool guest_access(u32 at, u32 *value, unsigned acc)
{
	struct gfault f;
	bool emulate;

	for (u32 tries = 0; tries < 4; tries++) {
		u32 *p = at < HOST_BASE ? core_through_shadow(gva(at), 4, acc) : NULL;

		if (p && acc)
			*p = *value;
		else if (p)
			*value = *p;
		if (p || (acc && quick_store(at, *value)))
			return true;
		if (!guest_fault(at, acc, &emulate))
			return false;
		if (emulate)
			return acc ? gva_write(vm, gva(at), value, 4, 0, &f)
				   : gva_read(vm, gva(at), value, 4, 0, &f);
	}
	panic("the access to 0x%x faults for ever", at);
}

void guest_store(u32 at, u32 value)
{
	cr_assert(guest_access(at, &value, ACC_WRITE), "fault at 0x%x", at);
}

u32 guest_load(u32 at)
{
	u32 value;

	cr_assert(guest_access(at, &value, ACC_READ), "fault at 0x%x", at);
	return value;
}

bool core_build(struct vm *v)
{
	if (!pmap_create(v, v->mem_pages) || !trace_create(v) || !shadow_create(v) ||
	    !segs_create(v))
		return false;
	v->quick.refills = v->quick.adopts = v->shadow.form == &cached_form;
	return true;
}

void core_destroy(struct vm *v)
{
	patch_destroy(v);
	segs_destroy(v);
	shadow_destroy(v);
	trace_destroy(v);
	pmap_destroy(v);
}

static void flat_guest(void)
{
	static struct trapframe tf;

	set_desc(KCODE, desc(0, 0xfffff, A_CODE, 0xC));
	set_desc(KDATA, desc(0, 0xfffff, A_DATA, 0xC));
	set_desc(UCODE, desc(0, 0xfffff, A_CODE | A_DPL3, 0xC));
	set_desc(UDATA, desc(0, 0xfffff, A_DATA | A_DPL3, 0xC));
	set_desc(TSS_SEL, desc(TSS_AT, 0x67, 0x89, 0));
	poke(TSS_AT + 4, KSTACK);
	poke(TSS_AT + 8, KDATA);
	tf = (struct trapframe){.cs = KCODE | 3,
				.ss = KDATA | 3,
				.ds = KDATA,
				.es = KDATA,
				.esp = KSTACK,
				.eip = 0x5000,
				.eflags = FL_ONE | FL_IF};
	vm->tf = &tf;
	vm->cpu = (struct cpu){.cr0 = CR0_PE | CR0_ET,
			       .tr = TSS_SEL,
			       .tss_base = TSS_AT,
			       .tss_limit = 0x67};
	cpu_lgdt(vm, (struct dtable){GDT_AT, GDT_SLOTS * 8 - 1});
}

static void init(const char *options)
{
	options_init(options);
	core = (struct core){.heap_left = ~0u, .next_table = TABLES_AT};
	fake_cpu = (struct fake_cpu){.cr0 = CR0_PE | CR0_PG};
	core_machine_init();
	memset(vm, 0, sizeof(*vm));
	memset(other, 0, sizeof(*other));
	vm->id = 1;
	other->id = 2;
	vm->mem_pages = other->mem_pages = CORE_PAGES;
	cr_assert(core_build(vm));
	fake_cpu.cr3 = shadow_root(vm, VMODE_KERNEL);
	flat_guest();
	core.events[0] = '\0';
	core.peeks = core.pokes = 0;
}

void core_init(void)
{
	init("");
}

void core_init_vtlb(void)
{
	init("shadow=vtlb");
}

void core_done(void)
{
	core_destroy(vm);
	core_machine_done();
}
