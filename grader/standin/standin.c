/*
 * The stand-in: a machine that ends its run in every way that the harness must tell apart.
 *
 * It keeps the machine's side of the contract in docs/HARNESS.md and nothing else: event
 * lines on port 0xE9, the plugin's ports, the clean end. Its scenario is not played but
 * searched: the words in it say which misbehaviour is wanted. Only the harness's own
 * tests boot it.
 */
#include <stdint.h>
#include <stdbool.h>

enum {
	PORT_EVENTS = 0xE9,
	PORT_BOCHS_SHUTDOWN = 0x8900,
	PORT_QEMU_EXIT = 0xF4,
	PORT_SEED = 0xB104,
	PORT_CHECKPOINT = 0xB108,
	PORT_EXIT = 0xB10C,
};
enum { ABSENT = 0xFFFFFFFF };

/* Multiboot information, section 3.3 of its specification: what is used of it. */
struct multiboot {
	uint32_t flags, mem_lower, mem_upper, boot_device;
	const char *cmdline;
	uint32_t mods_count;
	const struct module *mods;
};
struct module {
	const char *start, *end, *name;
	uint32_t reserved;
};

void standin_main(const struct multiboot *info);

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void say(const char *text)
{
	while (*text)
		out8(PORT_EVENTS, (uint8_t)*text++);
}

static void say_number(uint32_t value)
{
	if (value >= 10)
		say_number(value / 10);
	out8(PORT_EVENTS, (uint8_t)('0' + value % 10));
}

/* Instructions since power-on, in the machine's own count; 32 bits are enough here. */
static uint32_t tick(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low;
}

static bool has(const char *text, const char *end, const char *word)
{
	for (; text < end; text++) {
		uint32_t i = 0;

		while (word[i] && text + i < end && text[i] == word[i])
			i++;
		if (!word[i])
			return true;
	}
	return false;
}

/* The plugin takes its dump at the write; a debugger stops at the magic instruction. */
static void checkpoint(uint32_t number)
{
	out32(PORT_CHECKPOINT, number);
	__asm__ volatile("xchgw %bx, %bx");
	say("@1 checkpoint name=c n=");
	say_number(number);
	say(" tick=");
	say_number(tick());
	say("\n");
}

static void __attribute__((noreturn)) stop(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Ends the machine the clean way, or only turns it off when the event is not wanted. */
static void __attribute__((noreturn)) end(uint32_t status, bool with_event)
{
	if (with_event) {
		say("@2 exit status=");
		say_number(status);
		say(" tick=");
		say_number(tick());
		say("\n");
		out32(PORT_EXIT, status);
	}
	for (const char *c = "Shutdown"; *c; c++)
		out8(PORT_BOCHS_SHUTDOWN, (uint8_t)*c);
	out8(PORT_QEMU_EXIT, (uint8_t)status);
	stop();
}

static void __attribute__((noreturn)) triple_fault(void)
{
	static const uint16_t no_idt[3];

	__asm__ volatile("lidt %0; int3" : : "m"(no_idt));
	stop();
}

static void __attribute__((noreturn)) flood(void)
{
	for (;;)
		say("@1 con vm=1 text=\"a line that comes again and again and again\"\n");
}

static void misbehave(const char *text, const char *end_of_text)
{
	if (has(text, end_of_text, "do-panic")) {
		say("@1 panic text=\"the stand-in panics\"\n");
		stop();
	}
	if (has(text, end_of_text, "do-triple"))
		triple_fault();
	if (has(text, end_of_text, "do-hang"))
		stop();
	if (has(text, end_of_text, "do-spin"))
		for (;;)
			__asm__ volatile("pause");
	if (has(text, end_of_text, "do-flood"))
		flood();
	if (has(text, end_of_text, "do-noexit"))
		end(0, false);
	if (has(text, end_of_text, "do-kill"))
		say("@1 vm.kill vm=2 why=\"the stand-in says so\"\n");
}

void standin_main(const struct multiboot *info)
{
	const struct module *mod = info->mods;
	const char *text = "", *text_end = text;
	uint32_t seed = in32(PORT_SEED);

	for (uint32_t i = 0; i < info->mods_count; i++)
		if (has(mod[i].name, mod[i].name + sizeof("scenario") - 1,
			"scenario")) {
			text = mod[i].start;
			text_end = mod[i].end;
		}
	say("@0 boot seed=");
	say_number(seed == ABSENT ? 0 : seed);
	say(" mem=");
	say_number(info->mem_upper / 1024 + 1);
	say("\n@0 args text=\"");
	say(info->cmdline);
	say("\"\n");
	misbehave(text, text_end);
	if (has(text, text_end, "checkpoint one"))
		checkpoint(1);
	if (has(text, text_end, "checkpoint two"))
		checkpoint(2);
	end(has(text, text_end, "do-fail") ? 7 : 0, true);
}
