#!/bin/sh
# grader/trial/mutants.sh: do a lab's tests tell wrong from right? `make mutants LAB=1`.
#
# usage: mutants.sh LAB              all of labs/labN, three at a time, as each waits now and then
#        mutants.sh LAB one WHAT     one of them
#
#   mutants/NAME.patch    a plausible mistake, against the reference without its markers. Its
#                         line "# kills: ID..." names the tests that must be lost with it.
#   alternatives/NAME     right solutions, written otherwise: they get full marks. A folder,
#                         or NAME.patch against the reference without its markers.
#   cheats/NAME/          try to get points for nothing: cheat.patch, against the modules with
#                         some exercises written, and `expect`, lines of a key, a tab, a value:
#                           fill   the last exercise that is written, 0 to 99
#                           most   the points that it may get at most; `unit` or `machine`: all
#                                  of those; without it what the exercises up to `fill` are worth
#                           fails  a test that must be lost, all the same
#                           says   a regular expression that the report must match
#                           why    what is tried
#
# TEST=text keeps those whose name contains text. Prints a line each, last "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

# mutant FILE: the reference with one mistake in it loses the tests that are named.
mutant()
{
	name=$(basename "$1" .patch)
	filled "$lab" "$TRIAL/$name" 99
	kills=$(sed -n 's/^# kills: *//p' "$1")
	patched mutants "$1" || return 0
	[ -n "$kills" ] || kills=none
	# One of a machine boots it, and whoever boots it has all the others with it.
	one=yes
	! needs_machine "$kills" || {
		one=no
		graded "$lab" "$TRIAL/$name" ''
	}
	for test in $kills; do
		awk -F "$TAB" -v id="$test" '$1 == id { found = 1 } END { exit !found }' \
			"labs/lab$lab/tests.tsv" || {
			failed "mutants/$name" "is to be killed by $test, but there is no such test"
			return
		}
		[ $one = no ] || graded "$lab" "$TRIAL/$name" "$test"
		judge_mutant "$test" || return 0
	done
	passed "mutants/$name" "$(echo "$kills" | tr ' ' ','): $found"
}

# needs_machine TESTS: whether one of them is made by a machine.
needs_machine()
{
	awk -F "$TAB" -v ids=" $1 " 'index(ids, " " $1 " ") && $4 != "unit" { found = 1 }
		END { exit !found }' "labs/lab$lab/tests.tsv"
}

# patched KIND PATCH: the folder of $name has it in.
patched()
{
	patch -s -p1 -d "$TRIAL/$name" <"$2" >"$TRIAL/$name.patched" 2>&1 || {
		failed "$1/$name" "does not apply: $(head -n 1 "$TRIAL/$name.patched")"
		return 1
	}
}

# judge_mutant TEST: lost in the test, not before it; sets `found`.
judge_mutant()
{
	report=$TRIAL/$name.report
	case $status in
	0)
		failed "mutants/$name" "survives $1: $(sed -n 's/^# why: *//p' "$fixture")"
		return 1
		;;
	1) ;;
	*)
		failed "mutants/$name" "ungraded: $(tail -n 1 "$TRIAL/$name.log")"
		return 1
		;;
	esac
	! grep -q '^  refused: ' "$report" || {
		failed "mutants/$name" "refused: $(sed -n '/^  refused: /{n;p;}' "$report")"
		return 1
	}
	found=$(sed -n "s|^ *0/[0-9]* *$1 *||p" "$report")
	[ -n "$found" ] || {
		failed "mutants/$name" "not tried: $(grep " $1 " "$report")"
		return 1
	}
}

alternative()
{
	name=$(basename "$1" .patch)
	if [ -d "$1" ]; then
		cp -R "$1" "$TRIAL/$name"
	else
		filled "$lab" "$TRIAL/$name" 99
		patched alternatives "$1" || return 0
	fi
	graded "$lab" "$TRIAL/$name" ''
	if [ "$status" -eq 0 ]; then
		passed "alternatives/$name" "full marks"
	else
		failed "alternatives/$name" "$(grep -m 1 -E '^ +(-|0/[0-9]+) |refused: ' \
			"$TRIAL/$name.report" || tail -n 1 "$TRIAL/$name.log")"
	fi
}

# key NAME: what a cheat's `expect` says of it.
key()
{
	awk -F "$TAB" -v key="$1" '$1 == key { print $2 }' "$fixture/expect"
}

# worth: the points that a cheat may get at most.
worth()
{
	awk -F "$TAB" -v fill="$(key fill)" -v most="$(key most)" '
		/^#/ || NF < 7 { next }
		most == "" ? $5 <= fill : ($4 == "unit") == (most == "unit") { sum += $2 }
		END { print most ~ /^[0-9]+$/ ? most : sum + 0 }' "labs/lab$lab/tests.tsv"
}

# caught REPORT: whether the report has all that `expect` wants in it; sets `missing`.
caught()
{
	for test in $(key fails); do
		missing="$test is not lost"
		grep -Eq "^ *(0/[0-9]+|-) +$test( |\$)" "$1" || return 1
	done
	missing="the report does not say '$(key says)'"
	[ -z "$(key says)" ] || grep -Eq "$(key says)" "$1"
}

cheat()
{
	name=$(basename "$1")
	filled "$lab" "$TRIAL/$name" "$(key fill)"
	patched cheats "$1/cheat.patch" || return 0
	graded "$lab" "$TRIAL/$name" ''
	score=$(score_of "$TRIAL/$name.report")
	if [ "$status" -ne 1 ] || [ -z "$score" ]; then
		failed "cheats/$name" "exit $status: $(tail -n 1 "$TRIAL/$name.log")"
	elif [ "$score" -gt "$(worth)" ]; then
		failed "cheats/$name" "got $score points; its honest part is worth $(worth)"
	elif ! caught "$TRIAL/$name.report"; then
		failed "cheats/$name" "$missing"
	else
		passed "cheats/$name" "got $score of at most $(worth)"
	fi
}

lab=$1
need_lab "$lab"
TRIAL=build/trial/mutants$lab
if [ "${2:-}" = one ]; then
	fixture=$3
	case $fixture in
	*/mutants/*) mutant "$fixture" ;;
	*/alternatives/*) alternative "$fixture" ;;
	*) cheat "$fixture" ;;
	esac
	exit 0
fi
mkdir -p build/trial
exec 9>"$TRIAL.lock"
flock -n 9 || die "another run tries the mutants of lab $lab"
rm -rf "$TRIAL"
mkdir -p "$TRIAL"
: >"$TRIAL/results"
for file in "labs/lab$lab"/mutants/*.patch "labs/lab$lab"/alternatives/* "labs/lab$lab"/cheats/*; do
	case ${file##*/} in
	*"${TEST:-}"*) [ ! -e "$file" ] || echo "$file" ;;
	esac
done >"$TRIAL/list"
[ -s "$TRIAL/list" ] || die "lab $lab has no mutant, alternative or cheat called '${TEST:-}'"
xargs -P "${JOBS:-3}" -n 1 "$0" "$lab" one <"$TRIAL/list" 9>&-
tried=$(wc -l <"$TRIAL/list")
[ "$(wc -l <"$TRIAL/results")" -eq "$tried" ] || {
	echo "mutants: not all of the $tried reported"
	echo fail >>"$TRIAL/results"
}
summary
