/*
 * Emulated string instructions. A `rep` goes in runs: as many elements as lie in one
 * page on each side and fit a span are checked together and then moved. After each run
 * ECX, ESI and EDI are what they would be on the CPU at that point, so a fault or a
 * long count stops between elements and the instruction can be begun again (TRAPS 23).
 */
#include "vmm/emu.h"
#include "vmm/io.h"

enum { REP_BYTES = 4096 }; /* at most so much in one call: a VM must not hold the CPU */

struct string {
	struct emu *e;
	u32 size; /* of an element */
	u32 mask; /* of ESI, EDI and ECX: the address size */
	bool rep;
	bool down; /* DF */
	u32 moved; /* bytes in this call */
};

/* One side of a string instruction: where its next elements are. */
struct side {
	unsigned seg;
	u32 *reg; /* ESI or EDI */
	gva_t at;
	struct gspan span;
};

static struct string string_of(struct emu *e)
{
	return (struct string){.e = e,
			       .size = e->in->width,
			       .mask = emu_addr_mask(e),
			       .rep = e->in->rep != REP_NONE,
			       .down = e->tf->eflags & FL_DF};
}

static struct side source(struct emu *e)
{
	return (struct side){.seg = e->in->mem.seg, .reg = &e->tf->esi};
}

/* The destination is ES:EDI whatever the prefixes say. */
static struct side target(struct emu *e)
{
	return (struct side){.seg = SEG_ES, .reg = &e->tf->edi};
}

/* Elements still to do in this call. */
static u32 to_do(const struct string *s)
{
	u32 budget = (REP_BYTES - s->moved) / s->size;

	return min_u32(s->rep ? s->e->tf->ecx & s->mask : 1, budget);
}

/*
 * Settles EIP when a call ends: a `rep` that was cut short by the budget begins again.
 */
static bool end(struct string *s, bool finished)
{
	s->e->own_eip = s->rep && !finished && (s->e->tf->ecx & s->mask) != 0;
	return true;
}

/* Moves a register by n elements; only the bits of the address size change. */
static void advance(const struct string *s, u32 *reg, u32 n)
{
	u32 by = s->down ? 0 - n * s->size : n * s->size;

	*reg = (*reg & ~s->mask) | ((*reg + by) & s->mask);
}

static void count_down(struct string *s, u32 n)
{
	u32 *ecx = &s->e->tf->ecx;

	s->moved += n * s->size;
	if (s->rep)
		*ecx = (*ecx & ~s->mask) | ((*ecx - n) & s->mask);
}

/* How many of `n` elements from `offset` on stay in their page and do not wrap. */
static u32 run_length(const struct string *s, u32 offset, u32 linear, u32 n)
{
	u32 to_page_end = (PAGE_SIZE - (linear & PAGE_MASK)) / s->size;
	u32 to_wrap = (s->mask - offset) / s->size;

	if (s->down)
		return 1;
	n = min_u32(min_u32(n, SPAN_MAX / s->size), min_u32(to_page_end, to_wrap));
	return max_u32(n, 1);
}

/*
 * Segment check of one side, for as many of *n elements as can go in one run. The whole
 * run must be inside the segment; if it is not, one element alone decides.
 */
static bool fit(struct string *s, struct side *d, unsigned acc, u32 *n)
{
	struct emu *e = s->e;
	u32 offset = *d->reg & s->mask;

	if (!emu_linear(e, d->seg, offset, s->size, acc, &d->at))
		return false;
	*n = run_length(s, offset, d->at.a, *n);
	if (!emu_linear(e, d->seg, offset, *n * s->size, acc, &d->at)) {
		*n = 1;
		return emu_linear(e, d->seg, offset, s->size, acc, &d->at);
	}
	return true;
}

static bool check(struct string *s, struct side *d, unsigned acc, u32 n)
{
	return gspan_check(s->e->vm, d->at, n * s->size, acc, &d->span, s->e->f);
}

/* Do two runs of n elements, each in one page, touch the same memory? */
static bool overlap(const struct string *s, const struct side *a, const struct side *b,
		    u32 n)
{
	u32 x = a->span.part[0].a, y = b->span.part[0].a;

	return (x > y ? x - y : y - x) < n * s->size;
}

/* A run copies like memmove; where the sides overlap elements must go one by one. */
static bool movs_run(struct string *s, u32 n)
{
	struct side src = source(s->e), dst = target(s->e);
	u8 buf[SPAN_MAX];

	if (!fit(s, &src, ACC_READ, &n) || !fit(s, &dst, ACC_WRITE, &n) ||
	    !check(s, &src, ACC_READ, n) || !check(s, &dst, ACC_WRITE, n))
		return false;
	if (n > 1 && overlap(s, &src, &dst, n)) {
		n = 1;
		src.span.len[0] = s->size;
		dst.span.len[0] = s->size;
	}
	gspan_read(s->e->vm, &src.span, buf);
	gspan_write(s->e->vm, &dst.span, buf);
	advance(s, src.reg, n);
	advance(s, dst.reg, n);
	count_down(s, n);
	return true;
}

static bool stos_run(struct string *s, u32 n)
{
	struct side dst = target(s->e);
	u8 buf[SPAN_MAX];

	if (!fit(s, &dst, ACC_WRITE, &n) || !check(s, &dst, ACC_WRITE, n))
		return false;
	for (u32 i = 0; i < n * s->size; i++)
		buf[i] = (u8)(s->e->tf->eax >> (8 * (i % s->size)));
	gspan_write(s->e->vm, &dst.span, buf);
	advance(s, dst.reg, n);
	count_down(s, n);
	return true;
}

/* Only the last element of a run is seen. */
static bool lods_run(struct string *s, u32 n)
{
	struct side src = source(s->e);
	u8 buf[SPAN_MAX];
	u32 eax = 0;

	if (!fit(s, &src, ACC_READ, &n) || !check(s, &src, ACC_READ, n))
		return false;
	gspan_read(s->e->vm, &src.span, buf);
	for (u32 i = 0; i < s->size; i++)
		eax |= (u32)buf[(n - 1) * s->size + i] << (8 * i);
	emu_reg_set(s->e, GPR_EAX, s->size, eax);
	advance(s, src.reg, n);
	count_down(s, n);
	return true;
}

/* Memory is checked before the port is read: a port's answer must not be lost. */
static bool ins_run(struct string *s, u32 n)
{
	struct side dst = target(s->e);
	struct emu *e = s->e;
	u8 buf[SPAN_MAX];

	if (!fit(s, &dst, ACC_WRITE, &n) || !check(s, &dst, ACC_WRITE, n))
		return false;
	for (u32 i = 0; i < n; i++) {
		u32 value = io_in(e->vm, (u16)e->tf->edx, s->size);

		for (u32 j = 0; j < s->size; j++)
			buf[i * s->size + j] = (u8)(value >> (8 * j));
	}
	gspan_write(e->vm, &dst.span, buf);
	advance(s, dst.reg, n);
	count_down(s, n);
	return true;
}

static bool outs_run(struct string *s, u32 n)
{
	struct side src = source(s->e);
	struct emu *e = s->e;
	u8 buf[SPAN_MAX];

	if (!fit(s, &src, ACC_READ, &n) || !check(s, &src, ACC_READ, n))
		return false;
	gspan_read(e->vm, &src.span, buf);
	for (u32 i = 0; i < n; i++) {
		u32 value = 0;

		for (u32 j = 0; j < s->size; j++)
			value |= (u32)buf[i * s->size + j] << (8 * j);
		io_out(e->vm, (u16)e->tf->edx, s->size, value);
	}
	advance(s, src.reg, n);
	count_down(s, n);
	return true;
}

/* Runs until the count, or the budget, is used up. */
static bool repeat(struct emu *e, bool (*run)(struct string *s, u32 n))
{
	struct string s = string_of(e);

	for (u32 n = to_do(&s); n > 0; n = s.rep ? to_do(&s) : 0)
		if (!run(&s, n))
			return false;
	return end(&s, false);
}

bool emu_movs(struct emu *e)
{
	return repeat(e, movs_run);
}

bool emu_stos(struct emu *e)
{
	return repeat(e, stos_run);
}

bool emu_lods(struct emu *e)
{
	return repeat(e, lods_run);
}

static bool io_allowed(struct emu *e)
{
	return cpu_io_allowed(e->vm, (u16)e->tf->edx, e->in->width) || emu_gp(e);
}

bool emu_ins(struct emu *e)
{
	return io_allowed(e) && repeat(e, ins_run);
}

bool emu_outs(struct emu *e)
{
	return io_allowed(e) && repeat(e, outs_run);
}

/* One comparison; cmps has a source in memory, scas the accumulator. */
static bool compare(struct string *s, bool cmps)
{
	struct side src = source(s->e), dst = target(s->e);
	u32 a = emu_reg_get(s->e, GPR_EAX, s->size), b = 0, n = 1;

	if (cmps && (!fit(s, &src, ACC_READ, &n) || !check(s, &src, ACC_READ, 1)))
		return false;
	if (!fit(s, &dst, ACC_READ, &n) || !check(s, &dst, ACC_READ, 1))
		return false;
	if (cmps) {
		a = 0;
		gspan_read(s->e->vm, &src.span, &a);
		advance(s, src.reg, 1);
	}
	gspan_read(s->e->vm, &dst.span, &b);
	advance(s, dst.reg, 1);
	count_down(s, 1);
	alu_binary(OP_CMP, a, b, s->size, &s->e->tf->eflags);
	return true;
}

/* repe goes on while ZF is set, repne while it is clear. */
static bool repeat_compare(struct emu *e, bool cmps)
{
	struct string s = string_of(e);

	while (to_do(&s) > 0) {
		if (!compare(&s, cmps))
			return false;
		bool equal = e->tf->eflags & FL_ZF;

		if (!s.rep || equal != (e->in->rep == REP_E))
			return end(&s, true);
	}
	return end(&s, false);
}

bool emu_cmps(struct emu *e)
{
	return repeat_compare(e, true);
}

bool emu_scas(struct emu *e)
{
	return repeat_compare(e, false);
}
