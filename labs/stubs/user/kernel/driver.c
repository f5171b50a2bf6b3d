/*
 * In place of the balloon driver, in handouts: a guest without one. Its memory can be taken
 * by swap alone.
 */
#include "driver.h"

void driver_start(void)
{
}

void driver_poll(void)
{
}
