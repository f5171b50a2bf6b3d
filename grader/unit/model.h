/*
 * A small model of what lies around the virtual devices: one VM with some memory, a host
 * disk that completes requests when told to, a clock that stands still until moved, a
 * console, and the event line. The tests of vmm/v*.c link this in place of the rest.
 */
#ifndef GRADER_UNIT_MODEL_H
#define GRADER_UNIT_MODEL_H

#include "vmm/io.h"
#include "vmm/vm.h"
#include <setjmp.h>

enum {
	MODEL_PAGES = 512,  /* of guest memory: 2 MiB, with a PC's hole in it */
	MODEL_MPN = 0x4000, /* PPN p lies in machine page MODEL_MPN + p * 3 */
	MODEL_BUFFER_MPN = 0x77,
	MODEL_DISK_BASE = 64, /* the VM's first sector on the host's disk */
	MODEL_DISK_COUNT = 2048,
	MODEL_GUARD = 64, /* host sectors after the VM's */
	MODEL_DISK_ALL = MODEL_DISK_BASE + MODEL_DISK_COUNT + MODEL_GUARD,
};

struct model {
	u64 now_ns, halted;
	u8 *ram;
	u32 pins[MODEL_PAGES];
	u32 most_pins;	   /* that any page ever had */
	u32 pins_to_death; /* the VM dies while this many'th pin is made; 0: never */
	jmp_buf death;
	u32 gpa_reads;
	u8 *disk;
	struct disk_req *pending; /* the request sent and not completed */
	u32 requests;		  /* in all */
	u32 most_segs;
	bool fail;     /* requests end with an error */
	char out[256]; /* what the console got */
	u32 out_length;
	const char *typed; /* what it still has to give */
	u32 events;
	char event[160]; /* the last one */
	u32 resets, power_offs;
	const char *reset_why;
	u32 frames;	  /* allocated now */
	char balloon[32]; /* what the balloon was asked last */
	enum balloon_answer balloon_says;
};

extern struct model model;
extern struct vm vm;

/* Everything as at power-on: devices reset, disk attached, each sector filled by its number. */
void model_init(void);

/* Completes the pending request, moving its data; false when there is none. */
bool model_complete(void);
void model_complete_all(void);

/* Nothing is left over: no pins, no request, balanced io_begin and io_end. */
void model_check_quiet(void);

/* Moves the clock. */
void model_pass_ns(u64 ns);

/* Is an input of the virtual PIC high? */
bool model_line(unsigned irq);

/* Ports, a byte. */
u8 in8(u16 port);
void out8(u16 port, u8 value);

/* Sector `lba` of the VM's disk, and what model_init put at a byte of it. */
u8 *model_sector(u32 lba);
u8 model_pattern(u32 lba, u32 byte);

#endif
