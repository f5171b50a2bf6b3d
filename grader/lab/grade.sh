#!/bin/sh
# grader/lab/grade.sh: grades one submission of a lab; `make grade LAB=1` calls it.
#
# usage: grade.sh LAB       with, in the environment,
#   SUBMISSION   a folder or an archive; `reference`; by default labs/labN of this tree
#   SEED         of everything that is drawn (1)
#   SECRET_FILE  official grading: the seed follows from this secret and the files
#   TEST         only the test of that id, or those whose id contains it
#   FORMAT       table, tap, junit, gradescope, prairielearn or autolab
#   OUT          where the report goes, made in one step; by default standard output
#
# collect, lint, build, then the tests by level: unit, machine, oracle. Each test leaves an
# outcome, a file; the report is made of the lab's table and of those, and of nothing else.
# Everything is made in build/grade/labN/NAME. Progress and times go to standard error.
#
# Exit: 0 full marks, 1 fewer, 2 wrong use, 3 ungraded, as the grader itself was at a loss.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh

need_lab "${1:-}"
lab=$1
SUBMISSION=${SUBMISSION:-} SEED=${SEED:-1} TEST=${TEST:-} FORMAT=${FORMAT:-table} OUT=${OUT:-}
export SEED TEST
UNIT_WALL=150 MACHINE_WALL=150		# seconds; what is graded has tighter limits

check_use()
{
	case $SEED in
	'' | *[!0-9]* | ??????????*) die "SEED=$SEED: give a number from 0 to 999999999" ;;
	esac
	[ -r "grader/lab/report-$FORMAT.awk" ] ||
		die "FORMAT=$FORMAT: give one of" "$(for f in grader/lab/report-*.awk; do
			f=${f#*report-}
			echo "${f%.awk}"
		done | tr '\n' ' ')"
	case $SUBMISSION in
	'' | reference) ;;
	*) [ -d "$SUBMISSION" ] || [ -f "$SUBMISSION" ] ||
		die "SUBMISSION=$SUBMISSION: there is no such folder or archive" ;;
	esac
	[ -z "${SECRET_FILE:-}" ] || [ -s "$SECRET_FILE" ] ||
		die "SECRET_FILE=$SECRET_FILE: there is no secret in it"
	[ -z "$OUT" ] || [ -d "$(dirname "$OUT")" ] || die "OUT=$OUT: there is no such folder"
	[ -n "$(tests "$lab" '')" ] || die "TEST=$TEST: no test of lab $lab has that in its id"
	for file in build/grade.flags "build/lab$lab/judge" "build/lab$lab/subject-parts.o"; do
		[ -r "$file" ] || die "the tree is not built: say make grade LAB=$lab"
	done
}

# The folder of this run. Who grades the same thing twice at once waits for himself.
open_work()
{
	case $SUBMISSION in
	'') name=mine ;;
	reference) name=reference ;;
	*) name=$(basename "$SUBMISSION" | tr -c 'A-Za-z0-9\n' - | cut -c1-24)-$(
		printf '%s' "$SUBMISSION" | sha256sum | cut -c1-6) ;;
	esac
	# A part leaves alone what the whole has found.
	[ -z "$TEST" ] || name=$name-part
	work=build/grade/lab$lab/$name
	mkdir -p "build/grade/lab$lab"
	exec 9>"$work.lock"
	flock -n 9 || {
		progress "grade: another run grades the same: waiting for it"
		flock 9
	}
	rm -rf "$work"
	mkdir -p "$work/src/labs/lab$lab" "$work/results" "$work/scratch" "$work/unit/results"
}

# Ends what we started, however we leave. The reports' source stays.
# shellcheck disable=SC2317
cleanup()
{
	status=$?
	trap - EXIT INT TERM HUP
	[ -z "$child" ] || kill "$child" 2>/dev/null || :
	rm -rf "$work/scratch"
	[ "$status" -le 3 ] || status=3
	exit "$status"
}

# meta KEY VALUE: what the report says besides the tests.
meta()
{
	printf '%s\t%s\n' "$1" "$2" >>"$work/meta"
}

# began; took WHAT: how long, for who waits.
began()
{
	start=$(date +%s%3N)
}

took()
{
	now=$(date +%s%3N)
	progress "$(printf '%-8s %s  [%d.%d s]' "$1" "$2" $(((now - start) / 1000)) \
		$(((now - start) % 1000 / 100)))"
}

# in_time SECONDS COMMAND...: in the background, so that a signal to us ends it as well.
in_time()
{
	timeout -k 2 "$@" 9>&- &
	child=$!
	result=0
	wait $child || result=$?
	child=
	return $result
}

# stage WHAT COMMAND...: one that may refuse the submission. What it says is the reason.
stage()
{
	what=$1
	shift
	status=0
	in_time 120 "$@" >"$work/$what.said" 2>"$work/$what.err" || status=$?
	[ "$status" -ne 0 ] || return 0
	[ "$status" -eq 1 ] || lost "$what: $(cat "$work/$what.said" "$work/$what.err" | tail -n 1)"
	while IFS= read -r line; do
		meta refused "$line"
	done <"$work/$what.said"
	progress "$what: refused"
	return 1
}

# lost WHY: the grader's own fault.
lost()
{
	meta ungraded "$1"
	progress "grade: ungraded: $1"
	report
}

# The reference's files are made of the modules in this tree, which a handout doesn't have.
submission()
{
	case $SUBMISSION in
	'') echo "labs/lab$lab" ;;
	reference)
		mkdir -p "$work/scratch/reference"
		for path in $(lab_files "$lab"); do
			[ -r "$path" ] || die "SUBMISSION=reference: there is none in a handout"
			awk -v lab="$lab" -v fill=99 -f labs/skeleton.awk "$path" \
				>"$work/scratch/reference/$(basename "$path")"
		done
		echo "$work/scratch/reference"
		;;
	*) echo "$SUBMISSION" ;;
	esac
}

describe()
{
	meta lab "$lab"
	meta files "$(lab_files "$lab")"
	meta title "$(lab_field "$lab" 2)"
	meta submission "${SUBMISSION:-labs/lab$lab}"
	meta again "${SUBMISSION:+ SUBMISSION=$SUBMISSION}"
	meta work "$work"
	meta test "$TEST"
	meta bochs "$(bochs --help 2>&1 </dev/null | sed -n 's/.*Bochs x86 Emulator \([0-9.]*\).*/\1/p' |
		head -n 1)"
	meta gcc "$($(flag cc) -dumpfullversion)"
	colour=no
	if [ -t 1 ] && [ -z "$OUT" ] && [ -z "${NO_COLOR:-}" ]; then
		colour=yes
	fi
	meta colour $colour
}

# Officially, what is drawn depends on the files as well: whoever changes a line to try
# again plays against other numbers.
draw_seed()
{
	if [ -n "${SECRET_FILE:-}" ]; then
		hash=$(hash_of "$work/src/labs/lab$lab"/*.c)
		SEED=$((0x$({
			cat "$SECRET_FILE"
			printf '%s' "$hash"
		} | sha256sum | cut -c1-8) % 1000000000))
	fi
	meta seed "$SEED"
}

# ungraded ID WHY
ungraded()
{
	printf 'status\tungraded\nfound\t%s\n' "$2" >"$work/results/$1"
}

# in_box: the tests that have no outcome yet, in a box of the judge's and what it judges.
in_box()
{
	result=0
	cases=$(tests "$lab" unit | while IFS=$TAB read -r id _ _ _ _ _ run _; do
		[ -f "$work/unit/results/$id" ] || printf '%s|' "$run"
	done)
	[ -n "$cases" ] || return 0
	in_time $UNIT_WALL grader/lab/sandbox.sh box "$sandbox" "$PWD/$work/unit" \
		BALLAST_SUBJECT=./subject BALLAST_RESULTS=results \
		BALLAST_TABLE=tests.tsv "BALLAST_SEED=0x$(derive "$lab" unit)" \
		./judge --filter "@(${cases%|})" >>"$work/unit.log" 2>&1 || :
}

# Each test has its limits of CPU time: who is not through in time is on a slow computer, and
# goes on where he was. A test that was cut short has only what stands while it runs.
unit_tests()
{
	[ -n "$(tests "$lab" unit)" ] || return 0
	began
	if [ "$sandbox" != none ]; then
		cp "build/lab$lab/judge" "labs/lab$lab/tests.tsv" "$work/unit"
		in_box
		if [ $result -ge 124 ]; then
			grep -ls 'the judge' "$work/unit/results"/* | xargs -r rm -f
			in_box
		fi
	fi
	for id in $(tests "$lab" unit | cut -f1); do
		if [ -f "$work/unit/results/$id" ]; then
			mv "$work/unit/results/$id" "$work/results/$id"
		elif [ "$sandbox" = none ]; then
			ungraded "$id" "no sandbox here: install bubblewrap"
		else
			ungraded "$id" "the judge left no outcome: see $work/unit.log"
		fi
	done
	took unit "$(count unit)"
}

machine_tests()
{
	[ -n "$(tests "$lab" machine)$(tests "$lab" oracle)" ] || return 0
	began
	guest=
	[ ! -e "$work/guest.elf" ] || guest=$work/guest.elf
	# Several tests by part of a name: all of them are run, the report picks.
	only=$(tests "$lab" '' | cut -f1)
	[ "$(printf '%s\n' "$only" | wc -l)" -eq 1 ] || only=
	in_time $MACHINE_WALL grader/lab/machine.sh -l "$lab" -k "$work/kernel.elf" -s "$SEED" \
		-r "$work/results" -w "$work/machine" ${only:+-t "$only"} \
		${guest:+-G "$guest"} \
		>"$work/machine.log" 2>&1 ||
		lost "the machine tests: $(tail -n 1 "$work/machine.log" | cut -c1-200)"
	took machine "$(count 'machine oracle')"
}

# count LEVELS: passed of all, so far.
count()
{
	for level in $1; do
		tests "$lab" "$level"
	done | cut -f1 | {
		all=0 good=0
		while read -r id; do
			all=$((all + 1))
			! grep -q "^status${TAB}passed" "$work/results/$id" 2>/dev/null ||
				good=$((good + 1))
		done
		echo "$good of $all tests passed"
	}
}

# The report, and out: awk says by its exit status what it came to.
report()
{
	TEST='' tests "$lab" '' >"$work/table"
	tests "$lab" '' | cut -f1 >"$work/chosen"
	status=0
	awk -f grader/lab/report.awk -f grader/lab/text.awk -f "grader/lab/report-$FORMAT.awk" \
		-v work="$work" "$work/table" >"$work/report" || status=$?
	[ "$status" -le 3 ] || status=3
	if [ -z "$OUT" ]; then
		cat "$work/report"
	elif ! { cp "$work/report" "$OUT.new.$$" && mv "$OUT.new.$$" "$OUT"; }; then
		die "OUT=$OUT: cannot be written"
	fi
	exit $status
}

check_use
child=
open_work
trap cleanup EXIT
trap 'exit 3' INT TERM HUP
describe
from=$(submission)
sandbox=$(grader/lab/sandbox.sh probe)
src=$work/src/labs/lab$lab
began
stage collect grader/lab/collect.sh "$lab" "$from" "$src" "$work/scratch" || {
	meta seed "$SEED"
	report
}
draw_seed
export SANDBOX="$sandbox"
stage lint grader/lab/lint.sh text "$lab" "$src"/*.c || report
stage build grader/lab/build.sh "$lab" "$work" || report
took build "$sandbox sandbox"
unit_tests
machine_tests
report
