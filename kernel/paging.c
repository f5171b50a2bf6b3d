/*
 * The host's page tables. 16 tables stand in the image itself; nothing is allocated
 * later.
 */
#include "kernel/paging.h"
#include "kernel/asm.h"
#include "kernel/panic.h"

extern const u8 image_start[], text_end[], rodata_end[], image_end[];

static u32 host_tables[HOST_PDE_COUNT][PAGE_WORDS] __attribute__((aligned(PAGE_SIZE)));
static u32 host_directory[PAGE_WORDS] __attribute__((aligned(PAGE_SIZE)));
static u32 low_end;

static u32 *entry(u32 va)
{
	ASSERT(va >= HOST_BASE);
	return &host_tables[(va - HOST_BASE) >> 22]
			   [va >> PAGE_SHIFT & (PAGE_WORDS - 1)];
}

static bool is_read_only(u32 image_va)
{
	return image_va >= (u32)(uintptr_t)image_start &&
	       image_va < (u32)(uintptr_t)rodata_end;
}

/*
 * Low memory; its view of our own text and constants is as read-only as the other one.
 */
static void map_low(u32 bytes)
{
	for (u32 a = 0; a < bytes; a += PAGE_SIZE)
		*entry(LOWMAP_BASE + a) = a | PTE_P |
					  (is_read_only(IMAGE_BASE + a) ? 0 : PTE_W);
	low_end = bytes;
}

static void map_image(void)
{
	u32 end = (u32)(uintptr_t)image_end;

	ASSERT(end <= IMAGE_BASE + IMAGE_MAX);
	for (u32 va = (u32)(uintptr_t)image_start; va < end; va += PAGE_SIZE)
		*entry(va) = (va - IMAGE_BASE) | PTE_P | (is_read_only(va) ? 0 : PTE_W);
}

void paging_host_entries(u32 *directory)
{
	for (unsigned i = 0; i < HOST_PDE_COUNT; i++)
		directory[HOST_PDE_FIRST + i] =
			((u32)(uintptr_t)host_tables[i] - IMAGE_BASE) | PTE_P | PTE_W;
}

u32 paging_host_cr3(void)
{
	return (u32)(uintptr_t)host_directory - IMAGE_BASE;
}

void paging_load_host(void)
{
	write_cr3(paging_host_cr3());
}

void paging_init(u32 low_bytes)
{
	ASSERT(low_bytes <= LOWMAP_MAX && low_bytes % PAGE_SIZE == 0);
	map_low(low_bytes);
	map_image();
	paging_host_entries(host_directory);
	paging_load_host();
}

void paging_map(u32 va, mpn_t m)
{
	ASSERT(va >= HEAP_BASE);
	*entry(va) = mpn_addr(m).a | PTE_P | PTE_W;
	invlpg(va);
}

void paging_unmap(u32 va)
{
	ASSERT(va >= HEAP_BASE);
	*entry(va) = 0;
	invlpg(va);
}

void *phys_to_virt(mpa_t a)
{
	ASSERT(a.a < low_end);
	return (void *)(uintptr_t)(LOWMAP_BASE + a.a);
}

mpa_t virt_to_phys(const void *va)
{
	u32 a = (u32)(uintptr_t)va;
	u32 pte = *entry(a);

	ASSERT(pte & PTE_P);
	return (mpa_t){(pte & ~(u32)PAGE_MASK) | (a & PAGE_MASK)};
}
