/*
 * The 8042 and its keyboard. Each command is answered at once into a short queue; a
 * kernel that probes, flushes or resets finds what it waits for. What is typed waits in a
 * queue of its own and comes out one code at a time, an interrupt each.
 */
#include "kernel/kbd.h"
#include "kernel/panic.h"
#include "vmm/vm.h"

enum { IRQ_KEYBOARD = 1, PORT_DATA = 0x60 };
/* The most codes that one character takes: Shift, the key, and letting go of both. */
enum { KEY_CODES = 4 };

/*
 * Status and command byte: IBM PS/2 Hardware Interface Technical Reference, keyboard.
 */
enum {
	ST_OUTPUT_FULL = 0x01,
	ST_SYSTEM = 0x04,
	ST_COMMAND = 0x08,
	ST_UNLOCKED = 0x10,
	CB_IRQ = 0x01,
	CB_SYSTEM = 0x04,
	CB_KEYBOARD_OFF = 0x10,
	CB_AUX_OFF = 0x20,
	CB_TRANSLATE = 0x40,
	OUT_RUN = 0x01, /* output port: 0 pulls the reset line */
	OUT_A20 = 0x02,
	OUT_FULL = 0x10,
	OUT_IDLE = 0xcc,
	IN_IDLE = 0xb0,
};

/* Controller commands, written to 0x64. */
enum {
	KBC_READ_COMMAND = 0x20,
	KBC_WRITE_COMMAND = 0x60,
	KBC_AUX_OFF = 0xa7,
	KBC_AUX_ON = 0xa8,
	KBC_AUX_TEST = 0xa9,
	KBC_SELF_TEST = 0xaa,
	KBC_KEYBOARD_TEST = 0xab,
	KBC_KEYBOARD_OFF = 0xad,
	KBC_KEYBOARD_ON = 0xae,
	KBC_READ_INPUT = 0xc0,
	KBC_READ_OUTPUT = 0xd0,
	KBC_WRITE_OUTPUT = 0xd1,
	KBC_ECHO = 0xd2,
	KBC_AUX_ECHO = 0xd3,
	KBC_TO_AUX = 0xd4,
	KBC_PULSE = 0xf0, /* to 0xFF: the low bits that are 0 are pulsed */
	SELF_TEST_OK = 0x55,
	AUX_TEST_FAILED = 0x01,
};

/* Keyboard commands, written to 0x60. */
enum {
	KEY_LEDS = 0xed,
	KEY_ECHO = 0xee,
	KEY_SCAN_SET = 0xf0,
	KEY_IDENTIFY = 0xf2,
	KEY_RATE = 0xf3,
	KEY_ENABLE = 0xf4,
	KEY_DISABLE = 0xf5,
	KEY_DEFAULTS = 0xf6,
	KEY_RESET = 0xff,
	KEY_ACK = 0xfa,
	KEY_RESEND = 0xfe,
	KEY_READY = 0xaa,
	KEY_ID1 = 0xab,
	KEY_ID2 = 0x83,
	KEY_ID2_TRANSLATED = 0x41,
	KEY_SET2 = 0x02,
	KEY_SET2_TRANSLATED = 0x3c,
};

/*
 * Queues a byte for port 0x60. One more than fits is dropped, as the controller does.
 */
static void reply(struct vkbd *k, u8 c)
{
	if (k->used == VKBD_QUEUE)
		return;
	k->queue[(k->head + k->used) % VKBD_QUEUE] = c;
	k->used++;
}

/*
 * The next typed code goes into the empty output buffer, unless the guest holds its
 * keyboard back or is in the middle of a command to it.
 */
static void next_typed(struct vkbd *k)
{
	if (k->used || !k->typed_used || k->key_command ||
	    k->command_byte & CB_KEYBOARD_OFF)
		return;
	reply(k, k->typed[k->typed_head]);
	k->typed_head = (k->typed_head + 1) % VKBD_TYPED;
	k->typed_used--;
}

/* After every change: what waits moves up, the interrupt line follows. */
static void update(struct vm *vm)
{
	struct vkbd *k = &vm->kbd;

	next_typed(k);
	vm_set_irq(vm, IRQ_KEYBOARD, k->used && (k->command_byte & CB_IRQ));
}

static u8 output_port(const struct vkbd *k)
{
	return OUT_IDLE | OUT_RUN | (k->a20 ? OUT_A20 : 0) | (k->used ? OUT_FULL : 0);
}

static void set_output_port(struct vm *vm, u8 value)
{
	vm->kbd.a20 = value & OUT_A20;
	if (!(value & OUT_RUN))
		vm_reset(vm, "keyboard controller");
}

/* A byte written to port 0x64. */
static void controller_command(struct vm *vm, u8 value)
{
	struct vkbd *k = &vm->kbd;

	k->last_command = 0;
	switch (value) {
	case KBC_READ_COMMAND:
		reply(k, k->command_byte);
		break;
	case KBC_WRITE_COMMAND:
	case KBC_WRITE_OUTPUT:
	case KBC_ECHO:
	case KBC_AUX_ECHO:
	case KBC_TO_AUX:
		k->last_command = value;
		break;
	case KBC_AUX_OFF:
		k->command_byte |= CB_AUX_OFF;
		break;
	case KBC_AUX_ON:
		k->command_byte &= ~CB_AUX_OFF;
		break;
	case KBC_AUX_TEST:
		reply(k, AUX_TEST_FAILED);
		break;
	case KBC_SELF_TEST:
		k->system_flag = true;
		reply(k, SELF_TEST_OK);
		break;
	case KBC_KEYBOARD_TEST:
		reply(k, 0);
		break;
	case KBC_KEYBOARD_OFF:
		k->command_byte |= CB_KEYBOARD_OFF;
		break;
	case KBC_KEYBOARD_ON:
		k->command_byte &= ~CB_KEYBOARD_OFF;
		break;
	case KBC_READ_INPUT:
		reply(k, IN_IDLE);
		break;
	case KBC_READ_OUTPUT:
		reply(k, output_port(k));
		break;
	default:
		if (value >= KBC_PULSE && !(value & OUT_RUN))
			vm_reset(vm, "keyboard controller");
		break;
	}
}

/*
 * The data byte of a controller command. There is no mouse: what is sent to it is gone.
 */
static void controller_data(struct vm *vm, u8 command, u8 value)
{
	struct vkbd *k = &vm->kbd;

	if (command == KBC_WRITE_COMMAND) {
		k->command_byte = value;
		k->system_flag = value & CB_SYSTEM;
	} else if (command == KBC_WRITE_OUTPUT) {
		set_output_port(vm, value);
	} else if (command == KBC_ECHO) {
		reply(k, value);
	}
}

/* The parameter of a keyboard command; scan set 0 asks which is in use. */
static void keyboard_data(struct vkbd *k, u8 command, u8 value)
{
	bool translate = k->command_byte & CB_TRANSLATE;

	reply(k, KEY_ACK);
	if (command == KEY_SCAN_SET && value == 0)
		reply(k, translate ? KEY_SET2_TRANSLATED : KEY_SET2);
}

/* What was typed before and not fetched is gone either way. */
static void set_scanning(struct vkbd *k, bool on)
{
	k->deaf = !on;
	k->typed_used = 0;
}

/* A byte for the keyboard itself. */
static void keyboard_command(struct vkbd *k, u8 value)
{
	bool translate = k->command_byte & CB_TRANSLATE;

	switch (value) {
	case KEY_LEDS:
	case KEY_SCAN_SET:
	case KEY_RATE:
		k->key_command = value;
		reply(k, KEY_ACK);
		break;
	case KEY_ECHO:
		reply(k, KEY_ECHO);
		break;
	case KEY_IDENTIFY:
		reply(k, KEY_ACK);
		reply(k, KEY_ID1);
		reply(k, translate ? KEY_ID2_TRANSLATED : KEY_ID2);
		break;
	case KEY_ENABLE:
	case KEY_DEFAULTS:
		set_scanning(k, true);
		reply(k, KEY_ACK);
		break;
	case KEY_DISABLE:
		set_scanning(k, false);
		reply(k, KEY_ACK);
		break;
	case KEY_RESET:
		set_scanning(k, true);
		reply(k, KEY_ACK);
		reply(k, KEY_READY);
		break;
	default:
		reply(k, KEY_RESEND);
		break;
	}
}

static void write_data(struct vm *vm, u8 value)
{
	struct vkbd *k = &vm->kbd;
	u8 command = k->last_command, key_command = k->key_command;

	k->last_command = 0;
	if (command) {
		controller_data(vm, command, value);
		return;
	}
	k->key_command = 0;
	k->command_byte &= ~CB_KEYBOARD_OFF;
	if (key_command)
		keyboard_data(k, key_command, value);
	else
		keyboard_command(k, value);
}

static u8 status(const struct vkbd *k)
{
	return ST_UNLOCKED | (k->used ? ST_OUTPUT_FULL : 0) |
	       (k->system_flag ? ST_SYSTEM : 0) | (k->was_command ? ST_COMMAND : 0);
}

u32 vkbd_in(struct vm *vm, u16 port, unsigned size)
{
	struct vkbd *k = &vm->kbd;
	u8 value;

	(void)size;
	if (port != PORT_DATA)
		return status(k);
	value = k->queue[k->head]; /* empty: the last byte again */
	if (k->used) {
		k->used--;
		if (k->used)
			k->head = (k->head + 1) % VKBD_QUEUE;
		vm_set_irq(vm, IRQ_KEYBOARD, false);
		update(vm);
	}
	return value;
}

void vkbd_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	(void)size;
	vm->kbd.was_command = port != PORT_DATA;
	if (port == PORT_DATA)
		write_data(vm, value);
	else
		controller_command(vm, value);
	update(vm);
}

static void put_typed(struct vkbd *k, u8 code)
{
	ASSERT(k->typed_used < VKBD_TYPED);
	k->typed[(k->typed_head + k->typed_used) % VKBD_TYPED] = code;
	k->typed_used++;
}

/* Whether this many more codes would reach the guest one day. */
static bool hears(const struct vkbd *k, u32 codes)
{
	return !k->deaf && (k->command_byte & CB_TRANSLATE) &&
	       VKBD_TYPED - k->typed_used >= codes;
}

bool vkbd_scan(struct vm *vm, u8 code)
{
	if (!hears(&vm->kbd, 1))
		return false;
	put_typed(&vm->kbd, code);
	update(vm);
	return true;
}

bool vkbd_type(struct vm *vm, char c)
{
	struct vkbd *k = &vm->kbd;
	bool shift;
	u8 code = kbd_encode(c, &shift);

	if (!code || !hears(k, KEY_CODES))
		return false;
	if (shift)
		put_typed(k, KBD_SHIFT);
	put_typed(k, code);
	put_typed(k, code | KBD_RELEASED);
	if (shift)
		put_typed(k, KBD_SHIFT | KBD_RELEASED);
	update(vm);
	return true;
}

/* As a BIOS leaves it: tested, translating, interrupts on. */
void vkbd_init(struct vm *vm)
{
	vm->kbd = (struct vkbd){0};
	vm->kbd.command_byte = CB_IRQ | CB_SYSTEM | CB_AUX_OFF | CB_TRANSLATE;
	vm->kbd.system_flag = true;
	vm->kbd.a20 = true;
}
