/*
 * Forgeries about pages that are given away or on the disk.
 */
#include "grader/forge/forge.h"
#include "kernel/paging.h"
#include "user/include/canary.h"

enum { STATE_SHIFT = 20, IS_BALLOONED = 4, IS_SWAPPED = 5, STRAYED = 8 };

static bool put_page(u32 ppn, u32 word)
{
	return put_virtual(shadows.vm->pmap + 4 * ppn, word);
}

/* A page is ballooned, and a mapping of its frame was forgotten. */
bool forge_gone(void)
{
	for (u32 n = 0; n < shadows.vm->table_count; n++) {
		const struct table *t = &shadows.table[n];

		if (t->head.kind != KIND_LEAF)
			continue;
		for (u32 i = 0; i < TABLE_WORDS; i++) {
			struct frame f;

			if (t->entry[i] & PTE_P &&
			    frame_of(&evidence, t->entry[i] >> PAGE_SHIFT, &f))
				return put_page(f.index, IS_BALLOONED << STATE_SHIFT);
		}
	}
	return false;
}

/* One page is given away, and nobody counts it. */
bool forge_counts(void)
{
	for (u32 p = 0; p < shadows.vm->mem_pages; p++)
		if (page_word(&shadows, p) >> STATE_SHIFT == PAGE_UNBACKED)
			return put_page(p, IS_BALLOONED << STATE_SHIFT);
	return false;
}

/* Two pages in one slot: the second's own is lost. */
bool forge_slots(void)
{
	u32 first = 0, word;

	for (u32 p = 0; p < shadows.vm->mem_pages; p++) {
		word = page_word(&shadows, p);
		if (word >> STATE_SHIFT != IS_SWAPPED)
			continue;
		if (first)
			return put_page(p, first);
		first = word;
	}
	return false;
}

/* A frame of this VM holds a little of what another wrote. */
bool forge_stray(void)
{
	u32 other = shadows.vm->id == 1 ? 2 : 1;

	for (u32 p = 0; p < shadows.vm->mem_pages; p++) {
		u32 word = page_word(&shadows, p);
		u64 at = (u64)(word & 0xFFFFF) << PAGE_SHIFT;
		bool good = word >> STATE_SHIFT == PAGE_PRIVATE;

		for (u32 i = 0; good && i < STRAYED; i++)
			good = put(at + 4 * i * CANARY_STRIDE, CANARY_MAGIC + other);
		if (good)
			return true;
	}
	return false;
}
