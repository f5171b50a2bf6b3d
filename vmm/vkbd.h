/*
 * The keyboard controller, an 8042 at 0x60 and 0x64, with a keyboard: it answers commands,
 * so that a kernel's probe and flush loops end, it sends what the monitor types, and it
 * holds the reset line and the A20 gate. A20 can be set and read, but the gate is
 * always open.
 */
#ifndef VMM_VKBD_H
#define VMM_VKBD_H

#include "kernel/types.h"

struct vm;

enum { VKBD_QUEUE = 8, VKBD_TYPED = 1024 };

struct vkbd {
	u8 command_byte;
	/* controller command that waits for its data byte; 0 when none */
	u8 last_command;
	u8 key_command; /* keyboard command that waits for its data byte; 0 when none */
	bool a20;
	bool system_flag;
	bool was_command; /* the last write went to port 0x64 */
	bool deaf;	  /* the guest told the keyboard not to scan */
	u8 queue[VKBD_QUEUE];
	u8 head, used;
	/* Scan codes (set 1) that wait until the guest has read what is before them. */
	u8 typed[VKBD_TYPED];
	u32 typed_head, typed_used;
};

void vkbd_init(struct vm *vm);
u32 vkbd_in(struct vm *vm, u16 port, unsigned size);
void vkbd_out(struct vm *vm, u16 port, unsigned size, u32 value);

/*
 * Types a character: presses and lets go of its key, with Shift where it takes that. The
 * guest gets one scan code an interrupt. False: no key makes it, there is no room for it,
 * or the guest has told its keyboard not to scan or not to translate to set 1. Never
 * sleeps.
 */
bool vkbd_type(struct vm *vm, char c);

/*
 * Sends one scan code of set 1 as it is: for keys that make no character, and to hold one
 * down. False as above.
 */
bool vkbd_scan(struct vm *vm, u8 code);

#endif
