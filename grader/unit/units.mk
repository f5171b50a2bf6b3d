# grader/unit/units.mk: the unit tests. One line each, in any order:
#
#   unit-NAME := SOURCES       builds build/unit/NAME from test_NAME.c and SOURCES
#   flags-NAME := FLAGS        more compiler flags, when it needs them

# The virtual PC's devices, on the model of what lies around them.
DEVICES := grader/unit/model.c kernel/format.c kernel/kbd.c vmm/io.c vmm/vata.c vmm/vbm.c \
	vmm/vcmos.c vmm/vide.c vmm/vident.c vmm/vkbd.c vmm/vmisc.c vmm/vpci.c vmm/vpic.c \
	vmm/vpio.c vmm/vpit.c vmm/vuart.c vmm/vballoon.c
unit-vpic := $(DEVICES)
unit-vpit := $(DEVICES)
unit-vballoon := $(DEVICES)

unit-options := kernel/options.c kernel/format.c
unit-frame := kernel/frame.c grader/unit/fake_panic.c
unit-rng := kernel/rng.c
unit-mbr := kernel/mbr.c
unit-edit := kernel/edit.c kernel/format.c
unit-dfault := vmm/dfault.c
unit-oracle := grader/oracle/rules.c grader/oracle/dump.c grader/oracle/shadow.c \
	grader/oracle/audit.c grader/oracle/lists.c grader/oracle/away.c grader/oracle/slots.c
unit-shadowdump := $(unit-oracle)

unit-format := kernel/format.c
unit-fields := kernel/fields.c
unit-words := kernel/words.c
unit-rules := kernel/rules.c kernel/fields.c kernel/format.c
unit-symbols := kernel/symbols.c
unit-kbd := kernel/kbd.c
unit-console := kernel/console.c kernel/keys.c kernel/kbd.c kernel/format.c
unit-decode := vmm/decode.c vmm/optable.c vmm/recall.c grader/unit/insn_text.c
unit-vuart := $(DEVICES)
unit-vcmos := $(DEVICES)
unit-vkbd := $(DEVICES)
unit-vscreen := vmm/vscreen.c grader/unit/fake_panic.c
unit-vpci := $(DEVICES)
unit-vide := $(DEVICES)
unit-vbm := $(DEVICES)
unit-disk := kernel/disk.c kernel/mbr.c

# The emulator on a model of memory and of the virtual CPU; emuhost: against the host's CPU.
EMULATOR := vmm/alu.c vmm/emubits.c vmm/emudata.c vmm/emuflow.c vmm/emulate.c vmm/emuplace.c \
	vmm/emuseg.c vmm/emustring.c vmm/emusys.c vmm/decode.c vmm/optable.c vmm/recall.c kernel/format.c \
	grader/unit/cpu_model.c grader/unit/fake_panic.c
unit-emuhost := $(EMULATOR)
unit-emulate := $(EMULATOR)
unit-emustring := $(EMULATOR)
unit-emuflow := $(EMULATOR)
unit-emusys := $(EMULATOR)
unit-emuchaos := $(EMULATOR)
unit-vpio := $(DEVICES)
unit-badprd := $(DEVICES)

# The guest's file system, page array and clock.
unit-fat := user/kernel/fat.c user/kernel/fatfile.c user/kernel/fatdir.c
unit-page := user/kernel/page.c user/kernel/reclaim.c

# The VMM's core on a model of the machine: all of it but the instructions. Three programs of
# many files, as compiling the core once for each file would take minutes.
CORE := adopt away balloon slots swap swapio victim cpu dfault far fpu gmem inject load mode patch pmap segs tlb trace walk \
	shadow cache forms refill rmap stable store sync vtlb \
	audit auditentries auditlists audittables promise
CORE_SRC := $(CORE:%=vmm/%.c) kernel/frame.c kernel/rng.c kernel/format.c kernel/options.c \
	$(addprefix grader/unit/,core_model.c core_disk.c core_guest.c fake_panic.c)
unit-core := $(CORE_SRC) $(addprefix grader/unit/test_,deliver.c far.c gmem.c inject.c kludge.c load.c \
	patch.c pmap.c segload.c segs.c vcpu.c walk.c)
flags-core := -include grader/unit/fake_cpu.h
unit-shadow := $(CORE_SRC) $(addprefix grader/unit/test_,shadowchaos.c shadowodd.c tables.c \
	tablewrites.c store.c) vmm/decode.c vmm/optable.c
flags-shadow := $(flags-core)
unit-balloon := $(CORE_SRC)
flags-balloon := $(flags-core)
unit-swap := $(CORE_SRC)
flags-swap := $(flags-core)
unit-audit := $(CORE_SRC) vmm/auditall.c grader/unit/test_traps.c
flags-audit := $(flags-core)

# The host's own memory and its scheduler.
unit-kmem := kernel/heap.c kernel/kmap.c grader/unit/fake_panic.c
unit-thread := kernel/thread.c kernel/format.c grader/unit/fake_panic.c
unit-bootinfo := kernel/bootinfo.c kernel/options.c kernel/format.c grader/unit/fake_panic.c
flags-bootinfo := -include grader/unit/fake_layout.h
