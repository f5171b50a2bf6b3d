/*
 * What must hold in every dump, whatever the guests do. Each rule looks at the raw bytes
 * and reports the first place that breaks it.
 */
#ifndef GRADER_ORACLE_RULES_H
#define GRADER_ORACLE_RULES_H

#include "grader/oracle/dump.h"

struct live;

struct evidence {
	struct dump dump;
	struct checkpoint_record record;
	u32 looked_at; /* entries that the running rule judged: none means it saw nothing */
	char found[240]; /* the first thing that broke it */
	char where
		[240]; /* VM, addresses and entries, where there are such; else empty */
	struct live *live; /* of an unannounced look (live.h); NULL at a checkpoint */
};

struct rule {
	const char *name;
	const char *says;
	bool (*holds)(struct evidence *e);
};

/* Those that hold in every dump; those that need a run made for them, when they are named. */
extern const struct rule rules[], named_rules[];
extern const unsigned rule_count, named_rule_count;

/* Remembers what broke the rule; returns false, so that a rule can end with it. */
bool broken(struct evidence *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The frame table's entry; broken() when there is none. */
bool frame_of(struct evidence *e, u32 mpn, struct frame *f);

#endif
