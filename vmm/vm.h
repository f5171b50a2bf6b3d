/*
 * A virtual machine: all that one guest is. It lives in a host thread; its registers
 * while it is not running in ring 3 are the trap frame at the top of that thread's
 * stack.
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include "kernel/thread.h"
#include "vmm/balloon.h"
#include "vmm/cpu.h"
#include "vmm/patch.h"
#include "vmm/pmap.h"
#include "vmm/quick.h"
#include "vmm/reclaim.h"
#include "vmm/segs.h"
#include "vmm/shadow.h"
#include "vmm/swap.h"
#include "vmm/trace.h"
#include "vmm/fpu.h"
#include "vmm/vballoon.h"
#include "vmm/vcmos.h"
#include "vmm/victim.h"
#include "vmm/vide.h"
#include "vmm/vkbd.h"
#include "vmm/vmisc.h"
#include "vmm/vpci.h"
#include "vmm/vpic.h"
#include "vmm/vpit.h"
#include "vmm/vuart.h"

enum { VM_MAX = 16 };

enum vm_state {
	VM_UNUSED,
	VM_RUNNING,
	VM_HALTED, /* in hlt, waiting for an interrupt */
	VM_PAUSED, /* by the monitor */
	VM_OFF,	   /* powered itself off */
	VM_KILLED, /* vm_kill: why says the reason */
};

/* Bits of vm->attention. IRQ counts only while the virtual IF is set. */
enum attention {
	ATTEND_IRQ = 1,	   /* the virtual PIC has an interrupt */
	ATTEND_HOST = 2,   /* the monitor wants something: pause, kill, restart, step */
	ATTEND_YIELD = 4,  /* the host had an interrupt: another thread may be due */
	ATTEND_GDT = 8,	   /* the shadow GDTs are stale */
	ATTEND_AUDIT = 16, /* always, unless audit=off */
};

struct vm_stats {
	u64 exits;
	u64 faults_true, faults_hidden;
	u64 irqs, syscalls, emulated, io;
	u64 cr3_loads, disk_reads, disk_writes;
};

struct vm {
	unsigned id; /* 1 .. VM_MAX: also its console channel */
	enum vm_state state;
	u32 mem_pages; /* guest-physical memory: what it can have at most */
	u32 min_pages; /* machine memory that it always gets */
	struct thread *thread;
	struct trapframe *tf; /* the guest's registers */
	struct cpu cpu;
	enum vmode view; /* which shadow root is loaded while it runs */
	struct pmap pmap;
	struct shadow shadow;
	struct segs segs;
	struct patches patches;
	struct quick quick;
	struct traces traces;
	struct fpu fpu;
	struct balloon balloon;
	struct swap_counts swap;
	struct reclaim reclaim;
	struct ages ages;
	u32 balloon_answer; /* what the port reads: vballoon.h */
	u32 away_slept;	    /* how often it slept to bring a page back: away.h */

	struct vpic pic;
	struct vpit pit;
	struct vuart uart;
	struct vcmos cmos;
	struct vkbd kbd;
	struct vpci pci;
	struct vide ide;
	struct vmisc misc;

	bool built;	   /* has memory and tables; the CPU can be given to it */
	u16 fs, gs;	   /* selectors, while its thread does not have the CPU */
	u32 attention;	   /* enum attention: something to do before the next entry */
	struct waitq wait; /* in hlt, paused, or waiting for its devices */
	u32 io_in_flight;  /* host disk requests that will still touch this VM */
	bool want_pause, want_kill, want_restart, want_off;
	u32 step;	     /* exits still to run before pausing (monitor `step`) */
	u32 deaf_ticks;	     /* in a row with interrupts off while one was due */
	const char *options; /* what its command line has beside the seed */
	u32 lives;	     /* how often it was started */
	u32 resets;	     /* in a row, each soon after the last */
	u64 booted_ns;
	char why[96]; /* reason of the kill */
	struct vm_stats stats;
};

/* The VM whose thread is running, NULL when none is. */
extern struct vm *vm_running;

/*
 * In its own thread, when want_kill, want_off or want_restart is set: ends this life of
 * the VM.
 */
_Noreturn void vm_leave(struct vm *vm);

/* The monitor's wishes. False: not in the right state for it. */
bool vm_pause(struct vm *vm);
bool vm_resume(struct vm *vm);
bool vm_step(struct vm *vm, u32 exits);
bool vm_restart(struct vm *vm);

/* Is it alive (running, halted or paused)? */
bool vm_alive(const struct vm *vm);

/* The VM with this id, or NULL when there is none. */
struct vm *vm_get(unsigned id);

/*
 * Ends this guest: what it did cannot be gone on with. Says why (event vm.kill). Called
 * in the VM's own thread it does not return; from elsewhere the VM dies before its next
 * entry.
 */
void vm_kill(struct vm *vm, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, called in the VM's own thread. */
_Noreturn void vm_die(struct vm *vm, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The guest switched its machine off / pulled the reset line. Takes effect before the
 * next entry.
 */
void vm_power_off(struct vm *vm);
void vm_reset(struct vm *vm, const char *why);

/*
 * A device moved an interrupt line. Wakes the VM if that makes an interrupt due. Never
 * sleeps.
 */
void vm_set_irq(struct vm *vm, unsigned irq, bool level);

/* The VM's console: output, and the next typed byte or -1. Never sleep. */
void vm_console_out(struct vm *vm, u8 c);
int vm_console_in(struct vm *vm);

/* A host disk request for this VM's virtual disk was sent / is done. */
void vm_io_begin(struct vm *vm);
void vm_io_end(struct vm *vm);

#endif
