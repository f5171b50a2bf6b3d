/*
 * assert: a claim about our own code, checked always. A false one panics with
 * the file and line. Host unit tests bring their own panic.
 */
#ifndef GUEST_ASSERT_H
#define GUEST_ASSERT_H

#include <stddef.h>

/* Says why, with a backtrace, and halts the machine. Never returns. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define assert(claim) \
	((claim) ? (void)0 : panic("%s:%d: assert(%s)", __FILE__, __LINE__, #claim))

/* What a lab leaves to its student (labs/README.md). */
#define LAB_HOLE(lab, exercise, what) \
	panic("lab %d exercise %d: %s is yours to write", lab, exercise, what)

#endif
