/*
 * Processes: fork, exit, wait, kill. The shell is process 1 and inherits
 * orphans; when it ends, so does the machine.
 */
#include "proc.h"

#include "../lib/string.h"
#include "assert.h"
#include "file.h"
#include "kernmap.h"
#include "kprintf.h"
#include "layout.h"
#include "power.h"
#include "segment.h"
#include "stat.h"
#include "trap.h"

/* What context_switch pops: four registers and a return address. */
struct context {
	uint32_t edi, esi, ebx, ebp, eip;
};

struct proc procs[PROCS];
struct proc *current;

enum { SERVICE_PID = 65535 };

static uint32_t last_pid;

void trap_return(void);
void context_switch(uint32_t *save_esp, uint32_t next_esp);

/* A free slot with a stack, marked as embryo. NULL: none, or no memory. */
static struct proc *take_slot(void)
{
	for (uint32_t i = 0; i < PROCS; i++) {
		struct proc *proc = &procs[i];

		if (proc->state != PROC_FREE)
			continue;
		*proc = (struct proc){.state = PROC_EMBRYO, .pid = ++last_pid};
		proc->stack_top = kstack_top(i);
		if (kstack_map(i))
			return proc;
		proc->state = PROC_FREE;
		return NULL;
	}
	return NULL;
}

/* Puts a context on the new stack, so that the first switch lands at `eip`. */
static void set_context(struct proc *proc, uint32_t at, uint32_t eip)
{
	struct context *context = (struct context *)at - 1;

	*context = (struct context){.eip = eip};
	proc->esp = (uint32_t)context;
}

/* From the boot stack, which is never used again. */
_Noreturn void proc_start(void (*function)(void))
{
	uint32_t boot_esp;
	struct proc *proc = take_slot();

	if (proc == NULL || !space_create(&proc->space))
		panic("too little memory for the first process");
	set_context(proc, proc->stack_top - sizeof(struct trapframe),
		    (uint32_t)function);
	proc->state = PROC_READY;
	current = proc;
	segment_set_stack(proc->stack_top);
	space_load(&proc->space);
	context_switch(&boot_esp, proc->esp);
	panic("process 1 returned");
}

/* Its pid is one that no program gets: pids are as on a machine without it. */
bool proc_serve(const char *name, void (*function)(void))
{
	struct proc *proc = take_slot();

	if (proc == NULL)
		return false;
	last_pid--;
	proc->pid = SERVICE_PID;
	proc->service = true;
	copy_string(proc->name, name, sizeof(proc->name));
	set_context(proc, proc->stack_top - sizeof(struct trapframe),
		    (uint32_t)function);
	sched_ready(proc);
	return true;
}

/* The child gets the parent's trap frame, but for the result. */
static void copy_frame(struct proc *child, const struct trapframe *frame)
{
	struct trapframe *copy = (struct trapframe *)child->stack_top - 1;

	*copy = *frame;
	copy->eax = 0;
	set_context(child, (uint32_t)copy, (uint32_t)trap_return);
}

/* Undoes a fork that ran out of memory. */
static void abandon(struct proc *child)
{
	if (child->space.directory != NULL)
		space_destroy(&child->space);
	child->state = PROC_FREE;
}

/* The child's space is visible to the clock while it is being filled. */
int proc_fork(const struct trapframe *frame)
{
	struct proc *child = take_slot();

	if (child == NULL)
		return -EAGAIN;
	if (!space_create(&child->space) ||
	    !space_fork(&current->space, &child->space)) {
		abandon(child);
		return -ENOMEM;
	}
	copy_string(child->name, current->name, sizeof(child->name));
	for (uint32_t i = 0; i < FILES; i++) {
		child->files[i] = current->files[i];
		if (child->files[i] != NULL)
			file_share(child->files[i]);
	}
	child->parent = current;
	copy_frame(child, frame);
	stat.forks++;
	sched_ready(child);
	return (int)child->pid;
}

/* Orphans go to the shell, which waits for them too. */
static void give_away_children(void)
{
	for (struct proc *proc = procs; proc < procs + PROCS; proc++) {
		if (proc->parent != current)
			continue;
		proc->parent = &procs[0];
		if (proc->state == PROC_ZOMBIE)
			wake_all(&procs[0].child_ended);
	}
}

/* Memory goes now, the slot and its stack when the parent has looked. */
_Noreturn void proc_exit(int status)
{
	if (current == &procs[0])
		power_off();
	for (uint32_t i = 0; i < FILES; i++)
		if (current->files[i] != NULL)
			file_close(current->files[i]);
	give_away_children();
	space_load_kernel();
	space_destroy(&current->space);
	current->status = status;
	current->state = PROC_ZOMBIE;
	wake_all(&current->parent->child_ended);
	schedule();
	panic("a zombie ran");
}

/* A zombie child's slot becomes free. */
static int reap(struct proc *child, int *status)
{
	uint32_t pid = child->pid;

	*status = child->status;
	child->state = PROC_FREE;
	child->parent = NULL;
	child->pid = 0;
	return (int)pid;
}

/* The child that ended; sleeps while all are alive. */
int proc_wait(int *status)
{
	bool any;

	for (;;) {
		any = false;
		for (struct proc *proc = procs; proc < procs + PROCS; proc++) {
			if (proc->parent != current)
				continue;
			if (proc->state == PROC_ZOMBIE)
				return reap(proc, status);
			any = true;
		}
		if (!any)
			return -ECHILD;
		if (current->killed)
			return -EINTR;
		sleep_on(&current->child_ended, true);
	}
}

/* Marks it; it ends when it next goes back to its program. */
static void kill(struct proc *proc)
{
	proc->killed = true;
	sched_break(proc);
}

/* The shell is spared, and the kernel's own. */
int proc_kill(uint32_t pid)
{
	for (struct proc *proc = procs + 1; proc < procs + PROCS; proc++) {
		if (proc->state == PROC_FREE || proc->pid != pid)
			continue;
		if (proc->service)
			return -EPERM;
		kill(proc);
		return 0;
	}
	return pid == procs[0].pid ? -EPERM : -ENOENT;
}

/* All children of the shell: while it reads, there are only background ones. */
void proc_interrupt(void)
{
	if (procs[0].queue != &procs[0].child_ended)
		return;
	for (struct proc *proc = procs + 1; proc < procs + PROCS; proc++)
		if (proc->state != PROC_FREE && proc->parent == &procs[0])
			kill(proc);
}

/* A free slot has pid 0. */
int proc_info(uint32_t index, struct abi_proc *info)
{
	const struct proc *proc = &procs[index];

	if (index >= PROCS)
		return 0;
	*info = (struct abi_proc){.state = proc->state};
	if (proc->state == PROC_FREE)
		return 1;
	info->pid = proc->pid;
	info->parent = proc->parent != NULL ? proc->parent->pid : 0;
	copy_string(info->name, proc->name, sizeof(info->name));
	if (proc->space.directory != NULL)
		space_count(&proc->space, &info->resident, &info->swapped);
	return 1;
}
