/* The machine below, and the guest's tables; see the header. */
#include "grader/unit/core_model.h"

#include "kernel/cpu.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/heap.h"
#include "kernel/kmap.h"
#include "kernel/lib.h"
#include "kernel/paging.h"
#include "kernel/panic.h"
#include "kernel/segload.h"
#include "vmm/gpeek.h"
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_FREE = 16, LOW_PAGES = 256 };
/* Each block of the heap has a name of its own, beyond the memory that there is. */
enum { HEAP_BLOCKS = 512, BLOCK_PAGES = 16, HEAP_MPN = MACHINE_PAGES };
enum { FRAMES = MACHINE_PAGES + HEAP_BLOCKS * BLOCK_PAGES };
enum { HOST_TABLE = 0x3ff00000 }; /* machine address of the host's first page table */

struct core core;
struct fake_cpu fake_cpu;
struct cpu_features cpu_features;
static struct vm vms[2];
struct vm *const vm = &vms[0];
struct vm *const other = &vms[1];

static u8 memory[MACHINE_PAGES][PAGE_SIZE];
static struct frame frames[FRAMES];

/*
 * Leaks of the VMM are counted by core_machine_done; the sanitizer would look at the test
 * runner as well, which now and then ends with 48 bytes of its own.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* The heap: blocks from malloc, so that the sanitizer guards both their ends. */
static struct block {
	u8 *at;
	u32 bytes, mpn;
} heap[HEAP_BLOCKS];

/* --- machine memory ----------------------------------------------------------------- */

/* No slot ever shows a page: kmap is asked each time. */
struct kmap_slot kmap_slots[KMAP_SLOTS];

void *kmap(mpn_t m)
{
	cr_assert_lt(m.n, (u32)MACHINE_PAGES);
	core.kmaps++;
	return memory[m.n];
}

void kunmap(const void *p)
{
	(void)p;
	cr_assert_gt(core.kmaps, 0u, "unmapped twice");
	core.kmaps--;
}

void zero_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void *heap_alloc(u32 bytes)
{
	void *p = NULL;

	cr_assert(bytes > 0 && bytes <= BLOCK_PAGES * PAGE_SIZE);
	if (core.heap_left == 0)
		return NULL;
	if (core.heap_left != ~0u)
		core.heap_left--;
	for (u32 i = 0; i < HEAP_BLOCKS; i++) {
		if (heap[i].at)
			continue;
		cr_assert_eq(posix_memalign(&p, PAGE_SIZE, bytes), 0);
		memset(p, 0, bytes);
		heap[i] = (struct block){p, bytes, HEAP_MPN + i * BLOCK_PAGES};
		core.heap_blocks++;
		return p;
	}
	panic("the model's heap is too small");
}

void heap_free(void *p)
{
	for (u32 i = 0; i < HEAP_BLOCKS; i++) {
		if (heap[i].at == p && p) {
			free(p);
			heap[i].at = NULL;
			core.heap_blocks--;
			return;
		}
	}
	cr_assert_fail("freed what was not allocated");
}

mpa_t virt_to_phys(const void *va)
{
	const u8 *p = va;

	for (u32 i = 0; i < HEAP_BLOCKS; i++)
		if (heap[i].at && p >= heap[i].at && p < heap[i].at + heap[i].bytes)
			return (mpa_t){(heap[i].mpn << PAGE_SHIFT) +
				       (u32)(p - heap[i].at)};
	panic("no address of the heap: %p", va);
}

/* Any machine address. */
static void *machine(u32 a)
{
	u32 m = a >> PAGE_SHIFT;

	if (m < MACHINE_PAGES)
		return &memory[m][a & PAGE_MASK];
	for (u32 i = 0; i < HEAP_BLOCKS; i++)
		if (heap[i].at && m >= heap[i].mpn &&
		    (m - heap[i].mpn) * PAGE_SIZE < heap[i].bytes)
			return heap[i].at + (m - heap[i].mpn) * PAGE_SIZE +
			       (a & PAGE_MASK);
	panic("the CPU walks into machine address 0x%x", a);
}

void *phys_to_virt(mpa_t a)
{
	return machine(a.a);
}

void paging_host_entries(u32 *directory)
{
	for (u32 i = 0; i < HOST_PDE_COUNT; i++)
		directory[HOST_PDE_FIRST + i] = (HOST_TABLE + (i << PAGE_SHIFT)) |
						PTE_P | PTE_W;
}

u32 paging_host_cr3(void)
{
	return HOST_TABLE - PAGE_SIZE;
}

void paging_load_host(void)
{
	fake_write_cr3(paging_host_cr3());
}

struct mapping mmu(enum vmode view, u32 gva)
{
	const u32 *root = machine(shadow_root(vm, view)), *table;
	u32 pde = root[gva >> 22], pte, both;

	cr_assert_eq(root[HOST_PDE_FIRST], (u32)HOST_TABLE | PTE_P | PTE_W,
		     "host part");
	if (!(pde & PTE_P))
		return (struct mapping){0};
	cr_assert_not(pde & PTE_PS, "a large page in a shadow");
	table = machine(pde & ~(u32)PAGE_MASK);
	pte = table[gva >> PAGE_SHIFT & (PAGE_WORDS - 1)];
	both = pde & pte;
	if (!(pte & PTE_P))
		return (struct mapping){0};
	cr_assert_not(pte & PTE_G, "global in a shadow (trap 22)");
	return (struct mapping){true, both & PTE_W, both & PTE_U, pte >> PAGE_SHIFT};
}

void core_set_pvi(bool on)
{
	cpu_features = (struct cpu_features){
		.pvi = on, .cr4 = CR4_UMIP, .cr4_pvi = CR4_UMIP | (on ? CR4_PVI : 0)};
	fake_cpu.cr4 = cpu_features.cr4;
}

u8 *core_page(u32 mpn)
{
	ASSERT(mpn < MACHINE_PAGES);
	return memory[mpn];
}

void core_machine_init(void)
{
	frame_init(frames, FRAMES, LOW_PAGES);
	frame_add(mpn(FIRST_FREE), MACHINE_PAGES - FIRST_FREE);
}

void core_machine_done(void)
{
	ASSERT(core.kmaps == 0);
	ASSERT(core.heap_blocks == 0);
	ASSERT(frame_free_count(ZONE_ANY) == MACHINE_PAGES - FIRST_FREE);
}

/* --- the CPU -------------------------------------------------------------------------- */

void *core_through_shadow(gva_t v, u32 n, bool write)
{
	struct mapping m;

	cr_assert(n % 4 == 0 && (v.a & PAGE_MASK) + n <= PAGE_SIZE, "peek contract");
	cr_assert_lt(v.a, HOST_BASE);
	cr_assert_eq(fake_cpu.cr3, shadow_root(vm, vm->view), "another root is loaded");
	m = core.no_peek ? (struct mapping){0} : mmu(vm->view, v.a);
	if (!m.present || (write && !m.writable))
		return NULL;
	return memory[m.mpn] + (v.a & PAGE_MASK);
}

bool gmem_peek(gva_t v, void *buf, u32 n)
{
	const void *from = core_through_shadow(v, n, false);

	if (from) {
		memcpy(buf, from, n);
		core.peeks++;
	}
	return from;
}

bool gmem_poke(gva_t v, const void *buf, u32 n)
{
	void *to = core_through_shadow(v, n, true);

	if (to) {
		memcpy(to, buf, n);
		core.pokes++;
	}
	return to;
}

bool load_fs(u32 sel)
{
	if (core.bad_fs && sel == core.bad_fs)
		return false;
	fake_cpu.fs = (u16)sel;
	return true;
}

bool load_gs(u32 sel)
{
	if (core.bad_fs && sel == core.bad_fs)
		return false;
	fake_cpu.gs = (u16)sel;
	return true;
}

void fake_fpu_save(void *area)
{
	memcpy(area, fake_cpu.x87, sizeof(fake_cpu.x87));
	memset(fake_cpu.x87, 0, sizeof(fake_cpu.x87)); /* fnsave empties it */
}

void fake_fpu_restore(const void *area)
{
	memcpy(fake_cpu.x87, area, sizeof(fake_cpu.x87));
}

void fake_fpu_init(void)
{
	strcpy(fake_cpu.x87, "fresh");
}

struct descriptor desc_flat(u32 kind, unsigned dpl)
{
	return desc(0, 0xfffff, (u8)(0x93 | kind >> 8 | dpl << 5), 0xC);
}

void gdt_host_slots(struct descriptor *table)
{
	table[SEL_HOST_CODE >> 3] = desc_flat(DESC_CODE, 0);
	table[SEL_HOST_DATA >> 3] = desc_flat(0, 0);
	table[SEL_HOST_TSS >> 3] = (struct descriptor){0x68, 0x8b00};
	table[SEL_DF_TSS >> 3] = (struct descriptor){0x68, 0x8900};
	table[SEL_CARRY_CODE >> 3] = desc_flat(DESC_CODE, 3);
	table[SEL_CARRY_DATA >> 3] = desc_flat(0, 3);
}

void gdt_load_host(void)
{
	fake_cpu.gdt = 0;
}

/* --- what is above ---------------------------------------------------------------------- */

void event(const char *name, const char *fmt, ...)
{
	size_t n = strlen(core.events);
	va_list ap;

	n += (size_t)snprintf(core.events + n, sizeof(core.events) - n, "%s ", name);
	va_start(ap, fmt);
	if (n < sizeof(core.events))
		vsnprintf(core.events + n, sizeof(core.events) - n, fmt, ap);
	va_end(ap);
	strncat(core.events, ";", sizeof(core.events) - strlen(core.events) - 1);
}

bool happened(const char *event)
{
	return strstr(core.events, event);
}

void vm_kill(struct vm *v, const char *fmt, ...)
{
	va_list ap;

	(void)v;
	va_start(ap, fmt);
	vsnprintf(core.why, sizeof(core.why), fmt, ap);
	va_end(ap);
	core.kills++;
}

void vm_die(struct vm *v, const char *fmt, ...)
{
	va_list ap;

	(void)v;
	va_start(ap, fmt);
	vsnprintf(core.why, sizeof(core.why), fmt, ap);
	va_end(ap);
	cr_assert(core.dying_expected, "the VM died: %s", core.why);
	longjmp(core.death, 1);
}

struct thread *thread_self(void)
{
	return vm
		->thread; /* of both: all that happens here is in the VM's own thread */
}

struct vm *vm_get(unsigned id)
{
	if (id == other->id && other->pmap.entry)
		return other;
	return id == vm->id ? vm : NULL;
}

/* There is nobody to take frames from. */
void reclaim_frames(struct vm *v)
{
	(void)v;
}

void quick_forget(struct vm *v)
{
	(void)v;
	core.quick_forgotten++;
}

void vm_reset(struct vm *v, const char *why)
{
	(void)v;
	core.resets++;
	snprintf(core.reset_why, sizeof(core.reset_why), "%s", why);
}
