# grader/build.mk: how the grader's own tools are built. Included by the top Makefile.
#
#   plugin    the device for stock Bochs, in a folder with links to Bochs's own plugins
#   standin   a kernel that ends its run in every way; the harness's tests boot it
#   oracle    reads dumps of machine memory
#   forge     breaks them, one rule at a time, for the oracle's tests
#   unit      Criterion programs, from the list in unit/units.mk

GRADER_CFLAGS := -std=c11 -Wall -Wextra -Werror -O2 -g -I. -MMD -MP
PLUGIN := $(B)/plugin/libbx_ballast.so
STANDIN := $(B)/standin/standin.elf
ORACLE := $(B)/oracle
UNIT_CFLAGS := -std=gnu11 -Wall -Wextra -Werror -O1 -g -I. -MMD -MP \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -DBALLAST_HOSTED

$(PLUGIN): grader/plugin/ballast.c grader/plugin/bochs.c grader/plugin/bochs.h
	@echo '  PLUGIN  $@'
	@mkdir -p $(@D)
	@for p in /usr/lib/*/bochs/plugins/libbx_*.so /usr/lib/bochs/plugins/libbx_*.so; do \
		[ ! -e "$$p" ] || ln -sf "$$p" $(@D)/; done
	$(Q)$(HOSTCC) $(filter-out -MMD -MP,$(GRADER_CFLAGS)) -fPIC -shared -o $@ \
		grader/plugin/ballast.c grader/plugin/bochs.c -ldl

$(STANDIN): grader/standin/start.S grader/standin/standin.c grader/standin/standin.ld
	@echo '  STANDIN $@'
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) $(LDFLAGS) -T grader/standin/standin.ld -o $@ \
		grader/standin/start.S grader/standin/standin.c

ORACLE_SRC := $(wildcard grader/oracle/*.c)
ORACLE_OBJ := $(ORACLE_SRC:%.c=$(B)/%.o)
$(B)/grader/oracle/%.o: grader/oracle/%.c
	@echo '  HOSTCC  $<'
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(GRADER_CFLAGS) -c -o $@ $<
$(ORACLE): $(ORACLE_OBJ)
	@echo '  HOSTCC  $@'
	$(Q)$(HOSTCC) -o $@ $^
-include $(ORACLE_OBJ:.o=.d)

# What the oracle is tested with.
FORGE := $(B)/forge
$(FORGE): $(wildcard grader/forge/*.c) $(filter-out %/oracle.o,$(ORACLE_OBJ)) grader/forge/forge.h
	@echo '  HOSTCC  $@'
	$(Q)$(HOSTCC) $(filter-out -MMD -MP,$(GRADER_CFLAGS)) -o $@ $(filter-out %.h,$^)

# Each line of units.mk is "unit-NAME := SOURCES": one program, built from
# grader/unit/test_NAME.c and those sources, under the sanitizers. A handout has no units
# and no fuzzing targets.
-include grader/unit/units.mk
UNITS := $(patsubst unit-%,%,$(filter unit-%,$(.VARIABLES)))
UNITS := $(foreach unit,$(UNITS),$(if $(wildcard grader/unit/test_$(unit).c),$(unit)))
UNIT_PROGS := $(UNITS:%=$(B)/unit/%)
define unit_rule
$(B)/unit/$(1): grader/unit/test_$(1).c $(unit-$(1)) $$(wildcard kernel/*.h vmm/*.h user/kernel/*.h grader/unit/*.h)
	@echo '  UNIT    $$@'
	@mkdir -p $$(@D)
	$$(Q)$$(HOSTCC) $$(filter-out -MMD -MP,$$(UNIT_CFLAGS)) $$(flags-$(1)) -o $$@ \
		grader/unit/test_$(1).c $(unit-$(1)) -lcriterion
endef
$(foreach unit,$(UNITS),$(eval $(call unit_rule,$(unit))))

GRADER_TOOLS := $(PLUGIN) $(STANDIN) $(ORACLE) $(FORGE) $(UNIT_PROGS)

include grader/judge/judge.mk
-include grader/fuzz/fuzz.mk
include grader/lab/grade.mk
-include grader/trial/trial.mk
