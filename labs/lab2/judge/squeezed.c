/* The VM of lab 2's tests of the host; see the header. */
#include "labs/lab2/judge/squeezed.h"

u32 squeezed[SQUEEZED];

static u32 directory, slot;

u32 page_directory(void)
{
	return directory;
}

u32 squeezed_va(u32 i, u32 alias)
{
	return (slot + alias) << 22 | (i + 7) << PAGE_SHIFT;
}

void start_squeezed(void)
{
	start_host(600 + roll(900));
	directory = start_paging();
	slot = 1 + roll(HOST_PDE_FIRST - 8);
	for (u32 i = 0; i < SQUEEZED; i++) {
		squeezed[i] = new_page() >> PAGE_SHIFT;
		fill_page(squeezed[i], i);
		for (u32 alias = 0; alias < 2; alias++)
			put_pte(directory, squeezed_va(i, alias),
				squeezed[i] << PAGE_SHIFT | RWU);
	}
}

void touch_squeezed(u32 i)
{
	for (u32 mode = 0; mode < 2; mode++) {
		set_mode((enum vmode)mode);
		load_at(squeezed_va(i, 0));
		store_at(squeezed_va(i, 1) + 8, load_at(squeezed_va(i, 1) + 8));
	}
}

const char *answer_text(u32 answer)
{
	switch ((int)answer) {
	case BALLOON_OK:
		return "BALLOON_OK";
	case BALLOON_REFUSED:
		return "BALLOON_REFUSED";
	case BALLOON_RESET:
		return "BALLOON_RESET";
	default:
		return text("%d", (int)answer);
	}
}

void must_answer(u32 found, enum balloon_answer expected)
{
	MUST(found == (u32)expected, judge_done(), answer_text((u32)expected),
	     answer_text(found));
}
