/*
 * The monitor's commands about VMs: look, stop, go on. Each checks its arguments and
 * the VM's state before it does anything.
 */
#include "vmm/vmcmd.h"
#include "kernel/lib.h"
#include "kernel/monitor.h"
#include "kernel/panic.h"
#include "vmm/audit.h"
#include "vmm/memcmd.h"
#include "vmm/memmap.h"
#include "vmm/vm.h"
#include "vmm/vmshow.h"

enum { STEP_MAX = 1000000, NO_LIMIT = 255, SCAN_CODE_MAX = 255 };

struct vm *vm_arg(const char *arg)
{
	struct vm *vm = NULL;
	u32 id;

	if (parse_u32(arg, VM_MAX, &id))
		vm = vm_get(id);
	if (!vm)
		mon_printf("there is no VM %s; `vms` lists them\n", arg);
	return vm;
}

static bool refused(struct vm *vm, const char *what)
{
	mon_printf("VM %u is %s: cannot %s it\n", vm->id, vm_state_name(vm), what);
	return true;
}

static bool cmd_vms(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	show_table();
	return true;
}

static bool cmd_vm(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (vm)
		show_vm(vm);
	return true;
}

static bool cmd_regs(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (vm && !vm_alive(vm))
		return refused(vm, "show registers of");
	if (vm)
		show_registers(vm);
	return true;
}

static bool cmd_pt(int argc, char **argv)
{
	struct vm *vm = vm_arg(argc > 2 ? argv[2] : "1");
	u32 address;

	if (!vm)
		return true;
	if (!parse_u32(argv[1], ~0u, &address))
		return false;
	if (!vm_alive(vm))
		return refused(vm, "walk the tables of");
	show_tables(vm, gva(address));
	return true;
}

static bool cmd_kill(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (!vm)
		return true;
	if (!vm_alive(vm))
		return refused(vm, "kill");
	vm_kill(vm, "killed from the monitor");
	return true;
}

static bool cmd_restart(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (vm)
		vm_restart(vm);
	return true;
}

static bool cmd_pause(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (vm && !vm_pause(vm))
		return refused(vm, "pause");
	return true;
}

static bool cmd_resume(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (vm && !vm_resume(vm))
		return refused(vm, "resume");
	return true;
}

static bool cmd_step(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);
	u32 exits = 1;

	if (!vm)
		return true;
	if (argc > 2 && !parse_u32(argv[2], STEP_MAX, &exits))
		return false;
	if (!vm_step(vm, exits))
		return refused(vm, "step (pause it first)");
	return true;
}

/* Types TEXT and Enter on the VM's keyboard. */
static bool cmd_key(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);
	const char *text = argv[2];

	(void)argc;
	if (!vm)
		return true;
	if (!vm_alive(vm))
		return refused(vm, "type to");
	while (*text && vkbd_type(vm, *text))
		text++;
	if (*text || !vkbd_type(vm, '\r'))
		mon_printf("VM %u did not take \"%s\": no key makes that, or it does "
			   "not read its keyboard\n",
			   vm->id, text);
	return true;
}

/* All codes are read before the first is sent. */
static bool cmd_scan(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);
	u32 code[MONITOR_ARGS];
	int i;

	if (!vm)
		return true;
	for (i = 2; i < argc; i++)
		if (!parse_u32(argv[i], SCAN_CODE_MAX, &code[i]))
			return false;
	if (!vm_alive(vm))
		return refused(vm, "type to");
	for (i = 2; i < argc && vkbd_scan(vm, (u8)code[i]);)
		i++;
	if (i < argc)
		mon_printf("VM %u does not read its keyboard\n", vm->id);
	return true;
}

static bool cmd_screen(int argc, char **argv)
{
	struct vm *vm = vm_arg(argv[1]);

	(void)argc;
	if (!vm)
		return true;
	if (!vm->built)
		return refused(vm, "show the screen of");
	show_screen(vm);
	return true;
}

static bool cmd_mem(int argc, char **argv)
{
	if (argc == 1)
		show_memory();
	else if (strcmp(argv[1], "map") == 0)
		show_memory_map();
	else
		return false;
	return true;
}

static bool cmd_check(int argc, char **argv)
{
	u32 entries, vms = audit_all(&entries);

	(void)argc;
	(void)argv;
	mon_printf("audit: %u VMs, %u entries, clean\n", vms, entries);
	return true;
}

static bool cmd_panic(int argc, char **argv)
{
	(void)argc;
	panic("asked for: %s", argv[1]);
}

static const struct command commands[] = {
	{"vms", "", "all VMs: state, memory, faults, exits", 0, 0, cmd_vms},
	{"vm", "N", "one VM in detail", 1, 1, cmd_vm},
	{"regs", "N", "registers of VM N", 1, 1, cmd_regs},
	{"key", "N TEXT", "type a line on the keyboard of VM N (not its console)", 2,
	 NO_LIMIT, cmd_key},
	{"scan", "N CODE...", "send scan codes, 0x1d 0x9d, to the keyboard of VM N", 2,
	 MONITOR_ARGS - 1, cmd_scan},
	{"screen", "N", "the text screen of VM N", 1, 1, cmd_screen},
	{"mem", "[map]", "machine memory: totals, or a map by owner", 0, 1, cmd_mem},
	{"pt", "GVA [N]", "walk GVA in VM N (1): guest's tables, pmap, both shadows", 1,
	 2, cmd_pt},
	{"kill", "N", "stop VM N for good", 1, 1, cmd_kill},
	{"restart", "N", "start VM N afresh", 1, 1, cmd_restart},
	{"pause", "N", "hold VM N before its next entry", 1, 1, cmd_pause},
	{"resume", "N", "let a paused VM go on", 1, 1, cmd_resume},
	{"step", "N [EXITS]", "let a paused VM run for so many exits (1)", 1, 2,
	 cmd_step},
	{"check", "", "audit the shadows of all VMs", 0, 0, cmd_check},
	{"panic", "WHY", "stop the machine as a bug of ours would (for tests)", 1,
	 NO_LIMIT, cmd_panic},
};

void vmcmd_init(void)
{
	monitor_register(commands, ARRAY_LEN(commands));
	memcmd_init();
	show_init();
}
