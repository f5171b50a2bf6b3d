/*
 * The keyboard.
 */
#ifndef THIRD_KEYBOARD_H
#define THIRD_KEYBOARD_H

/* Empties the controller, opens its interrupt: what is typed is echoed from then on. */
void keyboard_init(void);

/* Waits for the end of a line, and prints what it was. */
void keyboard_line(void);

/* Types a line on our own keyboard, by the controller's command for tests. */
void keyboard_type_to_myself(void);

#endif
