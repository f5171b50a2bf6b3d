/*
 * Scenarios, parsed: a list of rules, each a monitor command and when it is due. One
 * rule a line:
 *
 *     COMMAND                                 at boot
 *     at MS COMMAND                           at that machine time
 *     on [N] EVENT [key=value ...] : COMMAND  when the Nth such event is said (N is 1)
 *     every EVENT [key=value ...] : COMMAND   each time
 *     # comment
 *
 * Values match whole; a * at either end stands for any text there. Quoted values
 * are compared decoded. Each rule comes due
 * once, but for `every`: an event that comes while it still waits to be played is not
 * counted. Pure.
 */
#ifndef KERNEL_RULES_H
#define KERNEL_RULES_H

#include "kernel/types.h"

enum { RULES_TEXT = 32768, RULES_MAX = 256, RULE_CONDITIONS = 4, RULE_VALUE = 256 };

enum rule_kind { RULE_BOOT, RULE_AT, RULE_ON };

struct condition {
	const char *key;
	char *value;
	bool any_before, any_after; /* the value may stand behind / before other text */
};

struct rule {
	enum rule_kind kind;
	u32 line;
	const char *command;
	bool due; /* it was, or is */
	u32 at_ms;
	const char *event;
	u32 nth, heard; /* due when `heard` events have matched */
	bool again;	/* not only once: whoever plays it clears `due` */
	u32 conditions;
	struct condition condition[RULE_CONDITIONS];
};

struct rules {
	char text[RULES_TEXT + 1]; /* what the rules point into */
	struct rule rule[RULES_MAX];
	u32 count;
	u32 error_line; /* where parsing stopped, and why */
	const char *error;
};

/* Parses `size` bytes of text, which it copies. False: see error and error_line. */
bool rules_parse(struct rules *r, const char *text, u32 size);

/*
 * Tells the rules of an event. Calls due(i) for each that this one makes due, in order.
 */
void rules_hear(struct rules *r, const char *name, const char *rest,
		void (*due)(u32 i));

/* The rule whose time comes next among those not yet due, or -1. */
int rules_next_at(const struct rules *r);

#endif
