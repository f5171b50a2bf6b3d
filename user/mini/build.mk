# The small test guests, matrix and chaos, each a multiboot kernel on the start-up code of
# user/mini. Included by user/build.mk.

MINI_OBJ := $(call user_obj,$(sort $(wildcard user/mini/*.c user/mini/*.S)))
MATRIX_OBJ := $(call user_obj,$(sort $(wildcard user/matrix/*.c user/matrix/*.S)))
CHAOS_OBJ := $(call user_obj,$(sort $(wildcard user/chaos/*.c user/chaos/*.S)))
MINI_GUESTS := $(USER_OUT)/matrix.elf $(USER_OUT)/chaos.elf $(USER_OUT)/third.elf \
	$(USER_OUT)/third.flat $(USER_OUT)/third.pat

.PHONY: mini
mini: $(MINI_GUESTS)

$(USER_OUT)/matrix.elf: user/mini/mini.ld $(MINI_OBJ) $(MATRIX_OBJ)
	@echo '  GUEST   $@'
	$(Q)$(USER_CC) $(USER_LDFLAGS) -T $< -o $@ $(MINI_OBJ) $(MATRIX_OBJ)

$(USER_OUT)/chaos.elf: user/mini/mini.ld $(MINI_OBJ) $(CHAOS_OBJ)
	@echo '  GUEST   $@'
	$(Q)$(USER_CC) $(USER_LDFLAGS) -T $< -o $@ $(MINI_OBJ) $(CHAOS_OBJ)
