/*
 * The decoder on any bytes: it reads no byte that it may not (each input has a buffer of
 * its very length, which the sanitizer watches), says the same for the same bytes
 * however many follow, and needs exactly as many as it says.
 */
#include "grader/fuzz/fuzz.h"
#include "vmm/decode.h"

static enum decoded decode_copy(const u8 *data, u32 n, struct insn *in)
{
	u8 *exact = malloc(n ? n : 1);
	enum decoded d;

	DEMAND(exact);
	if (n)
		memcpy(exact, data, n);
	memset(in, 0, sizeof(*in));
	d = decode(exact, n, in);
	free(exact);
	return d;
}

/* Every shorter piece of a good instruction must ask for more. */
static void check_prefixes(const u8 *data, u32 length)
{
	struct insn in;

	for (u32 n = 0; n < length; n++)
		DEMAND(decode_copy(data, n, &in) == DECODE_SHORT);
}

/* What comes behind it does not matter, nor does having seen it before. */
static void check_again(const u8 *data, u32 size, const struct insn *in)
{
	struct insn again;

	DEMAND(decode_copy(data, in->length, &again) == DECODE_OK);
	DEMAND(memcmp(&again, in, sizeof(again)) == 0);
	for (unsigned i = 0; i < 2; i++) {
		memset(&again, 0, sizeof(again));
		DEMAND(decode_recall(data, size, &again) == DECODE_OK);
		DEMAND(memcmp(&again, in, sizeof(again)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct insn in;
	u32 n = size < INSN_MAX ? (u32)size : INSN_MAX;

	switch (decode_copy(data, n, &in)) {
	case DECODE_OK:
		DEMAND(in.length >= 1 && in.length <= n);
		check_prefixes(data, in.length);
		check_again(data, n, &in);
		break;
	case DECODE_SHORT:
		DEMAND(n < INSN_MAX);
		break;
	case DECODE_UNKNOWN:
		break;
	}
	return 0;
}
