/*
 * ELF symbol tables. Fields are copied out byte by byte, for an image may lie anywhere,
 * and every offset is checked by subtraction, so that no sum can wrap.
 */
#include "kernel/symbols.h"
#include "kernel/lib.h"

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_section {
	u32 name, type, flags, addr, offset, size, link, info, align, entsize;
};

struct elf_symbol {
	u32 name, value, size;
	u8 info, other;
	u16 section;
};

enum {
	IDENT_CLASS = 4,
	IDENT_DATA = 5,
	CLASS_32 = 1,
	DATA_LITTLE = 1,
	MACHINE_386 = 3
};
enum { SECTION_SYMTAB = 2, SECTION_STRTAB = 3 };
enum { TYPE_NONE = 0, TYPE_FUNCTION = 2, TYPE_MASK = 0xF };
enum { INDEX_UNDEFINED = 0, INDEX_SPECIAL = 0xFF00 };

/* A label without a size reaches at most this far. */
enum { LABEL_REACH = 64 * KIB };

struct symbols host_symbols;

/*
 * Where sections and their headers are: in one image, or wherever the loader put them.
 */
struct source {
	const u8 *headers;
	u32 count, entry_size;
	const u8 *image; /* NULL: through reach */
	u32 image_size;
	const void *(*reach)(u32 address, u32 size);
};

static struct elf_section section_at(const struct source *src, u32 i)
{
	struct elf_section section;

	memcpy(&section, src->headers + (size_t)i * src->entry_size, sizeof(section));
	return section;
}

/* The section's bytes, or NULL when they are not all there. */
static const void *section_bytes(const struct source *src,
				 const struct elf_section *section)
{
	if (!src->image)
		return src->reach(section->addr, section->size);
	if (section->offset > src->image_size ||
	    section->size > src->image_size - section->offset)
		return NULL;
	return src->image + section->offset;
}

/* Takes a symbol table and the names that it links to. */
static bool take_table(struct symbols *s, const struct source *src,
		       const struct elf_section *table)
{
	struct elf_section strings;
	const u8 *entries;
	const char *names;

	if (table->entsize != sizeof(struct elf_symbol) || table->link >= src->count)
		return false;
	strings = section_at(src, table->link);
	if (strings.type != SECTION_STRTAB || strings.size == 0)
		return false;
	entries = section_bytes(src, table);
	names = section_bytes(src, &strings);
	if (!entries || !names || names[strings.size - 1] != '\0')
		return false;
	*s = (struct symbols){
		.table = entries,
		.count = table->size / sizeof(struct elf_symbol),
		.names = names,
		.names_size = strings.size,
	};
	return true;
}

static bool find_table(struct symbols *s, const struct source *src)
{
	for (u32 i = 0; i < src->count; i++) {
		struct elf_section section = section_at(src, i);

		if (section.type == SECTION_SYMTAB)
			return take_table(s, src, &section);
	}
	return false;
}

static bool is_elf32(const struct elf_header *h)
{
	return memcmp(h->ident, "\177ELF", 4) == 0 &&
	       h->ident[IDENT_CLASS] == CLASS_32 &&
	       h->ident[IDENT_DATA] == DATA_LITTLE && h->machine == MACHINE_386;
}

bool symbols_init(struct symbols *s, const void *image, u32 size)
{
	struct elf_header h;
	struct source src;

	memset(s, 0, sizeof(*s));
	if (size < sizeof(h))
		return false;
	memcpy(&h, image, sizeof(h));
	if (!is_elf32(&h) || h.shentsize < sizeof(struct elf_section))
		return false;
	if (h.shoff > size || (u32)h.shnum * h.shentsize > size - h.shoff)
		return false;
	src = (struct source){
		.headers = (const u8 *)image + h.shoff,
		.count = h.shnum,
		.entry_size = h.shentsize,
		.image = image,
		.image_size = size,
	};
	return find_table(s, &src);
}

bool symbols_from_loader(struct symbols *s, const void *headers, u32 count,
			 u32 entry_size, const void *(*reach)(u32 address, u32 size))
{
	struct source src = {
		.headers = headers,
		.count = count,
		.entry_size = entry_size,
		.reach = reach,
	};

	memset(s, 0, sizeof(*s));
	return entry_size >= sizeof(struct elf_section) && find_table(s, &src);
}

/*
 * How well a symbol covers an address: not at all, as the label before it, as its
 * function.
 */
enum cover { COVERS_NOT, COVERS_AS_LABEL, COVERS_WHOLLY };

static enum cover covers(const struct symbols *s, const struct elf_symbol *sym,
			 u32 address)
{
	u32 type = sym->info & TYPE_MASK;

	if ((type != TYPE_FUNCTION && type != TYPE_NONE) || sym->value > address ||
	    sym->section == INDEX_UNDEFINED || sym->section >= INDEX_SPECIAL ||
	    sym->name >= s->names_size || !s->names[sym->name])
		return COVERS_NOT;
	if (sym->size > 0)
		return address - sym->value < sym->size ? COVERS_WHOLLY : COVERS_NOT;
	return address - sym->value < LABEL_REACH ? COVERS_AS_LABEL : COVERS_NOT;
}

const char *symbol_at(const struct symbols *s, u32 address, u32 *offset)
{
	const char *name = NULL;
	enum cover best = COVERS_NOT;
	u32 value = 0;

	for (u32 i = 0; i < s->count; i++) {
		struct elf_symbol sym;
		enum cover how;

		memcpy(&sym, s->table + (size_t)i * sizeof(sym), sizeof(sym));
		how = covers(s, &sym, address);
		if (how > best || (how && how == best && sym.value > value)) {
			best = how;
			value = sym.value;
			name = s->names + sym.name;
		}
	}
	*offset = address - value;
	return name;
}
