/* Address spaces of lab 1's tests; see the header. */
#include "labs/lab1/judge/space.h"

enum { MACHINE = 3000, AUDIT_EVERY = 40 };

static bool among(const u32 *list, u32 n, u32 value)
{
	while (n--)
		if (list[n] == value)
			return true;
	return false;
}

/* n different numbers below limit. */
static void roll_different(u32 *list, u32 n, u32 limit)
{
	for (u32 i = 0; i < n; i++)
		do
			list[i] = roll(limit);
		while (among(list, i, list[i]));
}

void space_shape(struct space *s)
{
	roll_different(s->slot, SLOTS, HOST_PDE_FIRST);
	roll_different(s->index, PAGES_OF_SLOT, PAGE_WORDS);
}

void space_start(struct space *s)
{
	start_machine(MACHINE);
	build_vm(vm, 600 + roll(900));
	space_shape(s);
	s->directory = start_paging();
}

void space_like(struct space *s, const struct space *first)
{
	*s = *first;
	s->directory = new_page();
}

u32 space_va(const struct space *s, u32 i)
{
	return s->slot[i / PAGES_OF_SLOT] << 22 |
	       s->index[i % PAGES_OF_SLOT] << PAGE_SHIFT | roll(PAGE_WORDS) * 4;
}

u32 space_roll(const struct space *s)
{
	return space_va(s, roll(ADDRESSES));
}

u32 all_rights(void)
{
	return RWU;
}

u32 some_rights(void)
{
	return (roll(8) ? PTE_P : 0) | (roll(3) ? PTE_W : 0) | (roll(3) ? PTE_U : 0);
}

void space_fill(const struct space *s, u32 (*bits)(void))
{
	for (u32 i = 0; i < ADDRESSES; i++)
		put_pte(s->directory, space_va(s, i), new_page() | bits());
}

void roll_mode(void)
{
	set_mode((enum vmode)roll(2));
}

void space_play(const struct space *s, u32 accesses)
{
	for (u32 n = 0; n < accesses; n++) {
		if (!roll(6))
			roll_mode();
		access_at(space_roll(s), roll(2) ? ACC_WRITE : ACC_READ);
		if (n % AUDIT_EVERY == 0)
			audit();
	}
	audit();
}
