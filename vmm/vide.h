/*
 * The virtual disk: a PIIX IDE channel at 0x1F0 (IRQ 14) with one drive, and its bus
 * master (ATA/ATAPI-4; Intel "Programming Interface for Bus Master IDE", rev. 1.0).
 * The drive's sectors are a range of the host's disk.
 *
 * A command's host requests are asynchronous: the drive is BSY, the VM runs on, and the
 * completion, in interrupt context, moves the state on and raises IRQ 14.
 *
 *      IDLE -> FILL -> PIO_IN -> FILL ... IDLE      read by port: buffer page, then words
 *      IDLE -> PIO_OUT -> DRAIN -> PIO_OUT ... IDLE write by port
 *      IDLE -> DMA_WAIT -> DMA -> IDLE              when Start is set and mastering allowed
 *
 * DMA: the guest's PRD table is read once when the transfer starts, in the VM's thread;
 * every page is checked and pinned then, so that the completions, which chain the
 * requests, neither look at the guest's table again nor sleep. A table in which
 * anything is wrong moves no byte: event ide.baddma, bus master error, ABRT.
 */
#ifndef VMM_VIDE_H
#define VMM_VIDE_H

#include "kernel/disk.h"
#include "vmm/addr.h"

struct vm;

enum {
	VIDE_MAX_SECTORS = 256,			     /* of one command */
	VIDE_MAX_MULTIPLE = PAGE_SIZE / SECTOR_SIZE, /* the buffer is a page */
	VIDE_MAX_PIECES = 256, /* of one transfer's memory; more is refused */
	VIDE_BAD_EVENTS = 16,  /* events of bad DMA a VM may cause */
};

enum vide_phase {
	VIDE_IDLE,
	VIDE_FILL,     /* host reads into the buffer */
	VIDE_PIO_IN,   /* guest takes the buffer */
	VIDE_PIO_OUT,  /* guest fills the buffer */
	VIDE_DRAIN,    /* host writes the buffer */
	VIDE_DMA_WAIT, /* drive is ready, bus master is not started */
	VIDE_DMA,      /* host requests under way */
	VIDE_STALLED, /* bus master stopped or ran out: only a reset or command helps */
};

/* The registers as the guest wrote or sees them. */
struct vide_taskfile {
	u8 feature, error, nsect, sector, cyl_low, cyl_high, device, status;
};

/* Pinned guest memory, within one page. */
struct vide_piece {
	u32 ppn, mpn;
	u16 offset, length;
	/* holds the pin; the pieces after it in the same page lean on it */
	bool pinned;
};

struct vide_master {
	u8 command, status;
	u32 prd;
	bool armed;	/* Start rose and no transfer has used it up */
	bool stopped;	/* Start fell while requests were in flight */
	bool exhausted; /* the table had not a byte more than the transfer */
	bool shorter;	/* it had less */
	u32 left;	/* sectors still to move */
	u32 pieces;	/* pinned now */
	u32 piece, at;	/* where the next request goes on: piece and bytes into it */
	struct vide_piece piece_list[VIDE_MAX_PIECES];
};

struct vide {
	struct vide_taskfile tf;
	enum vide_phase phase;
	bool no_irq;	  /* nIEN */
	bool srst;	  /* SRST is held */
	bool reset_due;	  /* SRST came while a request was in flight */
	bool intrq;	  /* the drive wants an interrupt */
	bool line;	  /* IRQ 14 as last set */
	bool write;	  /* direction of the command under way */
	u8 multiple;	  /* sectors a block of READ/WRITE MULTIPLE; 0 = not set */
	u8 heads, spt;	  /* of CHS translation */
	u8 xfer_mode;	  /* as SET FEATURES chose it */
	u32 lba;	  /* next sector to move from or to the host */
	u32 left;	  /* sectors still to move from or to the host */
	u32 block;	  /* sectors between interrupts */
	u32 window;	  /* sectors of this buffer load */
	u32 at;		  /* bytes of the window that the guest has moved */
	u32 base, count;  /* the host's sectors; count = 0: no drive */
	mpn_t buffer_mpn; /* in low memory; ours from attach to detach */
	u8 *buffer;
	u32 bad_dma;
	struct vide_master bm;
	struct disk_req req;
};

/* Power-on reset; keeps the drive attached. Only with vm->io_in_flight == 0. */
void vide_init(struct vm *vm);

/*
 * Makes host sectors [base, base + count) the drive. False: no memory for its buffer.
 */
bool vide_attach(struct vm *vm, u32 base, u32 count);

/*
 * Before the VM's memory goes, with vm->io_in_flight == 0: gives back the pins of a
 * transfer that was being prepared when the VM died.
 */
void vide_quiesce(struct vm *vm);

/* The same, and takes the drive away: its buffer is given back. */
void vide_detach(struct vm *vm);

/* Ports 0x1F0..0x1F7 and 0x3F6. May sleep. */
u32 vide_in(struct vm *vm, u16 port, unsigned size);
void vide_out(struct vm *vm, u16 port, unsigned size, u32 value);

/*
 * The bus master's ports, from vpci_ide_ports(). May sleep: setting Start pins memory.
 */
u32 vide_bm_in(struct vm *vm, u16 port, unsigned size);
void vide_bm_out(struct vm *vm, u16 port, unsigned size, u32 value);

/* The guest has changed the function's PCI command register. May sleep. */
void vide_master_changed(struct vm *vm);

#endif
