/*
 * The frame allocator as lab 0's tests call it: each call is done in the subject.
 */
#include "grader/judge/judge.h"
#include "grader/judge/ops.h"
#include "grader/judge/frames.h"

static const char *const zone_name[] = {"ZONE_LOW", "ZONE_HIGH", "ZONE_ANY"};

struct frame *table_of(u32 count)
{
	cr_assert_leq(count, (u32)ALL_PAGES);
	return &arena->frames[ALL_PAGES - count];
}

void start_frames(u32 count, u32 low)
{
	judge_doing("frame_init of %u frames, %u of them low", count, low);
	ASK(OP_FRAME_INIT, count, low);
}

void frame_add(mpn_t first, u32 count)
{
	judge_doing("frame_add(0x%x, 0x%x)", first.n, count);
	ASK(OP_FRAME_ADD, first.n, count);
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	struct reply r;

	judge_doing("frame_alloc(%s, use %u, owner %u, index 0x%x)", zone_name[zone],
		    use, owner, index);
	r = ASK(OP_FRAME_ALLOC, zone, use, owner, index, out->n);
	out->n = r.out[0];
	return r.value;
}

void frame_free(mpn_t m)
{
	judge_doing("frame_free(MPN 0x%x)", m.n);
	ASK(OP_FRAME_FREE, m.n);
}

u32 frame_count(void)
{
	judge_doing("frame_count()");
	return ASK(OP_FRAME_COUNT).value;
}

u32 frame_free_count(enum frame_zone zone)
{
	judge_doing("frame_free_count(%s)", zone_name[zone]);
	return ASK(OP_FRAME_FREE_COUNT, zone).value;
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	judge_doing("frame_use_count(use %u, owner %u)", use, owner);
	return ASK(OP_FRAME_USE_COUNT, use, owner).value;
}

bool mpn_is_low(mpn_t m)
{
	judge_doing("mpn_is_low(MPN 0x%x)", m.n);
	return ASK(OP_MPN_IS_LOW, m.n).value;
}
