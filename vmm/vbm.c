/*
 * The bus master: from the guest's PRD table to requests for the host's disk.
 *
 *   PRD table (guest)          pieces (pinned)            host requests
 *   gpa 0x1f00, 8 KiB    ->    ppn 1 at 0xf00, 256 B  ->  up to DISK_MAX_SEGS pieces,
 *   gpa 0x8000, 4 KiB, end     ppn 2, 4096 B              whole sectors each
 *                              ppn 3, 3840 B
 *                              ppn 8, 4096 B
 *
 * The table is the guest's and may be changed, or never have made sense: it is read
 * once, entry by entry, and what it says is checked before use. Bit 0 of addresses and
 * counts is ignored, as in the real one. Not as in the real one: a table in which
 * anything is wrong moves nothing at all; and a transfer that is stopped while a host
 * request is in flight ends with that request and can't be resumed.
 */
#include "vmm/vbm.h"
#include "kernel/event.h"
#include "vmm/vata.h"
#include "vmm/vm.h"

/* Registers of a channel: "Programming Interface for Bus Master IDE", 2.0. */
enum { REG_COMMAND = 0, REG_STATUS = 2, REG_PRD = 4, REG_END = 8 };

enum {
	BM_START = 0x01,
	BM_TO_MEMORY = 0x08,
	BM_ACTIVE = 0x01,
	BM_ERROR = 0x02,
	BM_INTERRUPT = 0x04,
	BM_DRIVES_DMA = 0x60,
};

/* A physical region descriptor, the same text, 1.2. */
struct prd {
	u32 address;
	u32 control; /* bytes in the low 16 bits, 0 = 64 KiB */
};
enum { PRD_BYTES = 0xfffe, PRD_WHOLE = 0x10000 };
#define PRD_END 0x80000000u
#define PRD_SEGMENT(a) ((a)&0xffff0000u)

/* What is wrong with a table, and where. */
struct bad {
	const char *why;
	u32 gpa;
};

static bool refuse(struct bad *bad, const char *why, u32 gpa)
{
	bad->why = why;
	bad->gpa = gpa;
	return false;
}

static bool is_memory(const struct vm *vm, u32 address)
{
	mpn_t unused;
	enum pmap_state s = pmap_lookup(vm, gpa_page(gpa(address)), &unused);

	return s != PMAP_ABSENT && s != PMAP_DEVICE;
}

/*
 * Reads one entry. The table lies in memory and does not leave its 64 KiB. May sleep.
 */
static bool read_prd(struct vm *vm, u32 table, u32 i, struct prd *prd, struct bad *bad)
{
	u32 address = table + i * sizeof(*prd), last = address + sizeof(*prd) - 1;

	if (PRD_SEGMENT(address) != PRD_SEGMENT(table) ||
	    PRD_SEGMENT(last) != PRD_SEGMENT(table))
		return refuse(bad, "table-crosses-64k", address);
	if (!is_memory(vm, address) || !is_memory(vm, last))
		return refuse(bad, "table-not-memory", address);
	gpa_read(vm, gpa(address), prd, sizeof(*prd));
	return true;
}

/*
 * Adds memory within one page; what goes on where the last piece ended becomes part of
 * it.
 */
static bool add_piece(struct vm *vm, u32 address, u32 length, struct bad *bad)
{
	struct vide_master *bm = &vm->ide.bm;
	struct vide_piece *last = bm->pieces ? &bm->piece_list[bm->pieces - 1] : NULL;
	ppn_t p = gpa_page(gpa(address));
	u32 offset = gpa_offset(gpa(address));
	bool same = last && last->ppn == p.n;
	mpn_t m = mpn(same ? last->mpn : 0);

	if (same && last->offset + last->length == offset) {
		last->length += length;
		return true;
	}
	if (bm->pieces == VIDE_MAX_PIECES)
		return refuse(bad, "too-many-pieces", address);
	if (!same && vm->ide.write && pmap_lookup(vm, p, &m) == PMAP_SWAPPED)
		vm->swap.double_ins++;
	if (!same && !pmap_pin(vm, p, !vm->ide.write, &m))
		return refuse(bad, "not-memory", address);
	bm->piece_list[bm->pieces++] = (struct vide_piece){.ppn = p.n,
							   .mpn = m.n,
							   .offset = offset,
							   .length = length,
							   .pinned = !same};
	return true;
}

/* Adds a region, page by page. It does not cross 64 KiB, so its end does not wrap. */
static bool add_region(struct vm *vm, u32 address, u32 length, struct bad *bad)
{
	u32 n;

	for (; length; address += n, length -= n) {
		n = min_u32(length, PAGE_SIZE - (address & PAGE_MASK));
		if (!add_piece(vm, address, n, bad))
			return false;
	}
	return true;
}

/*
 * Walks the table up to its end or to `need` bytes, and pins. *total: bytes it gave.
 * May sleep.
 */
static bool gather(struct vm *vm, u32 need, u32 *total, struct bad *bad)
{
	struct vide_master *bm = &vm->ide.bm;
	u32 table = bm->prd, address, bytes, i;
	struct prd prd = {0};

	bm->exhausted = false;
	*total = 0;
	for (i = 0; *total < need && !(prd.control & PRD_END); i++) {
		if (!read_prd(vm, table, i, &prd, bad))
			return false;
		address = prd.address & ~1u;
		bytes = prd.control & PRD_BYTES;
		if (!bytes)
			bytes = PRD_WHOLE;
		if (PRD_SEGMENT(address) != PRD_SEGMENT(address + bytes - 1))
			return refuse(bad, "crosses-64k", address);
		bm->exhausted = (prd.control & PRD_END) && bytes == need - *total;
		bytes = min_u32(bytes, need - *total);
		if (!add_region(vm, address, bytes, bad))
			return false;
		*total += bytes;
	}
	return true;
}

/*
 * Moves the place where the next request goes on back by some bytes of the last piece.
 */
static void step_back(struct vide_master *bm, u32 bytes)
{
	if (!bm->at) {
		bm->piece--;
		bm->at = bm->piece_list[bm->piece].length;
	}
	bm->at -= bytes;
}

/* Takes one segment of at most `max` bytes from where we are. */
static void take_segment(struct vide_master *bm, u32 max, struct disk_seg *seg)
{
	const struct vide_piece *p = &bm->piece_list[bm->piece];

	seg->mpn = mpn(p->mpn);
	seg->offset = p->offset + bm->at;
	seg->length = min_u32(p->length - bm->at, max);
	bm->at += seg->length;
	if (bm->at == p->length) {
		bm->piece++;
		bm->at = 0;
	}
}

/*
 * Takes the next request's segments, whole sectors. Returns those: 0 when one has too
 * many pieces.
 */
static u32 next_request(struct vide_master *bm, struct disk_req *req)
{
	u32 need = min_u32(bm->left, DISK_MAX_SECTORS) * SECTOR_SIZE, bytes = 0, extra,
	    n;
	struct disk_seg *seg = req->seg;

	for (n = 0; bytes < need && n < DISK_MAX_SEGS; n++) {
		take_segment(bm, need - bytes, &seg[n]);
		bytes += seg[n].length;
	}
	for (extra = bytes % SECTOR_SIZE; extra;) {
		u32 cut = min_u32(extra, seg[n - 1].length);

		step_back(bm, cut);
		seg[n - 1].length -= cut;
		extra -= cut;
		n -= !seg[n - 1].length;
	}
	req->nsegs = n;
	return bytes / SECTOR_SIZE;
}

static void rewind_pieces(struct vide_master *bm, u32 sectors)
{
	bm->piece = 0;
	bm->at = 0;
	bm->left = sectors;
}

/* A rehearsal of all requests: none may turn out impossible half way through. */
static bool splits(struct vide *v, u32 sectors)
{
	struct vide_master *bm = &v->bm;
	u32 n = 1;

	rewind_pieces(bm, sectors);
	if (sectors <= DISK_MAX_SECTORS && bm->pieces <= DISK_MAX_SEGS)
		return true; /* a single one */
	for (; bm->left && n; bm->left -= n)
		n = next_request(bm, &v->req);
	rewind_pieces(bm, sectors);
	return n > 0;
}

void vbm_release(struct vm *vm)
{
	struct vide_master *bm = &vm->ide.bm;
	u32 i;

	for (i = 0; i < bm->pieces; i++)
		if (bm->piece_list[i].pinned)
			pmap_unpin(vm, ppn(bm->piece_list[i].ppn));
	bm->pieces = 0;
}

static void submit(struct vm *vm)
{
	struct vide *v = &vm->ide;
	u32 sectors = next_request(&v->bm, &v->req);

	v->bm.left -= sectors;
	vide_submit(vm, VIDE_DMA, sectors);
}

/* No byte moves. A guest that goes on like this fills no log. */
static void contain(struct vm *vm, const struct bad *bad)
{
	struct vide *v = &vm->ide;

	if (v->bad_dma++ < VIDE_BAD_EVENTS)
		event("ide.baddma", "vm=%u gpa=0x%x why=%s", vm->id, bad->gpa,
		      bad->why);
	vbm_release(vm);
	v->bm.status = (v->bm.status & ~BM_ACTIVE) | BM_ERROR;
	vide_fail(vm, ATA_ABRT);
}

/* The drive still wants data and gets none: only a reset or a new command helps. */
static void stall(struct vm *vm)
{
	vbm_release(vm);
	vm->ide.bm.status &= ~BM_ACTIVE;
	vide_enter(vm, VIDE_STALLED, ATA_DRDY | ATA_DSC | ATA_DRQ);
}

static bool prepare(struct vm *vm, struct bad *bad)
{
	struct vide *v = &vm->ide;
	u32 total, need = v->left * SECTOR_SIZE;

	if (!(v->bm.command & BM_TO_MEMORY) != v->write)
		return refuse(bad, "direction", v->bm.prd);
	if (!gather(vm, need, &total, bad))
		return false;
	v->bm.shorter = total < need;
	if (!splits(v, total / SECTOR_SIZE))
		return refuse(bad, "too-many-pieces", v->bm.prd);
	return true;
}

void vbm_try(struct vm *vm)
{
	struct vide *v = &vm->ide;
	struct bad bad;

	if (v->phase != VIDE_DMA_WAIT || !v->bm.armed || !vpci_ide_master(vm))
		return;
	v->bm.armed = false;
	v->bm.stopped = false;
	vbm_release(vm);
	if (!prepare(vm, &bad))
		contain(vm, &bad);
	else if (v->bm.left)
		submit(vm);
	else
		stall(vm);
}

void vbm_done(struct vm *vm, int error)
{
	struct vide *v = &vm->ide;
	struct vide_master *bm = &v->bm;

	if (error) {
		vbm_release(vm);
		bm->status &= ~BM_ACTIVE;
		vide_set_position(v, v->lba);
		vide_fail(vm, v->write ? ATA_ABRT : ATA_UNC);
	} else if (bm->stopped) {
		stall(vm);
	} else if (bm->left) {
		submit(vm);
	} else if (bm->shorter) {
		stall(vm);
	} else {
		vbm_release(vm);
		if (bm->exhausted)
			bm->status &= ~BM_ACTIVE;
		v->tf.nsect = 0;
		vide_set_position(v, v->lba - 1);
		vide_finish(vm);
	}
}

void vbm_saw_interrupt(struct vm *vm)
{
	vm->ide.bm.status |= BM_INTERRUPT;
}

/* Start is an edge: what it once started, it does not start again. May sleep. */
static void write_command(struct vm *vm, u8 value)
{
	struct vide_master *bm = &vm->ide.bm;
	bool was = bm->command & BM_START, start = value & BM_START;

	bm->command = value & (BM_START | BM_TO_MEMORY);
	if (was && !start) {
		bm->status &= ~BM_ACTIVE;
		bm->armed = false;
		bm->stopped = true;
	} else if (start && !was && vm->ide.phase != VIDE_DMA) {
		bm->status |= BM_ACTIVE;
		bm->armed = true;
		vbm_try(vm);
	}
}

static void write_byte(struct vm *vm, u32 reg, u8 value)
{
	struct vide_master *bm = &vm->ide.bm;
	u32 shift = 8 * (reg & 3);

	if (reg == REG_COMMAND) {
		write_command(vm, value);
	} else if (reg == REG_STATUS) {
		bm->status &= ~(value & (BM_ERROR | BM_INTERRUPT));
		bm->status = (bm->status & ~BM_DRIVES_DMA) | (value & BM_DRIVES_DMA);
	} else if (reg >= REG_PRD && reg < REG_END) {
		bm->prd = (bm->prd & ~(0xffu << shift)) | (u32)value << shift;
		bm->prd &= ~3u;
	}
}

/* The second channel's registers, from REG_END on, read zero: it has no drives. */
static u8 read_byte(const struct vide_master *bm, u32 reg)
{
	if (reg == REG_COMMAND)
		return bm->command;
	if (reg == REG_STATUS)
		return bm->status;
	if (reg >= REG_PRD && reg < REG_END)
		return bm->prd >> 8 * (reg & 3);
	return 0;
}

u32 vide_bm_in(struct vm *vm, u16 port, unsigned size)
{
	u32 reg = port & (VPCI_BM_PORTS - 1), value = 0;
	unsigned i;

	for (i = 0; i < size; i++)
		value |= (u32)read_byte(&vm->ide.bm, reg + i) << 8 * i;
	return value;
}

void vide_bm_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	u32 reg = port & (VPCI_BM_PORTS - 1);
	unsigned i;

	for (i = 0; i < size; i++)
		write_byte(vm, reg + i, value >> 8 * i);
}
