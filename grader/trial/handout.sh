#!/bin/sh
# grader/trial/handout.sh: a lab's handout, searched for what no student may have, and walked
# through from the first hole to the packed solution.
#
# usage: handout.sh LAB
#
# The search (labs/inspect.sh) is tried first, with lab 1: each thing planted in a handout must be found.
# The walk is labs/steps.sh. Prints a line for each thing tried, and last "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

lab=$1
need_lab "$lab"
TRIAL=build/trial/handout$lab
rm -rf "$TRIAL"
mkdir -p "$TRIAL"
: >"$TRIAL/results"
tarball=$TRIAL/ballast-lab$lab.tar.gz
top=$TRIAL/ballast-lab$lab
first=$(lab_files "$lab" | cut -d' ' -f1)

# planted WHAT PATTERN COMMAND...: a handout in which COMMAND changed something is found out.
planted()
{
	what=$1 pattern=$2
	shift 2
	rm -rf "$top"
	tar -xzf "$tarball" -C "$TRIAL"
	"$@"
	tar -C "$TRIAL" --owner=0 --group=0 --numeric-owner -czf "$TRIAL/planted.tar.gz" \
		"ballast-lab$lab"
	status=0
	labs/inspect.sh "$lab" "$TRIAL/planted.tar.gz" >"$TRIAL/said" 2>&1 || status=$?
	if [ "$status" -eq 1 ] && grep -q "$pattern" "$TRIAL/said"; then
		passed "lab$lab: planted: $what" "$(grep -o "$pattern.*" "$TRIAL/said" | head -n 1 |
			cut -c1-60)"
	else
		failed "lab$lab: planted: $what" "status $status: $(tail -n 1 "$TRIAL/said")"
	fi
}

# to FILE COMMAND...: what it prints goes to the end of that file of the handout.
to()
{
	mkdir -p "$(dirname "$top/$1")"
	target=$top/$1
	shift
	"$@" >>"$target"
}

# A region of the reference, without its markers.
secret_lines()
{
	awk -v lab="$lab" -v fill=99 -f labs/skeleton.awk "$first" | tail -n 40
}

plant()
{
	planted 'lines of the reference' 'code of the reference' to kernel/frame.h secret_lines
	planted 'an exercise that is done' 'not the skeleton' \
		cp "$TRIAL/filled/$(basename "$first")" "$top/labs/lab$lab/"
	planted 'source that is withheld' 'source that is withheld' cp vmm/vtlb.c "$top/vmm"
	planted 'a marker' 'markers' to GUIDE.md echo "/* LAB 1 BEGIN 2 x: y */"
	planted 'a mutant' 'not for students' to "labs/lab$lab/mutants/01.sed" echo s/a/b/
	planted 'how skeletons are made' 'not for students' cp labs/skeleton.awk "$top/labs"
	planted 'the history' 'not for students' to .git/HEAD echo main
	planted 'a debugger'\''s lines' 'too much in an object' \
		cp build/vmm/swap.o "$top/given/machine/vmm/swap.o"
	planted 'a link' 'no plain member' ln -s /etc/passwd "$top/kernel/extra.h"
	planted 'a link to nothing' 'links to nothing' to README.md echo "[all](docs/ROADMAP.md)"
	planted 'nothing to build it with' 'it lacks' rm "$top/Makefile"
}

# made TARGET...: make, called as a person would.
made()
{
	env -u MAKEFLAGS -u MAKELEVEL -u TEST -u SUBMISSION make -s --no-print-directory "$@" \
		>"$TRIAL/make.log" 2>&1
}

if made LAB="$lab" handout OUT="$TRIAL"; then
	passed "lab$lab: handout" "$(tail -n 1 "$TRIAL/make.log" | sed 's/.*tar.gz, //')"
	if labs/inspect.sh "$lab" "$tarball" >"$TRIAL/said" 2>&1; then
		passed "lab$lab: handout, searched" 'nothing that gives an answer away'
	else
		failed "lab$lab: handout, searched" "$(tail -n 1 "$TRIAL/said")"
	fi
	filled "$lab" "$TRIAL/filled" 2
	# The search is the same for all labs.
	[ "$lab" != 1 ] || plant
	rm -rf "$top" "$TRIAL/planted.tar.gz"
	labs/steps.sh "$lab" "$tarball" >"$TRIAL/steps" 2>"$TRIAL/steps.err" || :
	sed '$d' "$TRIAL/steps"
	sed 's/^ok .*/pass/; s/^FAIL .*/fail/; $d' "$TRIAL/steps" >>"$TRIAL/results"
	tail -n 1 "$TRIAL/steps" | grep -q ' passed, [0-9]* failed$' ||
		failed "lab$lab: walk" "$(tail -n 1 "$TRIAL/steps" "$TRIAL/steps.err" | tail -n 1)"
else
	failed "lab$lab: handout" "$(tail -n 1 "$TRIAL/make.log")"
fi
summary
