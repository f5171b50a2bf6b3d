/*
 * A model of what lies around the emulator: a stretch of guest memory with permissions for
 * each page, segments that a test sets, and a virtual CPU and ports that write down what
 * was asked of them. The memory lies at the same address on the host (when it can), so that
 * the host's CPU can run the same instruction on the same operands.
 */
#ifndef GRADER_UNIT_CPU_MODEL_H
#define GRADER_UNIT_CPU_MODEL_H

#include "vmm/emulate.h"
#include "vmm/vm.h"

enum { MEM_BASE = 0x10000000, MEM_PAGES = 16, MEM_BYTES = MEM_PAGES * PAGE_SIZE };

/* Where the tests keep things: code in page 0, data from page 2 on, the stack's end. */
enum {
	CODE = MEM_BASE,
	DATA = MEM_BASE + 2 * PAGE_SIZE,
	STACK = MEM_BASE + 15 * PAGE_SIZE,
};

enum page_bits { PAGE_HERE = 1, PAGE_WRITABLE = 2, PAGE_USER = 4, PAGE_ALL = 7 };

struct cpu_model {
	u8 *mem;
	bool at_base;	     /* host address == guest address */
	u8 page[MEM_PAGES];  /* enum page_bits, by linear page */
	u8 frame[MEM_PAGES]; /* linear page -> physical page */
	struct segment seg[SEG_COUNT];
	u16 selector[SEG_COUNT];
	char log[1024];	  /* what was called: words, each followed by a space */
	bool io_refused;  /* cpu_io_allowed says no */
	bool cpu_refuses; /* what can fault, does: #GP(0x1234) */
	u32 in_value;	  /* what a port answers; grows by one at each read */
};

extern struct cpu_model cpu_model;
extern struct vm model_vm;
extern struct trapframe model_tf;

/* Memory all zero and all there, flat segments, kernel mode, registers zero, EIP at CODE. */
void cpu_model_init(void);

/* Bytes at a guest-linear address, as the guest sees them. */
u8 *cpu_model_at(u32 linear);
u32 cpu_model_get(u32 linear, unsigned size);
void cpu_model_set(u32 linear, u32 value, unsigned size);

/* Puts the bytes of "0f a2" at CODE and EIP there; their number. */
u32 cpu_model_code(const char *hex);

/* The same, then emulates one instruction. *f is cleared first. */
enum emulated cpu_model_run(const char *hex, struct gfault *f);

/* Runs it and expects it done / at fault with nothing changed / with #GP(0). */
extern struct gfault model_fault; /* of the last one */
void expect_done(const char *hex);
void expect_fault(const char *hex, unsigned vector, u32 error);
void expect_gp(const char *hex);

/* What was called since the last time. */
void expect_log(const char *log);

void model_user_mode(void);
void model_page(u32 linear, u8 bits); /* enum page_bits */

#endif
