/*
 * A line editor: bytes from a terminal go in, a terminal's view of the line comes out, and
 * whole lines. Keys: ^A ^E home and end, ^B ^F or arrows left and right, ^P ^N or arrows
 * history, backspace, ^D delete, ^K ^U cut to the end / start, ^W cut a word, ^C forget the
 * line. Pure: a state machine that draws with printable characters and \b only.
 */
#ifndef KERNEL_EDIT_H
#define KERNEL_EDIT_H

#include "kernel/types.h"

enum { EDIT_LINE = 256, EDIT_HISTORY = 16 };

struct edit {
	char line[EDIT_LINE]; /* always ends with NUL */
	u32 length, cursor;
	char history[EDIT_HISTORY][EDIT_LINE]; /* a ring of lines entered */
	u32 entered;			       /* lines ever put there */
	u32 back;	       /* how far back the line shown comes from; 0: new */
	char fresh[EDIT_LINE]; /* the new line, while an old one is shown */
	enum { EDIT_TEXT, EDIT_ESCAPE, EDIT_SEQUENCE } mode;
	char parameter; /* of the escape sequence */
	void (*put)(void *arg, char c);
	void *arg;
};

/* An empty editor that draws through put(arg, c). */
void edit_init(struct edit *e, void (*put)(void *arg, char c), void *arg);

/*
 * Takes one byte. True: a line was ended by Enter; it is in e->line until edit_next.
 */
bool edit_key(struct edit *e, u8 key);

/* Puts the line into the history (unless empty, or the same as the last) and empties it. */
void edit_next(struct edit *e);

/* Draws the line again, the cursor where it belongs, from the start of it. */
void edit_redraw(struct edit *e);

#endif
