/*
 * The grader's device: what the machine and the world outside it tell each other.
 *
 * It is a plugin of stock Bochs. The machine sees four 32-bit ports; the harness sees
 * files in BALLAST_DIR. The machine reads its seed here, asks for a dump of its memory
 * and leaves its exit status. Two things the machine can neither see nor stop: the end
 * at a tick (the simulated time limit), and a dump at the first instant in ring 3 after
 * a tick that only the environment knows. docs/HARNESS.md has the formats.
 *
 * Environment: BALLAST_DIR (needed), BALLAST_SEED, BALLAST_MEM (machine memory, MiB),
 * BALLAST_IPS (as in the rc file), BALLAST_LIMIT (tick at which the run ends, 0 = never),
 * BALLAST_PEEK (ticks of the unannounced dumps, rising, with commas), BALLAST_PEEK_END (1:
 * the last of them ends the run), BALLAST_SAMPLE (ticks between two
 * looks at the ring, 0 = never: the file ring3 then says how many ticks were ring 3's).
 */
#define _GNU_SOURCE
#include "bochs.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PORT_MAGIC = 0xB100,
	PORT_SEED = 0xB104,
	PORT_CHECKPOINT = 0xB108,
	PORT_EXIT = 0xB10C,
};
enum {
	MAGIC = 0x42504C47, /* "BPLG" */
	PAGE = 4096,
	MIB = 1 << 20,
	RESET_VECTOR = 0xFFFF0,
	FAR_JUMP = 0xEA,      /* what every PC BIOS has there */
	LIMIT_STATUS = 3,     /* Bochs's exit status when the limit ends the run */
	LOOK_AGAIN_TICKS = 5, /* how soon to come back when the CPU isn't in ring 3 */
	BIOS_CS = 0xF000,     /* where a PC begins */
	SETTLE_TICKS = 1000,  /* well inside the BIOS */
	CPL_MASK = 3,
	CPL_USER = 3,
	PATH_SIZE = 512,
	PEEKS_MAX = 16,
};

static struct {
	const char *dir;
	uint32_t seed;
	uint64_t memory; /* bytes */
	uint64_t ips;
	uint64_t limit;		  /* ticks */
	uint64_t peek[PEEKS_MAX]; /* ticks */
	unsigned peeks, peeked;
	bool peek_ends;
	uint64_t sample;   /* ticks */
	uint64_t in_ring3; /* samples */
	int limit_timer;
	int peek_timer;
	int sample_timer;
	bool fits;
} self_state;

/* A number from the environment, or the given one when it isn't set. */
static uint64_t env_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* Instructions since power-on: virtual time is made of nothing else. */
static uint64_t ticks(void)
{
	return bochs_nsec() * (self_state.ips / 1000) / 1000000;
}

/* Writes one line to a file in the harness's folder, replacing what was there. */
static void __attribute__((format(printf, 2, 3)))
note(const char *name, const char *format, ...)
{
	char path[PATH_SIZE];
	va_list args;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", self_state.dir, name);
	file = fopen(path, "w");
	if (!file) {
		fprintf(stderr, "ballast plugin: cannot write %s\n", path);
		return;
	}
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
	fclose(file);
}

/* An empty page is not written: it becomes a hole of the file. */
static bool put_page(FILE *file, const uint8_t *page)
{
	static const uint8_t empty[PAGE];

	if (memcmp(page, empty, PAGE) == 0)
		return fseek(file, PAGE, SEEK_CUR) == 0;
	return fwrite(page, PAGE, 1, file) == 1;
}

/* Copies all of machine memory to an open file, page by page. */
static bool copy_memory(FILE *file)
{
	static uint8_t page[PAGE];

	for (uint64_t at = 0; at < self_state.memory; at += PAGE)
		if (!bochs_read_physical(at, PAGE, page) || !put_page(file, page))
			return false;
	return fflush(file) == 0 &&
	       ftruncate(fileno(file), (off_t)self_state.memory) == 0;
}

/* Dumps memory under a name; a short file never gets that name. */
static bool dump(const char *name)
{
	char part[PATH_SIZE], whole[PATH_SIZE];
	FILE *file;
	bool good;

	snprintf(part, sizeof(part), "%s/%s.part", self_state.dir, name);
	snprintf(whole, sizeof(whole), "%s/%s", self_state.dir, name);
	file = fopen(part, "wb");
	if (!file) {
		fprintf(stderr, "ballast plugin: cannot write %s\n", part);
		return false;
	}
	good = copy_memory(file);
	good &= fclose(file) == 0;
	if (good)
		good = rename(part, whole) == 0;
	if (!good)
		fprintf(stderr, "ballast plugin: dump %s failed\n", name);
	return good;
}

static void checkpoint(uint32_t number)
{
	char name[64];

	snprintf(name, sizeof(name), "ckpt-%" PRIu32 ".dump", number);
	if (!dump(name))
		return;
	snprintf(name, sizeof(name), "ckpt-%" PRIu32 ".tick", number);
	note(name, "%" PRIu64, ticks());
}

static uint32_t port_read(void *self, uint32_t port, unsigned len)
{
	(void)self;
	(void)len;
	if (!self_state.fits)
		return UINT32_MAX;
	switch (port) {
	case PORT_MAGIC:
		return MAGIC;
	case PORT_SEED:
		return self_state.seed;
	}
	return UINT32_MAX;
}

static void port_write(void *self, uint32_t port, uint32_t value, unsigned len)
{
	(void)self;
	(void)len;
	if (!self_state.fits)
		return;
	switch (port) {
	case PORT_CHECKPOINT:
		checkpoint(value);
		break;
	case PORT_EXIT:
		if (self_state.sample)
			note("ring3", "%" PRIu64,
			     self_state.in_ring3 * self_state.sample);
		note("exit", "status=%" PRIu32 " tick=%" PRIu64, value, ticks());
		break;
	}
}

/* The simulated time limit: the machine is stopped here, whatever it does. */
static void on_limit(void *self)
{
	(void)self;
	note("limit", "tick=%" PRIu64 " cs=%04x", ticks(), bochs_cs());
	fflush(NULL);
	_exit(LIMIT_STATUS);
}

/* Where the CPU was at a dump, for who walks memory as it does. */
static void note_cpu(const char *name)
{
	uint64_t at = 0;
	bool mapped = bochs_translate(bochs_eip(), &at);

	note(name, "tick=%" PRIu64 " cs=%04x eip=%08x cr3=%08x eip_at=%08" PRIx64,
	     ticks(), bochs_cs(), bochs_eip(), bochs_cr3(), mapped ? at : UINT32_MAX);
}

/* Sets the timer for the next unannounced look. After the last the run may end. */
static void next_peek(void)
{
	uint64_t now = ticks();

	if (self_state.peeked < self_state.peeks) {
		uint64_t then = self_state.peek[self_state.peeked];

		bochs_timer_start(self_state.peek_timer, then > now ? then - now : 1);
	} else if (self_state.peeks && self_state.peek_ends) {
		note("seen", "tick=%" PRIu64, now);
		fflush(NULL);
		_exit(EXIT_SUCCESS);
	}
}

/* In ring 3, and at an instruction that is mapped: the next one is executed there. */
static bool in_guest(void)
{
	uint64_t at;

	return (bochs_cs() & CPL_MASK) == CPL_USER && bochs_translate(bochs_eip(), &at);
}

/* The unannounced look: comes back until the CPU is in ring 3, then dumps. */
static void on_peek(void *self)
{
	char name[64];

	(void)self;
	if (!in_guest()) {
		bochs_timer_start(self_state.peek_timer, LOOK_AGAIN_TICKS);
		return;
	}
	self_state.peeked++;
	snprintf(name, sizeof(name), "peek-%u.dump", self_state.peeked);
	if (dump(name)) {
		snprintf(name, sizeof(name), "peek-%u.cpu", self_state.peeked);
		note_cpu(name);
	}
	next_peek();
}

/* Where the CPU is, again and again: how many instructions the guests got. */
static void on_sample(void *self)
{
	(void)self;
	if ((bochs_cs() & CPL_MASK) == CPL_USER)
		self_state.in_ring3++;
	bochs_timer_start(self_state.sample_timer, self_state.sample);
}

/*
 * Whether this Bochs is the one that we know: the BIOS must be where a PC has it, memory
 * must end where the harness says, and the CPU must be in the BIOS.
 */
static const char *misfit(void)
{
	uint8_t byte = 0;

	if (!bochs_read_physical(RESET_VECTOR, 1, &byte) || byte != FAR_JUMP)
		return "the reset vector does not read back";
	if (!bochs_read_physical(self_state.memory - 1, 1, &byte))
		return "memory is smaller than BALLAST_MEM says";
	if (bochs_cs() != BIOS_CS)
		return "CS does not read back";
	return NULL;
}

static void refuse(const char *why)
{
	fprintf(stderr, "ballast plugin: does not fit this Bochs: %s\n", why);
	note("plugin.unfit", "%s", why);
}

/*
 * Runs once, SETTLE_TICKS after power-on, when the BIOS has begun: as the device is
 * made there is nothing to read back yet. Until then the ports are absent.
 */
static void on_settled(void *self)
{
	const char *why = misfit();

	(void)self;
	if (why) {
		refuse(why);
		return;
	}
	self_state.fits = true;
	note("plugin.ok", "seed=%" PRIu32, self_state.seed);
	if (self_state.limit)
		bochs_timer_start(self_state.limit_timer, self_state.limit - ticks());
	if (self_state.peeks)
		next_peek();
	if (self_state.sample)
		bochs_timer_start(self_state.sample_timer, self_state.sample);
}

static void device_init(void *self)
{
	bochs_take_read(self, port_read, PORT_MAGIC, "ballast magic");
	bochs_take_read(self, port_read, PORT_SEED, "ballast seed");
	bochs_take_write(self, port_write, PORT_CHECKPOINT, "ballast checkpoint");
	bochs_take_write(self, port_write, PORT_EXIT, "ballast exit");
	self_state.limit_timer = bochs_timer_new(self, on_limit, "ballast limit");
	self_state.peek_timer = bochs_timer_new(self, on_peek, "ballast peek");
	self_state.sample_timer = bochs_timer_new(self, on_sample, "ballast sample");
	bochs_timer_start(bochs_timer_new(self, on_settled, "ballast fit"),
			  SETTLE_TICKS);
}

static void device_nothing(void *self)
{
	(void)self;
}

static void device_reset(void *self, unsigned type)
{
	(void)self;
	(void)type;
}

/* The order is that of Bochs's class: two destructors, init, reset, three of state. */
static const void *const vtable[] = {
	(const void *)device_nothing, (const void *)device_nothing,
	(const void *)device_init,    (const void *)device_reset,
	(const void *)device_nothing, (const void *)device_nothing,
	(const void *)device_nothing,
};
static struct bochs_device device = {.vtable = vtable};

/* The list of ticks; what is no number ends it, and 0 is none. */
static void read_peeks(void)
{
	const char *at = getenv("BALLAST_PEEK");
	char *end;

	while (at && *at && self_state.peeks < PEEKS_MAX) {
		uint64_t tick = strtoull(at, &end, 10);

		if (end == at || tick == 0)
			return;
		self_state.peek[self_state.peeks++] = tick;
		at = *end == ',' ? end + 1 : end;
	}
}

/* Reads the environment; false when there is nothing to serve. */
static bool configure(void)
{
	self_state.dir = getenv("BALLAST_DIR");
	self_state.seed = (uint32_t)env_number("BALLAST_SEED", 1);
	self_state.memory = env_number("BALLAST_MEM", 0) * MIB;
	self_state.ips = env_number("BALLAST_IPS", 20000000);
	self_state.limit = env_number("BALLAST_LIMIT", 0);
	read_peeks();
	self_state.peek_ends = env_number("BALLAST_PEEK_END", 0) != 0;
	self_state.sample = env_number("BALLAST_SAMPLE", 0);
	if (self_state.dir && self_state.memory)
		return true;
	fprintf(stderr, "ballast plugin: BALLAST_DIR and BALLAST_MEM are not set\n");
	return false;
}

static int start(void *plugin, uint16_t type)
{
	const char *missing;

	if (!configure())
		return 0;
	missing = bochs_bind();
	if (missing)
		refuse(missing);
	else
		bochs_add_device(plugin, type, &device, "ballast");
	return 0;
}

/* Bochs calls this by name for everything that it wants of a plugin. */
int libballast_plugin_entry(void *plugin, uint16_t type, uint8_t mode)
{
	switch (mode) {
	case BOCHS_INIT:
		return start(plugin, type);
	case BOCHS_PROBE:
		return BOCHS_TYPE_OPTIONAL;
	}
	return 0;
}
