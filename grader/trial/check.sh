#!/bin/sh
# grader/trial/check.sh: are the graders right? `make check-graders` calls it.
#
# For each lab: what the reference gets (all) and the skeleton (nothing); the same report, byte
# for byte, REPEAT times; one that loops in every test; bad submissions; the formats; the
# handout, from the tarball by all exercises, with the points that it states, to the hand-in;
# the package for Gradescope (of lab 1); and mutants, alternatives and cheats.
# LAB=n: of that lab alone. Prints a line for each thing tried, and last of all
# "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

REPEAT=${REPEAT:-5}
# Seconds of CPU time, whoever else works here: two cores have twice as many in a second.
LOOP_LIMIT=60			# for what loops in every test
REFERENCE_LIMIT=30		# and for the reference: 15 s of two cores
counts=build/trial/counts-${LAB:-all}

# part COMMAND...: one with a last line "N passed, N failed", which goes to the counts.
part()
{
	spent "$TRIAL/part-before"
	"$@" >"$TRIAL/said" 2>"$TRIAL/err" || :
	spent "$TRIAL/part-after"
	echo "      $* took $(between "$TRIAL/part-before" "$TRIAL/part-after") s of CPU time" >&2
	sed '$d' "$TRIAL/said"
	last=$(tail -n 1 "$TRIAL/said")
	case $last in
	*[0-9]' passed, '[0-9]*' failed')
		echo "$last" >>"$counts"
		;;
	*)
		echo '0 passed, 1 failed' >>"$counts"
		echo "FAIL  $* has no last line: $(tail -n 1 "$TRIAL/err")"
		;;
	esac
}

# spent FILE: the CPU time of all that we started, into that file.
spent()
{
	times >"$1"
}

# between FILE FILE: whole seconds.
between()
{
	awk 'FNR == 2 {
		for (i = 1; i <= 2; i++) {
			split($i, part, "m")
			sum[FILENAME] += part[1] * 60 + part[2]
		}
	}
	END { printf "%d\n", sum[ARGV[2]] - sum[ARGV[1]] + 0.5 }' "$1" "$2"
}

# timed LIMIT WHAT LAB FOLDER: grades it; too long is a failure.
timed()
{
	spent "$TRIAL/before"
	graded "$3" "$4" ''
	spent "$TRIAL/after"
	took=$(between "$TRIAL/before" "$TRIAL/after")
	echo "      lab$3: $2 took $took s of CPU time" >&2
	[ "$took" -le "$1" ] || failed "lab$3: $2" "took $took s of CPU time; $1 are allowed"
}

# What the ends of the scale are worth, and the same again.
ends()
{
	here=$TRIAL/reference
	filled "$1" "$here" 99
	timed $REFERENCE_LIMIT reference "$1" "$here"
	if [ "$status" -eq 0 ]; then
		passed "lab$1: reference" "$(tail -n 1 "$here.report")"
	else
		failed "lab$1: reference" "$(tail -n 1 "$here.report" "$here.log")"
	fi
	mkdir -p "$TRIAL/skeleton"
	for path in $(lab_files "$1"); do
		cp "labs/lab$1/$(basename "$path")" "$TRIAL/skeleton"
		awk -v lab="$1" -v fill=3 -f labs/skeleton.awk "$path" >"$here/$(basename "$path")"
	done
	graded "$1" "$TRIAL/skeleton" ''
	if [ "$(score_of "$TRIAL/skeleton.report")" = 0 ]; then
		passed "lab$1: skeleton" "no points"
	else
		failed "lab$1: skeleton" "$(tail -n 1 "$TRIAL/skeleton.report")"
	fi
}

# A solution that is half done fails in many ways; each report of it is the same.
repeats()
{
	here=$TRIAL/reference
	graded "$1" "$here" ''
	cp "$here.report" "$TRIAL/first"
	n=1
	while [ "$n" -lt "$REPEAT" ]; do
		graded "$1" "$here" ''
		cmp -s "$here.report" "$TRIAL/first" || break
		n=$((n + 1))
	done
	if [ "$n" -ge "$REPEAT" ]; then
		passed "lab$1: same report" "$n times of $REPEAT, $(tail -n 1 "$TRIAL/first")"
	else
		failed "lab$1: same report" "$(diff "$here.report" "$TRIAL/first" | sed -n 2p)"
	fi
}

loops()
{
	here=$TRIAL/loops
	filled "$1" "$here" 99
	sed -i 's/^{$/{\n\tfor (volatile int i = 0;; i++)\n\t\t;/' "$here"/*.c
	timed $LOOP_LIMIT "what loops in every test" "$1" "$here"
	if [ "$status" -eq 1 ] && [ "$(score_of "$here.report")" = 0 ]; then
		passed "lab$1: loops" "no points"
	else
		failed "lab$1: loops" "exit $status: $(tail -n 1 "$here.report" "$here.log")"
	fi
}

# beside LAB: what goes on beside the rest, unseen. (Not bad.sh: it looks at what others leave.)
beside()
{
	part grader/trial/formats.sh "$1"
	part grader/trial/handout.sh "$1"
	[ "$1" != 1 ] || part grader/trial/gradescope.sh "$1"
}

mkdir -p build/trial
: >"$counts"
side=
trap '[ -z "$side" ] || kill "$side" 2>/dev/null || :' EXIT
trap 'exit 130' INT TERM
for lab in ${LAB:-0 1 2}; do
	need_lab "$lab"
	TRIAL=build/trial/check$lab
	rm -rf "$TRIAL"
	mkdir -p "$TRIAL"
	: >"$TRIAL/results"
	part grader/trial/bad.sh "$lab"
	beside "$lab" >"$TRIAL/beside" 2>&1 &
	side=$!
	ends "$lab"
	repeats "$lab"
	wait "$side" || :
	side=
	cat "$TRIAL/beside"
	loops "$lab"
	part grader/trial/mutants.sh "$lab"
	echo "$(grep -c pass "$TRIAL/results" || :) passed, $(grep -c fail "$TRIAL/results" || :) failed" \
		>>"$counts"
done
awk '{ good += $1; bad += $3 } END { print good " passed, " bad " failed"; exit bad > 0 }' "$counts"
