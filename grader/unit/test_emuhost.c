/*
 * The emulator against the CPU that the tests run on: the same bytes on the same registers,
 * flags and memory, some hundred times each, must leave the same behind. Only on an x86-64
 * host (elsewhere these are skipped), and with encodings that mean the same in both modes.
 */
#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "grader/unit/cpu_model.h"

enum { ROUNDS = 400, MARGIN = 512, REP_MAX = 100, DATA_BYTES = 2 * PAGE_SIZE };
enum { ARITH = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF };

/* Registers in the order of their numbers, then the flags: native_run knows the layout. */
struct regs {
	u32 r[8];
	u32 flags;
};

#if defined(__x86_64__)
/* native_run(regs, code): loads regs but ESP, calls the code, stores regs. */
__asm__(".text\n"
	"native_run:\n"
	"	push %rbx; push %rbp; push %r12; push %r13\n"
	"	mov %rdi, %r12; mov %rsi, %r13\n"
	"	mov 32(%r12), %eax; push %rax; popfq\n"
	"	mov 0(%r12), %eax; mov 4(%r12), %ecx; mov 8(%r12), %edx\n"
	"	mov 12(%r12), %ebx; mov 20(%r12), %ebp\n"
	"	mov 24(%r12), %esi; mov 28(%r12), %edi\n"
	"	call *%r13\n"
	"	mov %eax, 0(%r12); mov %ecx, 4(%r12); mov %edx, 8(%r12)\n"
	"	mov %ebx, 12(%r12); mov %ebp, 20(%r12)\n"
	"	mov %esi, 24(%r12); mov %edi, 28(%r12)\n"
	"	pushfq; pop %rax; mov %eax, 32(%r12)\n"
	"	cld; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n");
void native_run(struct regs *regs, const void *code);
#else
static void native_run(struct regs *regs, const void *code)
{
	(void)regs;
	(void)code;
}
#endif

static sigjmp_buf divide_error;

static void on_divide_error(int sig)
{
	siglongjmp(divide_error, sig);
}

/* Runs the code on the host; false when it raises #DE. */
static bool native(struct regs *regs, const void *code)
{
	signal(SIGFPE, on_divide_error);
	if (sigsetjmp(divide_error, 1))
		return false;
	native_run(regs, code);
	return true;
}

static u32 seed = 1;

static u32 next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* Numbers at the edges, or any. */
static u32 interesting(void)
{
	static const u32 edge[] = {0,	   1,	       2,	   0x7F,
				   0x80,   0xFF,       0x7FFF,	   0x8000,
				   0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
	u32 n = next_random();

	return n & 1 ? next_random() : edge[(n >> 8) % ARRAY_LEN(edge)];
}

/* One template: '?' stands for a random byte, '*' for ModRM with two registers but ESP. */
struct host_case {
	const char *bytes;
	u32 undefined;	/* flags that the manual leaves open */
	bool in_memory; /* registers EBX, ESI, EDI point into DATA */
};

static u8 random_modrm(void)
{
	u8 m;

	do
		m = 0xC0 | (u8)(next_random() >> 7);
	while ((m & 7) == GPR_ESP || ((m >> 3) & 7) == GPR_ESP);
	return m;
}

static u32 assemble(const char *text, u8 *out)
{
	u32 n = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (*text == '?') {
			out[n++] = (u8)(next_random() >> 11);
		} else if (*text == '*') {
			out[n++] = random_modrm();
		} else {
			const char hex[3] = {text[0], text[1], 0};

			out[n++] = (u8)strtoul(hex, NULL, 16);
			text++;
		}
	}
	return n;
}

static void randomize(struct regs *r, const struct host_case *c)
{
	for (unsigned i = 0; i < 8; i++)
		r->r[i] = interesting();
	r->r[GPR_ESP] = STACK;
	r->flags = FL_ONE | FL_IF | (next_random() & (ARITH | FL_DF));
	if (!c->in_memory)
		return;
	if (c->bytes[0] == 'f' && c->bytes[1] != '0') /* rep */
		r->r[GPR_ECX] = next_random() % REP_MAX;
	r->r[GPR_EBX] = DATA + MARGIN + next_random() % PAGE_SIZE;
	r->r[GPR_ESI] = DATA + MARGIN + next_random() % PAGE_SIZE;
	r->r[GPR_EDI] = DATA + MARGIN + next_random() % PAGE_SIZE;
	for (u32 i = 0; i < DATA_BYTES; i += 4)
		cpu_model_set(DATA + i, interesting(), 4);
}

static void to_frame(const struct regs *r)
{
	model_tf = (struct trapframe){.eax = r->r[0],
				      .ecx = r->r[1],
				      .edx = r->r[2],
				      .ebx = r->r[3],
				      .esp = r->r[4],
				      .ebp = r->r[5],
				      .esi = r->r[6],
				      .edi = r->r[7],
				      .eflags = r->flags,
				      .eip = CODE};
}

static struct regs from_frame(void)
{
	const struct trapframe *t = &model_tf;

	return (struct regs){
		{t->eax, t->ecx, t->edx, t->ebx, t->esp, t->ebp, t->esi, t->edi},
		t->eflags};
}

/* Runs one round; false when both raise #DE. */
static bool round_of(const struct host_case *c, u8 *code)
{
	static u8 before[DATA_BYTES], emulated[DATA_BYTES];
	u8 *data = cpu_model.mem + (DATA - MEM_BASE);
	u32 mask = (ARITH & ~c->undefined) | FL_DF, n;
	struct gfault f;
	struct regs r;

	randomize(&r, c);
	n = assemble(c->bytes, code);
	code[n] = 0xC3; /* ret */
	memcpy(cpu_model.mem, code, n);
	memcpy(before, data, sizeof(before));
	to_frame(&r);
	enum emulated done = emulate(&model_vm, &f);
	if (done != EMU_DONE) {
		cr_assert(done == EMU_FAULT && f.vector == VEC_DE, "%s", c->bytes);
		cr_assert_not(native(&r, code), "%s: no #DE", c->bytes);
		return false;
	}
	struct regs ours = from_frame();
	memcpy(emulated, data, sizeof(emulated));
	memcpy(data, before, sizeof(before));
	cr_assert(native(&r, code), "%s: #DE", c->bytes);
	cr_assert_arr_eq(ours.r, r.r, sizeof(r.r), "%s: registers", c->bytes);
	cr_assert_eq(ours.flags & mask, r.flags & mask, "%s: flags %x, not %x",
		     c->bytes, ours.flags & mask, r.flags & mask);
	cr_assert_arr_eq(emulated, data, sizeof(emulated), "%s: memory", c->bytes);
	cr_assert_eq(model_tf.eip, CODE + n, "%s", c->bytes);
	return true;
}

static void compare(const struct host_case *cases, size_t count)
{
	u32 done = 0;

	cpu_model_init();
#if !defined(__x86_64__)
	cr_skip_test("the host is not an x86-64");
#endif
	if (!cpu_model.at_base)
		cr_skip_test("guest memory is not at its own address");
	u8 *code = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		cr_skip_test("no executable memory");
	for (size_t i = 0; i < count; i++)
		for (u32 round = 0; round < ROUNDS; round++)
			done += round_of(&cases[i], code);
	cr_assert_gt(done, count * ROUNDS / 20);
}

#define HOST_TEST(name, ...)                                           \
	Test(emuhost, name)                                            \
	{                                                              \
		static const struct host_case cases[] = {__VA_ARGS__}; \
                                                                       \
		compare(cases, ARRAY_LEN(cases));                      \
	}

/* A row on registers, and one on memory; RU and MU with flags that are undefined. */
#define RU(bytes, flags)            \
	{                           \
		bytes, flags, false \
	}
#define MU(bytes, flags)           \
	{                          \
		bytes, flags, true \
	}
#define R(bytes) RU(bytes, 0)
#define M(bytes) MU(bytes, 0)
#define NOT_CARRY (ARITH & ~(u32)(FL_CF | FL_OF)) /* multiplication defines these two */
#define NOT_BIT (ARITH & ~(u32)(FL_CF | FL_ZF))
#define NOT_ZERO (ARITH & ~(u32)FL_ZF)

/* clang-format off */
HOST_TEST(add, R("00*"), R("01*"), R("66 01*"), R("02*"), R("03*"), R("04?"), R("05????"),
	  R("66 05??"), R("80 c3?"), R("81 c1????"), R("66 81 c2??"), R("83 c6?"), R("66 83 c6?"))
HOST_TEST(or, RU("08*", FL_AF), RU("09*", FL_AF), RU("66 09*", FL_AF), RU("0a*", FL_AF),
	  RU("0b*", FL_AF), RU("0c?", FL_AF), RU("0d????", FL_AF), RU("80 cb?", FL_AF),
	  RU("81 c9????", FL_AF), RU("83 ce?", FL_AF))
HOST_TEST(adc, R("10*"), R("11*"), R("66 11*"), R("12*"), R("13*"), R("14?"), R("15????"),
	  R("80 d3?"), R("81 d1????"), R("66 81 d2??"), R("83 d6?"), R("66 83 d6?"))
HOST_TEST(sbb, R("18*"), R("19*"), R("66 19*"), R("1a*"), R("1b*"), R("1c?"), R("1d????"),
	  R("80 db?"), R("81 d9????"), R("66 81 da??"), R("83 de?"), R("66 83 de?"))
HOST_TEST(and, RU("20*", FL_AF), RU("21*", FL_AF), RU("66 21*", FL_AF), RU("22*", FL_AF),
	  RU("23*", FL_AF), RU("24?", FL_AF), RU("25????", FL_AF), RU("80 e3?", FL_AF),
	  RU("81 e1????", FL_AF), RU("83 e6?", FL_AF))
HOST_TEST(sub, R("28*"), R("29*"), R("66 29*"), R("2a*"), R("2b*"), R("2c?"), R("2d????"),
	  R("80 eb?"), R("81 e9????"), R("66 81 ea??"), R("83 ee?"), R("66 83 ee?"))
HOST_TEST(xor, RU("30*", FL_AF), RU("31*", FL_AF), RU("66 31*", FL_AF), RU("32*", FL_AF),
	  RU("33*", FL_AF), RU("34?", FL_AF), RU("35????", FL_AF), RU("80 f3?", FL_AF),
	  RU("81 f1????", FL_AF), RU("83 f6?", FL_AF))
HOST_TEST(cmp, R("38*"), R("39*"), R("66 39*"), R("3a*"), R("3b*"), R("3c?"), R("3d????"),
	  R("80 fb?"), R("81 f9????"), R("66 81 fa??"), R("83 fe?"), R("66 83 fe?"))
HOST_TEST(arithmetic_in_memory,
	  M("00 0b"), M("01 0b"), M("66 11 0b"), M("19 0b"),
	  M("2b 0b"), M("03 4b 04"), M("39 0b"), M("3a 0b"),
	  M("80 03 ?"), M("81 13 ????"), M("66 81 2b ??"),
	  M("83 1b ?"), M("83 3b ?"), M("f0 01 0b"),
	  M("f0 83 03 ?"), MU("09 0b", FL_AF), MU("21 0b", FL_AF),
	  MU("31 0b", FL_AF), MU("80 23 ?", FL_AF), MU("f0 83 0b ?", FL_AF))
HOST_TEST(test, RU("84*", FL_AF), RU("85*", FL_AF), RU("66 85*", FL_AF), RU("a8?", FL_AF),
	  RU("a9????", FL_AF), RU("f6 c3?", FL_AF), RU("f7 c3????", FL_AF), MU("85 0b", FL_AF),
	  MU("f6 03 ?", FL_AF))
HOST_TEST(inc_dec_not_neg, R("fe c0"), R("fe c9"), R("ff c1"), R("ff ce"), R("66 ff c1"),
	  R("66 ff ce"), R("f6 d1"), R("f7 d2"), R("66 f7 d3"), R("f6 dc"), R("f7 de"),
	  R("66 f7 df"), M("fe 03"), M("ff 0b"), M("f7 13"),
	  M("f7 1b"), M("66 f7 1b"), M("f0 ff 03"))
HOST_TEST(shift_by_one, RU("d0 c1", FL_AF), RU("d1 ca", FL_AF), RU("66 d1 d1", FL_AF),
	  RU("d0 da", FL_AF), RU("d1 e1", FL_AF), RU("d0 ea", FL_AF), RU("d1 ea", FL_AF),
	  RU("66 d1 f1", FL_AF), RU("d0 f9", FL_AF), RU("d1 f9", FL_AF), MU("d1 03", FL_AF),
	  MU("d1 3b", FL_AF), MU("66 d1 2b", FL_AF))
HOST_TEST(shift_by_count, RU("c1 c2?", FL_AF | FL_OF), RU("c1 ca?", FL_AF | FL_OF),
	  RU("c1 d2?", FL_AF | FL_OF), RU("c1 da?", FL_AF | FL_OF), RU("c1 e2?", FL_AF | FL_OF),
	  RU("c1 ea?", FL_AF | FL_OF), RU("c1 f2?", FL_AF | FL_OF), RU("c1 fa?", FL_AF | FL_OF),
	  RU("d3 c2", FL_AF | FL_OF), RU("d3 da", FL_AF | FL_OF), RU("d3 e2", FL_AF | FL_OF),
	  RU("d3 fa", FL_AF | FL_OF), MU("d3 23", FL_AF | FL_OF))
HOST_TEST(shift_narrow_by_count, RU("c0 c2?", FL_AF | FL_OF), RU("c0 ca?", FL_AF | FL_OF),
	  RU("c0 d2?", FL_AF | FL_OF), RU("c0 da?", FL_AF | FL_OF),
	  RU("c0 e2?", FL_AF | FL_OF | FL_CF), RU("c0 ea?", FL_AF | FL_OF | FL_CF),
	  RU("c0 fa?", FL_AF | FL_OF), RU("66 c1 c2?", FL_AF | FL_OF),
	  RU("66 c1 d2?", FL_AF | FL_OF), RU("66 c1 da?", FL_AF | FL_OF),
	  RU("66 c1 e2?", FL_AF | FL_OF | FL_CF), RU("66 c1 fa?", FL_AF | FL_OF))
HOST_TEST(double_shift, RU("0f a4 ca?", FL_AF | FL_OF), RU("0f ac ca?", FL_AF | FL_OF),
	  RU("0f a5 c2", FL_AF | FL_OF), RU("0f ad f2", FL_AF | FL_OF),
	  RU("0f a4 ca 01", FL_AF), RU("0f ac ca 01", FL_AF), RU("66 0f a4 ca 0b", FL_AF | FL_OF),
	  RU("66 0f ac ca 0d", FL_AF | FL_OF), RU("66 0f a4 ca 01", FL_AF),
	  MU("0f a4 0b 07", FL_AF | FL_OF))
HOST_TEST(mul, RU("f6 e1", NOT_CARRY), RU("f7 e2", NOT_CARRY),
	  RU("66 f7 e3", NOT_CARRY), RU("f6 ec", NOT_CARRY),
	  RU("f7 ee", NOT_CARRY), RU("66 f7 ef", NOT_CARRY),
	  RU("0f af*", NOT_CARRY), RU("66 0f af*", NOT_CARRY),
	  RU("69*????", NOT_CARRY), RU("6b*?", NOT_CARRY),
	  RU("66 69*??", NOT_CARRY), MU("f7 23", NOT_CARRY))
HOST_TEST(div, RU("f6 f1", ARITH), RU("66 f7 f3", ARITH), RU("f7 f1", ARITH), MU("f7 33", ARITH))
HOST_TEST(idiv, RU("f6 f9", ARITH), RU("66 f7 fb", ARITH), RU("f7 f9", ARITH))
HOST_TEST(bits, RU("0f a3 c2", NOT_BIT), RU("0f ab c2", NOT_BIT),
	  RU("0f b3 c2", NOT_BIT), RU("0f bb c2", NOT_BIT),
	  RU("66 0f ab c2", NOT_BIT), RU("0f ba e2?", NOT_BIT),
	  RU("0f ba ea?", NOT_BIT), RU("0f ba f2?", NOT_BIT),
	  RU("66 0f ba fa?", NOT_BIT),
	  MU("0f ba 2b?", NOT_BIT),
	  MU("f0 0f ba 33?", NOT_BIT))
HOST_TEST(scan, RU("0f bc d1", NOT_ZERO), RU("0f bd d1", NOT_ZERO),
	  RU("66 0f bc d1", NOT_ZERO), RU("66 0f bd d1", NOT_ZERO),
	  MU("0f bc 13", NOT_ZERO))
HOST_TEST(mov, R("88*"), R("89*"), R("66 89*"), R("8a*"), R("8b*"), R("b1?"), R("bf????"),
	  R("66 bf??"), R("c6 c4?"), R("c7 c1????"), M("88 23"), M("89 0b"),
	  M("66 89 0b"), M("8a 0b"), M("8b 0b"), M("c6 03?"),
	  M("c7 03????"), M("66 c7 03??"))
HOST_TEST(extend, R("0f b6*"), R("66 0f b6*"), R("0f b7*"), R("0f be*"), R("66 0f be*"),
	  R("0f bf*"), R("98"), R("66 98"), R("99"), R("66 99"), M("0f b6 03"),
	  M("0f be 03"), M("0f bf 03"))
HOST_TEST(exchange, R("86*"), R("87*"), R("66 87*"), R("91"), R("66 97"), R("90"), R("0f c9"),
	  R("0f cf"), M("86 23"), M("87 0b"), M("f0 87 0b"))
HOST_TEST(xadd, R("0f c0*"), R("0f c1*"), R("66 0f c1*"), R("0f c1 c9"), M("0f c1 0b"),
	  M("f0 0f c0 0b"))
HOST_TEST(cmpxchg, R("0f b0*"), R("0f b1*"), R("66 0f b1*"), R("0f b1 c1"),
	  M("0f b0 0b"), M("f0 0f b1 0b"), M("66 0f b1 0b"))
HOST_TEST(cmpxchg8b, M("0f c7 0b"), M("f0 0f c7 0e"))
HOST_TEST(flag_instructions, R("9e"), R("9f"), R("f5"), R("f8"), R("f9"), R("fc"), R("fd"))
HOST_TEST(lea_xlat, R("8d 4b 7f"), R("8d 54 8b 80"), R("66 8d 54 8b 10"), R("8d 0c f5 ????"),
	  M("d7"))
HOST_TEST(setcc, R("0f 90 c1"), R("0f 91 c1"), R("0f 92 c1"), R("0f 93 c1"), R("0f 94 c1"),
	  R("0f 95 c1"), R("0f 96 c1"), R("0f 97 c1"), R("0f 98 c1"), R("0f 99 c1"), R("0f 9a c1"),
	  R("0f 9b c1"), R("0f 9c c1"), R("0f 9d c1"), R("0f 9e c1"), R("0f 9f c1"),
	  M("0f 9f 03"))
HOST_TEST(cmovcc, R("66 0f 40*"), R("66 0f 47*"), R("66 0f 4a*"), R("66 0f 4c*"), R("66 0f 4f*"))
HOST_TEST(strings_once, M("a4"), M("a5"), M("66 a5"), M("aa"),
	  M("ab"), M("ac"), M("ad"), M("a6"), M("a7"),
	  M("ae"), M("af"), M("66 af"))
HOST_TEST(strings_repeated, M("f3 a4"), M("f3 a5"), M("f3 66 a5"), M("f3 aa"), M("f3 ab"),
	  M("f3 66 ab"), M("f3 ac"), M("f3 ad"))
HOST_TEST(strings_compared, M("f3 a6"), M("f2 a6"), M("f3 a7"), M("f2 ae"), M("f3 ae"),
	  M("f2 af"), M("f3 66 af"))
/* clang-format on */
