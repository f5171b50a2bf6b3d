/*
 * kmap: any machine page, mapped for a moment. Low pages are mapped for ever and cost
 * nothing. High ones go through a slot: slot number = MPN mod KMAP_SLOTS, next ones
 * when that is held. A slot keeps its page after kunmap, so a page that is asked for
 * again (a guest page table, say) costs a compare and no TLB flush.
 */
#ifndef KERNEL_KMAP_H
#define KERNEL_KMAP_H

#include "kernel/types.h"

/*
 * The page's address, until kunmap. At most KMAP_SLOTS high pages are held at once:
 * more is our bug.
 */
void *kmap(mpn_t m);

/* `p` may point anywhere into the page. */
void kunmap(const void *p);

/* One word of a page. */
static inline u32 kmap_read(mpn_t m, u32 word)
{
	const u32 *page = kmap(m);
	u32 value = page[word];

	kunmap(page);
	return value;
}

static inline void kmap_write(mpn_t m, u32 word, u32 value)
{
	u32 *page = kmap(m);

	page[word] = value;
	kunmap(page);
}

#endif
