/*
 * Lab 0's subject: the frame allocator on a table of any size at the end of the arena's,
 * so that both its ends are guarded.
 */
#include "grader/judge/ops.h"
#include "grader/judge/subject.h"
#include "kernel/panic.h"

/* The last `count` entries: what follows is no memory any more. */
static struct frame *place(u32 count)
{
	struct frame *table = &arena->frames[ALL_PAGES - count];

	guard(arena->frames, (size_t)(arena->page[0] - (u8 *)arena->frames));
	unguard(table, count * sizeof(*table));
	return table;
}

static void start(u32 count, u32 low)
{
	ASSERT(count <= ALL_PAGES);
	frame_init(place(count), count, low);
}

static void alloc(const u32 *arg, struct reply *r)
{
	mpn_t m = mpn(arg[4]);

	r->value = frame_alloc((enum frame_zone)arg[0], (enum frame_use)arg[1], arg[2],
			       arg[3], &m);
	r->out[0] = m.n;
}

void subject_perform(const struct request *q, struct reply *r)
{
	const u32 *arg = q->arg;

	switch ((enum op)q->op) {
	case OP_FRAME_INIT:
		start(arg[0], arg[1]);
		break;
	case OP_FRAME_ADD:
		frame_add(mpn(arg[0]), arg[1]);
		break;
	case OP_FRAME_ALLOC:
		alloc(arg, r);
		break;
	case OP_FRAME_FREE:
		frame_free(mpn(arg[0]));
		break;
	case OP_FRAME_GET:
		r->value = (u32)(frame_get(mpn(arg[0])) - frame_get(mpn(0)));
		break;
	case OP_FRAME_COUNT:
		r->value = frame_count();
		break;
	case OP_FRAME_FREE_COUNT:
		r->value = frame_free_count((enum frame_zone)arg[0]);
		break;
	case OP_FRAME_USE_COUNT:
		r->value = frame_use_count((enum frame_use)arg[0], arg[1]);
		break;
	case OP_MPN_IS_LOW:
		r->value = mpn_is_low(mpn(arg[0]));
		break;
	default:
		panic("no such question");
	}
}
