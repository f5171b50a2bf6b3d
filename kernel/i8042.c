/*
 * The keyboard controller, as far as the host needs it: take what the keyboard sent.
 */
#include "kernel/io.h"
#include "kernel/kbd.h"

enum { PORT_DATA = 0x60, PORT_STATUS = 0x64 };
enum { STATUS_FULL = 1 << 0, STATUS_MOUSE = 1 << 5 };

int kbd_read(void)
{
	u8 status = inb(PORT_STATUS), code;

	if (!(status & STATUS_FULL) || status == 0xFF) /* all ones: no controller */
		return -1;
	code = inb(PORT_DATA);
	return status & STATUS_MOUSE ? -1 : code;
}
