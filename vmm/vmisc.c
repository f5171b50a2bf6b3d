/*
 * The odd ports: how a guest switches itself off, how it pulls the fast reset line, and
 * the few numbers that a Ballast VM may know about the machine below it.
 */
#include "kernel/time.h"
#include "vmm/vm.h"

enum {
	PORT_FAST_A20 = 0x92,
	PORT_SHUTDOWN = 0x8900,
	PORT_INFO = 0xba10,
};

/* Port 0x92: PS/2 system control port A. */
enum { FAST_RESET = 0x01, FAST_A20 = 0x02 };

enum {
	INFO_MAGIC,
	INFO_HALTED_LOW,
	INFO_HALTED_HIGH,
	INFO_EXITS_LOW,
	INFO_EXITS_HIGH,
	INFO_VM_ID,
	INFO_LIVES, /* 1 in its first life; a reset begins another */
};

/* The word that Bochs wants to see, a byte at a time, before it ends. */
static void write_shutdown(struct vm *vm, u8 c)
{
	static const char word[] = "Shutdown";
	struct vmisc *m = &vm->misc;

	if (c == word[m->shutdown])
		m->shutdown++;
	else
		m->shutdown = c == word[0];
	if (word[m->shutdown])
		return;
	m->shutdown = 0;
	vm_power_off(vm);
}

/* Two-word numbers are read at once, when the index of their low word is written. */
static void write_index(struct vm *vm, u32 index)
{
	struct vmisc *m = &vm->misc;

	m->index = index;
	if (index == INFO_HALTED_LOW)
		m->halted = time_halted();
	else if (index == INFO_EXITS_LOW)
		m->exits = vm->stats.exits;
}

static u32 read_info(const struct vm *vm)
{
	const struct vmisc *m = &vm->misc;

	switch (m->index) {
	case INFO_MAGIC:
		return VMISC_MAGIC;
	case INFO_HALTED_LOW:
		return m->halted;
	case INFO_HALTED_HIGH:
		return m->halted >> 32;
	case INFO_EXITS_LOW:
		return m->exits;
	case INFO_EXITS_HIGH:
		return m->exits >> 32;
	case INFO_VM_ID:
		return vm->id;
	case INFO_LIVES:
		return vm->lives;
	default: /* no such number: as if the port were not there */
		return ~0u;
	}
}

u32 vmisc_in(struct vm *vm, u16 port, unsigned size)
{
	(void)size;
	if (port == PORT_INFO)
		return read_info(vm);
	if (port == PORT_FAST_A20)
		return vm->kbd.a20 ? FAST_A20 : 0;
	return ~0u;
}

void vmisc_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	(void)size;
	if (port == PORT_SHUTDOWN) {
		write_shutdown(vm, value);
	} else if (port == PORT_INFO) {
		write_index(vm, value);
	} else if (port == PORT_FAST_A20) {
		vm->kbd.a20 = value & FAST_A20;
		if (value & FAST_RESET)
			vm_reset(vm, "port 0x92");
	}
}

void vmisc_init(struct vm *vm)
{
	vm->misc = (struct vmisc){0};
}
