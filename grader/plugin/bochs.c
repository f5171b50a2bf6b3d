/*
 * Reaching into the running Bochs: one pointer for each function that is used, found by
 * its mangled name. Nothing here knows about Ballast.
 */
#define _GNU_SOURCE
#include "bochs.h"

#include <dlfcn.h>
#include <stddef.h>

enum { SREG_CS = 1, SREG_WORDS = 6 };

static void **cpu_array; /* Bochs's BX_CPU_C *bx_cpu_array[] hangs on it */
static void *pc_system;
static void (*register_device)(void *, uint16_t, void *, const char *);
static int (**register_read)(void *, bochs_read_fn, uint32_t, const char *, uint8_t);
static int (**register_write)(void *, bochs_write_fn, uint32_t, const char *, uint8_t);
static bool (*fetch_mem)(void *, uint64_t, uint32_t, uint8_t *);
static bool (*get_sreg)(void *, uint32_t *, unsigned);
static bool (*translate)(void *, uint64_t, uint64_t *, uint64_t *, bool);
static int (*register_timer)(void *, void *, bochs_timer_fn, uint64_t, bool, bool,
			     const char *);
static void (*activate_timer)(void *, unsigned, uint64_t, bool);
static uint64_t (*time_nsec)(void *);
static uint32_t (*get_eip)(void);
static void **simulator;
static void *(*bochs_root)(void *);
static void *(*get_number)(void *, const char *, void *);
static uint64_t (*shadow_value)(void *);

static const struct {
	const char *name;
	void *where;
} wanted[] = {
	{"bx_cpu_array", &cpu_array},
	{"bx_pc_system", &pc_system},
	{"pluginRegisterDeviceDevmodel", &register_device},
	{"pluginRegisterIOReadHandler", &register_read},
	{"pluginRegisterIOWriteHandler", &register_write},
	{"_ZN8BX_MEM_C13dbg_fetch_memEP8BX_CPU_CmjPh", &fetch_mem},
	{"_ZN8BX_CPU_C12dbg_get_sregEP13bx_dbg_sreg_tj", &get_sreg},
	{"_ZN8BX_CPU_C20dbg_xlate_linear2phyEmPmS0_b", &translate},
	{"_ZN14bx_pc_system_c20register_timer_ticksEPvPFvS0_EmbbPKc", &register_timer},
	{"_ZN14bx_pc_system_c20activate_timer_ticksEjmb", &activate_timer},
	{"_ZN14bx_pc_system_c9time_nsecEv", &time_nsec},
	{"_Z14bx_dbg_get_eipv", &get_eip},
	{"SIM", &simulator},
	{"_ZN13bx_real_sim_c14get_bochs_rootEv", &bochs_root},
	{"_ZN13bx_real_sim_c13get_param_numEPKcP10bx_param_c", &get_number},
	{"_ZN15bx_shadow_num_c5get64Ev", &shadow_value},
};

/* Called first of all; the rest may be called only after it returned NULL. */
const char *bochs_bind(void)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		void *found = dlsym(RTLD_DEFAULT, wanted[i].name);

		if (!found)
			return wanted[i].name;
		*(void **)wanted[i].where = found;
	}
	return NULL;
}

/* The one CPU of the machine: bx_cpu_array is itself a pointer variable of Bochs. */
static void *cpu(void)
{
	return (*(void ***)cpu_array)[0];
}

void bochs_add_device(void *plugin, uint16_t type, struct bochs_device *dev,
		      const char *name)
{
	register_device(plugin, type, dev, name);
}

void bochs_take_read(void *self, bochs_read_fn fn, uint32_t port, const char *name)
{
	(*register_read)(self, fn, port, name, BOCHS_WIDTH_1_2_4);
}

void bochs_take_write(void *self, bochs_write_fn fn, uint32_t port, const char *name)
{
	(*register_write)(self, fn, port, name, BOCHS_WIDTH_1_2_4);
}

bool bochs_read_physical(uint64_t address, unsigned len, uint8_t *to)
{
	return fetch_mem(cpu(), address, len, to);
}

bool bochs_translate(uint32_t linear, uint64_t *physical)
{
	return translate(cpu(), linear, physical, NULL, false);
}

uint16_t bochs_cs(void)
{
	uint32_t sreg[SREG_WORDS];

	get_sreg(cpu(), sreg, SREG_CS);
	return sreg[0];
}

uint32_t bochs_eip(void)
{
	return get_eip();
}

/* Registers that no function gives are in the tree that saved states are made from. */
uint32_t bochs_cr3(void)
{
	void *cr3 = get_number(*simulator, "cpu0.CR3", bochs_root(*simulator));

	return cr3 ? (uint32_t)shadow_value(cr3) : 0;
}

uint64_t bochs_nsec(void)
{
	return time_nsec(pc_system);
}

int bochs_timer_new(void *self, bochs_timer_fn fn, const char *name)
{
	return register_timer(pc_system, self, fn, 1, false, false, name);
}

void bochs_timer_start(int index, uint64_t ticks)
{
	activate_timer(pc_system, index, ticks, false);
}
