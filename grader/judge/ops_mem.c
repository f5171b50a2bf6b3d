/*
 * Lab 2's subject: the balloon's two sides and swap, question by question; lab 1's questions
 * (ops_vm.c) are answered by the reference's pmap and shadows.
 */
#include "grader/judge/model_mem.h"
#include "grader/judge/ops.h"
#include "grader/judge/subject.h"
#include "kernel/panic.h"
#include "kernel/rng.h"
#include "user/kernel/driver.h"
#include "vmm/slots.h"

static ppn_t chosen;

/* The only page that may go is the one that the test is about. */
static bool choose(struct vm *vm, ppn_t *p)
{
	*p = chosen;
	return swap_may_take(vm, chosen);
}

static void choose_victim(u32 p)
{
	chosen = ppn(p);
	swap_victim = p == ~0u ? swap_random_victim : choose;
}

static void balloon_question(struct vm *vm, const u32 *arg, u32 op, struct reply *r)
{
	u32 pages = arg[2];

	switch ((enum op)op) {
	case OP_BALLOON_START:
		r->value = (u32)balloon_start(vm, arg[1]);
		break;
	case OP_BALLOON_POLL:
		r->value = (u32)balloon_poll(vm, &pages);
		break;
	case OP_BALLOON_INFLATE:
		r->value = (u32)balloon_inflate(vm, ppn(arg[1]));
		break;
	case OP_BALLOON_DEFLATE:
		r->value = (u32)balloon_deflate(vm, ppn(arg[1]));
		break;
	default:
		panic("no such question");
	}
	r->out[0] = pages;
}

static void say_slot(u32 slot, struct reply *r)
{
	const struct slot *s = slots_get(slot);

	r->value = s->state;
	r->out[0] = s->sum;
	r->out[1] = s->ppn;
	r->out[2] = s->vm;
}

static void swap_question(struct vm *vm, const u32 *arg, u32 op, struct reply *r)
{
	ppn_t p = ppn(arg[1]);

	switch ((enum op)op) {
	case OP_SWAP_INIT:
		rng_seed(arg[1]);
		r->value = swap_init();
		break;
	case OP_SWAP_OUT:
		r->value = swap_out(vm, arg[1]);
		break;
	case OP_SWAP_FORGET:
		swap_forget(vm, p);
		break;
	case OP_MAY_TAKE:
		r->value = swap_may_take(vm, p);
		break;
	case OP_RANDOM_VICTIM:
		r->value = swap_random_victim(vm, &p);
		r->out[0] = p.n;
		break;
	case OP_CHOOSE:
		choose_victim(arg[1]);
		break;
	case OP_SLOT:
		say_slot(arg[1], r);
		break;
	case OP_SLOTS_FREE:
		r->value = slots_free();
		break;
	case OP_DISK_FINISH:
		r->value = disk_finish(arg[1]);
		break;
	default:
		balloon_question(vm, arg, op, r);
	}
}

void subject_perform(const struct request *q, struct reply *r)
{
	switch ((enum op)q->op) {
	case OP_DRIVER_BEGIN:
		driver_begin(q->arg[1]);
		break;
	case OP_DRIVER_POLL:
		driver_poll();
		break;
	default:
		if (q->op >= OP_MEM)
			swap_question(&arena->vm[q->arg[0] % VM_COUNT], q->arg, q->op,
				      r);
		else
			vm_perform(q, r);
	}
}
