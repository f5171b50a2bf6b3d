/*
 * The PS/2 keyboard: scan code set 1, US layout. Keys become characters as a terminal
 * would send them: Enter is \r, Backspace 0x7F, Ctrl with a letter 1..26, arrows ESC [
 * A..D.
 */
#ifndef KERNEL_KBD_H
#define KERNEL_KBD_H

#include "kernel/types.h"

/* What is held down. All zero: nothing. */
struct kbd {
	bool shift, ctrl, caps;
	bool extended; /* the last code was the E0 prefix */
	char one[2];   /* where a single character is returned */
};

/*
 * Takes the next scan code; returns the characters that it makes, "" for none. The
 * string is valid until the next call. Pure.
 */
const char *kbd_decode(struct kbd *kbd, u8 code);

/*
 * The other way: the key that makes a character, 0 if none does, and whether Shift is
 * held meanwhile. Letting go of a key sends its code with KBD_RELEASED. Pure.
 */
u8 kbd_encode(char c, bool *shift);
enum { KBD_RELEASED = 0x80, KBD_SHIFT = 0x2A };

/* The next scan code from the controller, or -1 (a mouse's bytes are thrown away). */
int kbd_read(void);

#endif
