/*
 * What the drive says of itself: the 256 words of IDENTIFY DEVICE (ATA/ATAPI-4, 8.12).
 */
#include "kernel/lib.h"
#include "vmm/vata.h"

enum { WORDS = SECTOR_SIZE / 2, LBA28_MAX = 0x0fffffff };

enum {
	ID_CONFIG = 0,
	ID_CYLINDERS = 1,
	ID_HEADS = 3,
	ID_SPT = 6,
	ID_SERIAL = 10,
	ID_SERIAL_CHARS = 20,
	ID_FIRMWARE = 23,
	ID_FIRMWARE_CHARS = 8,
	ID_MODEL = 27,
	ID_MODEL_CHARS = 40,
	ID_MAX_MULTIPLE = 47,
	ID_CAPABILITIES = 49,
	ID_PIO_TIMING = 51,
	ID_VALID = 53,
	ID_NOW_CYLINDERS = 54,
	ID_NOW_HEADS = 55,
	ID_NOW_SPT = 56,
	ID_NOW_SECTORS = 57, /* two words */
	ID_MULTIPLE = 59,
	ID_SECTORS = 60, /* two words */
	ID_MULTIWORD = 63,
	ID_PIO_MODES = 64,
	ID_CYCLE_NS = 65, /* four words */
	ID_VERSIONS = 80,
	ID_SETS = 82,
	ID_SETS_ON = 85,
	ID_ULTRA = 88,
};

enum {
	CONFIG_FIXED = 0x0040,
	MULTIPLE_FIXED = 0x8000,
	MULTIPLE_VALID = 0x0100,
	CAP_DMA = 0x0100,
	CAP_LBA = 0x0200,
	PIO_MODE_2 = 0x0200,
	ALL_VALID = 0x0007, /* words 54 to 58, 64 to 70, 88 */
	MODES_0_TO_2 = 0x0007,
	PIO_3_AND_4 = 0x0003,
	CYCLE_NS = 120,
	ATA_1_TO_4 = 0x001e,
	SET_CACHES = 0x0060, /* write cache, read-ahead */
	SET_FIXED = 0x4000,
	MODE_MULTIWORD = 0x20,
	MODE_ULTRA = 0x40,
	MODE_NUMBER = 0x07,
};

/* Text is two characters a word, the first one in the high byte, padded with blanks. */
static void put_text(u16 *word, const char *s, u32 chars)
{
	u32 i;

	for (i = 0; i < chars; i++) {
		u8 c = *s ? *s++ : ' ';

		word[i / 2] |= i % 2 ? c : c << 8;
	}
}

static void put32(u16 *word, u32 value)
{
	word[0] = value;
	word[1] = value >> 16;
}

/* The modes of a kind that the drive has, and in the high byte the one in use. */
static u16 modes(const struct vide *v, u8 kind)
{
	bool used = (v->xfer_mode & ~MODE_NUMBER) == kind;

	return MODES_0_TO_2 | (used ? 0x100 << (v->xfer_mode & MODE_NUMBER) : 0);
}

static void put_geometry(const struct vide *v, u16 *word)
{
	u32 cylinder = v->heads * v->spt;
	u32 cylinders = min_u32(v->count / cylinder, 0xffff);

	word[ID_CYLINDERS] = min_u32(v->count / (ATA_HEADS * ATA_SPT),
				     ATA_MAX_CYLINDERS);
	word[ID_HEADS] = ATA_HEADS;
	word[ID_SPT] = ATA_SPT;
	word[ID_NOW_CYLINDERS] = cylinders;
	word[ID_NOW_HEADS] = v->heads;
	word[ID_NOW_SPT] = v->spt;
	put32(&word[ID_NOW_SECTORS], cylinders * cylinder);
	put32(&word[ID_SECTORS], min_u32(v->count, LBA28_MAX));
}

static void put_modes(const struct vide *v, u16 *word)
{
	u32 i;

	word[ID_CAPABILITIES] = CAP_DMA | CAP_LBA;
	word[ID_PIO_TIMING] = PIO_MODE_2;
	word[ID_VALID] = ALL_VALID;
	word[ID_MULTIWORD] = modes(v, MODE_MULTIWORD);
	word[ID_PIO_MODES] = PIO_3_AND_4;
	for (i = 0; i < 4; i++)
		word[ID_CYCLE_NS + i] = CYCLE_NS;
	word[ID_ULTRA] = modes(v, MODE_ULTRA);
}

void vata_identify(const struct vide *v, u8 *sector)
{
	u16 word[WORDS] = {0};

	word[ID_CONFIG] = CONFIG_FIXED;
	put_geometry(v, word);
	put_modes(v, word);
	put_text(&word[ID_SERIAL], "BALLAST1", ID_SERIAL_CHARS);
	put_text(&word[ID_FIRMWARE], "1.0", ID_FIRMWARE_CHARS);
	put_text(&word[ID_MODEL], "Ballast virtual disk", ID_MODEL_CHARS);
	word[ID_MAX_MULTIPLE] = MULTIPLE_FIXED | VIDE_MAX_MULTIPLE;
	if (v->multiple)
		word[ID_MULTIPLE] = MULTIPLE_VALID | v->multiple;
	word[ID_VERSIONS] = ATA_1_TO_4;
	word[ID_SETS] = SET_CACHES;
	word[ID_SETS + 1] = SET_FIXED;
	word[ID_SETS + 2] = SET_FIXED;
	word[ID_SETS_ON] = SET_CACHES;
	word[ID_SETS_ON + 2] = SET_FIXED;
	memcpy(sector, word, sizeof(word));
}
