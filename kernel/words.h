/*
 * Splits a command line into words. Pure.
 */
#ifndef KERNEL_WORDS_H
#define KERNEL_WORDS_H

#include "kernel/types.h"

enum { WORDS_OK, WORDS_TOO_MANY = -1, WORDS_OPEN_QUOTE = -2 };

/*
 * Splits `line` in place: words end at blanks; "..." joins, with \" and \\ inside.
 * After `split` words the rest of the line, as it stands, is the last word (0: no
 * limit). Returns how many words there are, or one of the errors above.
 */
int words_split(char *line, char **words, int max, int split);

#endif
