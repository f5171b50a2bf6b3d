/*
 * Guest memory as the VMM touches it. There is one way to write for a guest: gpa_write,
 * or a store through the guest's own shadow mapping that the MMU checked (fast paths).
 * Neither can pass a trace, a shared page or a page that is not resident.
 */
#ifndef VMM_GMEM_H
#define VMM_GMEM_H

#include "vmm/addr.h"

struct vm;

/* A fault that the guest is to see. vector VEC_PF: addr goes to CR2. */
struct gfault {
	u8 vector;
	bool has_error;
	u32 error;
	gva_t addr;
};

/*
 * How memory is accessed. SYSTEM: with supervisor rights whatever the mode (GDT, IDT,
 * TSS reads, pushed frames).
 */
enum access { ACC_READ = 0, ACC_WRITE = 1, ACC_FETCH = 2, ACC_SYSTEM = 4 };

/*
 * By guest-physical address; may cross pages. Beyond memory: reads all ones, writes
 * vanish. Page tables, GDT and patches that are hit are noticed. May sleep (a page can
 * be away).
 */
void gpa_read(struct vm *vm, gpa_t p, void *buf, u32 n);
void gpa_write(struct vm *vm, gpa_t p, const void *buf, u32 n);
u32 gpa_read32(struct vm *vm, gpa_t p);

/*
 * By linear address. A span is a checked range: translated as `acc` demands, A and D
 * bits set, pages resident. Making one can fault (false, *f filled) and may sleep;
 * using one does neither: decode, check, perform.
 */
enum { SPAN_MAX = 64 };
struct gspan {
	gpa_t part[2];
	u32 len[2]; /* len[1] = 0: all in one page */
};

bool gspan_check(struct vm *vm, gva_t v, u32 n, unsigned acc, struct gspan *s,
		 struct gfault *f); /* 1 <= n <= SPAN_MAX */
void gspan_read(struct vm *vm, const struct gspan *s, void *buf);
void gspan_write(struct vm *vm, const struct gspan *s, const void *buf);

/*
 * Check and use in one: false with *f filled when the guest's tables do not allow it.
 */
bool gva_read(struct vm *vm, gva_t v, void *buf, u32 n, unsigned acc, struct gfault *f);
bool gva_write(struct vm *vm, gva_t v, const void *buf, u32 n, unsigned acc,
	       struct gfault *f);

#endif
