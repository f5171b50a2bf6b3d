/*
 * Out of memory. Whoever asks last is not the one to blame: the biggest
 * process is. It may be unable to go, as it may wait for a lock that the
 * asker holds, so the wait has an end.
 */
#include "oom.h"

#include "kprintf.h"
#include "proc.h"
#include "timer.h"

enum { WAIT_TURNS = 50 };

/* Pages that a process has, in memory and in swap. */
static uint32_t size_of(const struct proc *proc)
{
	uint32_t resident;
	uint32_t swapped;

	if (proc->space.directory == NULL)
		return 0;
	space_count(&proc->space, &resident, &swapped);
	return resident + swapped;
}

/* The shell is not asked. */
static struct proc *biggest(void)
{
	struct proc *best = NULL;
	uint32_t best_size = 0;
	uint32_t size;

	for (struct proc *proc = procs + 1; proc < procs + PROCS; proc++) {
		size = size_of(proc);
		if (size > best_size) {
			best_size = size;
			best = proc;
		}
	}
	return best;
}

/* A victim that is on its way is not told twice. */
bool oom_relieve(void)
{
	struct proc *victim = biggest();
	uint32_t pid;

	if (victim == NULL || victim == current || current->killed)
		return false;
	pid = victim->pid;
	if (!victim->killed) {
		kprintf("%s: killed: out of memory\n", victim->name);
		proc_kill(pid);
	}
	for (uint32_t i = 0; i < WAIT_TURNS; i++) {
		if (victim->pid != pid || victim->space.directory == NULL)
			return true;
		timer_sleep(MS_PER_TICK);
	}
	return false;
}

/* Called where locks may be held: so the end comes later. */
void oom_give_up(const char *why)
{
	if (!current->killed)
		kprintf("%s: killed: %s\n", current->name, why);
	current->killed = true;
}
