/*
 * The double-fault table. A VMM that delivers exceptions by pushing frames into guest
 * memory meets it whenever that memory is not there.
 */
#include "kernel/trap.h"
#include "vmm/dfault.h"

enum class { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT, CLASSES };

/* SDM vol. 3, table 6-4. */
static enum class classify(unsigned vector) {
	switch (vector){
		case VEC_DE : case VEC_TS : case VEC_NP : case VEC_SS : case
		VEC_GP : return CONTRIBUTORY;
		case VEC_PF : return PAGE_FAULT;
		case VEC_DF : return DOUBLE_FAULT;
		default : /* all other exceptions, and interrupts */
			return BENIGN;
	}
}

/*
 * SDM vol. 3, table 6-5: first the row, then the column. Nothing but a broken gate of
 * #DF itself makes a second #DF, and then the first one was #DF too.
 */
enum dfault dfault_combine(unsigned first, unsigned second)
{
	static const u8 table[CLASSES][CLASSES] = {
		[BENIGN] = {DFAULT_SERIAL, DFAULT_SERIAL, DFAULT_SERIAL, DFAULT_SERIAL},
		[CONTRIBUTORY] = {DFAULT_SERIAL, DFAULT_DOUBLE, DFAULT_SERIAL,
				  DFAULT_SERIAL},
		[PAGE_FAULT] = {DFAULT_SERIAL, DFAULT_DOUBLE, DFAULT_DOUBLE,
				DFAULT_SERIAL},
		[DOUBLE_FAULT] = {DFAULT_SERIAL, DFAULT_TRIPLE, DFAULT_TRIPLE,
				  DFAULT_TRIPLE},
	};

	return (enum dfault)table[classify(first)][classify(second)];
}
