/*
 * A machine without instructions for the tests of the VMM's core: real frames, pmap, traces,
 * shadows, segments, guest memory and injection, on an array for memory and a struct for
 * the CPU. `mmu` looks into the shadow as the hardware would; peeks and pokes go through it.
 * One VM is built; tests may build the other.
 */
#ifndef GRADER_UNIT_CORE_MODEL_H
#define GRADER_UNIT_CORE_MODEL_H

#include "grader/unit/fake_cpu.h"
#include "vmm/mode.h"
#include "vmm/vm.h"
#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

enum { CORE_PAGES = 1024, MACHINE_PAGES = 4096 };

/* Where the guest of the tests keeps things, by physical address. */
enum {
	GDT_AT = 0x1000,
	IDT_AT = 0x2000,
	TSS_AT = 0x3000,
	KSTACK = 0x6000, /* the top */
	USTACK = 0x8000,
	HANDLER = 0x9000,
	DIR_AT = 0x10000,
	TABLES_AT = 0x11000, /* page tables, one after the other */
	DATA = 0x40000,
};

enum {
	KCODE = 0x08,
	KDATA = 0x10,
	UCODE = 0x18 | 3,
	UDATA = 0x20 | 3,
	TSS_SEL = 0x28,
	SPARE = 0x30
};
enum { GDT_SLOTS = 16 };

struct core {
	jmp_buf death;
	bool dying_expected;
	char why[128]; /* of the last vm_die or vm_kill */
	u32 kills, resets;
	u32 quick_forgotten; /* calls of quick_forget */
	char reset_why[64];
	char events[1024]; /* names and texts, each followed by ';' */
	bool no_peek;	   /* peeks and pokes all fail */
	u32 peeks, pokes;  /* that worked */
	u32 heap_left;	   /* allocations until the heap is empty; ~0: never */
	u32 heap_blocks;   /* in use */
	u32 kmaps;	   /* held */
	u32 next_table;	   /* of map() */
	u32 bad_fs;	   /* a selector that load_fs and load_gs refuse */
};

extern struct core core;
extern struct vm *const vm;    /* built by core_init, id 1 */
extern struct vm *const other; /* id 2, not built */

/*
 * A VM of CORE_PAGES in kernel mode without paging, flat segments, GDT and TSS as above, an
 * empty IDT, stack at KSTACK. core_done: everything is given back, nothing is
 * held; it panics if not, as a failed assertion after a test does not count.
 */
void core_init(void);
void core_init_vtlb(void); /* the same, with the other form of shadows */
void core_done(void);
bool core_build(struct vm *v);
void core_destroy(struct vm *v);

/* A CPU with or without PVI; without, unless a test says so. */
void core_set_pvi(bool on);

/* Between core_model.c and core_guest.c. */
void core_machine_init(void);
void core_machine_done(void);
u8 *core_page(u32 mpn);
/* A word of the loaded shadow's view; NULL: not mapped so. */
void *core_through_shadow(gva_t v, u32 n, bool write);

/* The guest's memory, behind everybody's back: no trace hears of it. */
u32 peek(u32 gpa);
void poke(u32 gpa, u32 value);
u8 peek_byte(u32 gpa);
void poke_byte(u32 gpa, u8 value);

/* Descriptors of the guest: access is the byte 5, flags the upper half of byte 6. */
struct descriptor desc(u32 base, u32 limit, u8 access, u8 flags);
void set_desc(u16 sel, struct descriptor d);
void set_gate(u8 vector, u8 type_dpl_p, u16 sel, u32 offset);

enum { GATE_INT = 0x8E, GATE_TRAP = 0x8F, GATE_USER = 0x60 }; /* type, P; DPL 3 */
/* Access bytes: present, S. */
enum {
	A_CODE = 0x9A,
	A_DATA = 0x92,
	A_DPL3 = 0x60,
	A_CONFORMING = 0x04,
	A_PRESENT = 0x80
};

/* Guest page tables, written as the guest would: maps a page at DIR_AT's directory; bits are enum pte, PTE_P too. */
void map(u32 gva, u32 gpa, u32 bits);
u32 pte_of(u32 gva); /* the guest's entry */
/* The first 4 MiB mapped one to one with these bits; then paging with CR0.WP. */
void paging_on(u32 bits);

/*
 * The CPU in ring 3 on the loaded shadow, an aligned word: hidden faults are filled, what
 * must be emulated is. guest_access: false, a true fault.
 */
bool guest_access(u32 gva, u32 *value, unsigned acc);
void guest_store(u32 gva, u32 value);
u32 guest_load(u32 gva);

/* Kernel or user mode with the right selectors. */
void user_mode(void);
/* The flags in the IDT: every vector an interrupt gate to HANDLER + vector * 16. */
void fill_idt(void);

/* What the CPU would find for an address in the tables for that mode. */
struct mapping {
	bool present, writable, user;
	u32 mpn;
};
struct mapping mmu(enum vmode view, u32 gva);
u32 mpn_of(u32 gpa); /* of a page that is backed */

bool happened(const char *event); /* is it in core.events? */

/* The call must end in vm_die, with `text` in its reason. */
#define EXPECT_DEATH(text, call)                                            \
	do {                                                                \
		core.dying_expected = true;                                 \
		if (!setjmp(core.death)) {                                  \
			call;                                               \
			cr_assert_fail("lived on");                         \
		}                                                           \
		core.dying_expected = false;                                \
		cr_assert(strstr(core.why, text), "died of: %s", core.why); \
	} while (0)

#define EXPECT_FAULT(call, vec, code)                                               \
	do {                                                                        \
		struct gfault f = {0};                                              \
		cr_assert_not(call, "no fault");                                    \
		cr_assert_eq(f.vector, vec, "vector %u", f.vector);                 \
		cr_assert(f.has_error);                                             \
		cr_assert_eq(f.error, (u32)(code), "error 0x%x, not 0x%x", f.error, \
			     (u32)(code));                                          \
	} while (0)

/* The same, and mode and registers are as before. */
#define EXPECT_REFUSED(call, vec, code)                                       \
	do {                                                                  \
		enum vmode mode = vm->cpu.mode;                               \
		struct trapframe before = *vm->tf;                            \
		EXPECT_FAULT(call, vec, code);                                \
		cr_assert_arr_eq(vm->tf, &before, sizeof(before), "changed"); \
		cr_assert_eq(vm->cpu.mode, mode);                             \
	} while (0)

#define EXPECT_OK(call)                                                            \
	do {                                                                       \
		struct gfault f = {0};                                             \
		cr_assert(call, "vector %u error 0x%x at 0x%x", f.vector, f.error, \
			  f.addr.a);                                               \
	} while (0)

#endif
