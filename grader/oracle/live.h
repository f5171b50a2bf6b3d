/*
 * Evidence of an instant that nobody announced: where the CPU was, and a record made of
 * the VMM's structs as they lay in memory. What leads to them is the kernel's file alone
 * (vmm/offsets.h); what they say may be forged, so it is bounded, and the rules judge it.
 */
#ifndef GRADER_ORACLE_LIVE_H
#define GRADER_ORACLE_LIVE_H

#include "grader/oracle/image.h"
#include "grader/oracle/rules.h"

enum { PROGRAMS_MAX = 48, SEEDS_MAX = 4, LETTERS_MAX = 16, WHY_MAX = 96 };

/* What the plugin noted beside the dump: eip_at is EIP's machine address by Bochs. */
struct cpu_state {
	unsigned long long tick;
	u32 cs, eip, cr3, eip_at;
};

/* What a proof in a VM was told; which stages, by their letters. */
struct told {
	u32 seed;
	char letters[LETTERS_MAX];
};

/* What is known of a VM from outside. Seeds in order: each life has one. */
struct expected_vm {
	struct told told[SEEDS_MAX];
	unsigned seeds;
	bool dead; /* at the last look */
	/* and then: pages in the balloon, pages on the disk at least; 0: no word of it */
	u32 balloon, swapped;
};

/* What the record of a checkpoint has no room for. */
struct live_vm {
	u32 view, lives;
	char why[WHY_MAX];
};

struct live {
	struct cpu_state cpu;
	const struct image *kernel;
	struct image guest, program[PROGRAMS_MAX];
	unsigned programs;
	bool last; /* all that the run is about has happened by now */
	struct expected_vm expected[CHECKPOINT_VMS]; /* by id - 1, as the next */
	struct live_vm vm[CHECKPOINT_VMS];
};

/* The plugin's line. False: it can't be read. */
bool live_cpu(struct live *l, const char *path);

/* Fills e->record. NULL, or what does not let it. */
const char *live_record(struct evidence *e, struct live *l);

/*
 * Where a GVA leads by the guest's own tables and the pmap / by a shadow root. False:
 * nowhere.
 */
bool live_guest_at(struct evidence *e, const struct checkpoint_vm *vm, u32 gva,
		   u64 *machine);
bool live_shadow_at(const struct dump *d, u32 root, u32 gva, u32 *pte, u64 *machine);

/* The VM whose root is in CR3, or NULL. */
const struct checkpoint_vm *live_running(const struct evidence *e);

#endif
