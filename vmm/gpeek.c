/*
 * Guest memory through the loaded shadow.
 */
#include "vmm/gpeek.h"
#include "kernel/layout.h"
#include "kernel/peek.h"

bool gmem_peek(gva_t v, void *buf, u32 n)
{
	bool ok;

	peek_open();
	ok = peek_words(v.a, buf, n / 4);
	peek_close();
	return ok;
}

bool gmem_poke(gva_t v, const void *buf, u32 n)
{
	bool ok;

	peek_open();
	ok = poke_words(v.a, buf, n / 4);
	peek_close();
	return ok;
}

int gmem_byte(gva_t v)
{
	u32 byte;
	bool ok;

	if (v.a >= HOST_BASE)
		return -1;
	peek_open();
	ok = peek8(v.a, &byte);
	peek_close();
	return ok ? (int)byte : -1;
}
