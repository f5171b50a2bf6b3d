/*
 * The drive: a table of commands, and what each does. Every one ends in a status and an
 * interrupt, at once or when the data have moved (vpio.c, vbm.c); what is not in the
 * table, or asks for sectors that are not there, is refused as a drive refuses it.
 */
#include "vmm/vata.h"
#include "kernel/lib.h"
#include "vmm/vbm.h"
#include "vmm/vm.h"

enum { LBA_SECTORS_OF_ZERO = 256, POWER_ACTIVE = 0xff };

/* Features of SET FEATURES: ATA/ATAPI-4, 8.37. */
enum {
	SF_WRITE_CACHE_ON = 0x02,
	SF_TRANSFER_MODE = 0x03,
	SF_READ_AHEAD_OFF = 0x55,
	SF_KEEP_SETTINGS = 0x66,
	SF_WRITE_CACHE_OFF = 0x82,
	SF_READ_AHEAD_ON = 0xaa,
	SF_REVERT_SETTINGS = 0xcc,
	XFER_MODE_MASK = 0xf8,
	XFER_NUMBER = 0x07,
	XFER_PIO_DEFAULT = 0x00,
	XFER_PIO = 0x08,
	XFER_MULTIWORD = 0x20,
	XFER_ULTRA = 0x40,
};

/* Sector address of the registers. False: no CHS address of this translation. */
static bool address(const struct vide *v, u32 *lba)
{
	const struct vide_taskfile *tf = &v->tf;
	u32 cylinder = tf->cyl_high << 8 | tf->cyl_low;
	u32 head = tf->device & ATA_DEV_HEAD;

	if (tf->device & ATA_DEV_LBA) {
		*lba = head << 24 | cylinder << 8 | tf->sector;
		return true;
	}
	if (tf->sector < 1 || tf->sector > v->spt || head >= v->heads)
		return false;
	*lba = (cylinder * v->heads + head) * v->spt + tf->sector - 1;
	return true;
}

/* Takes the command's range from the registers; IDNF when it isn't all on the drive. */
static bool take_range(struct vm *vm)
{
	struct vide *v = &vm->ide;
	u32 lba = 0, n = v->tf.nsect ? v->tf.nsect : LBA_SECTORS_OF_ZERO;

	if (!address(v, &lba)) {
		vide_fail(vm, ATA_IDNF);
		return false;
	}
	if (lba >= v->count || n > v->count - lba) {
		vide_set_position(v, max_u32(lba, v->count));
		vide_fail(vm, ATA_IDNF);
		return false;
	}
	v->lba = lba;
	v->left = n;
	return true;
}

/* By port. A block of 0 sectors: READ or WRITE MULTIPLE before SET MULTIPLE. */
static void pio(struct vm *vm, bool write, u32 block)
{
	if (!block)
		vide_fail(vm, ATA_ABRT);
	else if (take_range(vm))
		vpio_start(vm, write, block);
}

static void cmd_read(struct vm *vm)
{
	pio(vm, false, 1);
}

static void cmd_write(struct vm *vm)
{
	pio(vm, true, 1);
}

static void cmd_read_multiple(struct vm *vm)
{
	pio(vm, false, vm->ide.multiple);
}

static void cmd_write_multiple(struct vm *vm)
{
	pio(vm, true, vm->ide.multiple);
}

/* The drive asks for DMA, and waits until the bus master is started. */
static void dma(struct vm *vm, bool write)
{
	if (!take_range(vm))
		return;
	vm->ide.write = write;
	vide_enter(vm, VIDE_DMA_WAIT, ATA_DRDY | ATA_DSC | ATA_DRQ);
	vbm_try(vm);
}

static void cmd_read_dma(struct vm *vm)
{
	dma(vm, false);
}

static void cmd_write_dma(struct vm *vm)
{
	dma(vm, true);
}

/* Nothing on this drive is unreadable: the range is all there is to verify. */
static void cmd_verify(struct vm *vm)
{
	if (take_range(vm))
		vide_finish(vm);
}

static void cmd_seek(struct vm *vm)
{
	u32 lba = 0;

	if (address(&vm->ide, &lba) && lba < vm->ide.count)
		vide_finish(vm);
	else
		vide_fail(vm, ATA_IDNF);
}

/* Nothing to do: recalibrate, flush (the host writes through), idle and standby. */
static void cmd_nothing(struct vm *vm)
{
	vide_finish(vm);
}

static void cmd_power_mode(struct vm *vm)
{
	vm->ide.tf.nsect = POWER_ACTIVE;
	vide_finish(vm);
}

static void cmd_identify(struct vm *vm)
{
	vpio_identify(vm);
}

static void cmd_diagnostic(struct vm *vm)
{
	vide_signature(vm);
	vide_interrupt(vm);
}

/* Blocks are 1, 2, 4 or 8 sectors: they divide the buffer. 0 switches them off. */
static void cmd_set_multiple(struct vm *vm)
{
	struct vide *v = &vm->ide;
	u32 n = v->tf.nsect;

	if (n > VIDE_MAX_MULTIPLE || (n & (n - 1))) {
		v->multiple = 0;
		vide_fail(vm, ATA_ABRT);
		return;
	}
	v->multiple = n;
	vide_finish(vm);
}

/* INITIALIZE DEVICE PARAMETERS: the CHS translation. */
static void cmd_set_geometry(struct vm *vm)
{
	struct vide *v = &vm->ide;

	if (!v->tf.nsect) {
		vide_fail(vm, ATA_ABRT);
		return;
	}
	v->spt = v->tf.nsect;
	v->heads = (v->tf.device & ATA_DEV_HEAD) + 1;
	vide_finish(vm);
}

/* All transfer modes are equally fast here; those that a PIIX3 has are accepted. */
static bool known_mode(u8 mode)
{
	u8 number = mode & XFER_NUMBER;

	switch (mode & XFER_MODE_MASK) {
	case XFER_PIO_DEFAULT:
		return number <= 1;
	case XFER_PIO:
		return number <= 4;
	case XFER_MULTIWORD:
	case XFER_ULTRA:
		return number <= 2;
	default:
		return false;
	}
}

static void cmd_set_features(struct vm *vm)
{
	struct vide *v = &vm->ide;

	switch (v->tf.feature) {
	case SF_TRANSFER_MODE:
		if (!known_mode(v->tf.nsect))
			break;
		if (v->tf.nsect >= XFER_MULTIWORD)
			v->xfer_mode = v->tf.nsect;
		vide_finish(vm);
		return;
	case SF_WRITE_CACHE_ON:
	case SF_WRITE_CACHE_OFF:
	case SF_READ_AHEAD_ON:
	case SF_READ_AHEAD_OFF:
	case SF_KEEP_SETTINGS:
	case SF_REVERT_SETTINGS:
		vide_finish(vm);
		return;
	default:
		break;
	}
	vide_fail(vm, ATA_ABRT);
}

/* ATA/ATAPI-4, table 7, and the obsolete codes that old drivers use. */
static const struct {
	u8 first, last;
	void (*perform)(struct vm *vm);
} commands[] = {
	{0xc8, 0xc9, cmd_read_dma},	 {0xca, 0xcb, cmd_write_dma},
	{0x20, 0x21, cmd_read},		 {0x30, 0x31, cmd_write},
	{0xc4, 0xc4, cmd_read_multiple}, {0xc5, 0xc5, cmd_write_multiple},
	{0xc6, 0xc6, cmd_set_multiple},	 {0xec, 0xec, cmd_identify},
	{0xef, 0xef, cmd_set_features},	 {0x90, 0x90, cmd_diagnostic},
	{0x91, 0x91, cmd_set_geometry},	 {0x40, 0x41, cmd_verify},
	{0x70, 0x7f, cmd_seek},		 {0x10, 0x1f, cmd_nothing}, /* RECALIBRATE */
	{0xe7, 0xe7, cmd_nothing},				    /* FLUSH CACHE */
	{0xe0, 0xe3, cmd_nothing}, /* STANDBY and IDLE, IMMEDIATE or not */
	{0x94, 0x97, cmd_nothing}, /* the same, older codes */
	{0xe5, 0xe5, cmd_power_mode},	 {0x98, 0x98, cmd_power_mode},
	{0xe6, 0xe6, cmd_nothing}, /* SLEEP: this drive sleeps lightly */
	{0x99, 0x99, cmd_nothing},
};

void vata_command(struct vm *vm, u8 command)
{
	u32 i;

	vm->ide.tf.error = 0;
	for (i = 0; i < ARRAY_LEN(commands); i++) {
		if (command >= commands[i].first && command <= commands[i].last) {
			commands[i].perform(vm);
			return;
		}
	}
	vide_fail(vm, ATA_ABRT);
}
