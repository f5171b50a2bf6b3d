/* The emulator's surroundings for its tests; see the header. */
#include "grader/unit/cpu_model.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmm/io.h"

struct cpu_model cpu_model;
struct vm model_vm;
struct trapframe model_tf;

static void map_memory(void)
{
	void *wanted = (void *)(uintptr_t)MEM_BASE;
	void *got = mmap(wanted, MEM_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(got, MAP_FAILED);
	cpu_model.mem = got;
	cpu_model.at_base = got == wanted;
}

void cpu_model_init(void)
{
	u8 *mem = cpu_model.mem;
	bool at_base = cpu_model.at_base;

	cpu_model = (struct cpu_model){.mem = mem, .at_base = at_base};
	if (!mem)
		map_memory();
	memset(cpu_model.mem, 0, MEM_BYTES);
	memset(cpu_model.page, PAGE_ALL, sizeof(cpu_model.page));
	for (unsigned i = 0; i < MEM_PAGES; i++)
		cpu_model.frame[i] = (u8)i;
	for (unsigned s = 0; s < SEG_COUNT; s++) {
		cpu_model.seg[s] = (struct segment){.limit = ~0u,
						    .present = true,
						    .writable = s != SEG_CS,
						    .readable = true,
						    .code = s == SEG_CS,
						    .big = true};
		cpu_model.selector[s] = s == SEG_CS ? 0x08 : 0x10;
	}
	model_tf =
		(struct trapframe){.eip = CODE, .esp = STACK, .eflags = FL_ONE | FL_IF};
	memset(&model_vm, 0, sizeof(model_vm));
	model_vm.tf = &model_tf;
}

static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
	size_t used = strlen(cpu_model.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cpu_model.log + used, sizeof(cpu_model.log) - used, fmt, ap);
	va_end(ap);
}

static gpa_t translate(u32 linear)
{
	u32 page = (linear - MEM_BASE) / PAGE_SIZE;

	cr_assert_lt(page, MEM_PAGES);
	return gpa(MEM_BASE + cpu_model.frame[page] * PAGE_SIZE + (linear & PAGE_MASK));
}

u8 *cpu_model_at(u32 linear)
{
	return cpu_model.mem + (translate(linear).a - MEM_BASE);
}

u32 cpu_model_get(u32 linear, unsigned size)
{
	u32 value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (u32)*cpu_model_at(linear + i) << (8 * i);
	return value;
}

void cpu_model_set(u32 linear, u32 value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		*cpu_model_at(linear + i) = (u8)(value >> (8 * i));
}

u32 cpu_model_code(const char *hex)
{
	u32 n = 0;
	char *end;

	for (unsigned long v; v = strtoul(hex, &end, 16), end != hex; hex = end)
		*cpu_model_at(CODE + n++) = (u8)v;
	model_tf.eip = CODE;
	return n;
}

enum emulated cpu_model_run(const char *hex, struct gfault *f)
{
	cpu_model_code(hex);
	*f = (struct gfault){0};
	return emulate(&model_vm, f);
}

struct gfault model_fault;

void expect_done(const char *hex)
{
	cr_assert_eq(cpu_model_run(hex, &model_fault), EMU_DONE, "%s", hex);
}

void expect_fault(const char *hex, unsigned vector, u32 error)
{
	const struct gfault *f = &model_fault;
	struct trapframe before = model_tf;

	cr_assert_eq(cpu_model_run(hex, &model_fault), EMU_FAULT, "%s", hex);
	cr_expect_eq(f->vector, vector, "%s: vector %u", hex, f->vector);
	cr_expect_eq(f->error, error, "%s: error %x", hex, f->error);
	before.eip = CODE;
	cr_expect_arr_eq(&model_tf, &before, sizeof(before), "%s: registers", hex);
}

void expect_gp(const char *hex)
{
	expect_fault(hex, VEC_GP, 0);
	cr_expect(model_fault.has_error);
}

void expect_log(const char *log)
{
	cr_expect_str_eq(cpu_model.log, log, "log is '%s', not '%s'", cpu_model.log,
			 log);
	cpu_model.log[0] = 0;
}

void model_user_mode(void)
{
	model_vm.cpu.mode = VMODE_USER;
}

void model_page(u32 linear, u8 bits)
{
	cpu_model.page[(linear - MEM_BASE) / PAGE_SIZE] = bits;
}

/* --- guest memory: SDM vol. 3, 4.6 and 4.7 --- */

static bool page_allows(u32 linear, unsigned acc, struct gfault *f)
{
	u32 page = (linear - MEM_BASE) / PAGE_SIZE;
	u8 bits = page < MEM_PAGES ? cpu_model.page[page] : 0;
	bool user = model_vm.cpu.mode == VMODE_USER && !(acc & ACC_SYSTEM);
	u32 wanted = PAGE_HERE | (acc & ACC_WRITE ? PAGE_WRITABLE : 0) |
		     (user ? PAGE_USER : 0);

	if ((bits & wanted) == wanted)
		return true;
	*f = (struct gfault){.vector = VEC_PF,
			     .has_error = true,
			     .addr = gva(linear),
			     .error = (bits & PAGE_HERE ? PF_P : 0) |
				      (acc & ACC_WRITE ? PF_W : 0) | (user ? PF_U : 0) |
				      (acc & ACC_FETCH ? PF_I : 0)};
	return false;
}

bool gspan_check(struct vm *vm, gva_t v, u32 n, unsigned acc, struct gspan *s,
		 struct gfault *f)
{
	u32 first = min_u32(n, PAGE_SIZE - (v.a & PAGE_MASK));

	cr_assert_eq(vm, &model_vm);
	cr_assert(n >= 1 && n <= SPAN_MAX);
	*s = (struct gspan){.len = {first, n - first}};
	if (!page_allows(v.a, acc, f))
		return false;
	s->part[0] = translate(v.a);
	if (n == first)
		return true;
	if (!page_allows(v.a + first, acc, f))
		return false;
	s->part[1] = translate(v.a + first);
	return true;
}

void gspan_read(struct vm *vm, const struct gspan *s, void *buf)
{
	(void)vm;
	memcpy(buf, cpu_model.mem + (s->part[0].a - MEM_BASE), s->len[0]);
	if (s->len[1])
		memcpy((u8 *)buf + s->len[0], cpu_model.mem + (s->part[1].a - MEM_BASE),
		       s->len[1]);
}

void gspan_write(struct vm *vm, const struct gspan *s, const void *buf)
{
	(void)vm;
	memcpy(cpu_model.mem + (s->part[0].a - MEM_BASE), buf, s->len[0]);
	if (s->len[1])
		memcpy(cpu_model.mem + (s->part[1].a - MEM_BASE),
		       (const u8 *)buf + s->len[0], s->len[1]);
}

bool gva_read(struct vm *vm, gva_t v, void *buf, u32 n, unsigned acc, struct gfault *f)
{
	struct gspan s;

	if (!gspan_check(vm, v, n, acc, &s, f))
		return false;
	gspan_read(vm, &s, buf);
	return true;
}

/* --- ports --- */

u32 io_in(struct vm *vm, u16 port, unsigned size)
{
	(void)vm;
	note("in%u:%x ", size, port);
	return cpu_model.in_value++;
}

void io_out(struct vm *vm, u16 port, unsigned size, u32 value)
{
	(void)vm;
	note("out%u:%x=%x ", size, port, value);
}

bool cpu_io_allowed(struct vm *vm, u16 port, unsigned size)
{
	(void)vm;
	(void)port;
	(void)size;
	return !cpu_model.io_refused;
}

/* --- the virtual CPU --- */

static bool may_refuse(struct gfault *f)
{
	if (!cpu_model.cpu_refuses)
		return true;
	*f = (struct gfault){.vector = VEC_GP, .has_error = true, .error = 0x1234};
	return false;
}

void cpu_segment(struct vm *vm, enum sreg s, struct segment *out)
{
	(void)vm;
	*out = cpu_model.seg[s];
}

u16 cpu_selector(struct vm *vm, enum sreg s)
{
	(void)vm;
	return cpu_model.selector[s];
}

bool cpu_load_segment(struct vm *vm, enum sreg s, u16 sel, struct gfault *f)
{
	(void)vm;
	if (!may_refuse(f))
		return false;
	cpu_model.selector[s] = sel;
	note("sreg%d=%x ", s, sel);
	return true;
}

u32 cpu_flags(const struct vm *vm)
{
	return vm->tf->eflags | FL_RF | FL_VM;
}

void cpu_set_flags(struct vm *vm, u32 value, bool wide)
{
	(void)vm;
	note("flags%d=%x ", wide ? 4 : 2, value);
}

/* Calls that are only written down. */
#define NOTED(call, ...)           \
	void call                  \
	{                          \
		(void)vm;          \
		note(__VA_ARGS__); \
	}

NOTED(cpu_cli(struct vm *vm), "cli ")
NOTED(cpu_sti(struct vm *vm), "sti ")
NOTED(cpu_hlt(struct vm *vm), "hlt@%x ", vm->tf->eip)
NOTED(cpu_clts(struct vm *vm), "clts ")
NOTED(cpu_cpuid(struct vm *vm), "cpuid ")
NOTED(cpu_lmsw(struct vm *vm, u16 v), "lmsw=%x ", v)
NOTED(cpu_invlpg(struct vm *vm, gva_t v), "invlpg=%x ", v.a)
NOTED(cpu_lgdt(struct vm *vm, struct dtable t), "gdt=%x/%x ", t.base, t.limit)
NOTED(cpu_lidt(struct vm *vm, struct dtable t), "idt=%x/%x ", t.base, t.limit)
NOTED(cpu_write_dr(struct vm *vm, unsigned n, u32 v), "dr%u=%x ", n, v)

/* Calls that can be refused. */
#define REFUSABLE(call, ...)          \
	bool call                     \
	{                             \
		(void)vm;             \
		if (!may_refuse(f))   \
			return false; \
		note(__VA_ARGS__);    \
		return true;          \
	}

REFUSABLE(cpu_write_cr(struct vm *vm, unsigned n, u32 v, struct gfault *f), "cr%u=%x ",
	  n, v)
REFUSABLE(cpu_lldt(struct vm *vm, u16 sel, struct gfault *f), "ldt=%x ", sel)
REFUSABLE(cpu_ltr(struct vm *vm, u16 sel, struct gfault *f), "tr=%x ", sel)
REFUSABLE(cpu_rdmsr(struct vm *vm, struct gfault *f), "rdmsr ")
REFUSABLE(cpu_wrmsr(struct vm *vm, struct gfault *f), "wrmsr ")
REFUSABLE(cpu_iret(struct vm *vm, unsigned size, struct gfault *f), "iret%u ", size)
REFUSABLE(cpu_far_ret(struct vm *vm, unsigned size, u32 extra, struct gfault *f),
	  "retf%u+%x ", size, extra)
REFUSABLE(cpu_far_jump(struct vm *vm, u16 sel, u32 offset, struct gfault *f),
	  "jmp=%x:%x ", sel, offset)
REFUSABLE(cpu_far_call(struct vm *vm, u16 sel, u32 offset, unsigned size, u32 next,
		       struct gfault *f),
	  "call%u=%x:%x,%x ", size, sel, offset, next)
REFUSABLE(cpu_soft_int(struct vm *vm, unsigned n, u32 next, struct gfault *f),
	  "int=%x,%x ", n, next)

u32 cpu_read_cr(struct vm *vm, unsigned n)
{
	const u32 cr[5] = {vm->cpu.cr0, 0, vm->cpu.cr2, vm->cpu.cr3, vm->cpu.cr4};

	return cr[n];
}

u32 cpu_read_dr(struct vm *vm, unsigned n)
{
	return vm->cpu.dr[n];
}

/* A guest's table: null, kernel code and data, user code and data, a TSS, a call gate. */
bool segs_guest(struct vm *vm, u16 sel, struct descriptor *out)
{
	static const struct descriptor table[] = {
		{0, 0},
		{0x0000FFFF, 0x00CF9B00},
		{0x0000FFFF, 0x00CF9300},
		{0x0000FFFF, 0x00CFFB00},
		{0x0000FFFF, 0x00CFF300},
		{0x10000067, 0x00008900},
		{0x00081000, 0x0000EC00},
		{0x0000FFFF, 0x00CF9100},
		{0x0000FFFF, 0x00CF9F00},
	};

	(void)vm;
	if (sel < 8 || sel / 8u >= ARRAY_LEN(table) || sel & 4)
		return false;
	*out = table[sel / 8];
	return true;
}
