/*
 * The 8254 timer and port 0x61 (Intel 8254 data sheet). Channel 0 is IRQ 0, channel 1
 * the memory refresh, channel 2 the speaker. Counters are computed from machine time
 * when someone looks; nothing runs in between. Units: ticks of 1193182 Hz since time 0.
 */
#ifndef VMM_VPIT_H
#define VMM_VPIT_H

#include "kernel/types.h"

struct vm;

enum { VPIT_HZ = 1193182, VPIT_CHANNELS = 3 };

struct vpit_channel {
	u8 mode;   /* 0 .. 5 */
	u8 access; /* RW bits of the control word: 1 low, 2 high, 3 low then high */
	bool bcd;
	bool gate;
	bool loaded;	 /* a count was written since the control word */
	bool write_high; /* the next byte written is the high one */
	bool read_high;
	u8 write_low; /* first byte of a pair */
	u8 latched;   /* bytes of latch still to be read */
	bool status_latched;
	u8 status;
	u16 latch;
	u32 count;   /* 1 .. 65536 */
	u64 start;   /* tick at which count was loaded or triggered */
	u64 stopped; /* gate low: ticks that had passed */
	u64 edges;   /* rises of OUT already delivered (channel 0) */
};

struct vpit {
	struct vpit_channel channel[VPIT_CHANNELS];
	u8 speaker; /* port 0x61, the bits that can be written */
};

void vpit_init(struct vm *vm);
u32 vpit_in(struct vm *vm, u16 port, unsigned size);
void vpit_out(struct vm *vm, u16 port, unsigned size, u32 value);

/*
 * Called at each host tick: raises IRQ 0 when its output rose since the last call. What
 * fell due while the VM was off the CPU is one interrupt; the phase is kept.
 */
void vpit_update(struct vm *vm, u64 now_ns);

#endif
