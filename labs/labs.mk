# labs/labs.mk: what the Makefile knows of labs. Included by it, before the kernel's rules.
#
#   LAB=1         the student's files of lab 1, labs/lab1/*.c, in place of the reference's
#   MINE="0 1"    those of lab 0 too
#
# Such a kernel and its disk are made in build/lab1/, so that nothing is built anew when LAB
# comes and goes. In a handout given/ has objects for the modules that are withheld, and
# given/handout.mk says which lab it is of.

lab_column = $(shell awk -F '\t' -v lab='$(1)' '$$1 == lab { print $$$(2) }' labs/labs.tsv)
# The reference's modules that lab N is about, and the student's in their place.
lab_modules = $(basename $(call lab_column,$(1),3))
lab_own = $(addprefix labs/lab$(1)/,$(notdir $(call lab_modules,$(1))))

OWN_LABS := $(sort $(LAB) $(MINE))
LAB_OPTS := $(filter-out -,$(foreach lab,$(OWN_LABS),$(call lab_column,$(lab),5)))
OWN_MODULES := $(foreach lab,$(OWN_LABS),$(call lab_own,$(lab)))
THEIR_MODULES := $(foreach lab,$(OWN_LABS),$(call lab_modules,$(lab)))
K := $(if $(LAB),$(B)/lab$(LAB),$(B))

# objects MODULES: built from source if it is here, else given.
objects = $(foreach module,$(1),$(if $(wildcard $(module).c $(module).S),\
	$(B)/$(module).o,given/machine/$(module).o))

# What a student has not used yet is no mistake.
STUDENT_WARNINGS := -Wno-unused-parameter -Wno-unused-function -Wno-unused-variable \
	-Wno-unused-but-set-variable

# The kernel and its disk: the reference's, or one with a student's modules.
KERNEL := $(K)/kernel.elf
IMAGE := $(K)/disk.img
HOST_MODULES := $(basename $(HOST_SRC)) $(patsubst given/machine/%.o,%,\
	$(wildcard given/machine/kernel/*.o given/machine/vmm/*.o))
HOST_OBJ := $(call objects,$(filter-out $(THEIR_MODULES),$(HOST_MODULES))) \
	$(OWN_MODULES:%=$(B)/%.o)

# What it is linked of changes with LAB and MINE.
$(K)/modules: FORCE
	$(call stamp,$(HOST_OBJ))
$(KERNEL): $(K)/modules

define lab_help
	echo 'A lab (labs/README.md)'; \
	echo '  make LAB=1 run, demo, debug, ...  on your files in labs/lab1'
endef

# Staff: what students start from, out of the reference and its markers.
.PHONY: skeletons
skeletons:
	@labs/skeletons.sh make

# For scripts that compile a student's files as make does: for the machine, for a unit test.
.PHONY: student-cc student-hostcc
student-cc:
	@echo '$(CC) $(filter-out -MMD -MP,$(HOST_CFLAGS)) $(STUDENT_WARNINGS)'
student-hostcc:
	@echo '$(HOSTCC) $(filter-out -MMD -MP,$(UNIT_CFLAGS)) $(flags-core) $(STUDENT_WARNINGS)'
