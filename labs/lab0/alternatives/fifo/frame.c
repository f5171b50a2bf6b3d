/*
 * The frame allocator with queues: what was freed last is given out last, so that a frame
 * that is used by mistake after it was freed keeps its old content for long.
 */
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"

static struct frame *frames;
static u32 frame_total, low_total;

/* Of MPNs, linked by `next`; 0 in head: empty. */
struct queue {
	u32 head, tail, length;
};

static struct queue low_queue, high_queue;

struct frame *frame_get(mpn_t m)
{
	ASSERT(m.n < frame_total);
	return &frames[m.n];
}

bool mpn_is_low(mpn_t m)
{
	return m.n < low_total;
}

u32 frame_count(void)
{
	return frame_total;
}

void frame_init(struct frame *table, u32 count, u32 low)
{
	ASSERT(table && low <= count);
	frames = table;
	frame_total = count;
	low_total = low;
	low_queue = high_queue = (struct queue){0};
	for (u32 n = 0; n < count; n++)
		table[n] = (struct frame){.use = FRAME_HOLE};
}

static void enqueue(u32 n)
{
	struct queue *q = mpn_is_low(mpn(n)) ? &low_queue : &high_queue;

	frames[n] = (struct frame){.use = FRAME_FREE};
	if (q->head)
		frames[q->tail].next = n;
	else
		q->head = n;
	q->tail = n;
	q->length++;
}

static u32 dequeue(struct queue *q)
{
	u32 n = q->head;

	if (n) {
		q->head = frames[n].next;
		q->length--;
	}
	return n;
}

void frame_add(mpn_t first, u32 count)
{
	u32 n = first.n;

	for (; count > 0 && n < frame_total; n++, count--) {
		if (n == 0)
			continue;
		ASSERT(frames[n].use == FRAME_HOLE);
		enqueue(n);
	}
}

u32 frame_free_count(enum frame_zone zone)
{
	switch (zone) {
	case ZONE_LOW:
		return low_queue.length;
	case ZONE_HIGH:
		return high_queue.length;
	default:
		return low_queue.length + high_queue.length;
	}
}

u32 frame_use_count(enum frame_use use, unsigned owner)
{
	u32 count = 0;

	for (u32 n = 0; n < frame_total; n++) {
		if (frames[n].use != use || frames[n].owner != owner)
			continue;
		count++;
	}
	return count;
}

static void wipe(u32 n)
{
	void *page = kmap(mpn(n));

	zero_page(page);
	kunmap(page);
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	u32 n = 0;

	ASSERT(use != FRAME_FREE && use != FRAME_HOLE && use < FRAME_USES);
	if (zone == ZONE_HIGH || zone == ZONE_ANY)
		n = dequeue(&high_queue);
	if (!n && (zone == ZONE_LOW || zone == ZONE_ANY))
		n = dequeue(&low_queue);
	if (!n)
		return false;
	wipe(n);
	frames[n].next = 0;
	frames[n].use = (u8)use;
	frames[n].owner = (u16)owner;
	frames[n].index = index;
	*out = mpn(n);
	return true;
}

void frame_free(mpn_t m)
{
	struct frame *f = frame_get(m);

	if (f->use == FRAME_HOLE || f->use == FRAME_FREE)
		panic("frame_free: MPN 0x%x is not in use", m.n);
	enqueue(m.n);
}
