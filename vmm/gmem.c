/*
 * Guest memory from our side: by guest-physical address, then by linear address on top.
 */
#include "vmm/gmem.h"
#include "kernel/kmap.h"
#include "kernel/layout.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "vmm/gpeek.h"
#include "vmm/patch.h"
#include "vmm/segs.h"
#include "vmm/trace.h"
#include "vmm/vm.h"
#include "vmm/walk.h"

/* How many of n bytes from p on lie in p's page. */
static u32 in_page(gpa_t p, u32 n)
{
	return min_u32(n, PAGE_SIZE - gpa_offset(p));
}

u32 gpa_read32(struct vm *vm, gpa_t p)
{
	mpn_t m;
	u32 v = ~0u;

	ASSERT((p.a & 3) == 0);
	if (pmap_back(vm, gpa_page(p), &m)) {
		const u8 *page = kmap(m);

		v = *(const u32 *)(page + gpa_offset(p));
		kunmap(page);
	}
	return v;
}

void gpa_read(struct vm *vm, gpa_t p, void *buf, u32 n)
{
	u8 *to = buf;

	while (n) {
		u32 part = in_page(p, n);
		mpn_t m;

		if (pmap_back(vm, gpa_page(p), &m)) {
			const u8 *page = kmap(m);

			memcpy(to, page + gpa_offset(p), part);
			kunmap(page);
		} else {
			memset(to, 0xff, part);
		}
		p.a += part;
		to += part;
		n -= part;
	}
}

/* Before a traced page changes: whoever traces it hears of it. */
static void tell_traces(struct vm *vm, gpa_t p, u32 n)
{
	unsigned t = trace_get(vm, gpa_page(p));

	if (t & TRACE_PATCH)
		patch_overwritten(vm, p, n);
	if (t & TRACE_GDT)
		segs_written(vm);
	if (t & TRACE_TABLE)
		shadow_written(vm, p, n);
}

void gpa_write(struct vm *vm, gpa_t p, const void *buf, u32 n)
{
	const u8 *from = buf;

	while (n) {
		u32 part = in_page(p, n);
		mpn_t m;

		if (pmap_writable(vm, gpa_page(p), &m)) {
			u8 *page;

			tell_traces(vm, p, part);
			page = kmap(m);

			memcpy(page + gpa_offset(p), from, part);
			kunmap(page);
		}
		p.a += part;
		from += part;
		n -= part;
	}
}

static void page_fault(struct gfault *f, gva_t v, u32 error)
{
	*f = (struct gfault){
		.vector = VEC_PF, .has_error = true, .error = error, .addr = v};
}

/* Translates one piece within a page. */
static bool check_part(struct vm *vm, gva_t v, unsigned acc, gpa_t *out,
		       struct gfault *f)
{
	struct walk w;
	u32 error;

	if (!walk(vm, v, acc, &w, &error)) {
		page_fault(f, v, error);
		return false;
	}
	walk_touch(vm, &w, acc & ACC_WRITE);
	*out = gpa(w.page.a | gva_offset(v));
	return true;
}

bool gspan_check(struct vm *vm, gva_t v, u32 n, unsigned acc, struct gspan *s,
		 struct gfault *f)
{
	u32 first = min_u32(n, PAGE_SIZE - gva_offset(v));

	ASSERT(n >= 1 && n <= SPAN_MAX);
	s->len[0] = first;
	s->len[1] = n - first;
	if (!check_part(vm, v, acc, &s->part[0], f))
		return false;
	return !s->len[1] || check_part(vm, gva(v.a + first), acc, &s->part[1], f);
}

void gspan_read(struct vm *vm, const struct gspan *s, void *buf)
{
	gpa_read(vm, s->part[0], buf, s->len[0]);
	if (s->len[1])
		gpa_read(vm, s->part[1], (u8 *)buf + s->len[0], s->len[1]);
}

void gspan_write(struct vm *vm, const struct gspan *s, const void *buf)
{
	gpa_write(vm, s->part[0], buf, s->len[0]);
	if (s->len[1])
		gpa_write(vm, s->part[1], (const u8 *)buf + s->len[0], s->len[1]);
}

/*
 * The short way: a few words within one page, through the shadow that is loaded, which
 * never allows more than the guest's own tables do. What it does not map yet is filled
 * in once: tables that only the CPU reads (GDT, IDT, TSS) come in by this door.
 */
static bool short_way(const struct vm *vm, gva_t v, u32 n, unsigned acc)
{
	enum vmode right = acc & ACC_SYSTEM ? VMODE_KERNEL : vm->cpu.mode;

	return n % 4 == 0 && v.a < HOST_BASE && gva_offset(v) + n <= PAGE_SIZE &&
	       vm->view == right;
}

static bool fill(struct vm *vm, gva_t v, unsigned acc)
{
	u32 error;

	return shadow_fault(vm, v, acc, &error) == SHADOW_FILLED;
}

bool gva_read(struct vm *vm, gva_t v, void *buf, u32 n, unsigned acc, struct gfault *f)
{
	struct gspan s;

	if (short_way(vm, v, n, acc) &&
	    (gmem_peek(v, buf, n) || (fill(vm, v, acc) && gmem_peek(v, buf, n))))
		return true;
	if (!gspan_check(vm, v, n, acc, &s, f))
		return false;
	gspan_read(vm, &s, buf);
	return true;
}

bool gva_write(struct vm *vm, gva_t v, const void *buf, u32 n, unsigned acc,
	       struct gfault *f)
{
	struct gspan s;

	acc |= ACC_WRITE;
	if (short_way(vm, v, n, acc) &&
	    (gmem_poke(v, buf, n) || (fill(vm, v, acc) && gmem_poke(v, buf, n))))
		return true;
	if (!gspan_check(vm, v, n, acc, &s, f))
		return false;
	gspan_write(vm, &s, buf);
	return true;
}
