# Ballast: everything starts here. `make` alone lists what there is.

# A handout says which lab it is of.
-include given/handout.mk

# --- options (make help explains them) -------------------------------------------
EMU ?= bochs
VMS ?= 4
MEM ?= 128
VMMEM ?= 16
SEED ?= 1
LOW ?=
OPTS ?=
CROSS ?=
GUEST ?= build/user/guest.elf
PATCHES ?=
FIG ?=
SCENARIO ?=
TEST ?=
N ?= 20
# (An empty LAB in the environment is none.)
LAB := $(or $(LAB),$(HANDOUT))
MINE ?=
V ?=

Q := $(if $(V),,@)
B := build
# As many jobs as there are cores, unless told otherwise.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
.DEFAULT_GOAL := help
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:

GOALS := $(or $(MAKECMDGOALS),help)
OWN_GUEST := demo native bench policy figures check chaos squeeze
ifneq ($(filter $(OWN_GUEST),$(GOALS)),)
ifneq ($(strip $(GUEST) $(PATCHES)),build/user/guest.elf)
$(error make $(firstword $(filter $(OWN_GUEST),$(GOALS))) is about our own guest: \
	GUEST and PATCHES go with all, run, debug and gdb)
endif
endif
STAFF_GOALS := chaos fuzz figures squeeze
ifneq ($(and $(HANDOUT),$(filter $(STAFF_GOALS),$(GOALS))),)
$(error make $(firstword $(filter $(STAFF_GOALS),$(GOALS))): a handout has no such thing: \
	make help lists what there is)
endif
QUIET_GOALS := help clean deps format lint
ifneq ($(filter-out $(QUIET_GOALS),$(GOALS)),)
problem := $(shell .ci/options.sh 'EMU=$(EMU)' 'VMS=$(VMS)' 'MEM=$(MEM)' \
	'VMMEM=$(VMMEM)' 'GUEST=$(GUEST)' 'PATCHES=$(PATCHES)' 'SEED=$(SEED)' 'LOW=$(LOW)' \
	'CROSS=$(CROSS)' 'LAB=$(LAB)' 'MINE=$(MINE)' 2>&1)
ifneq ($(problem),)
$(error $(problem))
endif
endif

# --- help --------------------------------------------------------------------------
.PHONY: help deps all run play demo check chaos fuzz bench policy native debug gdb figures squeeze format lint clean
help:
	@echo 'Ballast: a small hypervisor that teaches memory management'
	@echo
	@echo 'Try it'
	@echo '  make demo      four guests side by side, headless, with a picture of memory'
	@echo '  make run       boot it and type: consoles and monitor (Ctrl-] gets out)'
	@echo '  make play      a person at the monitor, written down: SCENARIO=file (docs/HARNESS.md)'
	@echo '  make native    the same guest file on bare Bochs and QEMU'
	@echo 'Measure'
	@echo '  make bench     what virtualization costs, operation by operation'
	@echo '  make policy    the challenge of lab 2: victims of your own against random ones'
ifndef HANDOUT
	@echo '  make figures   draw a figure and check its shape (FIG=name; none: which there are)'
	@echo '  make squeeze   memory taken from VMs at work and given back, 50 times (3 minutes each)'
	@echo '  make chaos     N=20 guests that do their worst, from SEED on; the neighbour watches'
	@echo '  make fuzz      decoder, emulator and page walker, FUZZ_SECONDS=60 each'
endif
	@echo 'Work on it'
	@echo '  make all       build kernel, guest and disk images into build/'
	@echo '  make check     unit and machine tests; last line: N passed, N failed'
	@echo '  make debug     in the Bochs debugger'
	@echo '  make gdb       in QEMU under gdb, with symbols'
	@echo '  make lint      shellcheck and clang-format, changing nothing'
	@echo '  make format    clang-format, in place'
	@echo '  make deps      install what is missing (apt; says what before it does)'
	@echo '  make clean     remove build/'
	@$(lab_help)
	@$(staff_help)
	@echo 'Options                                                       (default)'
	@echo '  EMU=bochs|qemu   which machine                              ($(EMU))'
	@echo '  VMS=1..16        how many virtual machines                  ($(VMS))'
	@echo '  MEM=32..512      machine memory, MiB                        ($(MEM))'
	@echo '  VMMEM=4..256     memory of each VM, MiB                     ($(VMMEM))'
	@echo '  SEED=n           seed of all randomness                     ($(SEED))'
	@echo '  LOW=n            permanently mapped memory, MiB             (32)'
	@echo '  OPTS="a=b c=d"   more kernel options                        (none)'
	@echo '  GUEST=file       another kernel as the guest, multiboot     ($(GUEST))'
	@echo '  PATCHES=file     its patch table, made from it otherwise    (none)'
	@echo '  TEST=name        with check: only tests whose id has name   (all)'
	@echo '  LAB=n            your files of lab n in place of ours       ($(or $(LAB),none))'
	@echo '  MINE="n n"       and those of these labs                    (LAB alone)'
	@echo '  CROSS=prefix     compiler, e.g. i686-linux-gnu-             (gcc -m32)'
	@echo '  V=1              show the commands                          (off)'

# --- what must be installed ---------------------------------------------------------
# Checked before anything else; silent when all is there. A dry run installs nothing.
GRADING := grade class handin mutants check-graders gradescope
needs_build := all run play debug gdb demo native bench policy figures check chaos squeeze $(GRADING) $(filter build/%,$(GOALS))
needs_run := run play debug demo native bench policy figures check chaos squeeze $(GRADING)
needs_gdb := gdb
needs_figures := figures
needs_unit := check fuzz $(GRADING)
needs_fuzz := check fuzz
needs_lint := format lint
needs_grade := $(GRADING)
needs_graders := $(filter-out grade handin,$(GRADING))
sets := $(strip $(foreach set,build run gdb figures unit fuzz lint grade graders,\
	$(if $(filter deps $(needs_$(set)),$(GOALS)),$(set))))
ifneq ($(sets),)
ifeq ($(findstring n,$(firstword -$(MAKEFLAGS))),)
installed := $(shell CROSS='$(CROSS)' .ci/deps.sh $(sets) >&2)
ifneq ($(.SHELLSTATUS),0)
$(error something is missing, see above)
endif
endif
endif
deps:
	@echo 'deps: everything is installed'

# --- the host kernel and the VMM ------------------------------------------------------
CC := $(CROSS)gcc
HOSTCC ?= cc
CFLAGS := -std=c11 -Wall -Wextra -Werror -O2 -g -ffreestanding -fno-pic -fno-pie \
	-fno-stack-protector -fno-omit-frame-pointer -mgeneral-regs-only -m32 \
	-march=i686 -I. -MMD -MP
HOST_CFLAGS := $(CFLAGS) -mregparm=3 -freg-struct-return
LDFLAGS := -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,--no-warn-rwx-segments

# labs/labs.mk may put a student's modules in place of the reference's.
HOST_SRC := $(wildcard kernel/*.c kernel/*.S vmm/*.c vmm/*.S)
include labs/build.mk

$(KERNEL): $(HOST_OBJ) kernel/kernel.ld
	@echo '  LINK    $@'
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -T kernel/kernel.ld -o $@ $(HOST_OBJ) -lgcc

$(B)/kernel/%.o: kernel/%.c
	$(compile)
$(B)/kernel/%.o: kernel/%.S
	$(compile)
$(B)/vmm/%.o: vmm/%.c
	$(compile)
$(B)/vmm/%.o: vmm/%.S
	$(compile)
$(B)/labs/%.o: HOST_CFLAGS += $(STUDENT_WARNINGS)
$(B)/labs/%.o: labs/%.c
	$(compile)
define compile
	@echo '  CC      $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) -c -o $@ $<
endef

-include $(HOST_OBJ:.o=.d)

# --- the guest -------------------------------------------------------------------------
-include user/build.mk

$(filter-out given/%,$(HOST_OBJ) $(PRISTINE_OBJ) $(USER_KERNEL_OBJ)) $(USER_LIB_OBJ) $(call user_obj,$(USER_PROG_SRC)): \
	$(B)/compiler

# --- disks ------------------------------------------------------------------------------
DISK_SH := $(wildcard disk/*.sh disk/*.awk)
KARGS = vms=$(VMS) mem=$(MEM) vmmem=$(VMMEM) seed=$(SEED) $(if $(LOW),low=$(LOW)) \
	$(LAB_OPTS) $(OPTS)
SWAP_MIB = $(shell n=$$(($(VMS) * $(VMMEM))); echo $$((n < 16 ? 16 : n)))

# Files that change when an option does, so that what depends on it is made anew.
stamp = @mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
$(K)/options: FORCE
	$(call stamp,$(KARGS) $(GUEST) $(PATCHES))
$(B)/guest: FORCE
	$(call stamp,$(strip $(GUEST) $(PATCHES)))
$(B)/compiler: FORCE
	$(call stamp,$(CC))
FORCE:
.PHONY: FORCE

$(B)/guest.pat: $(GUEST) $(PATCHES) $(DISK_SH) $(B)/guest
	@echo '  PATCHES $@'
	$(Q)CROSS='$(CROSS)' disk/patches.sh '$(GUEST)' $(PATCHES:%='%') >$@

$(B)/vdisk.img: $(GUEST) $(USER_PROGS) $(DISK_SH) $(B)/guest
	@echo '  DISK    $@'
	$(Q)disk/vdisk.sh $@ '$(GUEST)' $(B)/user/bin

ifneq ($(BOOTS),$(GUEST))
$(eval $(own_guest))
endif
$(IMAGE): $(KERNEL) $(BOOTS) $(BOOTS_PAT) $(B)/vdisk.img $(DISK_SH) $(K)/options
	@echo '  DISK    $@'
	$(Q)disk/machine.sh $@ $(KERNEL) '$(BOOTS)' $(BOOTS_PAT) $(B)/vdisk.img \
		$(VMS) $(SWAP_MIB) '$(strip $(KARGS))'

# The guest disk boots a bare machine as it is.
$(B)/native.img: $(B)/vdisk.img
	@cp --sparse=always --reflink=auto $< $@

all: $(KERNEL) $(IMAGE) $(B)/native.img

# --- grader's own machinery -----------------------------------------------------------
include grader/build.mk
include labs/labs.mk

# --- using it ------------------------------------------------------------------------------
SETTINGS = EMU='$(EMU)' VMS='$(VMS)' MEM='$(MEM)' VMMEM='$(VMMEM)' SEED='$(SEED)' \
	LOW='$(LOW)' OPTS='$(OPTS)' TEST='$(TEST)' KERNEL='$(KERNEL)' IMAGE='$(IMAGE)' \
	CHECK_OPTS='$(LAB_OPTS)'

run debug: all
	@$(SETTINGS) grader/console.sh $@
gdb: all
	@$(SETTINGS) grader/console.sh gdb
demo: all $(PLUGIN)
	@$(SETTINGS) grader/demo.sh
native: all $(PLUGIN)
	@$(SETTINGS) grader/native.sh
bench: all $(PLUGIN)
	@$(SETTINGS) grader/bench.sh
policy: all $(PLUGIN)
	@$(SETTINGS) BOOTS='$(BOOTS)' grader/policy.sh
figures: all $(PLUGIN)
	@$(SETTINGS) grader/figures.sh '$(FIG)'
ifeq ($(LAB),)
check: all $(GRADER_TOOLS) $(FUZZ_PROGS) $(MINI_GUESTS)
	@$(SETTINGS) CHECK_OPTS='$(OPTS)' grader/check.sh
else
check: grade
endif
# The virtual TLB takes longer: smaller programs.
squeeze: all $(PLUGIN) $(ORACLE)
	@$(SETTINGS) grader/squeeze.sh -o $(B)/out/squeeze
	@$(SETTINGS) grader/squeeze.sh -o $(B)/out/squeeze-vtlb -O shadow=vtlb 50 4 1000
# A scenario, headless: what the monitor said, and the verdict.
play: all $(PLUGIN)
	@$(SETTINGS) grader/play.sh '$(SCENARIO)' -G '$(BOOTS)'
chaos: all $(PLUGIN) $(ORACLE) $(MINI_GUESTS)
	@$(SETTINGS) grader/chaos.sh '$(SEED)' '$(N)'

# --- housekeeping ----------------------------------------------------------------------------
# Of a handout only the student's files may change.
FORMATTED = $(if $(HANDOUT),$(OWN_MODULES:%=%.c),$(shell git ls-files '*.c' '*.h'))
SCRIPTS = $(if $(HANDOUT),labs/handin.sh,$(shell git ls-files '*.sh' .ci/run))
format:
	$(Q)clang-format -i $(FORMATTED)
lint:
	$(Q)shellcheck -x $(SCRIPTS)
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
clean:
	rm -rf $(B)
