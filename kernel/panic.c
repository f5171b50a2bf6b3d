/*
 * Panic: the last words of a kernel with a bug. Every whole line printed in panic mode
 * is also an event, so the harness has all of it. Nothing here trusts what it walks
 * over: a second panic on the way ends at once.
 */
#include "kernel/panic.h"
#include "kernel/asm.h"
#include "kernel/console.h"
#include "kernel/event.h"
#include "kernel/hooks.h"
#include "kernel/lib.h"
#include "kernel/quit.h"
#include "kernel/symbols.h"
#include "kernel/thread.h"
#include "kernel/time.h"

enum { FRAMES_MAX = 24, MESSAGE_MAX = 240 };

extern const u8 boot_stack[], boot_stack_top[]; /* boot.S: the idle thread's */

static bool panicking;

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line of the panic. */
static void say(const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	format_v(text, sizeof(text), fmt, ap);
	va_end(ap);
	console_printf(CONSOLE_MONITOR, "%s\n", text);
}

/*
 * One place in the code. A return address (back = 1) may be the first byte behind its
 * function, when the call was the last thing in it: the byte before has the name.
 */
static void say_address(u32 eip, u32 back)
{
	u32 offset;
	const char *name = symbol_at(&host_symbols, eip - back, &offset);

	if (name)
		say("  at 0x%08x %s+0x%x", eip, name, offset + back);
	else
		say("  at 0x%08x", eip);
}

/* The bounds of the stack that this thread runs on. */
static void stack_bounds(u32 *low, u32 *high)
{
	const struct thread *t = thread_self();
	const u8 *bottom = t ? t->stack : NULL;

	*low = (u32)(uintptr_t)(bottom ? bottom : boot_stack);
	*high = bottom ? *low + THREAD_STACK : (u32)(uintptr_t)boot_stack_top;
}

/*
 * Follows the saved frame pointers upwards: [ebp] is the caller's ebp, [ebp + 4] where
 * it goes on. Each must lie above the last, inside the stack.
 */
static void backtrace(u32 ebp)
{
	u32 low, high;

	stack_bounds(&low, &high);
	for (int n = 0; n < FRAMES_MAX; n++) {
		const u32 *frame = (const u32 *)(uintptr_t)ebp;

		if (ebp < low || ebp > high - 2 * sizeof(u32) || ebp % sizeof(u32))
			break;
		if (frame[1] == 0) /* the first function of a thread returns nowhere */
			break;
		say_address(frame[1], 1);
		low = ebp + 1;
		ebp = frame[0];
	}
}

/* Takes the machine over. A panic inside a panic has nothing more to say. */
static void begin(void)
{
	event_listen(NULL);
	event_mute(false);
	if (panicking) {
		event("panic", "text=\"panic while panicking\"");
		machine_stop(QUIT_PANIC);
	}
	panicking = true;
	console_panic_mode();
}

static void say_where(void)
{
	const struct thread *t = thread_self();

	say("thread %s, %u ms after boot", t ? t->name : "(none yet)", time_ms());
}

_Noreturn static void end(void)
{
	panic_guest_state();
	console_drain();
	machine_stop(QUIT_PANIC);
}

void panic(const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	begin();
	va_start(ap, fmt);
	format_v(text, sizeof(text), fmt, ap);
	va_end(ap);
	say("PANIC: %s", text);
	say_where();
	backtrace((u32)(uintptr_t)__builtin_frame_address(0));
	end();
}

void panic_trap(const struct trapframe *tf, unsigned cr2)
{
	begin();
	say("PANIC: trap %u in ring 0, error 0x%x, cr2 0x%08x", tf->vector, tf->error,
	    cr2);
	say_where();
	say("eax %08x ebx %08x ecx %08x edx %08x", tf->eax, tf->ebx, tf->ecx, tf->edx);
	say("esi %08x edi %08x ebp %08x eflags %08x", tf->esi, tf->edi, tf->ebp,
	    tf->eflags);
	say("cr0 %08x cr3 %08x cr4 %08x", read_cr0(), read_cr3(), read_cr4());
	say_address(tf->eip, 0);
	backtrace(tf->ebp);
	end();
}
