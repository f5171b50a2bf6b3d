/*
 * Where things lie in struct vm.
 */
#include "vmm/offsets.h"
#include "vmm/lifecycle.h"
#include "vmm/slots.h"
#include "vmm/swapio.h"
#include "vmm/vm.h"

_Static_assert((int)VM_MAX == (int)VM_OFFSETS_VMS, "one pointer a VM");

#define AT(field) offsetof(struct vm, field)

const struct vm_offsets vm_offsets = {
	.magic = VM_OFFSETS_MAGIC,
	.size = sizeof vm_offsets,
	.vms = (u32)vm_all,
	.form_wide = offsetof(struct shadow_form, wide),
	.vm_bytes = sizeof(struct vm),
	.swap = {.slots = (u32)&slot_area.slot,
		 .total = (u32)&slot_area.total,
		 .free = (u32)&slot_area.free,
		 .batches = (u32)swap_batches,
		 .batch_count = SWAP_BATCHES,
		 .batch_bytes = sizeof *swap_batches,
		 .batch_busy = offsetof(struct swap_batch, busy)},
	.table_bytes = sizeof(struct stable),
	.id = AT(id),
	.state = AT(state),
	.view = AT(view),
	.mem_pages = AT(mem_pages),
	.lives = AT(lives),
	.built = AT(built),
	.why = AT(why),
	.cr0 = AT(cpu.cr0),
	.cr3 = AT(cpu.cr3),
	.cr4 = AT(cpu.cr4),
	.mode = AT(cpu.mode),
	.pmap = AT(pmap.entry),
	.backed = AT(pmap.backed),
	.ballooned = AT(pmap.ballooned),
	.swapped = AT(pmap.swapped),
	.form = AT(shadow.form),
	.tables = AT(shadow.pool.table),
	.table_count = AT(shadow.pool.count),
	.table_of = AT(shadow.table_of),
	.rmap = AT(shadow.rmap.head),
	.traces = AT(traces.flags),
	.free_head = AT(shadow.pool.free_head),
	.active = AT(shadow.active),
};
