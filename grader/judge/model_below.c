/*
 * What lies around lab 2's guest side: the guest's page allocator (its own page.c, on pages
 * that lie in the arena), its clock and processes, and the machine below, by the script
 * that the judge has written.
 */
#include "grader/judge/subject.h"

#include "grader/judge/model_mem.h"
#include "user/kernel/assert.h"
#include "user/kernel/below.h"
#include "user/kernel/option.h"
#include "user/kernel/driver.h"

#include <setjmp.h>

static struct below *const b = &arena->mem.below;
static void (*service)(void);
static jmp_buf asleep;

uint32_t ticks;
struct options options;

/* --- the machine below --------------------------------------------------------------------- */

static u32 start_over(u32 bound)
{
	for (u32 i = 0; i < GUEST_PAGES; i++)
		b->theirs[i] = 0;
	b->given = 0;
	b->starts++;
	b->bound = bound;
	b->reset_due = false;
	return 0;
}

static u32 take(u32 n)
{
	if (n >= GUEST_PAGES || b->bad[n] || b->theirs[n])
		return BELOW_REFUSED;
	b->theirs[n] = 1;
	b->given++;
	return 0;
}

static u32 give_back(u32 n)
{
	if (n >= GUEST_PAGES || !b->theirs[n])
		return BELOW_REFUSED;
	b->theirs[n] = 0;
	b->given--;
	return 0;
}

static u32 answer(enum below_command command, u32 argument)
{
	if (b->magic != BELOW_MAGIC)
		return ~0u;
	if (command == BELOW_HELLO)
		return BELOW_MAGIC;
	if (command == BELOW_START)
		return start_over(argument);
	if (b->reset_in && --b->reset_in == 0)
		b->reset_due = true;
	if (b->reset_due || !b->starts)
		return BELOW_RESET;
	switch (command) {
	case BELOW_TARGET:
		return b->target;
	case BELOW_INFLATE:
		return take(argument);
	case BELOW_DEFLATE:
		return give_back(argument);
	default:
		return ~0u;
	}
}

uint32_t below_ask(enum below_command command, uint32_t argument)
{
	struct asked *a = &b->ask[b->asks < ASKED_MAX ? b->asks : ASKED_MAX - 1];

	argument &= 0xffffff;
	*a = (struct asked){.command = command, .argument = argument};
	if (argument < GUEST_PAGES)
		a->type = b->page[argument].type;
	a->answer = answer(command, argument);
	b->asks++;
	return a->answer;
}

/* --- the guest's kernel ---------------------------------------------------------------------- */

struct page *page_alloc(enum page_type type)
{
	ticks += b->slow;
	if (b->left == 0)
		return NULL;
	if (b->left != ~0u)
		b->left--;
	return page_take(type);
}

bool proc_serve(const char *name, void (*function)(void))
{
	(void)name;
	service = function;
	b->served = true;
	return true;
}

/* The service's turn is over; the next begins where the judge says. */
void timer_sleep(uint32_t ms)
{
	ticks += ms / 10;
	longjmp(asleep, 1);
}

void driver_begin(u32 pages)
{
	if (pages > GUEST_PAGES)
		panic("the model has %u pages", GUEST_PAGES);
	page_init(b->page, pages);
	page_release(1, pages);
	options.balloon = b->percent;
	driver_start();
	if (service && !setjmp(asleep))
		service();
}
