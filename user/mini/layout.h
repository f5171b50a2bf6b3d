/*
 * Numbers that C and assembly share.
 */
#ifndef MINI_LAYOUT_H
#define MINI_LAYOUT_H

#define CMDLINE_MAX 512

#define SEL_KCODE 0x08
#define SEL_KDATA 0x10
#define SEL_UCODE 0x1B
#define SEL_UDATA 0x23
#define SEL_TSS 0x28

/* `int $VECTOR_DONE` ends an attempt as well as any fault; its gate has DPL 3. */
#define VECTOR_DONE 0x30

#endif
