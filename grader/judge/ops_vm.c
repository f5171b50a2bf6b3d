/*
 * The pmap and the shadows of two VMs, question by question: all of lab 1's subject, and what
 * lab 2's stands on.
 */
#include "grader/judge/expose.h"
#include "grader/judge/ops.h"
#include "grader/judge/subject.h"
#include "kernel/panic.h"
#include "vmm/cache.h"

static u32 taken[MACHINE_PAGES], taken_count;

static void start_machine(u32 low, u32 pages)
{
	frame_init(arena->frames, ALL_PAGES, low);
	frame_add(mpn(1), pages);
	arena->heap_left = ~0u;
	arena->tlb.epoch = arena->tlb.upper_epoch = 1;
	taken_count = 0;
}

/* Like a host that needs memory. */
static u32 take_frames(u32 count)
{
	u32 before = taken_count;
	mpn_t m;

	while (count-- && frame_alloc(ZONE_ANY, FRAME_HOST, 0, 0, &m))
		taken[taken_count++] = m.n;
	return taken_count - before;
}

static void give_frames(void)
{
	while (taken_count)
		frame_free(mpn(taken[--taken_count]));
}

/* Loads the root of a view into CR3, as mode.h does. */
static u32 load_view(struct vm *vm, enum vmode view)
{
	u32 root = shadow_root(vm, view);

	vm->view = view;
	arena->tlb.cr3 = root;
	arena->tlb.epoch++;
	arena->tlb.upper_epoch++;
	return root;
}

static u32 load_cr3(struct vm *vm, u32 value)
{
	vm->cpu.cr3 = value;
	shadow_load_cr3(vm);
	return load_view(vm, vm->cpu.mode);
}

static u32 flush(struct vm *vm)
{
	shadow_flush(vm);
	return load_view(vm, vm->cpu.mode);
}

static void fault(struct vm *vm, const u32 *arg, struct reply *r)
{
	u32 error = arg[3];

	r->value = shadow_fault(vm, gva(arg[1]), arg[2], &error);
	r->out[0] = error;
}

/* What the VMM does when shadow_fault says SHADOW_EMULATE, on a word. */
static void emulate(struct vm *vm, const u32 *arg, struct reply *r)
{
	struct gfault f = {0};
	struct gspan s;
	u32 word = arg[3];

	r->value = gspan_check(vm, gva(arg[1]), sizeof(word), arg[2], &s, &f);
	if (r->value && arg[2] & ACC_WRITE)
		gspan_write(vm, &s, &word);
	else if (r->value)
		gspan_read(vm, &s, &word);
	r->out[0] = word;
	r->out[1] = f.error;
}

static struct stable *table(struct vm *vm, u32 number)
{
	ASSERT(number < vm->shadow.pool.count);
	return &vm->shadow.pool.table[number];
}

static u32 leaf(struct vm *vm, u32 gfn, u32 role)
{
	struct cache_key key = {.kind = STABLE_LEAF, .role = (u8)role, .gfn = gfn};

	return stable_number(&vm->shadow.pool, cache_get(vm, key));
}

static void pmap_question(struct vm *vm, const struct request *q, struct reply *r)
{
	const u32 *arg = q->arg;
	mpn_t m = mpn(arg[2]);

	switch ((enum op)q->op) {
	case OP_PMAP_CREATE:
		r->value = pmap_create(vm, arg[1]);
		break;
	case OP_PMAP_DESTROY:
		pmap_destroy(vm);
		break;
	case OP_PMAP_LOOKUP:
		r->value = pmap_lookup(vm, ppn(arg[1]), &m);
		break;
	case OP_PMAP_BACK:
		r->value = pmap_back(vm, ppn(arg[1]), &m);
		break;
	case OP_PMAP_PIN:
		r->value = pmap_pin(vm, ppn(arg[1]), arg[2], &m);
		break;
	case OP_PMAP_UNPIN:
		pmap_unpin(vm, ppn(arg[1]));
		break;
	default:
		panic("no such question");
	}
	r->out[0] = m.n;
}

static void shadow_question(struct vm *vm, const struct request *q, struct reply *r)
{
	const u32 *arg = q->arg;

	switch ((enum op)q->op) {
	case OP_ROOT:
		vm->cpu.mode = (enum vmode)arg[1];
		r->value = load_view(vm, vm->cpu.mode);
		break;
	case OP_LOAD_CR3:
		r->value = load_cr3(vm, arg[1]);
		break;
	case OP_FLUSH:
		r->value = flush(vm);
		break;
	case OP_INVLPG:
		shadow_invlpg(vm, gva(arg[1]));
		break;
	case OP_FAULT:
		fault(vm, arg, r);
		break;
	case OP_EMULATE:
		emulate(vm, arg, r);
		break;
	case OP_GPA_WRITE:
		ASSERT(arg[2] <= sizeof(q->bytes));
		gpa_write(vm, gpa(arg[1]), q->bytes, arg[2]);
		break;
	case OP_TRACE_SET:
		trace_set(vm, ppn(arg[1]), (enum trace)arg[2]);
		break;
	case OP_TRACE_CLEAR:
		trace_clear(vm, ppn(arg[1]), (enum trace)arg[2]);
		break;
	case OP_PROTECT:
		shadow_protect(vm, ppn(arg[1]));
		break;
	case OP_DROP:
		shadow_drop(vm, ppn(arg[1]));
		break;
	case OP_LEAF:
		r->value = leaf(vm, arg[1], arg[2]);
		break;
	case OP_MAP_PAGE:
		expose_map_page(vm, table(vm, arg[1]), arg[2], ppn(arg[3]), arg[4],
				arg[5]);
		break;
	default:
		panic("no such question");
	}
}

void vm_perform(const struct request *q, struct reply *r)
{
	struct vm *vm = &arena->vm[q->arg[0] % VM_COUNT];

	switch ((enum op)q->op) {
	case OP_MACHINE:
		start_machine(q->arg[1], q->arg[2]);
		break;
	case OP_TAKE_FRAMES:
		r->value = take_frames(q->arg[1]);
		break;
	case OP_GIVE_FRAMES:
		give_frames();
		break;
	case OP_VM_BUILD:
		r->value = trace_create(vm) && shadow_create(vm);
		break;
	case OP_VM_DESTROY:
		shadow_destroy(vm);
		trace_destroy(vm);
		pmap_destroy(vm);
		break;
	default:
		if (q->op >= OP_VM_BUILD)
			shadow_question(vm, q, r);
		else
			pmap_question(vm, q, r);
	}
}
