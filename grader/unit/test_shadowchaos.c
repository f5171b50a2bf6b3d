/*
 * A guest that plays at random with its page tables, in both forms of shadow paging. After
 * each flush everything in both views is compared with a walk of its tables (audit). An
 * access must end as the walk says, but where a real TLB might hold something older: where
 * the address was mapped, and differently, since it was flushed.
 */
#define SUITE shadowchaos
#include "grader/unit/shadow_forms.h"
#include "kernel/paging.h"
#include "vmm/mode.h"

FORMS_SUITES(core_init_vtlb, core_init);

enum { RWU = PTE_P | PTE_W | PTE_U };
/* Tables and data lie in one range, so that a table is data as well. */
enum { POOL = 0x30000, POOL_PAGES = 7, DIRS = 3, SLOTS = 3, PAGES = 3, STEPS = 4000 };
enum { AT = 0x08000000, FIRST_SLOT = AT >> 22 };

static u32 seed;

static u32 roll(u32 n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* What an address may have in a TLB. */
static struct seen {
	bool mapped; /* by the tables, when last looked at */
	u32 page, rights;
	bool old; /* an older translation may be there */
} seen[SLOTS * PAGES];

static u32 va_of(u32 i)
{
	return AT + i / PAGES * 0x400000 + i % PAGES * PAGE_SIZE;
}

static u32 index_of(u32 va)
{
	return (va - AT) / 0x400000 * PAGES + (va >> PAGE_SHIFT) % PAGE_WORDS;
}

/* As the tables are now, whatever the mode. */
static struct seen look(u32 va)
{
	enum vmode mode = vm->cpu.mode;
	struct walk w;
	u32 error;
	bool here;

	vm->cpu.mode = VMODE_KERNEL;
	here = walk(vm, gva(va), ACC_READ, &w, &error);
	vm->cpu.mode = mode;
	if (!here)
		return (struct seen){.mapped = false};
	return (struct seen){true, w.page.a, w.writable | w.user << 1, false};
}

/* After each step of the guest. */
static void look_around(void)
{
	for (u32 i = 0; i < ARRAY_LEN(seen); i++) {
		struct seen *s = &seen[i], now = look(va_of(i));

		now.old = s->old || (s->mapped && (!now.mapped || now.page != s->page ||
						   now.rights != s->rights));
		*s = now;
	}
}

/* The guest flushed one address / all. */
static void fresh(u32 va)
{
	seen[index_of(va)] = look(va);
}

static void all_fresh(void)
{
	for (u32 i = 0; i < ARRAY_LEN(seen); i++)
		seen[i] = look(va_of(i));
}

static u32 pool_page(void)
{
	return POOL + roll(POOL_PAGES) * PAGE_SIZE;
}

static u32 directory(u32 i)
{
	return DIR_AT + i * 0x8000;
}

static u32 address(void)
{
	return AT + roll(SLOTS) * 0x400000 + roll(PAGES) * PAGE_SIZE + roll(1024) * 4;
}

/* An entry with a bit or two missing now and then; sometimes it leads nowhere. */
static u32 entry(void)
{
	u32 to = roll(16) ? pool_page() : roll(2) ? 0xa0000 : 0x7000000;
	u32 bits = RWU;

	if (!roll(4))
		bits &= ~(u32)(1u << roll(3));
	if (roll(2))
		bits |= PTE_A;
	if (roll(2))
		bits |= PTE_D;
	return roll(8) ? to | bits : 0;
}

/* A 4 MiB page of the first 4 MiB; with PSE off the same is a table at 0. */
static u32 large_entry(void)
{
	return RWU | PTE_PS | (roll(2) ? PTE_D : 0);
}

/* --- the judge ---------------------------------------------------------------------------- */

static void check(enum vmode view, u32 va, const char *when)
{
	struct mapping m = mmu(view, va);
	enum vmode mode = vm->cpu.mode;
	struct walk w;
	u32 error, a;
	bool ok;

	if (!m.present)
		return;
	vm->cpu.mode = view;
	ok = walk(vm, gva(va), ACC_READ, &w, &error);
	cr_assert(ok, "%s: 0x%x is mapped, and not by the guest", when, va);
	cr_assert_eq(m.mpn, mpn_of(w.page.a), "%s: 0x%x maps another page", when, va);
	a = w.large ? w.pde.v : w.pde.v & w.pte.v;
	cr_assert(a & PTE_A, "%s: 0x%x without A", when, va);
	if (m.writable) {
		cr_assert(w.dirty, "%s: 0x%x writable without D", when, va);
		cr_assert(walk(vm, gva(va), ACC_WRITE, &w, &error),
			  "%s: 0x%x is wider than the guest's", when, va);
		cr_assert_eq(trace_get(vm, gpa_page(w.page)), 0u,
			     "%s: 0x%x is writable, and traced", when, va);
	}
	vm->cpu.mode = mode;
}

static void audit(const char *when)
{
	for (u32 s = 0; s < SLOTS; s++)
		for (u32 p = 0; p < PAGES; p++) {
			u32 va = AT + s * 0x400000 + p * PAGE_SIZE;

			check(VMODE_KERNEL, va, when);
			check(VMODE_USER, va, when);
		}
	for (u32 p = 0; p < POOL_PAGES; p++)
		check(VMODE_KERNEL, POOL + p * PAGE_SIZE, when);
}

/* Where no TLB can differ, an access does what the walk of this moment says. */
static void access_and_compare(void)
{
	u32 va = address(), value = seed, want = 0, error;
	unsigned acc = roll(3) ? ACC_READ : ACC_WRITE;
	struct walk w;
	bool ok, flushed;

	flushed = seen[index_of(va)].old || !roll(4);
	if (flushed) {
		cpu_invlpg(vm, gva(va));
		fresh(va);
	}
	ok = walk(vm, gva(va), acc, &w, &error);
	cr_assert_eq(guest_access(va, &value, acc), ok, "0x%x: error %x", va, error);
	if (!ok)
		return;
	gpa_read(vm, gpa(w.page.a | (va & PAGE_MASK)), &want, 4);
	if (w.page.a < CORE_PAGES * PAGE_SIZE && w.page.a != 0xa0000)
		cr_assert_eq(value, want, "0x%x: other memory", va);
	if (flushed && acc == ACC_READ) /* a write may have hit the very entry */
		check(vm->view, va, "after a read");
}

/* --- the guest -------------------------------------------------------------------------------- */

static void kernel(void)
{
	if (vm->cpu.mode == VMODE_USER)
		mode_switch(vm, VMODE_KERNEL);
}

static void change_entry(void)
{
	u32 at = roll(2) ? directory(roll(DIRS)) + (FIRST_SLOT + roll(SLOTS)) * 4
			 : pool_page() + roll(PAGES) * 4;
	u32 value = at < POOL && !roll(6) ? large_entry() : entry();

	kernel();
	if (roll(4))
		guest_store(at, value);
	else
		gpa_write(vm, gpa(at), &value, 4);
}

static void dma(void)
{
	u32 page = roll(5) ? pool_page() : directory(roll(DIRS));
	u32 at = page < POOL ? page + (FIRST_SLOT + roll(SLOTS)) * 4
			     : page + roll(PAGES) * 4;
	mpn_t m;

	cr_assert(pmap_pin(vm, ppn(page >> PAGE_SHIFT), true, &m));
	poke(at, entry());
	pmap_unpin(vm, ppn(page >> PAGE_SHIFT));
}

static void trace(void)
{
	ppn_t p = ppn(pool_page() >> PAGE_SHIFT);

	if (roll(2))
		trace_set(vm, p, TRACE_GDT);
	else
		trace_clear(vm, p, TRACE_GDT);
	vm->segs.stale = false;
}

static void flush_all(void)
{
	kernel();
	cr_assert(cpu_write_cr(vm, 3, directory(roll(DIRS)), NULL));
	all_fresh();
	audit("after CR3");
}

static void control(void)
{
	u32 old0 = vm->cpu.cr0, old4 = vm->cpu.cr4;
	u32 cr0 = CR0_PE | CR0_PG | (roll(2) ? CR0_WP : 0);

	kernel();
	if (roll(2))
		cr_assert(cpu_write_cr(vm, 0, cr0, NULL));
	else
		cr_assert(cpu_write_cr(vm, 4, roll(2) ? CR4_PSE : 0, NULL));
	if (((old0 ^ vm->cpu.cr0) & CR0_WP) || old4 != vm->cpu.cr4)
		all_fresh();
}

static void switch_mode(void)
{
	mode_switch(vm, vm->cpu.mode == VMODE_KERNEL ? VMODE_USER : VMODE_KERNEL);
}

static void drop_frame(void)
{
	u32 page = pool_page();

	shadow_drop(vm, ppn(page >> PAGE_SHIFT));
	cr_assert_not(mmu(VMODE_KERNEL, page).present, "0x%x", page);
}

static void step(void)
{
	switch (roll(40)) {
	case 0:
		flush_all();
		break;
	case 1:
		control();
		break;
	case 2:
		dma();
		break;
	case 3:
		trace();
		break;
	case 4:
		drop_frame();
		break;
	case 5 ... 6:
		switch_mode();
		break;
	case 7 ... 15:
		change_entry();
		break;
	default:
		access_and_compare();
	}
}

static void play(u32 first_seed)
{
	seed = first_seed;
	paging_on(PTE_P | PTE_W);
	for (u32 i = 1; i < DIRS; i++)
		gpa_write(vm, gpa(directory(i)), &(u32){peek(DIR_AT)}, 4);
	all_fresh();
	for (u32 i = 0; i < STEPS; i++) {
		step();
		look_around();
	}
	kernel();
	for (u32 p = 0; p < POOL_PAGES; p++)
		trace_clear(vm, ppn((POOL >> PAGE_SHIFT) + p), TRACE_GDT);
	flush_all();
}

#define GAME(n)                      \
	BOTH_FORMS(trap25_game_##n)  \
	{                            \
		play(n * 7919 + 17); \
	}
GAME(1)
GAME(2)
GAME(3)
GAME(4)
GAME(5)
GAME(6)
