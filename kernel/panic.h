/*
 * Panic: for our own bugs only. Whatever a guest can cause ends that guest (vm_kill in
 * vmm/vm.h) and nothing else.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

/*
 * Says why on the event line and the console, prints a symbolised backtrace of the host
 * and the state of the guest that was running, tells the harness, and stops the
 * machine.
 */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct trapframe;

/* A trap in ring 0 that nothing expected: its frame and CR2 are the message. */
_Noreturn void panic_trap(const struct trapframe *tf, unsigned cr2);

/*
 * What a lab leaves to its student (labs/README.md): stops the machine, or the unit test,
 * when it is reached.
 */
#define LAB_HOLE(lab, exercise, what) \
	panic("lab %d exercise %d: %s is yours to write", lab, exercise, what)

/* In an object whose source is withheld from students no text of it may stand. */
#ifdef BALLAST_WITHHELD
#define ASSERT_TEXT(text) "(withheld)"
#else
#define ASSERT_TEXT(text) text
#endif

#define ASSERT(cond)                                                             \
	do {                                                                     \
		if (!(cond))                                                     \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, \
			      ASSERT_TEXT(#cond));                               \
	} while (0)

#endif
