/*
 * The machine's end.
 */
#ifndef POWER_H
#define POWER_H

/* Writes what is dirty, lets the console finish, and switches off. May sleep. */
_Noreturn void power_off(void);

/* The same, then resets by the keyboard controller. May sleep. */
_Noreturn void power_reboot(void);

#endif
