/*
 * The pmap and the shadows as lab 1's tests call them: each call is done in the subject.
 */
#include "grader/judge/ops.h"
#include "grader/judge/vms.h"

#include <string.h>

static u32 number(const struct vm *v)
{
	return (u32)(v - arena->vm);
}

void start_machine(u32 pages)
{
	judge_doing("starting a machine of %u pages", pages);
	cr_assert_lt(pages, (u32)MACHINE_PAGES);
	ASK(OP_MACHINE, 0, pages / 8, pages);
}

void build_shadows(struct vm *v)
{
	judge_doing("shadow_create for VM %u", v->id);
	MUST(ASK(OP_VM_BUILD, number(v)).value, judge_done(), "true", "false");
}

/* The mode and the control registers: one behind the other. */
static void keep_vm(const struct vm *v)
{
	judge_keep(&v->id, sizeof(v->id));
	judge_keep(&v->mem_pages, sizeof(v->mem_pages));
	judge_keep(&v->cpu, offsetof(struct cpu, dr));
}

void build_vm(struct vm *v, u32 pages)
{
	v->id = number(v) + 1;
	v->mem_pages = pages;
	v->cpu.cr0 = 1;
	keep_vm(v);
	MUST(pmap_create(v, pages), judge_done(), "true", "false");
	build_shadows(v);
}

void destroy_vm(struct vm *v)
{
	judge_doing("VM %u ends", v->id);
	ASK(OP_VM_DESTROY, number(v));
}

u32 take_frames(u32 count)
{
	return ASK(OP_TAKE_FRAMES, 0, count).value;
}

void give_frames(void)
{
	ASK(OP_GIVE_FRAMES, 0);
}

bool pmap_create(struct vm *v, u32 pages)
{
	judge_doing("pmap_create(VM %u, %u pages)", v->id, pages);
	return ASK(OP_PMAP_CREATE, number(v), pages).value;
}

void pmap_destroy(struct vm *v)
{
	judge_doing("pmap_destroy(VM %u)", v->id);
	ASK(OP_PMAP_DESTROY, number(v));
}

enum pmap_state pmap_lookup(const struct vm *v, ppn_t p, mpn_t *m)
{
	struct reply r;

	judge_doing("pmap_lookup(VM %u of %u pages, PPN 0x%x)", v->id, v->mem_pages,
		    p.n);
	r = ASK(OP_PMAP_LOOKUP, number(v), p.n, m->n);
	m->n = r.out[0];
	return (enum pmap_state)r.value;
}

bool pmap_back(struct vm *v, ppn_t p, mpn_t *m)
{
	struct reply r;

	judge_doing("pmap_back(VM %u of %u pages, PPN 0x%x)", v->id, v->mem_pages, p.n);
	r = ASK(OP_PMAP_BACK, number(v), p.n, m->n);
	m->n = r.out[0];
	return r.value;
}

static const char *const mode_name[] = {"kernel", "user"};

u32 set_mode(enum vmode mode)
{
	judge_doing("the root of the %s view, CR3 0x%x", mode_name[mode], vm->cpu.cr3);
	vm->cpu.mode = mode;
	return ASK(OP_ROOT, 0, mode).value;
}

u32 load_cr3(u32 value)
{
	judge_doing("the guest loads CR3 with 0x%x", value);
	vm->cpu.cr3 = value;
	return ASK(OP_LOAD_CR3, 0, value).value;
}

u32 flush_all(void)
{
	judge_doing("shadow_flush, CR0 is 0x%x", vm->cpu.cr0);
	return ASK(OP_FLUSH, 0).value;
}

void invlpg_guest(u32 va)
{
	judge_doing("the guest does invlpg of GVA 0x%08x", va);
	ASK(OP_INVLPG, 0, va);
}

enum shadow_result fault_at(u32 va, unsigned acc, u32 *error)
{
	struct reply r;

	judge_doing("the %s %s GVA 0x%08x", mode_name[vm->cpu.mode],
		    acc & ACC_WRITE ? "writes to" : "reads", va);
	r = ASK(OP_FAULT, 0, va, acc, *error);
	*error = r.out[0];
	return (enum shadow_result)r.value;
}

bool emulate(u32 va, unsigned acc, u32 *word)
{
	struct reply r;

	judge_doing("emulating an access of the %s to GVA 0x%08x",
		    mode_name[vm->cpu.mode], va);
	r = ASK(OP_EMULATE, 0, va, acc, *word);
	*word = r.out[0];
	return r.value;
}

void write_for_guest(u32 gpa, const void *bytes, u32 n)
{
	struct request q = {.op = OP_GPA_WRITE, .arg = {0, gpa, n}};

	cr_assert_leq(n, sizeof(q.bytes));
	judge_doing("gpa_write of %u bytes at GPA 0x%x", n, gpa);
	memcpy(q.bytes, bytes, n);
	judge_send(&q);
}

void device_writes(u32 gpa)
{
	u32 p = gpa >> PAGE_SHIFT;

	judge_doing("a device writes to PPN 0x%x", p);
	MUST(ASK(OP_PMAP_PIN, 0, p, 1).value, judge_done(), "a frame that is pinned",
	     "no frame");
	ASK(OP_PMAP_UNPIN, 0, p);
}

u32 leaf_of(u32 gfn, u32 role)
{
	judge_doing("cache_get of a leaf for PPN 0x%x", gfn);
	return ASK(OP_LEAF, 0, gfn, role).value;
}

void map_page(u32 leaf, u32 i, u32 p, u32 entry, u32 from)
{
	judge_doing("map_page(entry 0x%x of a leaf, PPN 0x%x)", i, p);
	ASK(OP_MAP_PAGE, 0, leaf, i, p, entry, from);
}

void trace_set(struct vm *v, ppn_t p, enum trace t)
{
	judge_doing("a trace is set on PPN 0x%x", p.n);
	ASK(OP_TRACE_SET, number(v), p.n, t);
}

void trace_clear(struct vm *v, ppn_t p, enum trace t)
{
	judge_doing("a trace of PPN 0x%x is cleared", p.n);
	ASK(OP_TRACE_CLEAR, number(v), p.n, t);
}

void shadow_protect(struct vm *v, ppn_t p)
{
	judge_doing("protect(PPN 0x%x)", p.n);
	ASK(OP_PROTECT, number(v), p.n);
}

void shadow_drop(struct vm *v, ppn_t p)
{
	judge_doing("drop(PPN 0x%x)", p.n);
	ASK(OP_DROP, number(v), p.n);
}

/* --- evidence ---------------------------------------------------------------------------- */

static void must_lie(const void *p, size_t n, const char *what)
{
	MUST(in_arena(p, n), judge_done(), text("%s in the heap", what),
	     "somewhere else");
}

const struct stable *table_at(u32 number)
{
	const struct stable *t = &vm->shadow.pool.table[number];

	MUST(number < vm->shadow.pool.count, judge_done(), "a table of the pool",
	     text("table %u of %u", number, vm->shadow.pool.count));
	must_lie(t, sizeof(*t), "the pool");
	must_lie(t->entry, PAGE_SIZE, "a shadow table");
	must_lie(t->made_from, PAGE_SIZE, "a shadow table");
	must_lie(t->link, PAGE_SIZE, "a shadow table");
	return t;
}

const struct stable *active_root(enum vmode view)
{
	u32 n = vm->shadow.active[view];

	MUST(n != STABLE_NONE, judge_done(),
	     text("a root of the %s view", mode_name[view]), "none is active");
	return table_at(n);
}

const struct pmap_entry *pmap_entry(const struct vm *v, u32 p)
{
	const struct pmap_entry *e = &v->pmap.entry[p];

	MUST(p < v->pmap.pages && p < v->mem_pages, judge_done(),
	     text("a pmap of %u pages", v->mem_pages), text("%u pages", v->pmap.pages));
	must_lie(e, sizeof(*e), "the pmap");
	return e;
}

const char *state_name(u32 state)
{
	static const char *const name[] = {
		"PMAP_ABSENT",	  "PMAP_UNBACKED", "PMAP_PRIVATE", "PMAP_SHARED",
		"PMAP_BALLOONED", "PMAP_SWAPPED",  "PMAP_DEVICE"};

	return state < ARRAY_LEN(name) ? name[state] : text("state %u", state);
}

/* 640 KiB to 1 MiB, but for the 32 KiB of the text screen. */
bool is_hole(u32 p)
{
	return p >= 0xa0 && p < 0x100 && (p < 0xb8 || p >= 0xc0);
}
