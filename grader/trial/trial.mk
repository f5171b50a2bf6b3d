# grader/trial/trial.mk: the graders are tested, too. Included by grader/build.mk; no handout
# has it.

.PHONY: mutants check-graders
mutants: $(GRADE_NEEDS)
	@SEED='$(SEED)' TEST='$(TEST)' grader/trial/mutants.sh '$(LAB)'
check-graders: $(GRADE_NEEDS) $(JUDGES)
	@LAB='$(LAB)' grader/trial/check.sh

# The judge before a subject that forges: rogue.sh.
ROGUE := $(B)/rogue/judge $(B)/rogue/subject
$(B)/rogue/judge: $(JUDGE_SRC:%.c=$(B)/judge/%.o) $(B)/judge/grader/trial/rogue/test_rogue.o
	@echo '  JUDGE   $@'
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -o $@ $^ -lcriterion
$(B)/rogue/subject: $(SUBJECT_SRC:%.c=$(B)/subject/%.o) $(B)/subject/grader/trial/rogue/rogue.o
	@echo '  SUBJECT $@'
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -no-pie -fsanitize=address,undefined -static-libasan -static-libubsan -o $@ $^
-include $(B)/judge/grader/trial/rogue/test_rogue.d $(B)/subject/grader/trial/rogue/rogue.d
GRADER_TOOLS += $(ROGUE)
