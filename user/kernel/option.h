/*
 * The kernel command line: words of the form key=value, separated by spaces;
 * run="a; b" may hold spaces, quoted as a value or (GRUB's way) as a word.
 */
#ifndef OPTION_H
#define OPTION_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	uint32_t seed;	  /* seed=N, 1 when not given */
	uint32_t mem_mib; /* mem=N: use no more than N MiB; 0: all */
	bool dma;	  /* off by dma=off */
	bool hostile;	  /* on by hostile=on */
	uint32_t balloon; /* balloon=N: at most N % of memory; 0 by balloon=off */
	char script[64];  /* script=NAME; /AUTORUN.SH when not given */
	char run[256];	  /* run="cmd; cmd", empty when not given */
};

extern struct options options;

/* Fills options; unknown words get one line each and are ignored. */
void option_parse(const char *line);

#endif
