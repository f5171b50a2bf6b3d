/*
 * Patches: a sorted table of sites, applied once when the guest is loaded.
 */
#include "vmm/patch.h"
#include "kernel/event.h"
#include "kernel/heap.h"
#include "kernel/lib.h"
#include "kernel/panic.h"
#include "vmm/vm.h"

/*
 * What stands in the guest's code, and what we put there, by kind; cpuid is changed in
 * its second byte.
 */
struct rule {
	const char *name;
	u8 first;    /* the table's expected byte */
	u8 offset;   /* of the byte that changes */
	u8 original; /* ... from */
	u8 patched;  /* ... to */
};

static const struct rule rules[] = {
	[PATCH_PUSHF] = {"pushf", 0x9C, 0, 0x9C, 0xF4},
	[PATCH_POPF] = {"popf", 0x9D, 0, 0x9D, 0xF4},
	[PATCH_CPUID] = {"cpuid", 0x0F, 1, 0xA2, 0x0B},
};

/* Where the table is being read. */
struct reader {
	const char *at, *end;
};

/* A file that went through DOS is as good as another. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the current line into buf, cut to size. False: the line ends. */
static bool next_word(struct reader *r, char *buf, u32 size)
{
	u32 n = 0;

	while (r->at < r->end && is_blank(*r->at))
		r->at++;
	while (r->at < r->end && !is_blank(*r->at) && *r->at != '\n') {
		if (n + 1 < size)
			buf[n++] = *r->at;
		r->at++;
	}
	buf[n] = '\0';
	return n > 0;
}

static void next_line(struct reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
	if (r->at < r->end)
		r->at++;
}

/* Hex without 0x. */
static bool parse_hex(const char *s, u32 *out)
{
	char with_prefix[16];

	format(with_prefix, sizeof with_prefix, "0x%s", s);
	return strlen(s) <= 8 && parse_u32(with_prefix, ~0u, out);
}

/* One line: address, byte, kind. */
static bool read_site(struct reader *r, u32 *address, unsigned *kind)
{
	char word[16];
	u32 byte;

	if (!next_word(r, word, sizeof word) || !parse_hex(word, address))
		return false;
	if (!next_word(r, word, sizeof word) || !parse_hex(word, &byte))
		return false;
	if (!next_word(r, word, sizeof word))
		return false;
	for (*kind = 0; *kind < ARRAY_LEN(rules); (*kind)++)
		if (strcmp(word, rules[*kind].name) == 0)
			return rules[*kind].first == byte;
	return false;
}

/* The expected bytes must stand there; then the site is patched and its page traced. */
static bool patch_site(struct vm *vm, struct patch *p, u32 address)
{
	const struct rule *r = &rules[p->kind];
	u8 found;

	gpa_read(vm, gpa(address), &found, 1);
	if (found != r->first)
		return false;
	p->gpa = address + r->offset;
	gpa_read(vm, gpa(p->gpa), &found, 1);
	if (found != r->original)
		return false;
	gpa_write(vm, gpa(p->gpa), &r->patched, 1);
	p->live = true;
	trace_set(vm, gpa_page(gpa(p->gpa)), TRACE_PATCH);
	return true;
}

/* Insertion keeps the table sorted; it comes sorted, so this is one step a line. */
static void insert(struct patches *ps, struct patch new)
{
	u32 i = ps->count++;

	while (i > 0 && ps->site[i - 1].gpa > new.gpa) {
		ps->site[i] = ps->site[i - 1];
		i--;
	}
	ps->site[i] = new;
}

bool patch_apply(struct vm *vm, const char *text, u32 size)
{
	struct reader r = {text, text + size};
	u32 skipped = 0;

	vm->patches.site = heap_alloc(PATCH_MAX * sizeof(struct patch));
	vm->patches.count = 0;
	if (!vm->patches.site)
		return false;
	while (r.at < r.end && vm->patches.count < PATCH_MAX) {
		struct patch p = {0};
		unsigned kind = 0;
		u32 address;
		bool good = read_site(&r, &address, &kind);

		p.kind = (u8)kind;
		if (good && patch_site(vm, &p, address))
			insert(&vm->patches, p);
		else
			skipped++;
		next_line(&r);
	}
	event("patch.apply", "vm=%u sites=%u skipped=%u", vm->id, vm->patches.count,
	      skipped);
	return true;
}

void patch_destroy(struct vm *vm)
{
	if (vm->patches.site)
		heap_free(vm->patches.site);
	vm->patches = (struct patches){0};
}

/* Index of the first site at or above p. */
static u32 lower_bound(const struct patches *ps, gpa_t p)
{
	u32 lo = 0, hi = ps->count;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (ps->site[mid].gpa < p.a)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct patch *patch_at(const struct vm *vm, gpa_t p)
{
	const struct patches *ps = &vm->patches;
	u32 i = lower_bound(ps, p);

	if (i < ps->count && ps->site[i].gpa == p.a && ps->site[i].live)
		return &ps->site[i];
	return NULL;
}

u8 patch_original(const struct patch *p)
{
	return rules[p->kind].original;
}

void patch_overwritten(struct vm *vm, gpa_t p, u32 n)
{
	struct patches *ps = &vm->patches;

	ASSERT(gpa_offset(p) + n <= PAGE_SIZE);
	for (u32 i = lower_bound(ps, p); i < ps->count && ps->site[i].gpa - p.a < n;
	     i++) {
		struct patch *s = &ps->site[i];

		if (!s->live)
			continue;
		s->live = false;
		gpa_write(vm, gpa(s->gpa), &rules[s->kind].original, 1);
		event("patch.drop", "vm=%u gpa=0x%x", vm->id, s->gpa);
	}
}
