# labs/staff.mk: what the staff makes of the labs. No handout has this file.

define staff_help
	echo 'Teach with it'; \
	echo '  make skeletons       labs/labN/*.c again, from the reference and its markers'; \
	echo '  make LAB=1 handout   a tarball for students, without solutions (OUT=folder)'; \
	echo '  make LAB=1 class     grade all that was handed in (IN=folder OUT=folder)'; \
	echo '  make LAB=1 gradescope   a zip for Gradescope (OUT=file.zip SECRET_FILE=file)'; \
	echo '  make LAB=1 mutants   are its tests right? wrong and right solutions, and cheats'; \
	echo '  make check-graders   all that there is to try of the graders'
endef

.PHONY: skeletons handout class gradescope
skeletons:
	@labs/skeletons.sh make

# For scripts that compile a student's files as make does: for the machine, for a unit test.
.PHONY: student-cc student-usercc student-hostcc
student-cc:
	@echo '$(CC) $(filter-out -MMD -MP,$(HOST_CFLAGS)) $(STUDENT_WARNINGS)'
student-usercc:
	@echo '$(USER_CC) $(USER_CFLAGS) -iquote user/kernel $(STUDENT_WARNINGS)'
student-hostcc:
	@echo '$(HOSTCC) $(filter-out -MMD -MP,$(UNIT_CFLAGS)) $(flags-core) $(STUDENT_WARNINGS)'

# What a whole class handed in; SECRET_FILE as for grade.
IN ?=
class: $(GRADE_NEEDS)
	@SEED='$(SEED)' SECRET_FILE='$(SECRET_FILE)' labs/class.sh '$(LAB)' '$(IN)' '$(OUT)'

# --- handouts ------------------------------------------------------------------------------
# Withheld: what has markers, and what ships.txt lists. It goes as objects that have no local
# names, nothing for a debugger and no text of assertions.
ifneq ($(filter handout gradescope,$(GOALS)),)
WITHHELD := $(filter-out $(call lab_column,$(LAB),3),$(shell labs/handout.sh withheld))
GIVEN := $(WITHHELD:%.c=$(B)/given/machine/%.o) \
	$(patsubst %.c,$(B)/given/host/%.o,$(filter $(subject-lab$(LAB)),$(WITHHELD)))
endif
given_flags = $(filter-out -g -MMD -MP -fsanitize=% -fno-sanitize-recover=%,$(1)) -DBALLAST_WITHHELD
given_rule = $(Q)mkdir -p $(@D); $(1) -c -o $@.all $< && $(2) -r -x -S -o $@ $@.all && rm $@.all

GIVEN_NEEDS := $(wildcard kernel/*.h vmm/*.h user/include/*.h user/kernel/*.h) $(B)/compiler
$(B)/given/machine/user/%.o: user/%.c $(GIVEN_NEEDS)
	@echo '  GIVEN   $@'
	$(call given_rule,$(USER_CC) $(call given_flags,$(USER_CFLAGS)),$(CROSS)ld -m elf_i386)
$(B)/given/machine/%.o: %.c $(GIVEN_NEEDS)
	@echo '  GIVEN   $@'
	$(call given_rule,$(CC) $(call given_flags,$(HOST_CFLAGS)),$(CROSS)ld -m elf_i386)
$(B)/given/host/%.o: %.c $(GIVEN_NEEDS)
	@echo '  GIVEN   $@'
	$(call given_rule,$(HOSTCC) $(call given_flags,$(SUBJECT_CFLAGS)),ld)

handout: $(GIVEN)
	@labs/handout.sh make '$(LAB)' '$(OUT)' $(GIVEN:$(B)/given/%=%)

# --- Gradescope ----------------------------------------------------------------------------
gradescope: $(GIVEN)
	@labs/handout.sh make '$(LAB)' '' $(GIVEN:$(B)/given/%=%) >/dev/null
	@SECRET_FILE='$(SECRET_FILE)' labs/gradescope.sh '$(LAB)' '$(OUT)'
