/*
 * The long way of every exit: for those quick ways that find that they are not enough.
 */
#ifndef VMM_EXIT_H
#define VMM_EXIT_H

struct vm;

/* Does what the trap in vm->tf asks for, and all that is due before the next entry. */
void exit_slowly(struct vm *vm);

/* The same for a page fault, known to be one. */
void exit_fault_slowly(struct vm *vm);

#endif
