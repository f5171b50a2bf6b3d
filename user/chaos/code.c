/*
 * The generator. Plain random bytes are mostly #UD or harmless; so most picks are forms
 * that a VMM has to know: privileged ones, those that touch segments, flags or memory in
 * odd ways. Pointers are in the registers already (main.c), so most operands hit.
 */
#include "code.h"

#include "../mini/machine.h"
#include "places.h"
#include "random.h"

enum {
	INT_N = 0xCD,
	HLT = 0xF4,
	MOV_IMM = 0xB8, /* + register */
	TWO_BYTE = 0x0F,
	DISPLACED = 0x40, /* ModRM: a register and a byte */
	LGDT = 2,	  /* within 0F 01 */
	LIDT = 3,
	REGISTER_ESP = 4,
	REGISTER_ECX = 1,
	REGISTER_EDX = 2,
	INSN_MAX = 48,
	PREFIXES_MAX = 6,
	LAST = 2,
};

static uint8_t *at;

static void byte(uint32_t value)
{
	*at++ = (uint8_t)value;
}

static void word32(uint32_t value)
{
	for (uint32_t i = 0; i < 4; i++)
		byte(value >> 8 * i);
}

static uint8_t pick(const uint8_t *from, uint32_t n)
{
	return from[random_below(n)];
}

#define PICK(array) pick(array, sizeof(array))

/* Any register but ESP gets a value; ESP seldom, as it is the way back. */
static void load_register(uint32_t reg, uint32_t value)
{
	if (reg == REGISTER_ESP && !once_in(64))
		reg++;
	byte(MOV_IMM + reg);
	word32(value);
}

/* A ModRM byte with all that belongs to it: mostly memory by a register. */
static void modrm(uint32_t reg)
{
	uint32_t rm = random_below(8), mod = random_below(4);

	if (once_in(3))
		mod = 0;
	byte(mod << 6 | reg << 3 | rm);
	if (mod == 3)
		return;
	if (rm == 4)
		byte(random32());
	if (mod == 1)
		byte(random32());
	else if (mod == 2)
		word32(once_in(2) ? random_below(64) : random32());
	else if (rm == 5)
		word32(any_address());
}

static void prefixes(void)
{
	static const uint8_t all[] = {0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26,
				      0x2E, 0x36, 0x3E, 0x64, 0x65};

	for (uint32_t i = 0; i < PREFIXES_MAX && once_in(5); i++)
		byte(PICK(all));
}

/* --- kinds of instructions -------------------------------------------------------- */

static void raw(void)
{
	for (uint32_t n = 1 + random_below(8); n > 0; n--)
		byte(random32());
}

static void plain_memory(void)
{
	static const uint8_t opcodes[] = {
		0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x11, 0x19, 0x20, 0x21,
		0x29, 0x31, 0x33, 0x39, 0x3B, 0x84, 0x85, 0x86, 0x87, 0x88,
		0x89, 0x8A, 0x8B, 0x8D, 0x8F, 0xD0, 0xD1, 0xD2, 0xD3, 0xFE,
		0xFF, 0x62, 0x63, 0xC4, 0xC5, 0xD9, 0xDB, 0xDD};

	prefixes();
	byte(PICK(opcodes));
	modrm(random_below(8));
}

/*
 * bt, bts, btr, btc: in memory only. With a lock prefix and a register they end QEMU 7.2
 * itself ("tcg fatal error").
 */
static void bit_in_memory(void)
{
	static const uint8_t opcodes[] = {0xA3, 0xAB, 0xB3, 0xBB};
	uint32_t opcode = PICK(opcodes), reg = random_below(8);

	prefixes();
	byte(TWO_BYTE);
	byte(opcode);
	byte(DISPLACED | reg << 3 | random_below(REGISTER_ESP));
	byte(random32());
}

static void immediate_memory(void)
{
	static const uint8_t opcodes[] = {0x80, 0x81, 0x83, 0xC6, 0xC7, 0xF6,
					  0xF7, 0xC0, 0xC1, 0x69, 0x6B};

	prefixes();
	byte(PICK(opcodes));
	modrm(once_in(2) ? 0 : random_below(8));
	word32(random32());
}

static void two_byte_memory(void)
{
	static const uint8_t opcodes[] = {0xA5, 0xAD, 0xB0, 0xB1, 0xC0, 0xC1, 0xC7,
					  0xB6, 0xB7, 0xBE, 0xBF, 0xAF, 0x94, 0x44,
					  0xB2, 0xB4, 0xB5, 0xAE, 0x18, 0x02, 0x03,
					  0x11, 0x29, 0x7F, 0xE7, 0xC3, 0x1F};

	prefixes();
	byte(TWO_BYTE);
	byte(PICK(opcodes));
	modrm(random_below(8));
}

/* Few, mostly: a page of them takes long where each is emulated. */
static uint32_t repetitions(void)
{
	if (once_in(256))
		return random32();
	return random_below(once_in(16) ? 1024 : 12);
}

static void string(void)
{
	static const uint8_t opcodes[] = {0xA4, 0xA5, 0xA6, 0xA7, 0xAA, 0xAB, 0xAC,
					  0xAD, 0xAE, 0xAF, 0x6C, 0x6D, 0x6E, 0x6F};
	static const uint8_t repeats[] = {0xF2, 0xF3, 0x66};

	load_register(REGISTER_ECX, repetitions());
	if (once_in(16))
		byte(0xFD); /* std */
	prefixes();
	if (!once_in(4))
		byte(PICK(repeats));
	byte(PICK(opcodes));
}

/* lgdt, lidt, sgdt, invlpg, lmsw and their neighbours; lldt, ltr, verr ... */
static void tables(void)
{
	uint32_t group = random_below(2), form = random_below(8);

	if (group == 1 && (form == LGDT || form == LIDT) && !once_in(8))
		form -= LGDT; /* sgdt, sidt: the others are mostly the end */
	prefixes();
	byte(TWO_BYTE);
	byte(group);
	modrm(form);
}

static uint32_t control_value(uint32_t which)
{
	switch (which) {
	case 0:
		return CR0_PE | (random32() & (CR0_PG | CR0_WP | 0x2E)) |
		       (once_in(4) ? 0 : CR0_PG) | (once_in(64) ? random32() << 4 : 0);
	case 3:
		return once_in(64) ? any_frame()
				   : directory_at(random_below(DIRECTORIES)) |
					     (random32() & 0x18);
	case 4:
		return once_in(4) ? random32() : random32() & (CR4_PSE | 0x84);
	default:
		return any_address();
	}
}

static void control_register(void)
{
	static const uint8_t numbers[] = {0, 2, 3, 3, 3, 4, 4, 1};
	uint32_t which = PICK(numbers), reg = random_below(4);

	load_register(reg, control_value(which));
	byte(TWO_BYTE);
	byte(once_in(4) ? 0x20 : 0x22);
	byte(0xC0 | (which & 7) << 3 | reg);
}

static void system_bytes(void)
{
	static const uint8_t one[] = {0xFA, 0xFB, 0xFB, 0xFB, 0x9C, 0x9D, 0xCF, 0xCB,
				      0xCC, 0xCE, 0xF1, 0x06, 0x0E, 0x16, 0x1E, 0x07,
				      0x17, 0x1F, 0x60, 0x61, 0x9B, 0xD6, 0xC9};
	static const uint8_t two[] = {0x06, 0x08, 0x09, 0x0B, 0x30, 0x31, 0x32,
				      0x33, 0xA2, 0xA0, 0xA1, 0xA8, 0xA9, 0x34,
				      0x35, 0x77, 0xAA, 0x05, 0x07, 0x0E};

	if (once_in(16)) {
		byte(HLT); /* seldom: it waits for a tick */
		return;
	}
	if (once_in(8))
		prefixes();
	if (once_in(2)) {
		byte(PICK(one));
		return;
	}
	byte(TWO_BYTE);
	byte(PICK(two));
}

static uint32_t any_selector(void)
{
	return once_in(3) ? random32() & 0xFFFF : random_below(8) * 8 + random_below(4);
}

static void segments(void)
{
	load_register(0, any_selector());
	switch (random_below(5)) {
	case 0:
		byte(0x9A); /* far call */
		word32(any_address());
		byte(any_selector());
		byte(0);
		break;
	case 1:
		byte(0xEA); /* far jump */
		word32(any_address());
		byte(any_selector());
		byte(0);
		break;
	case 2:
		byte(0x6A); /* push a selector, pop it into a segment register */
		byte(any_selector());
		byte(once_in(2) ? 0x07 : 0x1F);
		break;
	default:
		byte(0x8E); /* mov to one */
		byte(0xC0 | random_below(6) << 3);
		break;
	}
}

/* SS, ESP, EFLAGS, CS, EIP: as iret takes them. Virtual-8086 mode is asked for seldom. */
static uint32_t frame_word(uint32_t i)
{
	enum {
		FRAME_SS = 1,
		FRAME_FLAGS = 3,
		FRAME_CS = 4,
		FLAG_VM = 0x20000,
		FLAG_NT = 0x4000
	};

	if (i == FRAME_SS || i == FRAME_CS)
		return any_selector();
	if (i == FRAME_FLAGS)
		return random32() &
		       (once_in(256) ? ~0u : ~(uint32_t)(FLAG_VM | FLAG_NT));
	return any_address();
}

/* A frame of random making, and iret or a far return to take it. */
static void far_return(void)
{
	for (uint32_t i = 1; i <= 5; i++) {
		byte(0x68); /* push */
		word32(frame_word(i));
	}
	if (once_in(32))
		prefixes();
	byte(once_in(8) ? 0xCB : 0xCF);
}

static void interrupt(void)
{
	byte(INT_N);
	byte(random32());
}

static void ports(void)
{
	static const uint16_t numbers[] = {
		0x20,  0x21,  0xA0,   0xA1,  0x40,   0x41,   0x42,   0x43,  0x60,
		0x61,  0x64,  0x70,   0x71,  0x1F0,  0x1F1,  0x1F2,  0x1F6, 0x1F7,
		0x3F6, 0x3F8, 0x3F9,  0x3FA, 0x3FB,  0x3FC,  0x3FD,  0xCF8, 0xCFC,
		0xCFE, 0x4D0, 0xB100, 0x510, 0xC000, 0xC002, 0xC004, 0x80,  0x2F8};
	static const uint8_t opcodes[] = {0xEC, 0xED, 0xEE, 0xEF, 0xEE,
					  0xEF, 0xE4, 0xE5, 0xE6, 0xE7};
	uint8_t opcode = PICK(opcodes);
	uint32_t port = numbers[random_below(sizeof(numbers) / sizeof(*numbers))];

	load_register(REGISTER_EDX, once_in(8) ? random32() & 0xFFFF : port);
	if (once_in(2))
		load_register(0, random32());
	prefixes();
	byte(opcode);
	if (opcode < 0xE8)
		byte(random_below(0xF0));
}

static void jump(void)
{
	byte(once_in(2) ? 0xFF : 0xE9);
	if (at[-1] == 0xFF)
		modrm(2 + random_below(5));
	else
		word32(random32());
}

static void (*const kinds[])(void) = {
	raw,
	plain_memory,
	plain_memory,
	immediate_memory,
	two_byte_memory,
	string,
	tables,
	control_register,
	system_bytes,
	segments,
	far_return,
	interrupt,
	ports,
	ports,
	jump,
	bit_in_memory,
};

uint32_t code_make(uint8_t *to)
{
	uint32_t n = 1 + random_below(4);

	at = to;
	if (once_in(128))
		load_register(REGISTER_ESP, any_address());
	for (uint32_t i = 0; i < n && at - to < CODE_MAX - INSN_MAX - LAST; i++)
		kinds[random_below(sizeof(kinds) / sizeof(*kinds))]();
	byte(INT_N);
	byte(VECTOR_DONE);
	return (uint32_t)(at - to);
}
