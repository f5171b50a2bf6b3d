/*
 * Boot options: the words of the kernel command line, NAME=VALUE each. Asking for an
 * option names it, so a word that nobody asked for is a mistake and is reported.
 */
#ifndef KERNEL_OPTIONS_H
#define KERNEL_OPTIONS_H

#include "kernel/types.h"

enum { OPTIONS_LINE = 1024 };

/* Copies the line; everything from byte OPTIONS_LINE - 1 on is cut. */
void options_init(const char *line);

/*
 * The value of NAME, or the default when it is not given. A bad value (no number, out
 * of range, neither on nor off) is remembered for options_check, and the default is
 * returned.
 */
u32 option_u32(const char *name, u32 dflt, u32 min, u32 max);
bool option_bool(const char *name, bool dflt);		    /* on/off */
const char *option_str(const char *name, const char *dflt); /* dflt may be NULL */

/* The first complaint, or NULL: a bad value or a word that was never asked for. */
const char *options_check(void);

#endif
