/*
 * What the program canary leaves in each page that it had: a word that names its owner,
 * at every CANARY_STRIDE-th word. A reader of machine memory (grader/oracle) knows by it
 * whose bytes a frame holds, and no frame of another VM may hold any.
 */
#ifndef CANARY_H
#define CANARY_H

enum {
	CANARY_MAGIC = 0x59C4A900, /* the owner in the low byte */
	CANARY_OWNERS = 16,
	CANARY_STRIDE = 64, /* words */
};

#endif
