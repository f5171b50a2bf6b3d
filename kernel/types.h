/*
 * The words that every other file is written in.
 *
 * An address says in its type which space it lives in, so that the compiler finds a
 * mix-up. The host knows machine pages (MPN) and machine addresses (MPA) only; the
 * guest's spaces are in vmm/addr.h.
 */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

typedef struct {
	u32 n;
} mpn_t; /* machine page number */

typedef struct {
	u32 a;
} mpa_t; /* machine address, in bytes */

enum { PAGE_SHIFT = 12, PAGE_SIZE = 1 << PAGE_SHIFT, PAGE_MASK = PAGE_SIZE - 1 };
enum { PAGE_WORDS = PAGE_SIZE / 4 };
enum { KIB = 1024, MIB = 1024 * 1024 };
enum { PAGES_PER_MIB = MIB / PAGE_SIZE };

static inline mpn_t mpn(u32 n)
{
	return (mpn_t){n};
}

static inline mpa_t mpn_addr(mpn_t m)
{
	return (mpa_t){m.n << PAGE_SHIFT};
}

static inline mpn_t mpa_page(mpa_t a)
{
	return (mpn_t){a.a >> PAGE_SHIFT};
}

/*
 * For what runs at every exit: no frame pointer, so a backtrace passes over it. The fuzzers'
 * clang has no such attribute.
 */
#ifdef __clang__
#define HOT
#else
#define HOT __attribute__((optimize("omit-frame-pointer")))
#endif
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static inline u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

#endif
