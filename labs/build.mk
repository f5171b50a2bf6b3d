# labs/build.mk: how a kernel is made of the reference's modules and a student's. Included by
# the Makefile before the kernel's rules; labs.mk has the targets.
#
#   LAB=1         the student's files of lab 1, labs/lab1/*.c, in place of the reference's
#   MINE="0 1"    those of lab 0 too
#
# Such a kernel and its disk are made in build/lab1/, so that nothing is built anew when LAB
# comes and goes. A handout has no source of what is withheld: given/ has objects for it, and
# given/handout.mk says which lab the handout is of.

lab_column = $(shell awk -F '\t' -v lab='$(1)' '$$1 == lab { print $$$(2) }' labs/labs.tsv)
# The reference's modules that lab N is about, and the student's in their place.
lab_modules = $(basename $(call lab_column,$(1),3))
lab_own = $(addprefix labs/lab$(1)/,$(notdir $(2)))

OWN_LABS := $(sort $(LAB) $(MINE))
LAB_OPTS := $(filter-out -,$(foreach lab,$(OWN_LABS),$(call lab_column,$(lab),5)))
# A module of user/ is part of the guest's kernel, all others of the host's.
OWN_HOST := $(foreach lab,$(OWN_LABS),$(call lab_own,$(lab),\
	$(filter-out user/%,$(call lab_modules,$(lab)))))
OWN_USER := $(foreach lab,$(OWN_LABS),$(call lab_own,$(lab),\
	$(filter user/%,$(call lab_modules,$(lab)))))
OWN_MODULES := $(OWN_HOST) $(OWN_USER)
THEIR_MODULES := $(foreach lab,$(OWN_LABS),$(call lab_modules,$(lab)))

# objects MODULES: built from source if it is here, else given.
objects = $(foreach module,$(1),$(if $(wildcard $(module).c $(module).S),\
	$(B)/$(module).o,given/machine/$(module).o))
# given FOLDER: the modules of a folder that have no source here.
given = $(patsubst given/machine/%.o,%,$(wildcard given/machine/$(1)/*.o))

# The kernel and its disk: the reference's, or one with a student's modules.
K := $(if $(LAB),$(B)/lab$(LAB),$(B))
KERNEL := $(K)/kernel.elf
IMAGE := $(K)/disk.img
# The guest that it boots: GUEST, or ours with a student's modules.
BOOTS := $(if $(and $(OWN_USER),$(filter build/user/guest.elf,$(GUEST))),$(K)/guest.elf,$(GUEST))
BOOTS_PAT := $(if $(filter $(GUEST),$(BOOTS)),$(B),$(K))/guest.pat
HOST_MODULES := $(basename $(HOST_SRC)) $(call given,kernel) $(call given,vmm)
# Nothing of a student's in them: what a submission is linked with.
PRISTINE_OBJ := $(call objects,$(HOST_MODULES))
HOST_OBJ := $(call objects,$(filter-out $(THEIR_MODULES),$(HOST_MODULES))) \
	$(OWN_HOST:%=$(B)/%.o)

# What it is linked of changes with LAB and MINE.
$(K)/modules: FORCE
	$(call stamp,$(HOST_OBJ) $(OWN_USER))
$(KERNEL): $(K)/modules

# What a student has not used yet is no mistake.
STUDENT_WARNINGS := -Wno-unused-parameter -Wno-unused-function -Wno-unused-variable \
	-Wno-unused-but-set-variable

# --- a guest with a student's modules ------------------------------------------------------
# Included after user/build.mk has said what a guest is made of.
define own_guest
$(OWN_USER:%=$(B)/%.o): $(B)/%.o: %.c
	@echo '  CC      $$<'
	@mkdir -p $$(@D)
	$$(Q)$$(USER_CC) $$(USER_CFLAGS) -iquote user/kernel $$(STUDENT_WARNINGS) -MMD -MP -c -o $$@ $$<
$(K)/guest.elf: user/kernel/kernel.ld $(K)/modules $(call own_user_obj)
	@echo '  LINK    $$@'
	$$(Q)$$(USER_CC) $$(USER_LDFLAGS) -T $$< -o $$@ $(call own_user_obj)
$(K)/guest.pat: $(K)/guest.elf $(DISK_SH)
	@echo '  PATCHES $$@'
	$$(Q)CROSS='$(CROSS)' disk/patches.sh $$< >$$@
-include $(OWN_USER:%=$(B)/%.d)
endef
own_user_obj = $(filter-out $(call user_obj,$(addsuffix .c,$(filter user/%,$(THEIR_MODULES)))),\
	$(USER_KERNEL_OBJ)) $(OWN_USER:%=$(B)/%.o)
