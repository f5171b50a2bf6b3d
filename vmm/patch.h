/*
 * Patches: x86's instructions that look at privileged state without a trap. pushf and
 * popf are one byte, and so is hlt, which traps: the VMM puts a hlt in their place as
 * it loads the guest and remembers what stood there ("pre-virtualization"). cpuid
 * becomes ud2. Where they are comes from a patch table, made from the guest's
 * disassembly (disk/patches.sh); a line of it is
 *
 *     00100b2c 9c pushf            address (guest-physical), expected byte, kind
 *
 * A patch is applied only where the expected byte stands. A write to a patched byte,
 * from whoever, removes that patch; the pages are write-protected so that we hear of
 * it.
 */
#ifndef VMM_PATCH_H
#define VMM_PATCH_H

#include "vmm/addr.h"

struct vm;

enum patch_kind { PATCH_PUSHF, PATCH_POPF, PATCH_CPUID };

struct patch {
	u32 gpa; /* of the byte that was changed */
	u8 kind;
	bool live;
};

struct patches {
	struct patch *site; /* sorted by address; heap, owned */
	u32 count;
};

enum { PATCH_MAX = 4096 };

/*
 * Reads a table (text, any bytes; bad lines are skipped and counted) and applies it.
 * False: no memory.
 */
bool patch_apply(struct vm *vm, const char *text, u32 size);
void patch_destroy(struct vm *vm);

/* The live patch that changed the byte at this address, or NULL. */
const struct patch *patch_at(const struct vm *vm, gpa_t p);

/* What stood there before. */
u8 patch_original(const struct patch *p);

/*
 * `n` bytes (within one page) are about to be overwritten: the patches among them go.
 */
void patch_overwritten(struct vm *vm, gpa_t p, u32 n);

#endif
