/*
 * The decoder, against a table of encodings and against rules that hold for all of them.
 * Bytes always lie in a heap block of just their size, so that the address sanitizer sees
 * a read beyond what was offered.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/unit/encodings.h"
#include "grader/unit/insn_text.h"
#include "vmm/cpu.h"
#include "vmm/decode.h"

enum { TEXT_MAX = 160 };

/* Decodes `n` bytes from a block that ends with them. */
static enum decoded decode_exact(const u8 *bytes, u32 n, struct insn *in)
{
	u8 *block = malloc(n ? n : 1);

	memcpy(block, bytes, n);
	enum decoded d = decode(n ? block : block + 1, n, in);
	free(block);
	return d;
}

static enum decoded decode_text(const char *text, struct insn *in)
{
	u8 bytes[BYTES_MAX];

	return decode_exact(bytes, insn_bytes(text, bytes), in);
}

/* Each row of the group decodes to its text, and is as long as its bytes. */
static void check_rows(const char *group)
{
	u32 rows = 0;

	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		const struct encoding *e = &encodings[i];
		u8 bytes[BYTES_MAX];
		char text[TEXT_MAX];
		struct insn in;

		if (strcmp(e->group, group) != 0)
			continue;
		u32 n = insn_bytes(e->bytes, bytes);
		cr_assert_eq(decode_exact(bytes, n, &in), DECODE_OK, "%s", e->bytes);
		insn_text(&in, text, sizeof(text));
		cr_expect_str_eq(text, e->text, "%s is %s, not %s", e->bytes, e->text,
				 text);
		cr_expect_eq(in.length, n, "%s is %u long, not %u", e->bytes, n,
			     in.length);
		rows++;
	}
	cr_assert_geq(rows, 20);
}

/* What is cut short is reported as such, however short; what follows does not matter. */
static void check_cuts(const char *group)
{
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		const struct encoding *e = &encodings[i];
		u8 bytes[BYTES_MAX];
		struct insn whole, in;

		if (strcmp(e->group, group) != 0)
			continue;
		u32 n = insn_bytes(e->bytes, bytes);
		cr_assert_eq(decode_exact(bytes, n, &whole), DECODE_OK);
		for (u32 cut = 0; cut < n; cut++)
			cr_expect_eq(decode_exact(bytes, cut, &in), DECODE_SHORT,
				     "%s cut to %u", e->bytes, cut);
		memset(bytes + n, 0xA5, BYTES_MAX - n);
		cr_expect_eq(decode_exact(bytes, INSN_MAX, &in), DECODE_OK, "%s",
			     e->bytes);
		cr_expect_eq(in.length, n, "%s with more behind it", e->bytes);
		cr_expect_eq(in.imm, whole.imm, "%s with more behind it", e->bytes);
	}
}

#define GROUP_TESTS(group)              \
	Test(decode, group##_rows)      \
	{                               \
		check_rows(#group);     \
	}                               \
	Test(decode, group##_cut_short) \
	{                               \
		check_cuts(#group);     \
	}

GROUP_TESTS(alu)
GROUP_TESTS(data)
GROUP_TESTS(strings)
GROUP_TESTS(flow)
GROUP_TESTS(segments)
GROUP_TESTS(system)
GROUP_TESTS(address)
GROUP_TESTS(prefix)

static void expect_op(const char *const *rows, size_t count, enum op op)
{
	struct insn in;

	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(decode_text(rows[i], &in), DECODE_OK, "%s", rows[i]);
		cr_expect_eq(in.op, op, "%s", rows[i]);
	}
}

static void expect_unknown(const char *const *rows, size_t count)
{
	struct insn in;

	for (size_t i = 0; i < count; i++)
		cr_expect_eq(decode_text(rows[i], &in), DECODE_UNKNOWN, "%s", rows[i]);
}

#define EXPECT_UD(...)                                    \
	do {                                              \
		const char *const rows[] = {__VA_ARGS__}; \
		expect_op(rows, ARRAY_LEN(rows), OP_UD);  \
	} while (0)
#define EXPECT_UNKNOWN(...)                               \
	do {                                              \
		const char *const rows[] = {__VA_ARGS__}; \
		expect_unknown(rows, ARRAY_LEN(rows));    \
	} while (0)

/* SDM vol. 2, LOCK: a list of operations, and only with a destination in memory. */
Test(decode, lock_needs_memory)
{
	EXPECT_UD("f0 01 c1", "f0 ff c0", "f0 0f b1 c1", "f0 0f c1 c1", "f0 87 c1",
		  "f0 83 c0 01", "f0 f7 d0", "f0 0f ba e8 01", "f0 40", "f0 91");
}

Test(decode, lock_needs_the_destination)
{
	EXPECT_UD("f0 03 01", "f0 2b 00", "f0 12 00", "f0 33 06");
}

Test(decode, lock_needs_a_lockable_operation)
{
	EXPECT_UD("f0 89 01", "f0 8b 01", "f0 39 01", "f0 83 38 01", "f0 85 01",
		  "f0 0f a3 01", "f0 0f ba 20 01", "f0 c1 20 01", "f0 f7 20",
		  "f0 ff 30", "f0 f4", "f0 fa", "f0 a4", "f0 f3 ab", "f0 0f 22 d8",
		  "f0 0f 01 10", "f0 0f 01 38", "f0 90", "f0 e4 60", "f0 cf",
		  "f0 c7 00 01 00 00 00", "f0 8f 00");
}

Test(decode, memory_only_operands)
{
	EXPECT_UD("8d c0", "0f c7 c8", "ff d8", "ff e8", "0f b2 c0", "0f b4 c0",
		  "0f c3 c0");
}

Test(decode, registers_that_do_not_exist)
{
	EXPECT_UD("0f 20 c8", "0f 20 e8", "0f 22 c8", "0f 22 f8", "0f 22 f0", "8e c8",
		  "8e f0", "8e 38", "8c f0", "8c 38");
}

Test(decode, other_instructions_in_the_register_form)
{
	EXPECT_UNKNOWN("c4 c0", "c5 c0", "0f 01 c1", "0f 01 d0", "0f 01 c8", "0f 01 f8",
		       "0f 01 ca", "f3 0f 01 38");
}

Test(decode, unknown_opcodes)
{
	EXPECT_UNKNOWN("62 00", "63 00", "27", "2f", "37", "3f", "9b", "d4 0a", "d5 0a",
		       "d6", "d8 00", "d9 e8", "df e0", "f1", "0f 04", "0f 05", "0f 07",
		       "0f 0a", "0f 10 00", "0f 28 c0", "0f 34", "0f 35", "0f 38 00 00",
		       "0f 3a 0f c0 01", "0f 50 c0", "0f 6f 00", "0f 77", "0f ae 00",
		       "0f c2 00", "0f c4 c0 00", "0f d0", "0f aa", "0f a6", "0f b8 00",
		       "f3 0f b8 c0");
}

Test(decode, unknown_group_members)
{
	EXPECT_UNKNOWN("8f 08", "c6 08 00", "c7 38", "fe 10", "fe 38", "ff 38",
		       "0f 00 30", "0f 01 28", "0f ba 00 01", "0f ba 18 01", "0f c7 30",
		       "0f c7 00");
}

Test(decode, rep_that_means_another_instruction)
{
	EXPECT_UNKNOWN("f3 0f bc c0", "f3 0f bd c0", "f2 0f bc c0", "f3 0f c3 00");
}

Test(decode, sixteen_bytes_are_too_many)
{
	struct insn in;
	u8 bytes[BYTES_MAX];

	memset(bytes, 0x66, sizeof(bytes));
	cr_expect_eq(decode_exact(bytes, INSN_MAX, &in), DECODE_UNKNOWN);
	cr_expect_eq(decode_exact(bytes, INSN_MAX - 1, &in), DECODE_SHORT);
	cr_expect_eq(decode_exact(bytes, BYTES_MAX, &in), DECODE_UNKNOWN);
	/* five prefixes, then eleven bytes: the last one is the sixteenth */
	cr_expect_eq(decode_text("2e 2e 2e 2e 2e c7 84 88 04 03 02 01 0d 0c 0b", &in),
		     DECODE_UNKNOWN);
	cr_expect_eq(decode_text("2e 2e 2e 2e 2e c7 84 88 04 03 02", &in),
		     DECODE_SHORT);
}

Test(decode, all_conditions)
{
	for (u32 cc = 0; cc < 16; cc++) {
		const u8 forms[4][6] = {{0x70 + cc, 5},
					{0x0F, 0x80 + cc, 5, 0, 0, 0},
					{0x0F, 0x90 + cc, 0xC1},
					{0x0F, 0x40 + cc, 0xC1}};
		const u32 lengths[4] = {2, 6, 3, 3};
		const enum op ops[4] = {OP_JCC, OP_JCC, OP_SETCC, OP_CMOVCC};

		for (u32 i = 0; i < 4; i++) {
			struct insn in;

			cr_assert_eq(decode_exact(forms[i], lengths[i], &in),
				     DECODE_OK);
			cr_expect_eq(in.op, ops[i]);
			cr_expect_eq(in.cond, cc);
		}
	}
}

/* inc dec push pop, mov immediates, xchg, bswap: the register is in the opcode. */
Test(decode, registers_in_the_opcode)
{
	static const struct {
		u8 escape, opcode;
		u32 length, operand;
	} rows[] = {
		{0, 0x40, 1, 0}, {0, 0x48, 1, 0}, {0, 0x50, 1, 0},    {0, 0x58, 1, 0},
		{0, 0xB0, 2, 0}, {0, 0xB8, 5, 0}, {0x0F, 0xC8, 2, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (u8 r = 0; r < 8; r++) {
			u8 bytes[6] = {rows[i].opcode + r};
			struct insn in;

			if (rows[i].escape) {
				bytes[0] = rows[i].escape;
				bytes[1] = rows[i].opcode + r;
			}
			cr_assert_eq(decode_exact(bytes, rows[i].length, &in),
				     DECODE_OK);
			cr_expect_eq(in.opd[0].kind, OPD_REG);
			cr_expect_eq(in.opd[0].reg, r);
		}
	}
}

/* The length of `mov %eax, ModRM` with 32-bit addresses, by the rules of the manual. */
static u32 length32(u8 modrm, u8 sib)
{
	u32 mod = modrm >> 6, rm = modrm & 7, n = 2;

	if (mod == 3)
		return n;
	if (rm == 4)
		n += 1 + (mod == 0 && (sib & 7) == 5 ? 4 : 0);
	if (mod == 0 && rm == 5)
		n += 4;
	return n + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

Test(decode, every_modrm_and_sib)
{
	for (u32 modrm = 0; modrm < 256; modrm++) {
		for (u32 sib = 0; sib < 256; sib++) {
			const u8 bytes[INSN_MAX] = {0x89, (u8)modrm, (u8)sib, 1,
						    2,	  3,	     4,	      5};
			u32 n = length32((u8)modrm, (u8)sib);
			struct insn in;

			cr_assert_eq(decode(bytes, n, &in), DECODE_OK, "%x %x", modrm,
				     sib);
			cr_assert_eq(in.length, n);
			cr_assert_eq(in.opd[1].reg, (modrm >> 3) & 7);
			cr_assert_eq(decode(bytes, n - 1, &in), DECODE_SHORT);
		}
	}
}

Test(decode, every_modrm_of_16_bit_addresses)
{
	for (u32 modrm = 0; modrm < 256; modrm++) {
		const u8 bytes[INSN_MAX] = {0x67, 0x89, (u8)modrm, 1, 2, 3};
		u32 mod = modrm >> 6, rm = modrm & 7;
		u32 n = 3 + (mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 6) ? 2 : 0);
		struct insn in;

		cr_assert_eq(decode(bytes, n, &in), DECODE_OK, "%x", modrm);
		cr_assert_eq(in.length, n, "%x", modrm);
		cr_assert_eq(in.addrsize, 2);
		cr_assert_eq(decode(bytes, n - 1, &in), DECODE_SHORT);
	}
}

/* The default segment is SS exactly where the base is ESP or EBP. */
Test(decode, default_segments)
{
	for (u32 base = 0; base < 8; base++) {
		const u8 bytes[4] = {0x89, 0x44, (u8)(0x08 | base), 0};
		struct insn in;

		cr_assert_eq(decode(bytes, 4, &in), DECODE_OK);
		cr_expect_eq(in.mem.seg,
			     base == GPR_ESP || base == GPR_EBP ? SEG_SS : SEG_DS);
	}
}

/* A small generator of our own: the same bytes on every machine. */
static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Whatever the bytes: inside the block, deterministic, and fields within their ranges. */
Test(decode, random_bytes)
{
	u32 state = 20260101;

	for (u32 round = 0; round < 300000; round++) {
		u32 n = next_random(&state) % (INSN_MAX + 1);
		u8 bytes[INSN_MAX];
		struct insn a, b;

		for (u32 i = 0; i < n; i++)
			bytes[i] = (u8)(next_random(&state) >> 9);
		if (n > 2 && (next_random(&state) & 3) == 0)
			bytes[0] = 0x0F;
		enum decoded d = decode_exact(bytes, n, &a);
		cr_assert_eq(decode_exact(bytes, n, &b), d);
		if (d != DECODE_OK)
			continue;
		cr_assert(a.length >= 1 && a.length <= n && a.length == b.length);
		cr_assert(a.op > OP_UNKNOWN && a.op < OP_COUNT && a.op == b.op);
		cr_assert(a.mem.seg < SEG_COUNT && a.mem.base <= GPR_NONE);
		cr_assert(a.mem.index <= GPR_NONE && a.mem.shift <= 3);
		for (u32 i = 0; i < INSN_OPERANDS; i++)
			cr_assert(a.opd[i].reg < 8 && a.opd[i].size <= 4);
	}
}

/* What is recalled is what decoding gives, at whatever length is offered. */
Test(decode, recall_equals_decode)
{
	u32 state = 42;

	for (u32 round = 0; round < 20000; round++) {
		const struct encoding *e =
			&encodings[next_random(&state) % ARRAY_LEN(encodings)];
		u8 bytes[BYTES_MAX];
		u32 n = insn_bytes(e->bytes, bytes),
		    avail = next_random(&state) % (INSN_MAX + 1);
		struct insn a, b;

		for (u32 i = n; i < INSN_MAX; i++)
			bytes[i] = (u8)next_random(&state);
		bytes[next_random(&state) % INSN_MAX] ^= next_random(&state) & 4;
		enum decoded d = decode(bytes, avail, &a);
		cr_assert_eq(decode_recall(bytes, avail, &b), d, "%s", e->bytes);
		if (d != DECODE_OK)
			continue;
		char ours[TEXT_MAX], theirs[TEXT_MAX];

		insn_text(&a, ours, sizeof(ours));
		insn_text(&b, theirs, sizeof(theirs));
		cr_assert_str_eq(ours, theirs);
		cr_assert_eq(a.length, b.length);
	}
}

/* Bytes that differ behind the slot's key, and one instruction inside another's bytes. */
Test(decode, recall_looks_at_all_bytes)
{
	const u8 one[INSN_MAX] = {0xC7, 0x05, 0, 0x10, 0, 0, 1, 0, 0, 0};
	const u8 two[INSN_MAX] = {0xC7, 0x05, 0, 0x10, 0, 0, 2, 0, 0, 0};
	struct insn in;

	for (u32 i = 0; i < 3; i++) {
		cr_assert_eq(decode_recall(one, INSN_MAX, &in), DECODE_OK);
		cr_assert_eq(in.imm, 1);
		cr_assert_eq(decode_recall(two, INSN_MAX, &in), DECODE_OK);
		cr_assert_eq(in.imm, 2);
		cr_assert_eq(decode_recall(two, 9, &in), DECODE_SHORT);
	}
}
