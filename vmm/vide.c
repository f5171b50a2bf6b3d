/*
 * The virtual disk's registers, resets and interrupt, and its way to the host's disk.
 * What a command means is in vata.c, how the bus master moves memory in vbm.c.
 *
 * A request to the host can't be called back. So a reset that comes while one is in
 * flight keeps the drive busy until it is done, and only then shows its signature: the
 * guest sees a drive that takes a while, and no memory changes after the reset.
 */
#include "vmm/vide.h"
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "vmm/vata.h"
#include "vmm/vbm.h"
#include "vmm/vm.h"

enum { IRQ_IDE = 14, PORT_BASE = 0x1f0, PORT_CONTROL = 0x3f6 };

/* Command block registers: ATA/ATAPI-4, 7.2. */
enum {
	REG_DATA,
	REG_ERROR, /* written: features */
	REG_NSECT,
	REG_SECTOR,
	REG_CYL_LOW,
	REG_CYL_HIGH,
	REG_DEVICE,
	REG_STATUS, /* written: command */
};

enum { CONTROL_NIEN = 0x02, CONTROL_SRST = 0x04 };
enum { DEVICE_ONES = 0xa0, DIAGNOSTIC_PASSED = 0x01, CMD_DIAGNOSTIC = 0x90 };

static bool slave_selected(const struct vide *v)
{
	return v->tf.device & ATA_DEV_SLAVE;
}

static bool in_flight(const struct vide *v)
{
	return v->phase == VIDE_FILL || v->phase == VIDE_DRAIN || v->phase == VIDE_DMA;
}

/* The line follows INTRQ, unless nIEN or selecting the other drive lets go of it. */
static void update_line(struct vm *vm)
{
	struct vide *v = &vm->ide;
	bool level = v->intrq && !v->no_irq && !slave_selected(v);

	if (level == v->line)
		return;
	v->line = level;
	vm_set_irq(vm, IRQ_IDE, level);
	if (level)
		vbm_saw_interrupt(vm);
}

void vide_interrupt(struct vm *vm)
{
	vm->ide.intrq = true;
	update_line(vm);
}

static void clear_interrupt(struct vm *vm)
{
	vm->ide.intrq = false;
	update_line(vm);
}

void vide_enter(struct vm *vm, enum vide_phase phase, u8 status)
{
	vm->ide.phase = phase;
	vm->ide.tf.status = status;
}

void vide_finish(struct vm *vm)
{
	vide_enter(vm, VIDE_IDLE, ATA_DRDY | ATA_DSC);
	vide_interrupt(vm);
}

void vide_fail(struct vm *vm, u8 error)
{
	vm->ide.tf.error = error;
	vide_enter(vm, VIDE_IDLE, ATA_DRDY | ATA_DSC | ATA_ERR);
	vide_interrupt(vm);
}

void vide_set_position(struct vide *v, u32 lba)
{
	struct vide_taskfile *tf = &v->tf;
	u32 track = lba / v->spt, cylinder = track / v->heads;

	tf->device &= ~ATA_DEV_HEAD;
	if (tf->device & ATA_DEV_LBA) {
		tf->sector = lba;
		tf->cyl_low = lba >> 8;
		tf->cyl_high = lba >> 16;
		tf->device |= lba >> 24 & ATA_DEV_HEAD;
	} else {
		tf->sector = lba % v->spt + 1;
		tf->cyl_low = cylinder;
		tf->cyl_high = cylinder >> 8;
		tf->device |= track % v->heads;
	}
}

void vide_signature(struct vm *vm)
{
	struct vide *v = &vm->ide;

	v->tf = (struct vide_taskfile){
		.error = DIAGNOSTIC_PASSED, .nsect = 1, .sector = 1};
	v->multiple = 0;
	clear_interrupt(vm);
	vide_enter(vm, VIDE_IDLE, ATA_DRDY | ATA_DSC);
}

/* The reset is over once SRST is let go and nothing is in flight. */
static void end_reset(struct vm *vm)
{
	vbm_release(vm);
	vide_signature(vm);
	if (vm->ide.srst)
		vide_enter(vm, VIDE_IDLE, ATA_BSY);
}

static void write_control(struct vm *vm, u8 value)
{
	struct vide *v = &vm->ide;
	bool srst = value & CONTROL_SRST, changed = srst != v->srst;

	v->no_irq = value & CONTROL_NIEN;
	v->srst = srst;
	update_line(vm);
	if (!changed)
		return;
	if (in_flight(v)) {
		v->reset_due = true;
		clear_interrupt(vm);
	} else {
		end_reset(vm);
	}
}

/* The host has done a request: the one place where a command goes on by itself. */
static void host_done(struct disk_req *req, int error)
{
	struct vm *vm = req->arg;
	struct vide *v = &vm->ide;

	ASSERT(in_flight(v));
	if (!error) {
		v->lba += req->sectors;
		v->left -= req->sectors;
	}
	if (v->reset_due) {
		v->reset_due = false;
		end_reset(vm);
	} else if (v->phase == VIDE_FILL) {
		vpio_filled(vm, error);
	} else if (v->phase == VIDE_DRAIN) {
		vpio_drained(vm, error);
	} else {
		vbm_done(vm, error);
	}
	vm_io_end(vm);
}

void vide_submit(struct vm *vm, enum vide_phase phase, u32 sectors)
{
	struct vide *v = &vm->ide;

	ASSERT(v->lba < v->count && sectors <= v->count - v->lba);
	vide_enter(vm, phase, ATA_BSY);
	v->req.lba = v->base + v->lba;
	v->req.sectors = sectors;
	v->req.write = v->write;
	v->req.done = host_done;
	v->req.arg = vm;
	if (v->write)
		vm->stats.disk_writes++;
	else
		vm->stats.disk_reads++;
	vm_io_begin(vm);
	disk_submit(&v->req);
}

/* Drive 0 answers for the missing drive 1 too, but it has no status. */
static u8 read_status(const struct vide *v)
{
	return slave_selected(v) ? 0 : v->tf.status;
}

u32 vide_in(struct vm *vm, u16 port, unsigned size)
{
	struct vide *v = &vm->ide;

	if (!v->count)
		return ~0u; /* no drive: the bus floats */
	if (port == PORT_CONTROL)
		return read_status(v);
	switch (port - PORT_BASE) {
	case REG_DATA:
		return slave_selected(v) ? ~0u : vpio_read_data(vm, size);
	case REG_ERROR:
		return v->tf.error;
	case REG_NSECT:
		return v->tf.nsect;
	case REG_SECTOR:
		return v->tf.sector;
	case REG_CYL_LOW:
		return v->tf.cyl_low;
	case REG_CYL_HIGH:
		return v->tf.cyl_high;
	case REG_DEVICE:
		return v->tf.device | DEVICE_ONES;
	default:
		if (!slave_selected(v))
			clear_interrupt(vm);
		return read_status(v);
	}
}

/* A command for the missing drive is lost, but for the one that both obey. */
static void write_command(struct vm *vm, u8 command)
{
	if (slave_selected(&vm->ide) && command != CMD_DIAGNOSTIC)
		return;
	clear_interrupt(vm);
	vata_command(vm, command);
}

static void write_register(struct vm *vm, unsigned reg, u8 value)
{
	struct vide_taskfile *tf = &vm->ide.tf;

	switch (reg) {
	case REG_ERROR:
		tf->feature = value;
		break;
	case REG_NSECT:
		tf->nsect = value;
		break;
	case REG_SECTOR:
		tf->sector = value;
		break;
	case REG_CYL_LOW:
		tf->cyl_low = value;
		break;
	case REG_CYL_HIGH:
		tf->cyl_high = value;
		break;
	case REG_DEVICE:
		tf->device = value;
		update_line(vm);
		break;
	default:
		write_command(vm, value);
		break;
	}
}

/* A busy drive hears nothing but its control register. */
void vide_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	struct vide *v = &vm->ide;

	if (!v->count)
		return;
	if (port == PORT_CONTROL)
		write_control(vm, value);
	else if (v->tf.status & ATA_BSY)
		return;
	else if (port != PORT_BASE)
		write_register(vm, port - PORT_BASE, value);
	else if (!slave_selected(v))
		vpio_write_data(vm, size, value);
}

void vide_master_changed(struct vm *vm)
{
	vbm_try(vm);
}

void vide_init(struct vm *vm)
{
	struct vide *v = &vm->ide;

	vide_quiesce(vm);
	v->no_irq = false;
	v->srst = false;
	v->reset_due = false;
	v->heads = ATA_HEADS;
	v->spt = ATA_SPT;
	v->xfer_mode = 0;
	v->bad_dma = 0;
	v->bm.command = 0;
	v->bm.status = 0;
	v->bm.prd = 0;
	v->bm.armed = false;
	vide_signature(vm);
}

bool vide_attach(struct vm *vm, u32 base, u32 count)
{
	struct vide *v = &vm->ide;

	ASSERT(base <= disk_sectors() && count <= disk_sectors() - base);
	ASSERT(!v->buffer);
	if (!frame_alloc(ZONE_LOW, FRAME_HOST, vm->id, 0, &v->buffer_mpn))
		return false;
	v->buffer = kmap(v->buffer_mpn);
	v->base = base;
	v->count = count;
	return true;
}

void vide_quiesce(struct vm *vm)
{
	ASSERT(vm->io_in_flight == 0);
	vbm_release(vm);
}

void vide_detach(struct vm *vm)
{
	struct vide *v = &vm->ide;

	vide_quiesce(vm);
	v->count = 0;
	if (!v->buffer)
		return;
	kunmap(v->buffer);
	frame_free(v->buffer_mpn);
	v->buffer = NULL;
}
