/*
 * What tests are written in. A test is a Criterion test with an outcome: it calls the code
 * under test as if it were linked with it (stubs_*.c ask the subject), looks at the arena,
 * and ends at the first thing that is not as the contract says.
 *
 *      JUDGED(frame, holes)
 *      {
 *              ...
 *              MUST(m.n != 0, text("frame_alloc"), "any frame but 0", "MPN 0");
 *      }
 *
 * Environment: BALLAST_SUBJECT the program, BALLAST_SEED, BALLAST_RESULTS a folder for
 * outcomes, BALLAST_TABLE the lab's tests.tsv, which gives each test its id.
 */
#ifndef GRADER_JUDGE_JUDGE_H
#define GRADER_JUDGE_JUDGE_H

#include "grader/judge/arena.h"
#include "grader/judge/link.h"

#include <criterion/criterion.h>

#define JUDGED(suite, name)                        \
	static void judged_##suite##_##name(void); \
	Test(suite, name, .init = judge_plain)     \
	{                                          \
		judge_begin(#suite "/" #name);     \
		judged_##suite##_##name();         \
		judge_pass();                      \
	}                                          \
	static void judged_##suite##_##name(void)

void judge_plain(void);
void judge_begin(const char *name);
void judge_pass(void);
_Noreturn void judge_fail(const char *where, const char *expected, const char *found);

/* The last three are only looked at if it does not hold. */
#define MUST(cond, where, expected, found)                        \
	do {                                                      \
		if (!(cond))                                      \
			judge_fail((where), (expected), (found)); \
	} while (0)

/* A text for where, expected or found; good until eight more were made. */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* 0 .. n-1, from the test's own seed; and all 32 bits. */
u32 roll(u32 n);
u32 roll32(void);

/*
 * One question. What is being done, in the reader's words, becomes `where` when the code
 * does not come back from it.
 */
void judge_doing(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *judge_done(void); /* the last of these words */
struct reply judge_ask(u32 op, const u32 *arg, u32 args);
struct reply judge_send(struct request *q);
#define ASK(op, ...)                                               \
	judge_ask(op, (const u32[]){__VA_ARGS__ __VA_OPT__(, ) 0}, \
		  sizeof((const u32[]){__VA_ARGS__ __VA_OPT__(, ) 0}) / 4)

/*
 * Does the call end in panic / in the end of the VM? The reason is in judge_reason(). An
 * exercise that is not written yet is no right answer.
 */
#define PANICS(call) (judge_dare(), (void)(call), judge_dared() == LINK_PANIC)
#define DIES(call) (judge_dare(), (void)(call), judge_dared() == LINK_DIED)
void judge_dare(void);
enum link_end judge_dared(void);
const char *judge_reason(void);

/*
 * No call may change these bytes of the arena, at most 32: they are the guest's registers and
 * the like, by which the judge tells what is right.
 */
void judge_keep(const void *p, size_t n);

/* May n bytes at p be looked at: do they lie in the arena? */
bool in_arena(const void *p, size_t n);

#endif
