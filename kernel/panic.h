/*
 * Panic: for our own bugs only. Whatever a guest can cause ends that guest (vm_kill in
 * vmm/vm.h) and nothing else.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

/*
 * Says why on the event line and the console, prints a symbolised backtrace of the host
 * and the state of the guest that was running, tells the harness, and stops the machine.
 */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define ASSERT(cond)                                                                     \
	do {                                                                             \
		if (!(cond))                                                             \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#endif
