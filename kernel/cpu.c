/*
 * CPU features: found by CPUID, narrowed by boot options, switched on in CR0 and CR4.
 */
#include "kernel/cpu.h"
#include "kernel/asm.h"
#include "kernel/lib.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/trap.h"

/* CPUID bits: SDM vol. 2, CPUID, leaves 1 and 7. */
enum { LEAF1_EDX_VME = 1u << 1, LEAF7_EBX_SMEP = 1u << 7, LEAF7_EBX_SMAP = 1u << 20 };
enum { LEAF7_ECX_UMIP = 1u << 2, LEAF1_ECX_HYPERVISOR = 1u << 31 };

struct cpu_features cpu_features;

static void find_features(struct cpu_features *f)
{
	u32 leaf0[4], leaf1[4], leaf7[4] = {0};

	cpuid(0, 0, leaf0);
	memcpy(f->vendor, &leaf0[1], 4);
	memcpy(f->vendor + 4, &leaf0[3], 4);
	memcpy(f->vendor + 8, &leaf0[2], 4);
	cpuid(1, 0, leaf1);
	if (leaf0[0] >= 7)
		cpuid(7, 0, leaf7);
	f->smep = leaf7[1] & LEAF7_EBX_SMEP;
	f->smap = leaf7[1] & LEAF7_EBX_SMAP;
	f->umip = leaf7[2] & LEAF7_ECX_UMIP;
	f->pvi = leaf1[3] & LEAF1_EDX_VME;
	/*
	 * QEMU TCG: iret at CPL 3 faults under SMAP, and it has no PVI whatever CPUID
	 * says.
	 */
	if (leaf1[2] & LEAF1_ECX_HYPERVISOR)
		f->smap = f->pvi = false;
}

void cpu_init(void)
{
	struct cpu_features *f = &cpu_features;

	find_features(f);
	f->smep = f->smep && option_bool("smep", true);
	f->smap = f->smap && option_bool("smap", true);
	f->pvi = f->pvi && option_bool("pvi", true);
	if (!f->umip)
		panic("this CPU has no UMIP: use Bochs with a corei7_icelake_u, or "
		      "QEMU with -cpu max");
	f->cr4 = CR4_UMIP | (f->smep ? CR4_SMEP : 0) | (f->smap ? CR4_SMAP : 0);
	f->cr4_pvi = f->cr4 | (f->pvi ? CR4_PVI : 0);
	write_cr4(f->cr4);
	write_cr0(CR0_PE | CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_ET);
}
