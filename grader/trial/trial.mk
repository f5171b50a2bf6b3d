# grader/trial/trial.mk: the graders are tested, too. Included by grader/build.mk; no handout
# has it.

.PHONY: mutants check-graders
mutants: $(GRADE_NEEDS)
	@SEED='$(SEED)' TEST='$(TEST)' grader/trial/mutants.sh '$(LAB)'
check-graders: $(GRADE_NEEDS) $(JUDGES)
	@LAB='$(LAB)' grader/trial/check.sh
