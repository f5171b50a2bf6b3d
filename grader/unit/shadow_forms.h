/*
 * A test in both forms of shadow paging: the virtual TLB says what is right, the cached form
 * must do the same. A file says `#define SUITE name` first; its suites are name_vtlb and
 * name_cached.
 */
#ifndef GRADER_UNIT_SHADOW_FORMS_H
#define GRADER_UNIT_SHADOW_FORMS_H

#include "grader/unit/core_model.h"

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define TEST_IN(suite, name, ...) Test(suite, name, ##__VA_ARGS__)
#define SUITE_OF(suite, setup) \
	TestSuite(suite, .init = setup, .fini = core_done, .timeout = 60)

#define FORMS_SUITES(setup_vtlb, setup_cached)    \
	SUITE_OF(PASTE(SUITE, vtlb), setup_vtlb); \
	SUITE_OF(PASTE(SUITE, cached), setup_cached)

/* The body follows; a signal that it ends by, if need be. */
#define BOTH_FORMS(name, ...)                              \
	static void name(void);                            \
	TEST_IN(PASTE(SUITE, vtlb), name, ##__VA_ARGS__)   \
	{                                                  \
		name();                                    \
	}                                                  \
	TEST_IN(PASTE(SUITE, cached), name, ##__VA_ARGS__) \
	{                                                  \
		name();                                    \
	}                                                  \
	static void name(void)

#endif
