/*
 * The drive half of the virtual disk: vata.c has its commands, vpio.c its data by port,
 * vident.c its name. And what vide.c gives them in return.
 */
#ifndef VMM_VATA_H
#define VMM_VATA_H

#include "vmm/vide.h"

/* Status and error register: ATA/ATAPI-4, 7.15 and 7.9. */
enum {
	ATA_ERR = 0x01,
	ATA_DRQ = 0x08,
	ATA_DSC = 0x10,
	ATA_DRDY = 0x40,
	ATA_BSY = 0x80,
	ATA_ABRT = 0x04,
	ATA_IDNF = 0x10,
	ATA_UNC = 0x40,
};

/* Device register: ATA/ATAPI-4, 7.8. */
enum { ATA_DEV_SLAVE = 0x10, ATA_DEV_LBA = 0x40, ATA_DEV_HEAD = 0x0f };

/* A drive's translation until INITIALIZE DEVICE PARAMETERS. */
enum { ATA_HEADS = 16, ATA_SPT = 63, ATA_MAX_CYLINDERS = 16383 };

/* Does a command; the drive is not busy. May sleep. */
void vata_command(struct vm *vm, u8 command);

/* Moves the sectors v->lba, v->left by port, `block` sectors an interrupt. */
void vpio_start(struct vm *vm, bool write, u32 block);
void vpio_identify(struct vm *vm); /* the answer to IDENTIFY DEVICE instead */

/* The data port. */
u32 vpio_read_data(struct vm *vm, unsigned size);
void vpio_write_data(struct vm *vm, unsigned size, u32 value);

/* A host request for the buffer is done. Never sleep. */
void vpio_filled(struct vm *vm, int error);
void vpio_drained(struct vm *vm, int error);

/* Fills a sector with what IDENTIFY DEVICE answers (ATA/ATAPI-4, 8.12). */
void vata_identify(const struct vide *v, u8 *sector);

/* From vide.c: sends a host request, its segments filled in already; sets `phase`. */
void vide_submit(struct vm *vm, enum vide_phase phase, u32 sectors);

/* From vide.c: moves the drive to a phase with these status bits. */
void vide_enter(struct vm *vm, enum vide_phase phase, u8 status);

/* From vide.c: ends a command well / with these error bits, and interrupts. */
void vide_finish(struct vm *vm);
void vide_fail(struct vm *vm, u8 error);

/* From vide.c: the drive wants an interrupt. */
void vide_interrupt(struct vm *vm);

/* From vide.c: the registers as after a reset; says that this is an ATA drive. */
void vide_signature(struct vm *vm);

/* From vide.c: the position registers name this sector, by LBA or CHS as selected. */
void vide_set_position(struct vide *v, u32 lba);

#endif
