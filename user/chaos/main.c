/*
 * The chaos guest: as long as it lives it makes up code, page tables, descriptors and
 * disk requests, and lets the machine below see how it copes. Every trap leads back to
 * the loop (user/mini/attempt.S), and what it needs is put right now and then. When that
 * is not enough the VM resets or is killed, which is what a bad kernel deserves; whoever
 * runs it starts it again, and its next life goes on with another part of the seed.
 *
 * Options: seed=N; steps=N (0: switch off at once; else so many in a life, 2^32 - 1).
 */
#include "../mini/attempt.h"
#include "../mini/machine.h"
#include "code.h"
#include "places.h"
#include "random.h"
#include "scribble.h"

enum {
	INFO_PORT = 0xBA10, /* the VMM's private port: all ones on a PC */
	INFO_LIVES = 6,
	MAPPED_MIB = 16,
	KIB = 1024,
	STACK = 4096,
	FLAG_ALWAYS = 0x2,
	FLAG_IF = 0x200,
	FLAG_TF = 0x100,
	FLAGS_ARITHMETIC = 0x8D5,
	FLAGS_ODD = 0x243400, /* ID, AC, IOPL, DF */
	VECTOR_IRQ0 = 0x20,
	IRQS = 16,
	REPAIR_EVERY = 8,
	TELL_EVERY = 4096,
};

static uint32_t home[PAGE_WORDS] __attribute__((aligned(PAGE_SIZE)));
static uint32_t tables[MAPPED_MIB * MIB / PAGE_SIZE]
	__attribute__((aligned(PAGE_SIZE)));
static uint8_t stack[STACK] __attribute__((aligned(PAGE_SIZE)));
static uint32_t attempts;

/* The interrupt controllers and the timer, which ends what else would not end. */
static void quiet_devices(void)
{
	static const uint16_t words[][2] = {
		{0x20, 0x11},
		{0x21, VECTOR_IRQ0},
		{0x21, 4},
		{0x21, 1},
		{0x21, 0},
		{0xA0, 0x11},
		{0xA1, VECTOR_IRQ0 + 8},
		{0xA1, 2},
		{0xA1, 1},
		{0xA1, 0},
		{0x43, 0x34},
		{0x40, 0xA9},
		{0x40, 0x04}, /* 1 kHz */
	};

	for (uint32_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		outb(words[i][0], (uint8_t)words[i][1]);
}

static void map_everything(void)
{
	uint32_t mib = memory_end / MIB < MAPPED_MIB ? memory_end / MIB : MAPPED_MIB;

	identity_map(home, tables, mib, PTE_W | PTE_U);
	for (uint32_t i = 0; i < PAGE_WORDS; i++)
		tables[i] &= ~(uint32_t)PTE_U;
	for (uint32_t d = 0; d < DIRECTORIES; d++)
		*(uint32_t *)directory_at(d) = home[0];
}

/* What the way back and the loop need. */
static void repair(void)
{
	write_cr3((uint32_t)home);
	write_cr4(once_in(2) ? CR4_PSE : 0);
	write_cr0(CR0_PE | CR0_PG | (once_in(2) ? CR0_WP : 0));
	tables_load();
	quiet_devices();
}

static uint32_t random_flags(void)
{
	uint32_t flags = FLAG_ALWAYS | (random32() & FLAGS_ARITHMETIC);

	if (!once_in(32))
		flags |= FLAG_IF;
	if (once_in(32))
		flags |= FLAG_TF;
	if (once_in(64))
		flags |= random32() & FLAGS_ODD;
	return flags;
}

static void random_registers(void)
{
	uint32_t *reg = (uint32_t *)&launch_regs;

	for (uint32_t i = 0; i < sizeof(launch_regs) / sizeof(*reg); i++)
		reg[i] = once_in(6) ? random32() >> random_below(32) : any_address();
	if (!once_in(16))
		launch_regs.ecx = random_below(16);
}

/* Where the code is put within its page; across its end at times. */
static uint32_t random_start(void)
{
	if (once_in(4))
		return PAGE_SIZE - random_below(CODE_MAX / 4);
	return random_below(PAGE_SIZE - CODE_MAX);
}

static void end_interrupt(void)
{
	uint32_t irq = outcome_vector - VECTOR_IRQ0;

	if (irq >= IRQS)
		return;
	if (irq >= IRQS / 2)
		outb(0xA0, 0x20);
	outb(0x20, 0x20);
}

/* Some code, in some ring, by some directory's mapping of it. */
static void one_attempt(void)
{
	uint32_t code = code_page_at(random_below(CODE_PAGES)), start = random_start();
	uint32_t directory = (uint32_t)home, at = code;
	bool user = once_in(3);

	code_make((uint8_t *)(code + start));
	if (once_in(2)) {
		directory = directory_at(random_below(DIRECTORIES));
		*(uint32_t *)directory = home[0];
		at = scribble_code_alias(directory, code);
	}
	random_registers();
	attempt_prepare(user, at + start,
			user ? any_address() : (uint32_t)stack + STACK / 2,
			random_flags());
	if (directory != (uint32_t)home)
		write_cr3(directory);
	attempt_run();
	attempts++;
	write_cr3((uint32_t)home);
	end_interrupt();
}

static void one_step(uint32_t step)
{
	if (step % REPAIR_EVERY == 0)
		repair();
	if (step % (REPAIR_EVERY * REPAIR_EVERY) == 0)
		map_everything();
	switch (random_below(8)) {
	case 0:
		scribble_descriptors();
		break;
	case 1:
		if (once_in(4))
			scribble_disk();
		break;
	case 2:
	case 3:
		scribble_entries();
		break;
	default: /* nothing in between */
		break;
	}
	for (uint32_t n = 1 + random_below(3); n > 0; n--)
		one_attempt();
}

static uint32_t which_life(void)
{
	outl(INFO_PORT, INFO_LIVES);
	return inl(INFO_PORT);
}

int main(void)
{
	uint32_t seed = option("seed", 1), steps = option("steps", ~0u);
	uint32_t life = which_life();

	serial_init();
	print("chaos: seed %u life %u\n", seed, life);
	if (steps == 0)
		power_off();
	memory_end = (mini_mem_upper + KIB) * KIB;
	random_seed(seed, life);
	map_everything();
	scribble_all();
	for (uint32_t step = 0; step < steps; step++) {
		one_step(step);
		if (step % TELL_EVERY == TELL_EVERY - 1) {
			repair();
			serial_init();
			print("chaos: life %u step %u attempts %u\n", life, step + 1,
			      attempts);
		}
	}
	print("chaos: life %u ends, %u attempts\n", life, attempts);
	power_off();
}
