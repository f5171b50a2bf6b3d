/*
 * The host's GDT and TSS. The GDT is one page, with the host's descriptors in its last
 * slots, because the shadow GDT of a guest has that shape: whichever is loaded, the
 * host's selectors mean the same. One TSS serves all threads; only its ring 0 stack
 * changes. A second one belongs to the double fault, which must not trust the stack
 * that failed.
 */
#include "kernel/gdt.h"
#include "kernel/asm.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "kernel/trap.h"

/* SDM vol. 3, figure 7-2. */
struct tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, iomap;
};

static struct descriptor host_gdt[GDT_BYTES / sizeof(struct descriptor)]
	__attribute__((aligned(PAGE_SIZE)));
static struct tss tss, df_tss;
static u8 df_stack[PAGE_SIZE] __attribute__((aligned(16)));

struct descriptor desc_flat(u32 kind, unsigned dpl)
{
	struct descriptor d = {
		.lo = 0xffff,
		.hi = 0xf0000 | DESC_PAGES | DESC_BIG | DESC_PRESENT | DESC_SEGMENT |
		      DESC_ACCESSED | DESC_WRITABLE | kind | dpl << DESC_DPL_SHIFT,
	};
	return d;
}

static struct descriptor desc_tss(const struct tss *t)
{
	u32 base = (u32)(uintptr_t)t;
	struct descriptor d = {
		.lo = base << 16 | (sizeof *t - 1),
		.hi = (base & 0xff000000) | (base >> 16 & 0xff),
	};
	d.hi |= DESC_PRESENT | DESC_TYPE_TSS;
	return d;
}

static struct descriptor *slot(struct descriptor *table, u16 sel)
{
	return &table[sel >> 3];
}

void gdt_host_slots(struct descriptor *table)
{
	*slot(table, SEL_HOST_CODE) = desc_flat(DESC_CODE, 0);
	*slot(table, SEL_HOST_DATA) = desc_flat(0, 0);
	*slot(table, SEL_HOST_TSS) = desc_tss(&tss);
	*slot(table, SEL_DF_TSS) = desc_tss(&df_tss);
	*slot(table, SEL_CARRY_CODE) = desc_flat(DESC_CODE, 3);
	*slot(table, SEL_CARRY_DATA) = desc_flat(0, 3);
}

/* Entered by the task gate of vector 8; the TSS `tss` now holds what failed. */
static _Noreturn void double_fault(void)
{
	panic("double fault at eip=0x%08x esp=0x%08x cr2=0x%08x", tss.eip, tss.esp,
	      read_cr2());
}

static void init_df_tss(void)
{
	df_tss.esp = df_tss.esp0 = (u32)(uintptr_t)(df_stack + sizeof df_stack);
	df_tss.ss = df_tss.ss0 = df_tss.ds = df_tss.es = df_tss.fs = df_tss.gs =
		SEL_HOST_DATA;
	df_tss.cs = SEL_HOST_CODE;
	df_tss.eip = (u32)(uintptr_t)double_fault;
	df_tss.eflags = FL_ONE;
	df_tss.cr3 = read_cr3();
	df_tss.iomap = sizeof df_tss;
}

/* The far return loads CS; LTR marks the TSS busy in the table that is loaded. */
static void load_segments(void)
{
	__asm__ volatile("pushl %0\n\t"
			 "pushl $1f\n\t"
			 "lret\n"
			 "1:\n\t"
			 "mov %1, %%ds\n\t"
			 "mov %1, %%es\n\t"
			 "mov %1, %%ss\n\t"
			 "mov %2, %%fs\n\t"
			 "mov %2, %%gs"
			 :
			 : "i"(SEL_HOST_CODE), "r"(SEL_HOST_DATA), "r"(0)
			 : "memory");
}

void gdt_load(const struct descriptor *table)
{
	lgdt((u32)(uintptr_t)table, GDT_BYTES - 1);
}

void gdt_load_host(void)
{
	gdt_load(host_gdt);
}

void gdt_set_stack(void *top)
{
	tss.esp0 = (u32)(uintptr_t)top;
}

void gdt_init(void)
{
	tss.ss0 = SEL_HOST_DATA;
	tss.iomap = sizeof tss; /* beyond the limit: every port traps */
	init_df_tss();
	gdt_host_slots(host_gdt);
	gdt_load_host();
	load_segments();
	lldt(0);
	ltr(SEL_HOST_TSS);
}
