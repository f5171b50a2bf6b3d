/*
 * The task's address space, its start, and its system calls.
 */
#include "task.h"

#include "kernel.h"
#include "layout.h"
#include "memory.h"
#include "trap.h"

uint8_t task_trap_stack[TASK_TRAP_STACK] __attribute__((aligned(16)));
static uint32_t ticks;

extern uint8_t task_load[], task_pages[];
void task_start(void);
void task_enter(struct frame *f);
_Noreturn void task_leave(void);

/* Its text comes from where the boot loader put it; the stack is a fresh page. */
static void map_task(void)
{
	for (uint32_t i = 0; i < (uint32_t)task_pages; i++)
		map_page(TASK_BASE + i * PAGE_SIZE, (uint32_t)task_load + i * PAGE_SIZE,
			 PTE_U);
	map_page(TASK_STACK, page_take(), PTE_U | PTE_W);
}

void task_run(void)
{
	struct frame f = {
		.es = SEL_UDATA,
		.ds = SEL_UDATA,
		.eip = (uint32_t)task_start,
		.cs = SEL_UCODE,
		.eflags = EFLAGS_ONE | EFLAGS_IF,
		.user_esp = TASK_STACK + PAGE_SIZE,
		.user_ss = SEL_UDATA,
	};

	map_task();
	task_enter(&f);
}

void task_tick(void)
{
	ticks++;
}

void task_call(struct frame *f)
{
	switch (f->eax) {
	case CALL_SAY:
		print("%s", (const char *)f->ebx);
		break;
	case CALL_TICKS:
		f->eax = ticks;
		break;
	case CALL_CATCH:
		trap_catch(f->ebx);
		break;
	case CALL_DONE:
		task_leave();
	default:
		stop("system call %u", f->eax);
	}
}
