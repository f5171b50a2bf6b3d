# labs/labs.mk: the targets of somebody who works on a lab. Included by the Makefile, here
# and in a handout; what only the staff does is in staff.mk, which no handout has.

SUBMISSION ?=
FORMAT ?=
OUT ?=
CAPSULE ?=

# These are about one lab.
LAB_GOALS := grade handin hint handout class gradescope mutants
ifneq ($(filter $(LAB_GOALS),$(GOALS)),)
ifeq ($(LAB),)
$(error make $(firstword $(filter $(LAB_GOALS),$(GOALS))): say which lab, such as LAB=1)
endif
endif

define lab_help
	echo 'Do a lab (labs/README.md)'; \
	echo '  make LAB=1 run, demo, debug, ...  with your files in labs/lab1 in place of ours'; \
	echo '  make LAB=1 grade   your points, test by test (TEST=name SUBMISSION=file FORMAT=..)'; \
	echo '  make LAB=1 hint    what to do next'; \
	echo '  make replay CAPSULE=file  a failed test in the debugger, just before the moment'; \
	echo '  make LAB=1 handin  checks, tests, and packs one file to hand in'
endef

.PHONY: hint handin
hint:
	@labs/hint.sh '$(LAB)'
handin:
	@labs/handin.sh '$(LAB)' '$(OUT)'

staff_help = :
-include labs/staff.mk
