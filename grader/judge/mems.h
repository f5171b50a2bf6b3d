/*
 * Lab 2's tests: the calls of vmm/balloon.h, vmm/swap.h and of the guest's driver, and the
 * script of what lies around them (mem.h).
 */
#ifndef GRADER_JUDGE_MEMS_H
#define GRADER_JUDGE_MEMS_H

#include "grader/judge/vms.h"

static struct mem *const mem = &arena->mem;

/* --- the guest's side (stubs_mem.c) ----------------------------------------------------- */

/* A guest of so many pages with a driver; a machine below that wants nothing yet. */
void start_guest(u32 pages);
void driver_begins(u32 pages); /* by the script as it stands */
void poll_once(void);

/* How many pages the driver gave in that turn, less those that it took back. */
s32 poll_gives(void);
u32 pages_of_type(u32 type);

/* Balloon pages of the guest's, and those that the machine below has: the same. */
void check_books(void);

/* --- the host's side ----------------------------------------------------------------------- */

/* A VM of so many pages and a swap area. All of its memory from page `first` on has frames. */
void start_host(u32 pages);
void fill_page(u32 p, u32 seed);
u32 sum_of_page(const u32 *words);
const u32 *frame_bytes(u32 p);
bool page_is(u32 p, u32 seed);

u32 start_balloon(u32 bound);
u32 poll_balloon(u32 *pages);
u32 give_page(u32 p);
u32 take_page(u32 p);
u32 send_out(u32 pages);
void send_page(u32 p); /* that one, to the disk */
void choose_page(u32 p);
void forget_page(u32 p);
bool may_take(u32 p);
bool random_victim(u32 *p);
u32 slots_left(void);
u32 disk_done(u32 writes);
struct reply slot_record(u32 slot);

u32 state_of(u32 p);
void must_be_state(u32 p, u32 state);
void check_accounts(void); /* the pmap's counts, and the frame table */

#endif
