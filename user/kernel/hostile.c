/*
 * What a hostile or broken kernel does, on purpose: tests of whatever runs
 * beneath us. Off unless the command line says hostile=on; on the bare
 * machine these simply hang or reset it.
 */
#include <stddef.h>

#include "../include/abi.h"
#include "badballoon.h"
#include "ide.h"
#include "option.h"
#include "reclaim.h"
#include "space.h"
#include "syscall.h"
#include "trap.h"
#include "uart.h"
#include "x86.h"

enum {
	VMM_AREA = 0xFC000000,
	BAD_CR3 = 0xFFFFF000,
	BEYOND_MEMORY = 0xF0000000,
	PRD_BYTES = 512,
	PRD_LAST = 0x80000000,
};

/* No interrupt ever gets in again. */
static void hang(void)
{
	cli();
	for (;;)
		;
}

/* No gate for int3, none for the #GP, none for the double fault. */
static void triple_fault(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) none = {0, 0};

	__asm__ volatile("lidt %0; int3" : : "m"(none));
}

/* Nothing of ours is there. */
static void jump_high(void)
{
	void (*target)(void) = (void (*)(void))VMM_AREA;

	target();
}

/* First a descriptor that points beyond memory, then a table that lies there. */
static int bad_dma(void)
{
	struct page *page = page_alloc(PAGE_KERNEL);
	uint32_t *prd;

	if (page == NULL)
		return -ENOMEM;
	prd = page_bytes(page);
	prd[0] = BEYOND_MEMORY;
	prd[1] = PRD_BYTES | PRD_LAST;
	ide_read_by_table(page_number(page) << PAGE_SHIFT);
	ide_read_by_table(BEYOND_MEMORY);
	page_free(page);
	return 0;
}

/* Most kinds never return. */
int sys_hostile(struct trapframe *frame)
{
	if (!options.hostile)
		return -EPERM;
	uart_drain();
	switch ((enum hostile_kind)frame->ebx) {
	case HOSTILE_CLI:
		hang();
		return 0;
	case HOSTILE_TRIPLE:
		triple_fault();
		return 0;
	case HOSTILE_JUMPHIGH:
		jump_high();
		return 0;
	case HOSTILE_BADCR3:
		load_cr3(BAD_CR3);
		return 0;
	case HOSTILE_BADDMA:
		return bad_dma();
	default:
		return bad_balloon((enum hostile_kind)frame->ebx);
	}
}
