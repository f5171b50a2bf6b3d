/*
 * What lgdt and lidt take: SDM vol. 3, figure 2-6.
 */
#ifndef KERNEL_TABLEREF_H
#define KERNEL_TABLEREF_H

#include "kernel/types.h"

struct table_ref {
	u16 limit;
	u32 base;
} __attribute__((packed));

#endif
