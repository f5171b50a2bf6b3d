# grader/judge/judge.mk: the unit tests of the labs. Included by grader/build.mk.
#
#   build/labN/judge             the tests (Criterion), which ask
#   build/labN/subject-parts.o   what a student's files are linked with: build.sh
#
# A handout has no source of what belongs to another lab: there its object stands in
# given/host/.

SUBJECT_CFLAGS := $(shell cat grader/judge/flags) -I. -MMD -MP
JUDGE_CFLAGS := -std=gnu11 -Wall -Wextra -Werror -O1 -g -I. -DBALLAST_HOSTED -MMD -MP
JUDGE_SRC := $(addprefix grader/judge/,judge.c link.c lockdown.c outcome.c report.c)
SUBJECT_SRC := $(addprefix grader/judge/,subject.c model.c lockdown.c)

subject-lab0 := $(SUBJECT_SRC) grader/judge/ops_frame.c
judge-lab0 := $(JUDGE_SRC) grader/judge/stubs_frame.c
subject-lab1 := $(SUBJECT_SRC) $(addprefix grader/judge/,ops_lab1.c ops_vm.c model_vm.c model_away.c) \
	$(addprefix vmm/,cache.c forms.c gmem.c rmap.c stable.c sync.c trace.c walk.c) \
	kernel/frame.c
judge-lab1 := $(JUDGE_SRC) $(addprefix grader/judge/,stubs_vm.c guest.c mmu.c)
subject-lab2 := $(SUBJECT_SRC) \
	$(addprefix grader/judge/,ops_mem.c model_mem.c model_below.c ops_vm.c model_vm.c expose_shadow.c) \
	$(addprefix vmm/,away.c cache.c forms.c gmem.c pmap.c rmap.c shadow.c slots.c stable.c swapio.c \
		sync.c trace.c walk.c) \
	kernel/frame.c kernel/rng.c user/kernel/page.c
judge-lab2 := $(JUDGE_SRC) $(addprefix grader/judge/,stubs_vm.c stubs_mem.c guest.c mmu.c)

$(B)/subject/%.o: %.c
	@echo '  SUBJECT $<'
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SUBJECT_CFLAGS) -c -o $@ $<
$(B)/subject/%.o: given/host/%.o
	@mkdir -p $(@D)
	@cp $< $@
$(B)/judge/%.o: %.c
	@echo '  JUDGE   $<'
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(JUDGE_CFLAGS) -c -o $@ $<

# $(1) labN: its judge needs its parts, so that one target is enough.
define judge_rules
$(B)/$(1)/subject-parts.o: $(subject-$(1):%.c=$(B)/subject/%.o)
	@mkdir -p $$(@D)
	$$(Q)ld -r -o $$@ $$^
$(B)/$(1)/judge: $(judge-$(1):%.c=$(B)/judge/%.o) \
		$(patsubst %.c,$(B)/judge/%.o,$(sort $(wildcard labs/$(1)/judge/*.c))) \
		| $(B)/$(1)/subject-parts.o
	@echo '  JUDGE   $$@'
	@mkdir -p $$(@D)
	$$(Q)$(HOSTCC) -o $$@ $$^ -lcriterion
endef
JUDGED_LABS := lab0 lab1 lab2
$(foreach lab,$(JUDGED_LABS),$(eval $(call judge_rules,$(lab))))
JUDGES := $(JUDGED_LABS:%=$(B)/%/judge)
-include $(foreach lab,$(JUDGED_LABS),$(patsubst %.c,$(B)/subject/%.d,$(subject-$(lab))) \
	$(patsubst %.c,$(B)/judge/%.d,$(judge-$(lab)) $(wildcard labs/$(lab)/judge/*.c)))
