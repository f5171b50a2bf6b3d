# A kernel in the shape of other people's, as an ELF file, and as a flat one that says in its
# multiboot header where it goes. Included by user/build.mk.

THIRD_OBJ := $(call user_obj,$(sort $(wildcard user/third/*.c user/third/*.S)))
THIRD_FLAT_OBJ := $(THIRD_OBJ:%/boot.o=%/boot-flat.o)

$(USER_OUT)/third.elf: user/third/third.ld $(THIRD_OBJ)
	@echo '  GUEST   $@'
	$(Q)$(USER_CC) $(USER_LDFLAGS) -T $< -o $@ $(THIRD_OBJ)

$(USER_OUT)/obj/third/boot-flat.o: user/third/boot.S
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -DFLAT -MMD -MP -c -o $@ $<

$(USER_OUT)/obj/third-flat.elf: user/third/third.ld $(THIRD_FLAT_OBJ)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -T $< -o $@ $(THIRD_FLAT_OBJ)

$(USER_OUT)/third.flat: $(USER_OUT)/obj/third-flat.elf
	@echo '  GUEST   $@'
	$(Q)$(CROSS)objcopy -O binary $< $@

# In the flat file nothing says what is code: its table comes from before.
$(USER_OUT)/third.pat: $(USER_OUT)/obj/third-flat.elf disk/patches.sh disk/patches.awk disk/lib.sh
	$(Q)CROSS='$(CROSS)' disk/patches.sh $< >$@
