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
lab_own = $(addprefix labs/lab$(1)/,$(notdir $(call lab_modules,$(1))))

OWN_LABS := $(sort $(LAB) $(MINE))
LAB_OPTS := $(filter-out -,$(foreach lab,$(OWN_LABS),$(call lab_column,$(lab),5)))
OWN_MODULES := $(foreach lab,$(OWN_LABS),$(call lab_own,$(lab)))
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
HOST_MODULES := $(basename $(HOST_SRC)) $(call given,kernel) $(call given,vmm)
# Nothing of a student's in them: what a submission is linked with.
PRISTINE_OBJ := $(call objects,$(HOST_MODULES))
HOST_OBJ := $(call objects,$(filter-out $(THEIR_MODULES),$(HOST_MODULES))) \
	$(OWN_MODULES:%=$(B)/%.o)

# What it is linked of changes with LAB and MINE.
$(K)/modules: FORCE
	$(call stamp,$(HOST_OBJ))
$(KERNEL): $(K)/modules

# What a student has not used yet is no mistake.
STUDENT_WARNINGS := -Wno-unused-parameter -Wno-unused-function -Wno-unused-variable \
	-Wno-unused-but-set-variable
