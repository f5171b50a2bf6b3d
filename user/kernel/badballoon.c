/*
 * Bad balloon drivers, one function each. Which answers they should get is in the
 * contract of the device; a guest that harms itself alone is never stopped by it.
 */
#include "badballoon.h"

#include <stdbool.h>

#include "below.h"
#include "proc.h"
#include "reclaim.h"
#include "space.h"

enum { PDE_SHIFT = 22, OK = 0 };

enum {
	ADAPTER_ROM = 0xC0,    /* a page of a PC's hole */
	LAST_PPN = 0xFFFFF,    /* of a machine of 4 GiB */
	LAST_NAMED = 0xFFFFFF, /* that a command has room for */
	ANY_BOUND = 0xFFFFFF,
	SPARE = 64, /* free pages that a guest needs to live */
	TOUCHED = 8,
	KEPT = 100,
};

static int verdict(bool good)
{
	return good ? 0 : -EIO;
}

/* Given twice, taken back twice. */
static int twice(void)
{
	struct page *page = page_alloc(PAGE_BALLOON);
	uint32_t n;
	bool good;

	if (page == NULL)
		return -EAGAIN;
	n = page_number(page);
	good = below_ask(BELOW_START, page_total) == OK &&
	       below_ask(BELOW_INFLATE, n) == OK &&
	       below_ask(BELOW_INFLATE, n) == BELOW_REFUSED &&
	       below_ask(BELOW_DEFLATE, n) == OK &&
	       below_ask(BELOW_DEFLATE, n) == BELOW_REFUSED;
	page_free(page);
	return verdict(good);
}

/* What is no memory of this machine. */
static int beyond(void)
{
	uint32_t pages[] = {page_total, page_total + 1, ADAPTER_ROM,
			    LAST_PPN,	LAST_PPN + 1,	LAST_NAMED};
	bool good = below_ask(BELOW_START, page_total) == OK;

	for (uint32_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		good &= below_ask(BELOW_INFLATE, pages[i]) == BELOW_REFUSED &&
			below_ask(BELOW_DEFLATE, pages[i]) == BELOW_REFUSED;
	return verdict(good);
}

/* A page that we need. */
static int offer(uint32_t number)
{
	return verdict(below_ask(BELOW_START, page_total) == OK &&
		       below_ask(BELOW_INFLATE, number) == OK);
}

/* The page behind any address of the kernel. */
static uint32_t number_of(uint32_t address)
{
	return pte_number(*space_find(&current->space, address));
}

static int offer_table(void)
{
	return offer(pte_number(current->space.directory[KERNBASE >> PDE_SHIFT]));
}

static int offer_gdt(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) gdt;

	__asm__ volatile("sgdt %0" : "=m"(gdt));
	return offer(number_of(gdt.base));
}

static int offer_stack(void)
{
	uint32_t here = 0;

	return offer(number_of((uint32_t)&here));
}

/* Gives pages until `left` are free; they are on a list through `next`. */
static uint32_t give_until(uint32_t left, uint16_t *list)
{
	uint32_t given = 0;

	while (page_count[PAGE_UNUSED] > left) {
		struct page *page = page_take(PAGE_BALLOON);

		given += below_ask(BELOW_INFLATE, page_number(page)) == OK;
		page->next = *list;
		*list = (uint16_t)page_number(page);
	}
	return given;
}

/* Takes back all but `keep`; returns how many of them the machine below gave. */
static uint32_t take_back(uint16_t *list, uint32_t keep)
{
	uint32_t got = 0;

	for (uint32_t n = 0; *list != 0; n++) {
		struct page *page = page_at(*list);

		*list = page->next;
		if (n < keep)
			continue;
		got += below_ask(BELOW_DEFLATE, page_number(page)) == OK;
		page_free(page);
	}
	return got;
}

/*
 * A driver whose numbers are wrong: a bound beyond all memory, a balloon that nobody asked
 * for, a second start in the middle, and pages back that it has not.
 */
static int count(void)
{
	uint16_t list = 0;
	uint32_t given, got;

	if (below_ask(BELOW_START, ANY_BOUND) != OK)
		return -EIO;
	given = give_until(SPARE, &list);
	below_ask(BELOW_TARGET, 0);
	if (given == 0 || below_ask(BELOW_START, ANY_BOUND) != OK ||
	    take_back(&list, 0) != 0)
		return -EIO;
	given = give_until(SPARE, &list);
	got = take_back(&list, KEPT);
	below_ask(BELOW_TARGET, 0);
	return verdict(given == got + KEPT);
}

/* Half of what is wanted, then never a word again. */
static int stop(void)
{
	uint32_t target, given = 0;

	if (below_ask(BELOW_START, page_total) != OK)
		return -EIO;
	target = below_ask(BELOW_TARGET, 0);
	if (target == 0 || target > page_total)
		return -EAGAIN;
	while (given < target / 2) {
		struct page *page = page_alloc(PAGE_BALLOON);

		if (page == NULL || below_ask(BELOW_INFLATE, page_number(page)) != OK)
			return -EIO;
		given++;
	}
	below_ask(BELOW_TARGET, 0);
	return 0;
}

/* Uses pages that its driver has given away. They are zero, as new ones are. */
static int touch(void)
{
	uint32_t touched = 0;
	bool good = true;

	for (uint32_t n = 0; n < page_total && touched < TOUCHED; n++) {
		volatile uint32_t *word = page_bytes(page_at(n));

		if (page_at(n)->type != PAGE_BALLOON)
			continue;
		touched++;
		for (uint32_t i = 0; i < PAGE_SIZE / 4; i++)
			good &= word[i] == 0;
		word[touched] = n;
		good &= word[touched] == n;
	}
	return touched < TOUCHED ? -EAGAIN : verdict(good);
}

/* Looks at free pages without writing: what is in them came from the machine below. */
static int look(void)
{
	uint32_t sum = 0;

	for (uint32_t n = 0; n < page_total; n++)
		if (page_at(n)->type == PAGE_UNUSED)
			sum |= *(volatile uint32_t *)page_bytes(page_at(n));
	(void)sum;
	return 0;
}

/* Kinds that are no balloon's are not for here. */
int bad_balloon(enum hostile_kind kind)
{
	switch (kind) {
	case HOSTILE_BALLOON_TWICE:
		return twice();
	case HOSTILE_BALLOON_BEYOND:
		return beyond();
	case HOSTILE_BALLOON_TABLE:
		return offer_table();
	case HOSTILE_BALLOON_GDT:
		return offer_gdt();
	case HOSTILE_BALLOON_STACK:
		return offer_stack();
	case HOSTILE_BALLOON_COUNT:
		return count();
	case HOSTILE_BALLOON_STOP:
		return stop();
	case HOSTILE_BALLOON_TOUCH:
		return touch();
	case HOSTILE_LOOK:
		return look();
	default:
		return -EINVAL;
	}
}
