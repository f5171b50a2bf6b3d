# grader/fuzz/fuzz.mk: the fuzzing targets, for clang's libFuzzer. One line each:
#
#   fuzz-NAME := SOURCES      builds build/fuzz/NAME from fuzz_NAME.c and SOURCES

fuzz-decode := vmm/decode.c vmm/optable.c vmm/recall.c
fuzz-emulate := $(EMULATOR)
fuzz-walk := vmm/walk.c

FUZZ_CC ?= clang
FUZZ_CFLAGS := -std=gnu11 -Wall -Wextra -Werror -O1 -g -I. -DBALLAST_HOSTED \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZERS := $(patsubst fuzz-%,%,$(filter fuzz-%,$(.VARIABLES)))
FUZZ_PROGS := $(FUZZERS:%=$(B)/fuzz/%)
define fuzz_rule
$(B)/fuzz/$(1): grader/fuzz/fuzz_$(1).c $(fuzz-$(1)) $$(wildcard kernel/*.h vmm/*.h grader/fuzz/*.h)
	@echo '  FUZZ    $$@'
	@mkdir -p $$(@D)
	$$(Q)$$(FUZZ_CC) $$(FUZZ_CFLAGS) -o $$@ grader/fuzz/fuzz_$(1).c $(fuzz-$(1)) -lcriterion
endef
$(foreach fuzzer,$(FUZZERS),$(eval $(call fuzz_rule,$(fuzzer))))

# FUZZ_SECONDS for each, one after the other; what was found stays in build/fuzz.
FUZZ_SECONDS ?= 60
fuzz: $(FUZZ_PROGS)
	@for fuzzer in $(FUZZERS); do \
		grader/fuzz/fuzz.sh "$$fuzzer" -max_total_time=$(FUZZ_SECONDS) || exit 1; done
