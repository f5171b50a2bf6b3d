/*
 * Numbers that C, assembly and the linker share.
 *
 *     0x00400000  the task's program          ring 3
 *     0x00800000  the task's stack, a page    ring 3
 *     0xC0000000  all of memory, one to one   ring 0; the kernel at +1 MiB
 */
#ifndef THIRD_LAYOUT_H
#define THIRD_LAYOUT_H

#define KERNBASE 0xC0000000
#define BOOT_PDE (KERNBASE >> 22)
#define TASK_BASE 0x00400000
#define TASK_STACK 0x00800000

/* An order of our own: nobody is promised that code comes first. */
#define SEL_KDATA 0x08
#define SEL_KCODE 0x10
#define SEL_TSS 0x18
#define SEL_UDATA 0x23
#define SEL_UCODE 0x2B

#define VECTOR_IRQ 0x20
#define VECTOR_IRQ_END 0x30
#define VECTOR_CALL 0x30

/* System calls: the number in EAX, the argument in EBX, the answer in EAX. */
#define CALL_SAY 1   /* prints the text at EBX */
#define CALL_TICKS 2 /* how often the timer came while ring 3 ran */
#define CALL_CATCH 3 /* the next fault goes on at EBX, with its vector in EAX */
#define CALL_DONE 4  /* back to the kernel, for good */

#endif
