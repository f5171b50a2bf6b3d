/*
 * When memory and swap are full: somebody has to go.
 */
#ifndef OOM_H
#define OOM_H

#include <stdbool.h>

/*
 * Ends the biggest process (never the shell) and waits a while until it is
 * gone. True: try again. False: the running process is the biggest itself, or
 * the other did not go. Sleeps.
 */
bool oom_relieve(void);

/* The running process goes: one line, and it ends on its way to its program. */
void oom_give_up(const char *why);

#endif
