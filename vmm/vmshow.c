/*
 * VMs as text.
 */
#include "vmm/vmshow.h"
#include "kernel/bootinfo.h"
#include "kernel/checkpoint.h"
#include "kernel/console.h"
#include "kernel/hooks.h"
#include "kernel/lib.h"
#include "kernel/monitor.h"
#include "kernel/paging.h"
#include "kernel/symbols.h"
#include "kernel/time.h"
#include "vmm/audit.h"
#include "vmm/slots.h"
#include "vmm/swapio.h"
#include "vmm/vm.h"
#include "vmm/vscreen.h"
#include "vmm/walk.h"

static const char *const state_names[] = {
	[VM_UNUSED] = "new",	[VM_RUNNING] = "running", [VM_HALTED] = "idle",
	[VM_PAUSED] = "paused", [VM_OFF] = "off",	  [VM_KILLED] = "killed",
};

static struct symbols guest_symbols;

const char *vm_state_name(const struct vm *vm)
{
	return state_names[vm->state];
}

static u32 kib(u32 pages)
{
	return pages * (PAGE_SIZE / KIB);
}

static void table_row(const struct vm *vm)
{
	const struct vm_stats *s = &vm->stats;

	mon_printf("%2u  %-8s %6u %6u %6u %6u %9llu %9llu %9llu %8llu\n", vm->id,
		   vm_state_name(vm), kib(vm->mem_pages), kib(vm->pmap.backed),
		   kib(vm->pmap.ballooned), kib(vm->pmap.swapped), s->faults_true,
		   s->faults_hidden, s->exits,
		   div_u64(vm->thread->used_ns, 1000000, NULL));
}

void show_table(void)
{
	mon_printf(
		"vm  state    KiB    backed  balln   swap      true    hidden     exits "
		"  cpu ms\n");
	for (unsigned id = 1; id <= VM_MAX; id++)
		if (vm_get(id))
			table_row(vm_get(id));
}

void show_vm(struct vm *vm)
{
	const struct vm_stats *s = &vm->stats;
	const struct shadow *sh = &vm->shadow;

	mon_printf("VM %u: %s%s%s, %u KiB, %u KiB backed\n", vm->id, vm_state_name(vm),
		   vm->why[0] ? ": " : "", vm->why, kib(vm->mem_pages),
		   kib(vm->pmap.backed));
	mon_printf(
		"  exits %llu: %llu hidden faults, %llu true faults, %llu system calls,\n",
		s->exits, s->faults_hidden, s->faults_true, s->syscalls);
	mon_printf("    %llu emulated, %llu port accesses; %llu interrupts delivered\n",
		   s->emulated, s->io, s->irqs);
	mon_printf("  shadow %s: %u CR3 loads, %u refills, %u of %u tables in use\n",
		   shadow_form_name(vm), sh->flushes, sh->refills,
		   sh->pool.count - sh->pool.free_count, sh->pool.count);
	mon_printf(
		"    %u made, %u evicted, %u loosened, %u loose now, %u entries resynced\n",
		sh->made, sh->evicted, sh->loosened, sh->loose_count, sh->resynced);
	mon_printf("  may have %u KiB, keeps %u; balloon %u (wanted %u, allowed %u), "
		   "popped %u times;\n",
		   kib(vm->reclaim.limit), kib(vm->min_pages), kib(vm->pmap.ballooned),
		   kib(vm->balloon.target), kib(vm->balloon.bound), vm->balloon.pops);
	mon_printf(
		"    swapped %u: %u pages out, %u in (%u for its own disk), %u stopped "
		"on their way\n",
		kib(vm->pmap.swapped), vm->swap.outs, vm->swap.ins, vm->swap.double_ins,
		vm->swap.rescued);
	mon_printf("  disk: %llu reads, %llu writes\n", s->disk_reads, s->disk_writes);
}

static const char *symbol(u32 eip, u32 *offset)
{
	const char *name = symbol_at(&guest_symbols, eip, offset);

	if (!name)
		*offset = 0;
	return name ? name : "?";
}

void show_registers(struct vm *vm)
{
	const struct trapframe *t = vm->tf;
	const struct cpu *c = &vm->cpu;
	u32 offset;
	const char *name = symbol(t->eip, &offset);

	mon_printf("VM %u %s mode  eip %08x %s+0x%x\n", vm->id,
		   c->mode == VMODE_KERNEL ? "kernel" : "user", t->eip, name, offset);
	mon_printf("  eax %08x ebx %08x ecx %08x edx %08x\n", t->eax, t->ebx, t->ecx,
		   t->edx);
	mon_printf("  esi %08x edi %08x ebp %08x esp %08x\n", t->esi, t->edi, t->ebp,
		   t->esp);
	mon_printf("  cs %04x ss %04x ds %04x es %04x  eflags %08x (really %08x)\n",
		   t->cs, t->ss, t->ds, t->es, cpu_flags(vm), t->eflags);
	mon_printf("  cr0 %08x cr2 %08x cr3 %08x cr4 %08x\n", c->cr0, c->cr2, c->cr3,
		   c->cr4);
	mon_printf("  gdt %08x+%04x idt %08x+%04x tr %04x tss %08x\n", c->gdtr.base,
		   c->gdtr.limit, c->idtr.base, c->idtr.limit, c->tr, c->tss_base);
}

static void show_pte(const char *what, u32 e)
{
	mon_printf("  %-12s %08x  %s%s%s%s%s%s\n", what, e, e & PTE_P ? "P" : "-",
		   e & PTE_W ? "W" : "-", e & PTE_U ? "U" : "-", e & PTE_A ? "A" : "-",
		   e & PTE_D ? "D" : "-", e & PTE_PS ? " PS" : "");
}

static void show_shadow(struct vm *vm, const char *what, unsigned view, gva_t v)
{
	spte_t e = shadow_lookup(vm, view, v);

	show_pte(what, e.v);
}

/*
 * As a read by the guest's kernel would go. Allocates nothing: tables that are not
 * there read as ones.
 */
void show_tables(struct vm *vm, gva_t v)
{
	struct walk w;
	u32 error;
	mpn_t m;

	if (v.a >= HOST_BASE) {
		mon_printf("0x%08x is the host's\n", v.a);
		return;
	}
	mon_printf("VM %u, GVA 0x%08x\n", vm->id, v.a);
	if (!walk(vm, v, ACC_READ | ACC_SYSTEM, &w, &error)) {
		mon_printf("  the guest's tables map nothing there\n");
		return;
	}
	if (w.paged)
		show_pte("guest PDE", w.pde.v);
	if (w.paged && !w.large)
		show_pte("guest PTE", w.pte.v);
	mon_printf("  PPN 0x%x ", gpa_page(w.page).n);
	if (pmap_lookup(vm, gpa_page(w.page), &m) == PMAP_PRIVATE)
		mon_printf("-> MPN 0x%x\n", m.n);
	else
		mon_printf("has no frame\n");
	show_shadow(vm, "kernel view", VMODE_KERNEL, v);
	show_shadow(vm, "user view", VMODE_USER, v);
}

/* A row at a time: printing may sleep, and the guest go on. */
void show_screen(struct vm *vm)
{
	char text[SCREEN_COLUMNS + 1];

	mon_printf("VM %u, the text screen\n", vm->id);
	for (unsigned row = 0; row < SCREEN_ROWS; row++) {
		vscreen_row(vm, row, text);
		mon_printf("%2u |%s\n", row, text);
	}
}

#define SAME_PLACE(field)                                                \
	_Static_assert(offsetof(struct stable, field) ==                 \
			       offsetof(struct checkpoint_table, field), \
		       "checkpoint_table is out of step")
SAME_PLACE(link);
SAME_PLACE(machine);
SAME_PLACE(used);
SAME_PLACE(count);
SAME_PLACE(role);
SAME_PLACE(gfn);
SAME_PLACE(next);
SAME_PLACE(parents);

static u32 address(const void *p)
{
	return (u32)(uintptr_t)p;
}

/* Where the shadows are, for a reader of the dump. */
static void fill_shadow(struct checkpoint_vm *r, const struct vm *vm)
{
	const struct shadow *s = &vm->shadow;

	r->cached = s->form->wide;
	r->tables = address(s->pool.table);
	r->table_count = s->pool.count;
	r->table_bytes = sizeof *s->pool.table;
	r->free_head = s->pool.free_head;
	r->table_of = address(s->table_of);
	r->rmap = address(s->rmap.head);
	r->traces = address(vm->traces.flags);
}

static void fill_vm(struct checkpoint_vm *r, const struct vm *vm)
{
	*r = (struct checkpoint_vm){
		.id = vm->id,
		.state = vm->state,
		.mem_pages = vm->built ? vm->mem_pages : 0,
		.pmap = (u32)(uintptr_t)vm->pmap.entry,
		.cr0 = vm->cpu.cr0,
		.cr3 = vm->cpu.cr3,
		.cr4 = vm->cpu.cr4,
		.mode = vm->cpu.mode,
		.backed = vm->pmap.backed,
		.ballooned = vm->pmap.ballooned,
		.swapped = vm->pmap.swapped,
	};
	if (vm->built)
		fill_shadow(r, vm);
	for (unsigned v = 0; v < 2 && vm->built; v++)
		if (vm->shadow.active[v] != STABLE_NONE)
			r->root[v] =
				vm->shadow.pool.table[vm->shadow.active[v]].machine;
}

static void fill_swap(struct checkpoint_swap *s)
{
	*s = (struct checkpoint_swap){
		.slots = address(slot_area.slot),
		.total = slot_area.total,
		.free = slot_area.free,
		.batches = address(swap_batches),
		.batch_count = SWAP_BATCHES,
		.batch_bytes = sizeof *swap_batches,
		.batch_busy = offsetof(struct swap_batch, busy),
	};
}

static void fill_record(struct checkpoint_record *r)
{
	audit_checkpoint();
	fill_swap(&r->swap);
	for (unsigned id = 1; id <= VM_MAX; id++)
		if (vm_get(id))
			fill_vm(&r->vm[id - 1], vm_get(id));
}

void panic_guest_state(void)
{
	struct thread *t = thread_self();

	if (t && t->class == THREAD_VM && ((struct vm *)t->arg)->built)
		show_registers(t->arg);
}

void show_init(void)
{
	u32 size;
	const void *image = boot_module("guest", &size);

	if (image)
		symbols_init(&guest_symbols, image, size);
	checkpoint_on_fill(fill_record);
}
