# grader/trial/trial.mk: the graders are tested, too. Included by grader/build.mk; no handout
# has it.

.PHONY: mutants
mutants: $(GRADE_NEEDS)
	@SEED='$(SEED)' TEST='$(TEST)' grader/trial/mutants.sh '$(LAB)'
