/*
 * Random contents for page tables, descriptor tables and the disk controller.
 */
#include "scribble.h"

#include "../mini/machine.h"
#include "places.h"
#include "random.h"

enum {
	HOT_SLOTS = 24,
	HOT_ENTRIES = 24,
	ENTRY_FLAGS = 0xFFF,
	SELF_SLOTS = 4,
	LAST_SLOT = 1023,
	FREE_SLOTS = 1006,
	CODE_ENTRY = 30,
	DESCRIPTORS = 32,
};

static uint32_t *page(uint32_t physical)
{
	return (uint32_t *)physical;
}

/* Flags that let something happen, mostly. */
static uint32_t flags(void)
{
	if (once_in(8))
		return random32() & ENTRY_FLAGS;
	return PTE_P | (once_in(4) ? 0 : PTE_W) | (once_in(4) ? 0 : PTE_U) |
	       (random32() & (PTE_A | PTE_D));
}

static uint32_t random_pte(void)
{
	return any_frame() | flags();
}

/* Leads to a table mostly; to itself or another directory; to 4 MiB; anywhere. */
static uint32_t random_pde(uint32_t directory)
{
	uint32_t bits = flags() & ~(uint32_t)PTE_PS;

	switch (random_below(8)) {
	case 0:
		return directory | bits;
	case 1:
		return directory_at(random_below(DIRECTORIES)) | bits;
	case 2:
		return (any_frame() & ~(uint32_t)(LARGE_PAGE - 1)) | bits | PTE_PS;
	case 3:
		return any_frame() | flags();
	default:
		return table_at(random_below(TABLES)) | bits;
	}
}

/* Slot 0 is this guest's and stays, in general. */
static uint32_t any_slot(void)
{
	if (once_in(16))
		return LAST_SLOT - random_below(SELF_SLOTS);
	if (once_in(16))
		return 1 + random_below(LAST_SLOT);
	return 1 + random_below(HOT_SLOTS);
}

static void scribble_directory(uint32_t directory)
{
	page(directory)[any_slot()] = random_pde(directory);
}

static void scribble_table(uint32_t table)
{
	page(table)[once_in(4) ? random_below(SLOTS) : random_below(HOT_ENTRIES)] =
		random_pte();
}

void scribble_entries(void)
{
	for (uint32_t n = random_below(6); n > 0; n--) {
		if (once_in(3))
			scribble_directory(directory_at(random_below(DIRECTORIES)));
		else
			scribble_table(table_at(random_below(TABLES)));
	}
	if (once_in(4))
		invlpg(any_address());
}

void scribble_all(void)
{
	for (uint32_t d = 0; d < DIRECTORIES; d++)
		for (uint32_t n = 0; n < HOT_SLOTS; n++)
			page(directory_at(d))[1 + n] = random_pde(directory_at(d));
	for (uint32_t t = 0; t < TABLES; t++)
		for (uint32_t n = 0; n < HOT_ENTRIES; n++)
			page(table_at(t))[n] = random_pte();
}

/* Code in the last 64 MiB would be its end, if there is a VMM; so it is seldom put there. */
static uint32_t alias_slot(void)
{
	return once_in(512) ? any_slot()
			    : 1 + random_below(once_in(8) ? FREE_SLOTS : HOT_SLOTS);
}

uint32_t scribble_code_alias(uint32_t directory, uint32_t code_page)
{
	uint32_t slot = alias_slot(), table = table_at(random_below(TABLES));

	page(directory)[slot] = table | PTE_P | PTE_W | PTE_U;
	page(table)[CODE_ENTRY] = code_page | PTE_P | PTE_W | PTE_U;
	page(table)[CODE_ENTRY + 1] = (code_page + PAGE_SIZE) | PTE_P | PTE_U;
	return slot * LARGE_PAGE + CODE_ENTRY * PAGE_SIZE;
}

/* --- segments and gates ----------------------------------------------------------- */

/* Types of segments more often than others; privilege and presence by chance. */
static uint64_t random_descriptor(void)
{
	uint64_t d = (uint64_t)random32() << 32 | random32();

	if (once_in(2))
		d = mini_gdt[1 + random_below(4)] ^ 1ull << random_below(64);
	return once_in(2) ? d | 1ull << 47 : d;
}

static void load_descriptors(uint32_t gdt_limit, uint32_t idt_limit)
{
	struct table_pointer gdt = {(uint16_t)gdt_limit, (uint32_t)mini_gdt};
	struct table_pointer idt = {(uint16_t)idt_limit, (uint32_t)mini_idt};

	__asm__ volatile("lgdt %0; lidt %1" : : "m"(gdt), "m"(idt));
}

void scribble_descriptors(void)
{
	uint32_t first = once_in(16) ? 1 : GDT_ENTRIES;

	for (uint32_t n = random_below(8); n > 0; n--)
		mini_gdt[first + random_below(DESCRIPTORS - first)] =
			random_descriptor();
	for (uint32_t n = random_below(4); n > 0; n--)
		mini_idt[random_below(IDT_ENTRIES)] =
			once_in(2) ? random_descriptor()
				   : gate_to_stub(random_below(IDT_ENTRIES),
						  random_below(4));
	if (once_in(8))
		mini_tss[random_below(TSS_WORDS)] ^= 1u << random_below(32);
	load_descriptors(once_in(16) ? random32() : DESCRIPTORS * 8 - 1,
			 once_in(16) ? random32() : IDT_ENTRIES * 8 - 1);
}

/* --- the disk --------------------------------------------------------------------- */

enum {
	PCI_ADDRESS = 0xCF8,
	PCI_DATA = 0xCFC,
	PCI_IDE = 0x80000900, /* bus 0, device 1, function 1 */
	PCI_BAR4 = 0x20,
	PCI_COMMAND = 0x04,
	PCI_COMMAND_IO_MASTER = 0x5,
	MASTER_PORTS = 0xC000,
	BM_COMMAND = 0,
	BM_STATUS = 2,
	BM_TABLE = 4,
	ATA_FEATURES = 0x1F1,
	ATA_DEVICE = 0x1F6,
	ATA_COMMAND = 0x1F7,
	ATA_CONTROL = 0x3F6,
	DEVICE_LBA = 0xE0,
	PRD_LAST = 0x80000000,
	PRDS = 8,
};

static void place_master(void)
{
	outl(PCI_ADDRESS, PCI_IDE | PCI_BAR4);
	outl(PCI_DATA, once_in(32) ? random32() : MASTER_PORTS);
	outl(PCI_ADDRESS, PCI_IDE | PCI_COMMAND);
	outl(PCI_DATA, once_in(32) ? random32() : PCI_COMMAND_IO_MASTER);
}

/* A table of transfers; not always one with an end. Returns where it is. */
static uint32_t random_prds(void)
{
	uint32_t at = ARENA + random_below(memory_end - ARENA) / 4 * 4;
	uint32_t *prd = page(at);

	if (at > memory_end - PRDS * 8)
		return once_in(2) ? at : any_frame();
	for (uint32_t i = 0; i < PRDS; i++) {
		prd[2 * i] = any_frame() + (once_in(2) ? random_below(PAGE_SIZE) : 0);
		prd[2 * i + 1] = once_in(2) ? 512u << random_below(5) : random32();
		if (once_in(3))
			prd[2 * i + 1] |= PRD_LAST;
	}
	return at;
}

void scribble_disk(void)
{
	static const uint8_t commands[] = {0x20, 0x30, 0xC8, 0xCA, 0xC8, 0xCA,
					   0xEC, 0xC4, 0xC5, 0xC6, 0x40, 0xE7,
					   0xEF, 0x91, 0x25, 0x35, 0xA0, 0x08};

	place_master();
	outb(MASTER_PORTS + BM_COMMAND, 0);
	outl(MASTER_PORTS + BM_TABLE, random_prds());
	outb(MASTER_PORTS + BM_STATUS, 0x66);
	outb(ATA_CONTROL, once_in(8) ? random32() & 0xFF : 0);
	for (uint32_t i = 0; i < 5; i++)
		outb((uint16_t)(ATA_FEATURES + i),
		     once_in(3) ? (uint8_t)random32() : (uint8_t)random_below(4));
	outb(ATA_DEVICE, once_in(8) ? (uint8_t)random32() : DEVICE_LBA);
	outb(ATA_COMMAND, once_in(8) ? (uint8_t)random32()
				     : commands[random_below(sizeof(commands))]);
	outb(MASTER_PORTS + BM_COMMAND, random32() & 0x0F);
}
