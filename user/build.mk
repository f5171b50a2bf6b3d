# The guest: its kernel, build/user/guest.elf, and its programs,
# build/user/bin/*.elf. Included by the top Makefile; alone it builds both:
#     make -f user/build.mk
# CROSS is a compiler prefix (i686-linux-gnu-), Q hides command lines.

USER_OUT := build/user
USER_CC := $(CROSS)gcc
USER_CFLAGS := -std=c11 -Wall -Wextra -Werror -O2 -g -ffreestanding -fno-pic -fno-pie \
	-fno-stack-protector -fno-omit-frame-pointer -mgeneral-regs-only -m32 -march=i686 \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing
USER_LDFLAGS := -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

USER_KERNEL_SRC := $(sort $(wildcard user/kernel/*.c user/kernel/*.S))
USER_SHARED_SRC := user/lib/format.c user/lib/string.c
USER_LIB_SRC := $(sort $(wildcard user/lib/*.c user/lib/*.S))
USER_PROG_SRC := $(sort $(wildcard user/prog/*.c))

user_obj = $(patsubst %,$(USER_OUT)/obj/%.o,$(basename $(1:user/%=%)))
# A handout has objects in place of some sources.
USER_GIVEN := $(wildcard given/machine/user/kernel/*.o)
USER_KERNEL_OBJ := $(call user_obj,$(USER_KERNEL_SRC) $(USER_SHARED_SRC)) $(USER_GIVEN)
USER_LIB_OBJ := $(call user_obj,$(USER_LIB_SRC))
USER_PROGS := $(patsubst user/prog/%.c,$(USER_OUT)/bin/%.elf,$(USER_PROG_SRC))

include user/mini/build.mk
include user/third/build.mk

.PHONY: user
user: $(USER_OUT)/guest.elf $(USER_PROGS)

$(USER_OUT)/guest.elf: user/kernel/kernel.ld $(USER_KERNEL_OBJ)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -T $< -o $@ $(USER_KERNEL_OBJ)

$(USER_OUT)/bin/%.elf: $(USER_OUT)/obj/prog/%.o user/lib/program.ld $(USER_LIB_OBJ)
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -Wl,-s -T user/lib/program.ld -o $@ $< $(USER_LIB_OBJ)

$(USER_OUT)/obj/%.o: user/%.c
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(USER_OUT)/obj/%.o: user/%.S
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

.SECONDARY: $(USER_LIB_OBJ) $(patsubst user/%.c,$(USER_OUT)/obj/%.o,$(USER_PROG_SRC))
-include $(shell find $(USER_OUT)/obj -name '*.d' 2>/dev/null)
