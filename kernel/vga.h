/*
 * The screen: VGA text mode, 80 x 25, a plain scrolling terminal that follows the
 * serial console. It knows \n \r \b \t and, of the ANSI sequences, "clear to the end of
 * the line" (ESC [ K), "home" (ESC [ H) and "clear all" (ESC [ J); it swallows the
 * others.
 */
#ifndef KERNEL_VGA_H
#define KERNEL_VGA_H

void vga_init(void);
void vga_put(char c);

#endif
