/*
 * The four ways to touch memory, as the matrix tries them in both rings: address in EBX,
 * word in EAX. Each ends itself when nothing stops it; a fetch does so where it lands.
 */
#include "../mini/layout.h"

	.text
	.globl access_read, access_write, access_fetch, access_both
access_read:
	movl (%ebx), %eax
	int $VECTOR_DONE
access_write:
	movl %eax, (%ebx)
	int $VECTOR_DONE
access_fetch:
	jmp *%ebx
access_both:
	movl (%ebx), %ecx
	movl %eax, (%ebx)
	int $VECTOR_DONE

	.section .note.GNU-stack, "", @progbits
