/*
 * kmap: any machine page, mapped for a moment. Low pages are mapped for ever and cost
 * nothing. High ones go through a slot: slot number = MPN mod KMAP_SLOTS, next ones
 * when that is held. A slot keeps its page after kunmap, so a page that is asked for
 * again (a guest page table, say) costs a compare and no TLB flush.
 */
#ifndef KERNEL_KMAP_H
#define KERNEL_KMAP_H

#include "kernel/layout.h"
#include "kernel/types.h"

/*
 * The page's address, until kunmap. At most KMAP_SLOTS high pages are held at once:
 * more is our bug.
 */
void *kmap(mpn_t m);

/* `p` may point anywhere into the page. */
void kunmap(const void *p);

/* For kmap_word alone: which page each slot shows (0: none), and how often it is held. */
struct kmap_slot {
	u32 mpn, held;
};
extern struct kmap_slot kmap_slots[KMAP_SLOTS];

/* A word of a page that its home slot shows just now; NULL: it does not. Holds nothing. */
static inline u32 *kmap_word(mpn_t m, u32 word)
{
	u32 i = m.n % KMAP_SLOTS;

	if (kmap_slots[i].mpn != m.n)
		return NULL;
	return (u32 *)(uintptr_t)(KMAP_BASE + (i << PAGE_SHIFT) + word * 4);
}

/* One word of a page. */
static inline u32 kmap_read(mpn_t m, u32 word)
{
	const u32 *quick = kmap_word(m, word), *page;
	u32 value;

	if (quick)
		return *quick;
	page = kmap(m);
	value = page[word];
	kunmap(page);
	return value;
}

static inline void kmap_write(mpn_t m, u32 word, u32 value)
{
	u32 *quick = kmap_word(m, word), *page;

	if (quick) {
		*quick = value;
		return;
	}
	page = kmap(m);
	page[word] = value;
	kunmap(page);
}

#endif
