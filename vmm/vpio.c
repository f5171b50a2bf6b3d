/*
 * The virtual disk's data by port. The buffer holds a window of up to eight sectors of
 * the command; the guest takes or fills it block by block, with an interrupt for each,
 * and the host moves a whole window at once. Blocks are 1, 2, 4 or 8 sectors, so that
 * they divide a window.
 */
#include "kernel/lib.h"
#include "vmm/vata.h"
#include "vmm/vm.h"

static void host_failed(struct vm *vm)
{
	vide_set_position(&vm->ide, vm->ide.lba);
	vide_fail(vm, vm->ide.write ? ATA_ABRT : ATA_UNC);
}

/* The next window of the command, in the buffer page. */
static void set_window(struct vide *v)
{
	v->window = min_u32(v->left, VIDE_MAX_MULTIPLE);
	v->at = 0;
}

/* Moves the window between the buffer and the host. */
static void move_window(struct vm *vm, enum vide_phase phase)
{
	struct vide *v = &vm->ide;

	v->req.nsegs = 1;
	v->req.seg[0] = (struct disk_seg){.mpn = v->buffer_mpn,
					  .length = v->window * SECTOR_SIZE};
	vide_submit(vm, phase, v->window);
}

static void offer_block(struct vm *vm, enum vide_phase phase)
{
	vide_enter(vm, phase, ATA_DRDY | ATA_DSC | ATA_DRQ);
}

static void read_window(struct vm *vm)
{
	set_window(&vm->ide);
	move_window(vm, VIDE_FILL);
}

void vpio_filled(struct vm *vm, int error)
{
	if (error) {
		host_failed(vm);
		return;
	}
	offer_block(vm, VIDE_PIO_IN);
	vide_interrupt(vm);
}

void vpio_drained(struct vm *vm, int error)
{
	struct vide *v = &vm->ide;

	if (error) {
		host_failed(vm);
	} else if (v->left) {
		set_window(v);
		offer_block(vm, VIDE_PIO_OUT);
		vide_interrupt(vm);
	} else {
		v->tf.nsect = 0;
		vide_set_position(v, v->lba - 1);
		vide_finish(vm);
	}
}

/* Byte of the window at which the current block ends. */
static u32 block_end(const struct vide *v)
{
	u32 bytes = v->block * SECTOR_SIZE;

	return min_u32(v->at / bytes * bytes + bytes, v->window * SECTOR_SIZE);
}

/* The guest has taken a block: the next one, the next window, or the end. */
static void block_taken(struct vm *vm)
{
	struct vide *v = &vm->ide;

	if (v->at < v->window * SECTOR_SIZE) {
		vide_interrupt(vm);
	} else if (v->left) {
		read_window(vm);
	} else {
		v->tf.nsect = 0;
		vide_enter(vm, VIDE_IDLE, ATA_DRDY | ATA_DSC);
	}
}

u32 vpio_read_data(struct vm *vm, unsigned size)
{
	struct vide *v = &vm->ide;
	u32 value = ~0u, end;

	if (v->phase != VIDE_PIO_IN)
		return value;
	end = block_end(v);
	size = min_u32(size, end - v->at);
	memcpy(&value, v->buffer + v->at, size);
	v->at += size;
	if (v->at == end)
		block_taken(vm);
	return value;
}

void vpio_write_data(struct vm *vm, unsigned size, u32 value)
{
	struct vide *v = &vm->ide;
	u32 end;

	if (v->phase != VIDE_PIO_OUT)
		return;
	end = block_end(v);
	size = min_u32(size, end - v->at);
	memcpy(v->buffer + v->at, &value, size);
	v->at += size;
	if (v->at < end)
		return;
	if (v->at == v->window * SECTOR_SIZE)
		move_window(vm, VIDE_DRAIN);
	else
		vide_interrupt(vm);
}

void vpio_start(struct vm *vm, bool write, u32 block)
{
	struct vide *v = &vm->ide;

	v->write = write;
	v->block = block;
	if (!write) {
		read_window(vm);
		return;
	}
	set_window(v);
	offer_block(vm, VIDE_PIO_OUT);
}

void vpio_identify(struct vm *vm)
{
	struct vide *v = &vm->ide;

	vata_identify(v, v->buffer);
	v->left = 0;
	v->window = 1;
	v->block = 1;
	v->at = 0;
	offer_block(vm, VIDE_PIO_IN);
	vide_interrupt(vm);
}
