# A kernel in the shape of other people's. Included by user/build.mk.

THIRD_OBJ := $(call user_obj,$(sort $(wildcard user/third/*.c user/third/*.S)))

$(USER_OUT)/third.elf: user/third/third.ld $(THIRD_OBJ)
	@echo '  GUEST   $@'
	$(Q)$(USER_CC) $(USER_LDFLAGS) -T $< -o $@ $(THIRD_OBJ)
