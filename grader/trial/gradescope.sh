#!/bin/sh
# grader/trial/gradescope.sh: the package for Gradescope, in a folder tree like theirs.
#
# usage: gradescope.sh LAB
#
# By the package's own setup.sh and run_autograder: the reference, with the secret and
# without, and a submission of nothing. Prints a line for each thing tried, and last
# "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

lab=$1
# As on a machine of theirs, where nobody calls make before.
unset MAKEFLAGS MAKELEVEL MFLAGS LAB
need_lab "$lab"
TRIAL=build/trial/gradescope$lab
rm -rf "$TRIAL"
mkdir -p "$TRIAL"
: >"$TRIAL/results"
box=$(cd "$TRIAL" && pwd -P)/autograder

# packed FILE [SECRET]: the package; its last line.
packed()
{
	make -s LAB="$lab" gradescope OUT="$1" SECRET_FILE="${2:-}" 2>"$TRIAL/log" | tail -n 1
}

# unpacked FILE: as a new image has it.
unpacked()
{
	rm -rf "$box"
	mkdir -p "$box/source" "$box/submission" "$box/results"
	unzip -q "$1" -d "$box/source"
	cp "$box/source/run_autograder" "$box"
}

# run WHAT SCORE: what is in submission/ gets this many points, in a file of their form.
run()
{
	rm -f "$box/results/results.json"
	AUTOGRADER_ROOT=$box "$box/run_autograder" >"$TRIAL/log" 2>&1 || :
	score=$(jq .score "$box/results/results.json" 2>/dev/null || :)
	if [ "$score" = "$2" ]; then
		passed "lab$lab: gradescope: $1" "$score points"
	else
		failed "lab$lab: gradescope: $1" "${score:-no} points: $(tail -n 1 "$TRIAL/log")"
	fi
}

echo 'the secret of this trial' >"$TRIAL/secret"
packed "$TRIAL/one.zip" >/dev/null
packed "$TRIAL/two.zip" >/dev/null
if cmp -s "$TRIAL/one.zip" "$TRIAL/two.zip"; then
	passed "lab$lab: gradescope: same bytes" "$(wc -c <"$TRIAL/one.zip") of them"
else
	failed "lab$lab: gradescope: same bytes" "two packages differ"
fi
unpacked "$TRIAL/one.zip"
if AUTOGRADER_ROOT=$box "$box/source/setup.sh" >"$TRIAL/log" 2>&1; then
	passed "lab$lab: gradescope: setup.sh" "$(tail -n 1 "$TRIAL/log")"
else
	failed "lab$lab: gradescope: setup.sh" "$(tail -n 1 "$TRIAL/log")"
fi
run "nothing handed in" 0
filled "$lab" "$box/submission" 99
run reference 100
packed "$TRIAL/three.zip" "$TRIAL/secret" >/dev/null
unzip -q -o "$TRIAL/three.zip" secret -d "$box/source"
run "reference, secret seed" 100
seed=$(jq -r .extra_data.seed "$box/results/results.json")
case $seed in
1 | *[!0-9]* | '') failed "lab$lab: gradescope: secret" "the seed is $seed" ;;
*) passed "lab$lab: gradescope: secret" "the seed follows from it" ;;
esac
summary
