/*
 * The questions that a judge can ask, by lab. Each is one call of the code under test, or
 * of the model around it, with the arguments in this order.
 */
#ifndef GRADER_JUDGE_OPS_H
#define GRADER_JUDGE_OPS_H

enum op {
	/* lab 0 */
	OP_FRAME_INIT = 1, /* count, low */
	OP_FRAME_ADD,	   /* first, count */
	OP_FRAME_ALLOC,	   /* zone, use, owner, index, *out -> bool; *out */
	OP_FRAME_FREE,	   /* mpn */
	OP_FRAME_GET,	   /* mpn -> its number in the table */
	OP_FRAME_COUNT,
	OP_FRAME_FREE_COUNT, /* zone */
	OP_FRAME_USE_COUNT,  /* use, owner */
	OP_MPN_IS_LOW,

	/* lab 1, the pmap; the first argument is the VM's number */
	OP_MACHINE = 100, /* low, count: a machine with this memory */
	OP_PMAP_CREATE,	  /* pages */
	OP_PMAP_DESTROY,
	OP_PMAP_LOOKUP, /* ppn, *m -> state; *m */
	OP_PMAP_BACK,	/* ppn, *m -> bool; *m */
	OP_PMAP_PIN,	/* ppn, for_write */
	OP_PMAP_UNPIN,
	OP_TAKE_FRAMES, /* how many -> how many: for the host */
	OP_GIVE_FRAMES, /* all of them back */

	/* lab 1, the shadows */
	OP_VM_BUILD = 200, /* traces and shadows of a VM that has its pmap */
	OP_VM_DESTROY,
	OP_ROOT,     /* view -> machine address */
	OP_LOAD_CR3, /* cr3 */
	OP_FLUSH,
	OP_INVLPG,    /* gva */
	OP_FAULT,     /* gva, access -> result; error */
	OP_EMULATE,   /* gva, access, value -> bool; value */
	OP_GPA_WRITE, /* gpa, n; bytes */
	OP_TRACE_SET, /* ppn, trace */
	OP_TRACE_CLEAR,
	OP_PROTECT,  /* ppn */
	OP_DROP,     /* ppn */
	OP_LEAF,     /* gfn, role -> number of a table in the pool */
	OP_MAP_PAGE, /* table, index, ppn, entry, from */

	/* lab 2: the first argument of what is about a VM is its number */
	OP_MEM = 300,
	OP_DRIVER_BEGIN, /* -, pages: a guest's driver, up to its first sleep */
	OP_DRIVER_POLL,
	OP_BALLOON_START,   /* bound -> answer */
	OP_BALLOON_POLL,    /* -, *pages -> answer; *pages */
	OP_BALLOON_INFLATE, /* ppn -> answer */
	OP_BALLOON_DEFLATE,
	OP_SWAP_INIT,	  /* seed -> slots */
	OP_SWAP_OUT,	  /* pages -> how many are gone */
	OP_SWAP_FORGET,	  /* ppn */
	OP_MAY_TAKE,	  /* ppn -> bool */
	OP_RANDOM_VICTIM, /* -> bool; ppn */
	OP_CHOOSE,	  /* ppn: the only victim from now on; ~0: random again */
	OP_SLOT,	  /* slot -> state; sum, ppn, vm */
	OP_SLOTS_FREE,
	OP_DISK_FINISH, /* how many writes -> how many there were */

	/* the tests of the judge itself, grader/trial/rogue: which attack */
	OP_ROGUE = 900,
};

#endif
