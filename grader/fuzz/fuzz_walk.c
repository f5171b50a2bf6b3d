/*
 * The page walker on any tables, against a second one, written from the manual (SDM vol. 3,
 * 4.3, 4.6 to 4.8) and in another way. Tables may lie anywhere, also in each other and
 * beyond memory, where all reads are ones and writes are lost.
 */
#include "grader/fuzz/fuzz.h"
#include "kernel/kmap.h"
#include "kernel/paging.h"
#include "vmm/trace.h"
#include "vmm/vm.h"
#include "vmm/walk.h"

enum { PAGES = 4, WORDS = PAGES * PAGE_WORDS };

static u32 memory[WORDS];
static struct pmap_entry entries[PAGES];

u32 gpa_read32(struct vm *vm, gpa_t p)
{
	(void)vm;
	DEMAND(p.a % 4 == 0);
	return p.a / 4 < WORDS ? memory[p.a / 4] : ~0u;
}

void gpa_write(struct vm *vm, gpa_t p, const void *buf, u32 n)
{
	(void)vm;
	DEMAND(n == 4 && p.a % 4 == 0);
	if (p.a / 4 < WORDS)
		memcpy(&memory[p.a / 4], buf, n);
}

/* No slot ever shows a page, page 0 least of all: kmap is asked each time. */
struct kmap_slot kmap_slots[KMAP_SLOTS] = {[0 ... KMAP_SLOTS - 1] = {.mpn = ~0u}};

void *kmap(mpn_t m)
{
	DEMAND(m.n < PAGES);
	return memory + m.n * PAGE_WORDS;
}

void kunmap(const void *p)
{
	(void)p;
}

unsigned trace_get(const struct vm *vm, ppn_t p)
{
	(void)vm;
	return p.n & 1 ? TRACE_TABLE : 0;
}

/* --- the second walker ------------------------------------------------------------- */

struct expected {
	bool allowed;
	u32 error, physical;
	u32 touched[2], count; /* entries used, the leaf last */
};

static u32 entry(u32 at)
{
	return at / 4 < WORDS ? memory[at / 4] : ~0u;
}

static bool rights(u32 both, bool user, bool write, bool wp)
{
	if (user)
		return both & PTE_U && (!write || both & PTE_W);
	return !write || !wp || both & PTE_W;
}

static struct expected expect(const struct vm *vm, u32 v, unsigned acc)
{
	bool user = vm->cpu.mode == VMODE_USER && !(acc & ACC_SYSTEM);
	bool write = acc & ACC_WRITE, wp = vm->cpu.cr0 & CR0_WP;
	struct expected e = {.error = (user ? 4 : 0) | (write ? 2 : 0)};
	u32 pde_at = (vm->cpu.cr3 & 0xfffff000) | (v >> 22 << 2), pde = entry(pde_at);
	u32 pte_at = (pde & 0xfffff000) | (v >> 12 & 0x3ff) << 2, pte;

	e.touched[e.count++] = pde_at;
	if (!(pde & PTE_P))
		return e;
	if (vm->cpu.cr4 & CR4_PSE && pde & PTE_PS) {
		if (pde & 0x003fe000) {
			e.error |= 8 | 1;
			return e;
		}
		e.physical = (pde & 0xffc00000) | (v & 0x003ff000);
		pte = pde;
	} else {
		pte = entry(pte_at);
		e.touched[e.count++] = pte_at;
		if (!(pte & PTE_P))
			return e;
		e.physical = pte & 0xfffff000;
	}
	e.allowed = rights(pde & pte, user, write, wp);
	e.error |= 1;
	return e;
}

static void check_touch(struct vm *vm, struct walk *w, const struct expected *e,
			bool write)
{
	static u32 before[WORDS];
	u32 i;

	memcpy(before, memory, sizeof(before));
	for (i = 0; i < e->count; i++)
		if (e->touched[i] / 4 < WORDS)
			before[e->touched[i] / 4] |= PTE_A;
	if (write && e->touched[i - 1] / 4 < WORDS)
		before[e->touched[i - 1] / 4] |= PTE_D;
	walk_touch(vm, w, write);
	DEMAND(memcmp(before, memory, sizeof(before)) == 0);
	DEMAND(w->dirty || !write);
}

/* The entries that the walk will see: the rest of the tables does not matter. */
static void set_tables(struct input *in, const struct vm *vm, u32 v)
{
	u32 pde_at = (vm->cpu.cr3 & 0xfffff000) | (v >> 22 << 2), pde = take(in);
	u32 pte_at;

	memset(memory, 0, sizeof(memory));
	if (pde & 1u << 31) /* in memory, mostly */
		pde %= WORDS * 4;
	pte_at = (pde & 0xfffff000) | (v >> 12 & 0x3ff) << 2;
	if (pte_at / 4 < WORDS)
		memory[pte_at / 4] = take(in);
	if (pde_at / 4 < WORDS)
		memory[pde_at / 4] = pde;
}

/* Pages in a frame of their own are reached without a detour, others through gpa_*. */
static void set_pages(struct vm *vm, u32 which)
{
	vm->pmap = (struct pmap){.entry = entries, .pages = PAGES};
	for (u32 i = 0; i < PAGES; i++) {
		bool own = which >> i & 1;

		entries[i].mpn = i;
		entries[i].state = own ? PMAP_PRIVATE : PMAP_UNBACKED;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct vm vm;
	struct input in = {data, size};
	u32 how = take(&in), v = take(&in), error = 0;
	unsigned acc = how & 1 ? ACC_WRITE : how & 2 ? ACC_FETCH : ACC_READ;
	struct expected e;
	struct walk w;
	bool allowed;

	acc |= how & 4 ? ACC_SYSTEM : 0;
	vm.cpu.mode = how & 8 ? VMODE_USER : VMODE_KERNEL;
	vm.cpu.cr0 = CR0_PE | CR0_PG | (how & 16 ? CR0_WP : 0);
	vm.cpu.cr4 = how & 32 ? CR4_PSE : 0;
	vm.cpu.cr3 = how & 64 ? take(&in) : (how >> 8) % (WORDS * 4);
	set_pages(&vm, how >> 24);
	set_tables(&in, &vm, v);
	e = expect(&vm, v, acc);
	allowed = walk(&vm, gva(v), acc, &w, &error);
	DEMAND(allowed == e.allowed);
	if (!allowed) {
		DEMAND(error == e.error);
		return 0;
	}
	DEMAND(w.page.a == e.physical);
	check_touch(&vm, &w, &e, acc & ACC_WRITE);
	return 0;
}
