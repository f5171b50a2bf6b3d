/*
 * Where traps come in and go out.
 *
 * Each of the 256 vectors has a stub that makes the stack look the same (an error code,
 * the vector) and joins the common path, which saves the rest of struct trapframe, loads
 * the host's data segments and calls C: guest_exit() for ring 3, trap_host() for ring 0.
 * There are two copies of it, with and without CLAC: a guest may enter with EFLAGS.AC set
 * (TRAPS 50), and CPUs without SMAP do not know the instruction.
 *
 * On the way out the guest's DS, ES and CS/SS are loaded, and that may fault: a guest can
 * change its GDT under its own feet. Those three instructions are in the fixup table.
 */
#include "kernel/layout.h"

/* Vectors for which the CPU pushes an error code: SDM vol. 3, table 6-1. */
#define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17)

#define TF_VECTOR 40
#define TF_ERROR 44
#define TF_CS 52
#define TF_EFLAGS 56
#define FLAG_VM 0x20000

.macro stub vector common
	.balign 16
	.if !HAS_ERROR(\vector)
	pushl $0
	.endif
	pushl $\vector
	jmp \common
.endm

.macro stubs name common
	.balign 16
	.globl \name
\name:
	vector = 0
	.rept 256
	stub vector \common
	vector = vector + 1
	.endr
.endm

.macro save_frame
	pushl %ds
	pushl %es
	pushal
	movl $SEL_HOST_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	cld
.endm

	.text
	stubs trap_stubs trap_common
	stubs trap_stubs_smap trap_common_smap

	.balign 16
trap_common:
	save_frame
	jmp dispatch

	.balign 16
trap_common_smap:
	save_frame
	clac
dispatch:
	movl %esp, %eax
	testb $3, TF_CS(%esp)
	jz from_host
	xorl %ebp, %ebp		/* the guest's: a backtrace ends here */
	call guest_exit
	.globl trap_return
trap_return:
	popal
reload_es:
	popl %es
reload_ds:
	popl %ds
	addl $8, %esp
reload_cs:
	iret

from_host:
	testl $FLAG_VM, TF_EFLAGS(%esp)
	jnz from_v86
	call trap_host
	popal
	popl %es
	popl %ds
	addl $8, %esp
	iret

from_v86:			/* whatever its CS: of the guest's doing (vmm/exit.c) */
	xorl %ebp, %ebp
	call guest_exit
	ud2

/*
 * A reload faulted. trap_host() left its vector and error code in reload_vector and
 * reload_error and brought us here with the stack as it was at the faulting instruction:
 * build the frame again and let the guest have the fault.
 */
fault_cs:
	pushl $0
	pushl $0
	pushl %ds
	pushl %es
	jmp refault
fault_ds:
	pushl %es		/* loaded already */
fault_es:
refault:
	pushal
	movl $SEL_HOST_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl reload_vector, %eax
	movl %eax, TF_VECTOR(%esp)
	movl reload_error, %eax
	movl %eax, TF_ERROR(%esp)
	movl %esp, %eax
	xorl %ebp, %ebp
	call guest_reload_fault
	jmp trap_return

	.section .fixup, "a"
	.long reload_es, fault_es
	.long reload_ds, fault_ds
	.long reload_cs, fault_cs
	.text

/* void switch_stack(u32 *save_esp, u32 load_esp): the heart of a thread switch. */
	.globl switch_stack
switch_stack:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %esp, (%eax)
	movl %edx, %esp
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

/* void guest_enter(struct trapframe *tf), void stack_restart(void *sp, fn, arg): kernel/stack.h. */
	.globl guest_enter, stack_restart
guest_enter:
	movl %eax, %esp
	jmp trap_return
stack_restart:
	movl %eax, %esp
	xorl %ebp, %ebp
	movl %ecx, %eax
	call *%edx
	ud2

/* First activation of a thread: its function in EBX, argument in ESI (see thread.c). */
	.globl thread_start
thread_start:
	xorl %ebp, %ebp
	movl %esi, %eax
	call *%ebx
	call thread_exit

/*
 * bool peek8(u32 va, u32 *out)
 * bool peek_words(u32 va, u32 *to, u32 words), bool poke_words(u32 va, const u32 *from,
 * u32 words): guest memory through the address space that is loaded. False when the MMU
 * says no, some words may have been moved then (kernel/peek.h).
 */
	.globl peek8, peek_words, poke_words
peek8:
peek8_at:
	movzbl (%eax), %ecx
	movl %ecx, (%edx)
	movl $1, %eax
	ret
peek_words:
	pushl %esi
	pushl %edi
	movl %eax, %esi
	movl %edx, %edi
peek_words_at:
	rep movsl
	popl %edi
	popl %esi
	movl $1, %eax
	ret
poke_words:
	pushl %esi
	pushl %edi
	movl %eax, %edi
	movl %edx, %esi
poke_words_at:
	rep movsl
	popl %edi
	popl %esi
	movl $1, %eax
	ret
words_failed:
	popl %edi
	popl %esi
peek_failed:
	xorl %eax, %eax
	ret

/* bool load_fs(u32 sel), bool load_gs(u32 sel): kernel/segload.h. */
	.globl load_fs, load_gs
load_fs:
load_fs_at:
	movl %eax, %fs
	movl $1, %eax
	ret
load_gs:
load_gs_at:
	movl %eax, %gs
	movl $1, %eax
	ret

	.section .fixup, "a"
	.long load_fs_at, peek_failed
	.long load_gs_at, peek_failed
	.long peek8_at, peek_failed
	.long peek_words_at, words_failed
	.long poke_words_at, words_failed
