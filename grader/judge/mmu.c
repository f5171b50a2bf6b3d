/*
 * The CPU of lab 1's tests: it walks the shadows as the hardware would, and its TLB is the
 * worst that there can be: it forgets nothing until it is told to. Every access is
 * compared with the guest's own tables.
 */
#include "grader/judge/vms.h"

enum { SEEN_MAX = 1 << 16, TRIES = 4 };

u32 done = 99;

/* Addresses that the TLB may know. */
static u32 seen[SEEN_MAX], seen_count;

static const char *in_words(u32 va, unsigned acc, enum vmode mode)
{
	struct truth t = truth_of(va, acc, mode);

	return text("VM %u, %s %s of GVA 0x%08x; guest PDE 0x%08x PTE 0x%08x%s%s",
		    vm->id, mode == VMODE_USER ? "user" : "kernel",
		    acc & ACC_WRITE ? "write" : "read", va, t.pde, t.pte,
		    t.paged ? "" : ", paging off",
		    vm->cpu.cr0 >> 16 & 1 || !t.paged ? "" : ", CR0.WP=0");
}

static const u32 *shadow_page(u32 machine)
{
	MUST(machine >> PAGE_SHIFT < ALL_PAGES, judge_done(),
	     "a shadow table in this machine",
	     text("machine address 0x%08x", machine & ~(u32)PAGE_MASK));
	return (const u32 *)arena->page[machine >> PAGE_SHIFT];
}

static struct mapping combine(u32 pde, u32 va)
{
	u32 pte;

	if (!(pde & PTE_P))
		return (struct mapping){0};
	pte = shadow_page(pde)[va >> PAGE_SHIFT & (PAGE_WORDS - 1)];
	if (!(pte & PTE_P) || !(pde & pte & PTE_U))
		return (struct mapping){0};
	return (struct mapping){true, pde & pte & PTE_W, pte >> PAGE_SHIFT};
}

struct mapping shadow_of(enum vmode view, u32 va)
{
	return combine(shadow_page(active_root(view)->machine)[va >> 22], va);
}

/* --- the TLB ----------------------------------------------------------------------------- */

static struct mapping tlb_look(u32 va)
{
	const struct tlb_entry *e = &arena->tlb.page[va >> PAGE_SHIFT];

	if (e->epoch != arena->tlb.epoch)
		return (struct mapping){0};
	return (struct mapping){true, e->entry & PTE_W, e->entry >> PAGE_SHIFT};
}

static void tlb_keep(u32 va, struct mapping m)
{
	arena->tlb.page[va >> PAGE_SHIFT] =
		(struct tlb_entry){arena->tlb.epoch, m.mpn << PAGE_SHIFT | PTE_P |
							     (m.writable ? PTE_W : 0)};
	cr_assert_lt(seen_count, (u32)SEEN_MAX);
	seen[seen_count++] = va;
}

/* The directory's entry, from the root or from what is remembered of it. */
static u32 upper(u32 va)
{
	struct tlb_entry *e = &arena->tlb.upper[va >> 22];

	if (e->epoch != arena->tlb.upper_epoch) {
		u32 entry = shadow_page(arena->tlb.cr3)[va >> 22];

		if (!(entry & PTE_P))
			return 0;
		*e = (struct tlb_entry){arena->tlb.upper_epoch, entry};
	}
	return e->entry;
}

static struct mapping translate(u32 va)
{
	struct mapping m = tlb_look(va);

	if (m.present)
		return m;
	m = combine(upper(va), va);
	if (m.present)
		tlb_keep(va, m);
	return m;
}

/* --- an access ----------------------------------------------------------------------------- */

static bool is_memory(u32 p)
{
	return p < vm->mem_pages && !is_hole(p);
}

static bool is_traced(u32 p)
{
	MUST(in_arena(vm->traces.flags, vm->mem_pages), judge_done(),
	     "the VM's traces in the heap", "somewhere else");
	return vm->traces.flags[p] & TRACES;
}

static void check_frame(u32 va, unsigned acc, struct mapping m, const struct truth *t)
{
	const char *where = in_words(va, acc, vm->cpu.mode);
	const struct pmap_entry *e;

	MUST(t->allowed, where,
	     text("a page fault for the guest, error code 0x%x", t->error),
	     text("the CPU went on to MPN 0x%x", m.mpn));
	MUST(is_memory(t->page), where,
	     text("no mapping: PPN 0x%x is no memory", t->page),
	     text("MPN 0x%x", m.mpn));
	e = pmap_entry(vm, t->page);
	MUST(e->state == PMAP_PRIVATE && e->mpn == m.mpn, where,
	     text("MPN 0x%x, the frame of PPN 0x%x", e->mpn, t->page),
	     text("MPN 0x%x", m.mpn));
	MUST(done < 7 || !(acc & ACC_WRITE) || !is_traced(t->page), where,
	     text("a fault: PPN 0x%x is traced, and we must hear of every write",
		  t->page),
	     "a writable mapping");
}

/* A and D as the CPU would have left them; they are `before` in t. */
static void check_marks(u32 va, unsigned acc, const struct truth *t)
{
	u32 leaf = PTE_A | (acc & ACC_WRITE ? PTE_D : 0);
	u32 pde = t->pde | (t->large ? leaf : PTE_A), pte = t->pte | leaf;
	const char *where;

	if (done < 6 || !t->paged)
		return;
	where = in_words(va, acc, vm->cpu.mode);
	MUST(peek(t->pde_at) == pde, where, text("guest PDE 0x%08x", pde),
	     text("guest PDE 0x%08x", peek(t->pde_at)));
	if (!t->large)
		MUST(peek(t->pte_at) == pte, where, text("guest PTE 0x%08x", pte),
		     text("guest PTE 0x%08x", peek(t->pte_at)));
}

static void check_refused(u32 va, unsigned acc, const struct truth *t, u32 error)
{
	const char *where = in_words(va, acc, vm->cpu.mode);

	MUST(!t->allowed, where, "a hidden fault: the guest's tables allow it",
	     "SHADOW_TRUE");
	MUST(error == t->error, where, text("error code 0x%x", t->error),
	     text("0x%x", error));
	MUST((!t->pde_at || guest_entry(t->pde_at) == t->pde) &&
		     (!t->pte_at || guest_entry(t->pte_at) == t->pte),
	     where, "no access, so neither A nor D", "the guest's entry has changed");
}

/* Must it be emulated, or may it? */
static void check_emulated(u32 va, unsigned acc, const struct truth *t)
{
	bool traced = is_memory(t->page) && acc & ACC_WRITE && is_traced(t->page);

	MUST(t->allowed, in_words(va, acc, vm->cpu.mode),
	     text("SHADOW_TRUE, error code 0x%x", t->error), "SHADOW_EMULATE");
	MUST(!is_memory(t->page) || traced, in_words(va, acc, vm->cpu.mode),
	     text("SHADOW_FILLED: PPN 0x%x is plain memory", t->page),
	     "SHADOW_EMULATE");
}

/* The word through the mapping, as the CPU does it. */
static void touch(u32 va, unsigned acc, struct mapping m, u32 *value)
{
	u32 *word = (u32 *)&arena->page[m.mpn][va & PAGE_MASK & ~3u];

	if (acc & ACC_WRITE)
		*word = *value;
	else
		*value = *word;
}

static void finish_emulated(u32 va, unsigned acc, const struct truth *t, u32 *value)
{
	const char *where = in_words(va, acc, vm->cpu.mode);
	u32 at = t->page << PAGE_SHIFT | (va & PAGE_MASK & ~3u);

	check_emulated(va, acc, t);
	MUST(emulate(va & ~3u, acc, value), where, "the access emulated", "a fault");
	if (is_memory(t->page) && acc & ACC_WRITE)
		MUST(peek(at) == *value, where, text("0x%08x in memory", *value),
		     text("0x%08x", peek(at)));
}

static bool access_word(u32 va, unsigned acc, u32 *value)
{
	struct truth t = truth_of(va, acc, vm->cpu.mode);
	u32 error = 0xdead;

	for (u32 tries = 0; tries < TRIES; tries++) {
		struct mapping m = translate(va);

		if (m.present && (m.writable || !(acc & ACC_WRITE))) {
			check_frame(va, acc, m, &t);
			check_marks(va, acc, &t);
			touch(va, acc, m, value);
			return true;
		}
		arena->tlb.page[va >> PAGE_SHIFT].epoch = 0; /* SDM vol. 3, 4.10.4.1 */
		switch (fault_at(va, acc, &error)) {
		case SHADOW_FILLED:
			continue;
		case SHADOW_TRUE:
			check_refused(va, acc, &t, error);
			return false;
		case SHADOW_EMULATE:
			finish_emulated(va, acc, &t, value);
			return true;
		}
	}
	judge_fail(in_words(va, acc, vm->cpu.mode), "a mapping after a hidden fault",
		   "the same fault for ever");
}

bool access_at(u32 va, unsigned acc)
{
	u32 value = roll32();

	return access_word(va, acc, &value);
}

void store_at(u32 va, u32 value)
{
	MUST(access_word(va, ACC_WRITE, &value), judge_done(),
	     "a write that is allowed", "a fault");
}

u32 load_at(u32 va)
{
	u32 value = 0;

	MUST(access_word(va, ACC_READ, &value), judge_done(), "a read that is allowed",
	     "a fault");
	return value;
}

/* --- the audit ------------------------------------------------------------------------------- */

static void audit_page(enum vmode view, u32 va, struct mapping m)
{
	struct truth t = truth_of(va, ACC_READ, view);
	const char *where = text("%s; shadow of the %s view: MPN 0x%x%s",
				 in_words(va, ACC_READ, view),
				 view == VMODE_USER ? "user" : "kernel", m.mpn,
				 m.writable ? ", writable" : "");
	bool unmarked = t.paged && !((t.large ? t.pde : t.pde & t.pte) & PTE_A);
	bool clean = t.paged && !((t.large ? t.pde : t.pte) & PTE_D);
	const struct pmap_entry *e;

	MUST(t.allowed && is_memory(t.page), where, "no mapping", "a mapping");
	e = pmap_entry(vm, t.page);
	MUST(e->state == PMAP_PRIVATE && e->mpn == m.mpn, where,
	     text("MPN 0x%x, the frame of PPN 0x%x", e->mpn, t.page),
	     "the frame of another page");
	MUST(done < 6 || !unmarked, where, "no mapping before A is set", "a mapping");
	if (!m.writable)
		return;
	MUST(truth_of(va, ACC_WRITE, view).allowed, where,
	     "read-only, as the guest has it", "writable");
	MUST(done < 6 || !clean, where, "read-only until D is set", "writable");
	MUST(done < 7 || !is_traced(t.page), where, "read-only: the page is traced",
	     "writable");
}

static void audit_leaf(enum vmode view, u32 slot, u32 pde)
{
	for (u32 i = 0; i < PAGE_WORDS; i++) {
		u32 va = slot << 22 | i << PAGE_SHIFT;
		struct mapping m = combine(pde, va);

		if (m.present)
			audit_page(view, va, m);
	}
}

static void audit_view(enum vmode view)
{
	const u32 *root = shadow_page(active_root(view)->machine);

	for (u32 slot = 0; slot < HOST_PDE_FIRST; slot++)
		if (root[slot] & PTE_P)
			audit_leaf(view, slot, root[slot]);
	for (u32 slot = HOST_PDE_FIRST; slot < PAGE_WORDS; slot++)
		MUST(root[slot] & PTE_P && !(root[slot] & PTE_U),
		     text("entry 0x%x of a root", slot), "the host's own",
		     text("0x%08x", root[slot]));
}

/* What the TLB still has must be in the shadow as well. */
static void audit_tlb(void)
{
	for (u32 i = 0; i < seen_count; i++) {
		struct mapping t = tlb_look(seen[i]), m;

		if (!t.present)
			continue;
		m = shadow_of(vm->view, seen[i]);
		MUST(m.present && m.mpn == t.mpn && (m.writable || !t.writable),
		     text("GVA 0x%08x, after %s", seen[i], judge_done()),
		     "a flush: the shadow's entry has shrunk",
		     text("the TLB still has MPN 0x%x%s", t.mpn,
			  t.writable ? ", writable" : ""));
	}
}

void audit(void)
{
	for (u32 view = VMODE_KERNEL; view <= VMODE_USER; view++)
		if (vm->shadow.active[view] != STABLE_NONE)
			audit_view((enum vmode)view);
	audit_tlb();
}
