/*
 * The model: see model.h. Host sectors outside the VM's range are filled with GUARD and
 * checked; a request that names memory which is neither pinned nor the drive's buffer
 * ends the test.
 */
#include "grader/unit/model.h"
#include "kernel/event.h"
#include "kernel/frame.h"
#include "kernel/kmap.h"
#include "kernel/panic.h"
#include "kernel/time.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 0xe7, HOLE_FIRST = 0xa0, HOLE_END = 0x100 };

struct model model;
struct vm vm;
static u8 *buffer; /* the drive's page; from malloc, so that ASan guards its ends */

/* --- the machine below ---------------------------------------------------------- */

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

void event(const char *name, const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(model.event, sizeof(model.event), "%s ", name);

	va_start(ap, fmt);
	vsnprintf(model.event + n, sizeof(model.event) - n, fmt, ap);
	va_end(ap);
	model.events++;
}

u64 time_ns(void)
{
	return model.now_ns;
}

u64 time_halted(void)
{
	return model.halted;
}

bool frame_alloc(enum frame_zone zone, enum frame_use use, unsigned owner, u32 index,
		 mpn_t *out)
{
	(void)use, (void)owner, (void)index;
	cr_assert_eq(zone, ZONE_LOW, "the buffer must be reachable by DMA");
	*out = mpn(MODEL_BUFFER_MPN);
	model.frames++;
	return true;
}

void frame_free(mpn_t m)
{
	cr_assert_eq(m.n, (u32)MODEL_BUFFER_MPN);
	model.frames--;
}

void *kmap(mpn_t m)
{
	cr_assert_eq(m.n, (u32)MODEL_BUFFER_MPN);
	return buffer;
}

void kunmap(const void *p)
{
	(void)p;
}

/* --- the host's disk -------------------------------------------------------------- */

u32 disk_sectors(void)
{
	return MODEL_DISK_ALL;
}

/* The bytes of a segment, which must be memory that the device may touch. */
static u8 *segment(const struct disk_seg *s)
{
	u32 p = (s->mpn.n - MODEL_MPN) / 3;

	cr_assert(s->length > 0 && s->offset + s->length <= PAGE_SIZE,
		  "leaves its page");
	cr_assert(s->offset % 2 == 0 && s->length % 2 == 0, "odd bytes");
	if (s->mpn.n == MODEL_BUFFER_MPN)
		return buffer + s->offset;
	cr_assert((s->mpn.n - MODEL_MPN) % 3 == 0 && p < MODEL_PAGES, "not our memory");
	cr_assert(model.pins[p] > 0, "page 0x%x is not pinned", p);
	return model.ram + p * PAGE_SIZE + s->offset;
}

static void check_request(const struct disk_req *req)
{
	u32 i, bytes = 0;

	cr_assert(req->sectors >= 1 && req->sectors <= DISK_MAX_SECTORS);
	cr_assert(req->nsegs >= 1 && req->nsegs <= DISK_MAX_SEGS);
	cr_assert(req->lba >= MODEL_DISK_BASE &&
			  req->lba + req->sectors <= MODEL_DISK_BASE + MODEL_DISK_COUNT,
		  "sectors of somebody else: %u", req->lba);
	for (i = 0; i < req->nsegs; i++) {
		segment(&req->seg[i]);
		bytes += req->seg[i].length;
	}
	cr_assert_eq(bytes, req->sectors * SECTOR_SIZE);
}

void disk_submit(struct disk_req *req)
{
	cr_assert_null(model.pending, "two requests at once");
	cr_assert_gt(vm.io_in_flight, 0u);
	check_request(req);
	if (req->nsegs > model.most_segs)
		model.most_segs = req->nsegs;
	model.pending = req;
	model.requests++;
}

static void move_data(const struct disk_req *req)
{
	u8 *sector = model.disk + req->lba * SECTOR_SIZE;
	u32 i;

	for (i = 0; i < req->nsegs; i++) {
		u8 *memory = segment(&req->seg[i]);

		if (req->write)
			memcpy(sector, memory, req->seg[i].length);
		else
			memcpy(memory, sector, req->seg[i].length);
		sector += req->seg[i].length;
	}
}

bool model_complete(void)
{
	struct disk_req *req = model.pending;

	if (!req)
		return false;
	check_request(req);
	if (!model.fail)
		move_data(req);
	model.pending = NULL;
	req->done(req, model.fail ? -1 : 0);
	return true;
}

void model_complete_all(void)
{
	while (model_complete())
		;
}

u8 *model_sector(u32 lba)
{
	return model.disk + (MODEL_DISK_BASE + lba) * SECTOR_SIZE;
}

u8 model_pattern(u32 lba, u32 byte)
{
	return lba * 7 + byte * 13 + byte / 256;
}

static void fill_disk(void)
{
	u32 lba, byte;

	memset(model.disk, GUARD, MODEL_DISK_ALL * SECTOR_SIZE);
	for (lba = 0; lba < MODEL_DISK_COUNT; lba++)
		for (byte = 0; byte < SECTOR_SIZE; byte++)
			model_sector(lba)[byte] = model_pattern(lba, byte);
}

static void check_guards(void)
{
	u32 i, end = (MODEL_DISK_BASE + MODEL_DISK_COUNT) * SECTOR_SIZE;

	for (i = 0; i < MODEL_DISK_BASE * SECTOR_SIZE; i++)
		cr_assert_eq(model.disk[i], GUARD, "a sector before the VM's changed");
	for (i = end; i < MODEL_DISK_ALL * SECTOR_SIZE; i++)
		cr_assert_eq(model.disk[i], GUARD, "a sector after the VM's changed");
}

/* --- the VM's memory ---------------------------------------------------------------- */

enum pmap_state pmap_lookup(const struct vm *v, ppn_t p, mpn_t *m)
{
	(void)v;
	if (p.n >= MODEL_PAGES)
		return PMAP_ABSENT;
	if (p.n >= HOLE_FIRST && p.n < HOLE_END)
		return PMAP_DEVICE;
	*m = mpn(MODEL_MPN + p.n * 3);
	return PMAP_PRIVATE;
}

bool pmap_pin(struct vm *v, ppn_t p, bool for_write, mpn_t *m)
{
	(void)for_write;
	if (model.pins_to_death && !--model.pins_to_death)
		longjmp(model.death, 1);
	if (pmap_lookup(v, p, m) != PMAP_PRIVATE || model.pins[p.n] == 0xff)
		return false;
	model.pins[p.n]++;
	if (model.pins[p.n] > model.most_pins)
		model.most_pins = model.pins[p.n];
	return true;
}

void pmap_unpin(struct vm *v, ppn_t p)
{
	(void)v;
	cr_assert(p.n < MODEL_PAGES && model.pins[p.n] > 0, "unpinned too often");
	model.pins[p.n]--;
}

void gpa_read(struct vm *v, gpa_t p, void *buf, u32 n)
{
	(void)v;
	cr_assert(p.a + n > p.a && p.a + n <= MODEL_PAGES * PAGE_SIZE,
		  "reads beyond memory: 0x%x", p.a);
	memcpy(buf, model.ram + p.a, n);
	model.gpa_reads++;
}

/* --- the balloon: what the port was asked ------------------------------------------- */

void balloon_init(struct vm *v)
{
	v->balloon = (struct balloon){0};
}

static enum balloon_answer asked(const char *what, u32 argument)
{
	snprintf(model.balloon, sizeof(model.balloon), "%s %x", what, argument);
	return model.balloon_says;
}

enum balloon_answer balloon_start(struct vm *v, u32 bound)
{
	(void)v;
	return asked("start", bound);
}

enum balloon_answer balloon_poll(struct vm *v, u32 *pages)
{
	*pages = v->balloon.target;
	return asked("poll", 0);
}

enum balloon_answer balloon_inflate(struct vm *v, ppn_t p)
{
	(void)v;
	return asked("inflate", p.n);
}

enum balloon_answer balloon_deflate(struct vm *v, ppn_t p)
{
	(void)v;
	return asked("deflate", p.n);
}

/* --- the VM --------------------------------------------------------------------------- */

void vm_set_irq(struct vm *v, unsigned irq, bool level)
{
	vpic_set_line(&v->pic, irq, level);
}

void vm_console_out(struct vm *v, u8 c)
{
	(void)v;
	if (model.out_length < sizeof(model.out) - 1)
		model.out[model.out_length++] = c;
}

int vm_console_in(struct vm *v)
{
	(void)v;
	return model.typed && *model.typed ? *model.typed++ : -1;
}

void vm_reset(struct vm *v, const char *why)
{
	(void)v;
	model.resets++;
	model.reset_why = why;
}

void vm_power_off(struct vm *v)
{
	(void)v;
	model.power_offs++;
}

void vm_io_begin(struct vm *v)
{
	v->io_in_flight++;
}

void vm_io_end(struct vm *v)
{
	cr_assert_gt(v->io_in_flight, 0u, "vm_io_end twice");
	v->io_in_flight--;
}

void model_init(void)
{
	free(model.ram);
	free(model.disk);
	free(buffer);
	model = (struct model){.ram = calloc(MODEL_PAGES, PAGE_SIZE),
			       .disk = malloc(MODEL_DISK_ALL * SECTOR_SIZE),
			       .now_ns = 5000000000ull};
	buffer = malloc(PAGE_SIZE);
	fill_disk();
	vm = (struct vm){.id = 3, .mem_pages = MODEL_PAGES};
	cr_assert(vide_attach(&vm, MODEL_DISK_BASE, MODEL_DISK_COUNT));
	io_init(&vm);
}

void model_check_quiet(void)
{
	u32 i;

	cr_assert_null(model.pending);
	cr_assert_eq(vm.io_in_flight, 0u);
	for (i = 0; i < MODEL_PAGES; i++)
		cr_assert_eq(model.pins[i], 0u, "page 0x%x is still pinned", i);
	check_guards();
}

void model_pass_ns(u64 ns)
{
	model.now_ns += ns;
}

bool model_line(unsigned irq)
{
	return vm.pic.chip[irq / 8].lines & 1u << irq % 8;
}

u8 in8(u16 port)
{
	return io_in(&vm, port, 1);
}

void out8(u16 port, u8 value)
{
	io_out(&vm, port, 1, value);
}
