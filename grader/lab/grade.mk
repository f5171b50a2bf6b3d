# grader/lab/grade.mk: grading. Included by grader/build.mk.
#
# grade.flags: the compiler, its flags and the objects of the reference's kernel, a line each.
# A lab's modules are compiled and linked with these, so that a graded kernel is make's own
# kernel but for the student's files and what is absent. The same, with user before it, for a guest's kernel.
GRADE_FLAGS := $(B)/grade.flags
# Modules that do in another way what a lab asks for: absent.c stands for them.
GRADE_ABSENT := $(addprefix %/vmm/,vtlb.o refill.o adopt.o dirwrite.o store.o)
GRADE_OBJ := $(filter-out $(GRADE_ABSENT),$(PRISTINE_OBJ)) $(B)/grader/lab/absent.o

$(B)/grader/lab/%.o: grader/lab/%.c
	$(compile)
-include $(B)/grader/lab/absent.d

$(GRADE_FLAGS): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' 'cc $(CC)' 'hostcc $(HOSTCC)' 'cflags $(filter-out -MMD -MP,$(HOST_CFLAGS))' \
		'ldflags $(LDFLAGS)' 'objects $(GRADE_OBJ)' \
		'usercc $(USER_CC)' 'usercflags $(USER_CFLAGS) -iquote user/kernel' \
		'userldflags $(USER_LDFLAGS)' 'userobjects $(USER_KERNEL_OBJ)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# All that a grade run uses and does not make itself.
GRADE_NEEDS := $(GRADE_FLAGS) $(GRADE_OBJ) $(USER_KERNEL_OBJ) $(B)/vdisk.img $(B)/guest.pat $(PLUGIN) $(ORACLE) \
	$(filter $(B)/lab$(LAB)/%,$(JUDGES))

GRADE_SETTINGS = SUBMISSION='$(SUBMISSION)' SEED='$(SEED)' TEST='$(TEST)' \
	FORMAT='$(FORMAT)' OUT='$(OUT)' SECRET_FILE='$(SECRET_FILE)'

.PHONY: grade
grade: $(GRADE_NEEDS)
	@$(GRADE_SETTINGS) grader/lab/grade.sh '$(LAB)'

# What is handed in has been graded once.
handin: $(GRADE_NEEDS)

# Back to the moment at which a machine test failed.
.PHONY: replay
replay: $(PLUGIN)
	@grader/lab/replay.sh '$(CAPSULE)'
