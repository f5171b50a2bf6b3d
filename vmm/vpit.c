/*
 * The 8254 without a clock of its own. A channel remembers the tick at which its count
 * was loaded; the counter, the output and the interrupts that fell due all follow from
 * how many ticks have passed since. Ticks are machine time, so they go on while the VM
 * is off the CPU, as time does.
 *
 * A new count takes effect at once in every mode; the chip would end the running period
 * of modes 2 and 3 first.
 */
#include "kernel/lib.h"
#include "kernel/time.h"
#include "vmm/vm.h"

enum { NS_PER_S = 1000000000 };
enum { TIMER = 0, REFRESH = 1, SPEAKER = 2 };
enum { PORT_CONTROL = 0x43, PORT_SPEAKER = 0x61 };

/* Control word and status byte: 8254 data sheet, figures 7 and 11. */
enum {
	CW_BCD = 0x01,
	CW_MODE_SHIFT = 1,
	CW_ACCESS_SHIFT = 4,
	CW_CHANNEL_SHIFT = 6,
	CW_READ_BACK = 3,
	RB_NO_STATUS = 0x10,
	RB_NO_COUNT = 0x20,
	ST_NULL_COUNT = 0x40,
	ST_OUT = 0x80,
};
enum { ACCESS_LATCH = 0, ACCESS_LOW = 1, ACCESS_HIGH = 2, ACCESS_BOTH = 3 };

/* Port 0x61: which bits are what (IBM PC AT technical reference). */
enum { SPK_GATE = 0x01, SPK_WRITABLE = 0x0f, SPK_REFRESH = 0x10, SPK_OUT2 = 0x20 };

enum { REFRESH_COUNT = 18, FULL_COUNT = 0x10000, FULL_COUNT_BCD = 10000 };

/* Machine time in ticks, exact over years. */
static u64 ns_to_ticks(u64 ns)
{
	u32 rest;
	u64 seconds = div_u64(ns, NS_PER_S, &rest);

	return seconds * VPIT_HZ + div_u64((u64)rest * VPIT_HZ, NS_PER_S, &rest);
}

/* Modes 2 and 3 start anew at each end; bit 2 of the mode is ignored for them. */
static bool periodic(const struct vpit_channel *c)
{
	return c->mode == 2 || c->mode == 3;
}

/* Modes 1 and 5 wait for the gate to rise. */
static bool triggered(const struct vpit_channel *c)
{
	return c->mode == 1 || c->mode == 5;
}

/* Ticks that the channel has counted since its count was loaded. */
static u64 elapsed(const struct vpit_channel *c, u64 now)
{
	if (!c->gate && !triggered(c))
		return c->stopped;
	return now - c->start;
}

/* Where within its period a periodic channel is. */
static u32 phase(const struct vpit_channel *c, u64 ticks)
{
	u32 rest;

	div_u64(ticks, c->count, &rest);
	return rest;
}

/* The level of OUT (data sheet, "Mode definitions"). */
static bool output(const struct vpit_channel *c, u64 now)
{
	u64 ticks = elapsed(c, now);

	if (!c->loaded)
		return c->mode != 0;
	switch (c->mode) {
	case 0:
	case 1:
		return ticks > c->count;
	case 2:
		return !c->gate || phase(c, ticks) != c->count - 1;
	case 3:
		return !c->gate || phase(c, ticks) < (c->count + 1) / 2;
	default: /* 4, 5: low for one tick when the count ends */
		return ticks != c->count;
	}
}

static u16 to_bcd(u32 n)
{
	return n % 10 | n / 10 % 10 << 4 | n / 100 % 10 << 8 | n / 1000 % 10 << 12;
}

static u32 from_bcd(u16 n)
{
	return (n & 15) + (n >> 4 & 15) * 10 + (n >> 8 & 15) * 100 + (n >> 12) * 1000;
}

/* The counting element as the guest reads it. */
static u16 counter(const struct vpit_channel *c, u64 now)
{
	u32 full = c->bcd ? FULL_COUNT_BCD : FULL_COUNT;
	u64 ticks = elapsed(c, now);
	u32 value, past;

	if (!c->loaded)
		return 0;
	switch (c->mode) {
	case 2:
		value = c->count - phase(c, ticks);
		break;
	case 3: /* counts by two, twice a period */
		value = c->count - (2 * phase(c, ticks)) % c->count;
		break;
	default: /* goes on below zero, around */
		div_u64(ticks, full, &past);
		value = (c->count + full - past) % full;
		break;
	}
	return c->bcd ? to_bcd(value) : (u16)value;
}

/* How often OUT of channel 0 has risen since its count was loaded. */
static u64 rises(const struct vpit_channel *c, u64 now)
{
	u64 ticks = elapsed(c, now);
	u32 rest;

	if (!c->loaded || triggered(c))
		return 0;
	if (periodic(c))
		return div_u64(ticks, c->count, &rest);
	return ticks > c->count;
}

void vpit_update(struct vm *vm, u64 now_ns)
{
	struct vpit_channel *c = &vm->pit.channel[TIMER];
	u64 now = rises(c, ns_to_ticks(now_ns));

	if (now == c->edges)
		return;
	c->edges = now;
	vm_set_irq(vm, 0, false);
	vm_set_irq(vm, 0, true);
}

/* A whole count has been written. */
static void load(struct vpit_channel *c, u16 value, u64 now)
{
	u32 count = c->bcd ? from_bcd(value) : value;
	u32 full = c->bcd ? FULL_COUNT_BCD : FULL_COUNT;

	c->count = count == 0 || count > full ? full : count;
	if (triggered(c) && c->loaded)
		return; /* waits for the next trigger */
	c->start = now;
	c->stopped = 0;
	c->edges = 0;
	if (triggered(c))
		c->start = now - c->count - 1; /* not triggered yet: long over */
	c->loaded = true;
}

static void write_count(struct vpit_channel *c, u8 value, u64 now)
{
	switch (c->access) {
	case ACCESS_LOW:
		load(c, value, now);
		break;
	case ACCESS_HIGH:
		load(c, value << 8, now);
		break;
	default:
		if (c->write_high)
			load(c, value << 8 | c->write_low, now);
		else if (c->mode == 0)
			c->loaded = false; /* the first byte stops the count */
		c->write_low = value;
		c->write_high = !c->write_high;
		break;
	}
}

/* Holds the counter's value until it is read; a second latch before that is ignored. */
static void latch_count(struct vpit_channel *c, u64 now)
{
	if (c->latched)
		return;
	c->latch = counter(c, now);
	c->latched = c->access == ACCESS_BOTH ? 2 : 1;
	c->read_high = false;
}

static void latch_status(struct vpit_channel *c, u64 now)
{
	if (c->status_latched)
		return;
	c->status_latched = true;
	c->status = (output(c, now) ? ST_OUT : 0) | (c->loaded ? 0 : ST_NULL_COUNT) |
		    c->access << CW_ACCESS_SHIFT | c->mode << CW_MODE_SHIFT |
		    (c->bcd ? CW_BCD : 0);
}

static void read_back(struct vpit *pit, u8 word, u64 now)
{
	unsigned i;

	for (i = 0; i < VPIT_CHANNELS; i++) {
		if (!(word & 2u << i))
			continue;
		if (!(word & RB_NO_COUNT))
			latch_count(&pit->channel[i], now);
		if (!(word & RB_NO_STATUS))
			latch_status(&pit->channel[i], now);
	}
}

/* A control word programs a channel; it counts when its count is written. */
static void program(struct vpit_channel *c, u8 word)
{
	c->mode = word >> CW_MODE_SHIFT & 7;
	if (c->mode > 5)
		c->mode -= 4;
	c->access = word >> CW_ACCESS_SHIFT & 3;
	c->bcd = word & CW_BCD;
	c->loaded = false;
	c->write_high = false;
	c->read_high = false;
	c->latched = 0;
	c->status_latched = false;
	c->edges = 0;
}

static void write_control(struct vm *vm, u8 word, u64 now)
{
	unsigned i = word >> CW_CHANNEL_SHIFT;
	struct vpit_channel *c = &vm->pit.channel[i % VPIT_CHANNELS];

	if (i == CW_READ_BACK) {
		read_back(&vm->pit, word, now);
	} else if ((word >> CW_ACCESS_SHIFT & 3) == ACCESS_LATCH) {
		latch_count(c, now);
	} else {
		program(c, word);
		if (i == TIMER && c->mode == 0)
			vm_set_irq(vm, 0, false); /* OUT is low until the count ends */
	}
}

/* Status first, then the latch, then the running counter. */
static u8 read_count(struct vpit_channel *c, u64 now)
{
	u16 value = c->latched ? c->latch : counter(c, now);
	bool high = c->access == ACCESS_HIGH;

	if (c->status_latched) {
		c->status_latched = false;
		return c->status;
	}
	if (c->latched)
		c->latched--;
	if (c->access == ACCESS_BOTH) {
		high = c->read_high;
		c->read_high = !high;
	}
	return high ? value >> 8 : value;
}

/* The gate of channel 2: a rise starts again, or in modes 0 and 4 goes on. */
static void set_gate(struct vpit_channel *c, bool gate, u64 now)
{
	if (gate == c->gate)
		return;
	if (!gate)
		c->stopped = elapsed(c, now);
	else if (periodic(c) || triggered(c))
		c->start = now;
	else
		c->start = now - c->stopped;
	c->gate = gate;
}

static u8 read_speaker(const struct vpit *pit, u64 now)
{
	u32 rest;
	u64 refreshes = div_u64(now, REFRESH_COUNT, &rest);

	return pit->speaker | (refreshes & 1 ? SPK_REFRESH : 0) |
	       (output(&pit->channel[SPEAKER], now) ? SPK_OUT2 : 0);
}

u32 vpit_in(struct vm *vm, u16 port, unsigned size)
{
	u64 now = ns_to_ticks(time_ns());

	(void)size;
	if (port == PORT_SPEAKER)
		return read_speaker(&vm->pit, now);
	if (port == PORT_CONTROL)
		return 0xff;
	return read_count(&vm->pit.channel[port % 4], now);
}

void vpit_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	u64 now = ns_to_ticks(time_ns());

	(void)size;
	if (port == PORT_SPEAKER) {
		vm->pit.speaker = value & SPK_WRITABLE;
		set_gate(&vm->pit.channel[SPEAKER], value & SPK_GATE, now);
	} else if (port == PORT_CONTROL) {
		write_control(vm, value, now);
	} else {
		write_count(&vm->pit.channel[port % 4], value, now);
	}
}

/*
 * As a BIOS leaves it: 18.2 interrupts a second, the memory refresh, a silent speaker.
 */
void vpit_init(struct vm *vm)
{
	u64 now = ns_to_ticks(time_ns());
	struct vpit_channel *c = vm->pit.channel;

	vm->pit = (struct vpit){0};
	c[TIMER] =
		(struct vpit_channel){.mode = 2, .access = ACCESS_BOTH, .gate = true};
	c[REFRESH] =
		(struct vpit_channel){.mode = 2, .access = ACCESS_LOW, .gate = true};
	c[SPEAKER] = (struct vpit_channel){.mode = 3, .access = ACCESS_BOTH};
	load(&c[TIMER], 0, now);
	load(&c[REFRESH], REFRESH_COUNT, now);
	load(&c[SPEAKER], 0, now);
}
