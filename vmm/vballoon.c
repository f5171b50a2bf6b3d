/*
 * From port accesses to calls of the balloon.
 */
#include "vmm/vballoon.h"
#include "vmm/vm.h"

enum command { HELLO, START, TARGET, INFLATE, DEFLATE, SWAPPED };
enum { COMMAND_SHIFT = 24, ARGUMENT = 0xffffff };

static u32 target(struct vm *vm)
{
	u32 pages = 0;
	enum balloon_answer a = balloon_poll(vm, &pages);

	return a == BALLOON_OK ? pages : (u32)a;
}

static u32 answer(struct vm *vm, u32 command, u32 argument)
{
	switch (command) {
	case HELLO:
		return VBALLOON_MAGIC;
	case START:
		return (u32)balloon_start(vm, argument);
	case TARGET:
		return target(vm);
	case INFLATE:
		return (u32)balloon_inflate(vm, ppn(argument));
	case DEFLATE:
		return (u32)balloon_deflate(vm, ppn(argument));
	case SWAPPED:
		return vm->pmap.swapped;
	default:
		return ~0u;
	}
}

void vballoon_init(struct vm *vm)
{
	vm->balloon_answer = ~0u;
	balloon_init(vm);
}

u32 vballoon_in(struct vm *vm, u16 port, unsigned size)
{
	(void)port;
	(void)size;
	return vm->balloon_answer;
}

void vballoon_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	(void)port;
	(void)size;
	vm->balloon_answer = answer(vm, value >> COMMAND_SHIFT, value & ARGUMENT);
}
