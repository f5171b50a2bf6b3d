/*
 * The part of Bochs 2.7's binary interface that the plugin uses.
 *
 * Bochs is C++ and its headers are not packaged, so what the plugin calls is looked
 * up by its mangled name in the running program. That is the interface of one build:
 * bochs_bind() finds every name, and bochs_fits() reads known values back. When either
 * fails the plugin says so and does nothing, and the harness takes the debugger's way.
 */
#ifndef GRADER_PLUGIN_BOCHS_H
#define GRADER_PLUGIN_BOCHS_H

#include <stdbool.h>
#include <stdint.h>

/* What Bochs calls a plugin for. */
enum { BOCHS_FINI, BOCHS_INIT, BOCHS_PROBE, BOCHS_FLAGS };
enum { BOCHS_TYPE_OPTIONAL = 4 }; /* the answer to BOCHS_PROBE */
enum { BOCHS_WIDTH_1_2_4 = 7 };	  /* port handler takes bytes, words and dwords */

typedef uint32_t (*bochs_read_fn)(void *self, uint32_t port, unsigned len);
typedef void (*bochs_write_fn)(void *self, uint32_t port, uint32_t value, unsigned len);
typedef void (*bochs_timer_fn)(void *self);

/*
 * Stands in for Bochs's device object: the first word points to its virtual functions,
 * behind it lies room for the base class's own fields.
 */
struct bochs_device {
	const void *const *vtable;
	uint8_t base[512];
};

/* Looks every name up. Returns NULL, or the first name that this Bochs lacks. */
const char *bochs_bind(void);

/* Gives Bochs the device. Valid only while it initialises plugins. */
void bochs_add_device(void *plugin, uint16_t type, struct bochs_device *dev,
		      const char *name);

/* Takes a port. Both are valid only from the device's own init function. */
void bochs_take_read(void *self, bochs_read_fn fn, uint32_t port, const char *name);
void bochs_take_write(void *self, bochs_write_fn fn, uint32_t port, const char *name);

/* Copies len bytes of physical memory. False beyond the machine's memory. */
bool bochs_read_physical(uint64_t address, unsigned len, uint8_t *to);

/* Translates by the CPU's own CR3. False where nothing is mapped. */
bool bochs_translate(uint32_t linear, uint64_t *physical);

/* The selector in CS; its low two bits are the CPL. */
uint16_t bochs_cs(void);

/* Where the CPU is, and the page directory that it walks. */
uint32_t bochs_eip(void);
uint32_t bochs_cr3(void);

/* Virtual time since power-on, in nanoseconds. */
uint64_t bochs_nsec(void);

/* A timer in ticks; returns its index. Valid from the device's init on. */
int bochs_timer_new(void *self, bochs_timer_fn fn, const char *name);
void bochs_timer_start(int index, uint64_t ticks);

#endif
