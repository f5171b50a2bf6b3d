/*
 * Exercise 4: one mapping, all mappings of a page, and who keeps book of them. The leaves
 * are the judge's wish; what the student's code puts into them is looked at directly.
 */
#include "grader/judge/vms.h"
#include "vmm/spte.h"

enum { LEAVES = 6, PAGES = 5, MAPPINGS = 120, WORDS = 1024 };

/* The judge's book: what each entry of each leaf maps. */
static struct book {
	u32 leaf[LEAVES], page[PAGES];
	u32 maps[LEAVES][WORDS]; /* index of a page + 1; 0: nothing */
	bool writable[LEAVES][WORDS];
	u32 frame[PAGES];
} book;

static void start(void)
{
	start_machine(2000);
	build_vm(vm, 600 + roll(900));
	for (u32 l = 0; l < LEAVES; l++)
		book.leaf[l] = leaf_of(new_page() >> PAGE_SHIFT,
				       roll(2) ? ROLE_USER : 0);
	for (u32 p = 0; p < PAGES; p++) {
		mpn_t m = mpn(0);

		book.page[p] = new_page() >> PAGE_SHIFT;
		MUST(pmap_back(vm, ppn(book.page[p]), &m), judge_done(), "true",
		     "false");
		book.frame[p] = m.n;
	}
}

static u32 from_of(u32 p)
{
	return book.page[p] << PAGE_SHIFT | RWU | PTE_A | PTE_D;
}

static void map_one(u32 l, u32 i, u32 p, bool writable)
{
	map_page(book.leaf[l], i, book.page[p], spte_page(mpn(book.frame[p]), writable),
		 from_of(p));
	book.maps[l][i] = p + 1;
	book.writable[l][i] = writable;
}

static void map_some(void)
{
	for (u32 n = 0; n < MAPPINGS; n++)
		map_one(roll(LEAVES), roll(24), roll(PAGES), roll(4));
}

/* Entries, what they were made from, and how many there are: as in the book. */
static void compare(void)
{
	for (u32 l = 0; l < LEAVES; l++) {
		const struct stable *t = table_at(book.leaf[l]);
		u32 count = 0;

		for (u32 i = 0; i < WORDS; i++) {
			u32 p = book.maps[l][i] - 1;
			u32 entry = book.maps[l][i] ? spte_page(mpn(book.frame[p]),
								book.writable[l][i])
						    : 0;
			const char *where = text("entry 0x%x of a leaf, after %s", i,
						 judge_done());

			count += entry != 0;
			MUST(t->entry[i] == entry, where, text("0x%08x", entry),
			     text("0x%08x", t->entry[i]));
			MUST(stable_uses(t, i) == (entry != 0), where,
			     entry ? "in use" : "not in use",
			     entry ? "not in use" : "in use");
			MUST(!entry || t->made_from[i] == from_of(p), where,
			     text("made from 0x%08x", from_of(p)),
			     text("made from 0x%08x", t->made_from[i]));
		}
		MUST(t->count == count, text("a leaf, after %s", judge_done()),
		     text("%u entries in use", count), text("%u", t->count));
	}
}

JUDGED(mappings, map)
{
	start();
	for (u32 n = 0; n < 40; n++) {
		u32 l = roll(LEAVES), i = roll(WORDS);

		if (!book.maps[l][i])
			map_one(l, i, roll(PAGES), roll(2));
		if (n % 4 == 0)
			compare();
	}
	compare();
}

/* How many entries map this page, by the book. */
static u32 mapped(u32 p)
{
	u32 n = 0;

	for (u32 l = 0; l < LEAVES; l++)
		for (u32 i = 0; i < WORDS; i++)
			n += book.maps[l][i] == p + 1;
	return n;
}

static bool by_the_book(u32 node, u32 p)
{
	u32 number = node >> RMAP_INDEX_BITS, i = rmap_index(node);

	for (u32 l = 0; l < LEAVES; l++)
		if (book.leaf[l] == number)
			return book.maps[l][i] == p + 1;
	return false;
}

/* rmap.h: from a page to all entries that map it, each of them once. */
static void check_list(u32 p)
{
	u32 expected = mapped(p), found = 0, node;
	const char *where = text("the reverse map of PPN 0x%x, after %s", book.page[p],
				 judge_done());

	MUST(in_arena(vm->shadow.rmap.head, vm->mem_pages * 4), where,
	     "heads in the heap", "somewhere else");
	node = vm->shadow.rmap.head[book.page[p]];
	while (node != RMAP_END && found <= expected) {
		MUST(by_the_book(node, p), where, "entries that map it",
		     text("entry 0x%x of table %u", rmap_index(node),
			  node >> RMAP_INDEX_BITS));
		node = table_at(node >> RMAP_INDEX_BITS)->link[rmap_index(node)];
		found++;
	}
	MUST(found == expected, where, text("%u entries", expected),
	     found > expected ? "more" : text("%u", found));
}

/* An entry that maps another page from now on is on that page's list, and on no other. */
JUDGED(mappings, remap)
{
	start();
	map_some();
	for (u32 n = 0; n < 30; n++)
		map_one(roll(LEAVES), roll(24), roll(PAGES), roll(2));
	compare();
	for (u32 p = 0; p < PAGES; p++)
		check_list(p);
}

/* The TLB has something of everywhere: what shrinks must be gone from it. */
static void fill_tlb(u32 *va)
{
	*va = roll(HOST_BASE >> PAGE_SHIFT) << PAGE_SHIFT;
	arena->tlb.page[*va >> PAGE_SHIFT] = (struct tlb_entry){arena->tlb.epoch, ~0u};
}

static void must_be_flushed(u32 va)
{
	MUST(arena->tlb.page[va >> PAGE_SHIFT].epoch != arena->tlb.epoch,
	     text("the TLB after %s", judge_done()),
	     "nothing of before: any address may have mapped the page",
	     "what was there before");
}

/* Gone is read-only enough: then the book forgets the entry, too. */
static void note_protected(u32 l, u32 i)
{
	book.writable[l][i] = false;
	if (!table_at(book.leaf[l])->entry[i])
		book.maps[l][i] = 0;
}

JUDGED(mappings, protect)
{
	u32 p, va;

	start();
	map_some();
	for (u32 round = 0; round < 4; round++) {
		p = roll(PAGES);
		while (!mapped(p))
			map_some();
		fill_tlb(&va);
		shadow_protect(vm, ppn(book.page[p]));
		for (u32 l = 0; l < LEAVES; l++)
			for (u32 i = 0; i < WORDS; i++)
				if (book.maps[l][i] == p + 1)
					note_protected(l, i);
		compare();
		must_be_flushed(va);
		map_some();
	}
}

JUDGED(mappings, drop)
{
	u32 p, va;

	start();
	map_some();
	for (u32 round = 0; round < 4; round++) {
		p = roll(PAGES);
		while (!mapped(p))
			map_some();
		fill_tlb(&va);
		shadow_drop(vm, ppn(book.page[p]));
		for (u32 l = 0; l < LEAVES; l++)
			for (u32 i = 0; i < WORDS; i++)
				if (book.maps[l][i] == p + 1)
					book.maps[l][i] = 0;
		compare();
		check_list(p);
		must_be_flushed(va);
		shadow_drop(vm, ppn(book.page[p])); /* nothing is left to drop */
		compare();
		map_some();
	}
}
