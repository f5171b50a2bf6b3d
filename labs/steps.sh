#!/bin/sh
# labs/steps.sh: a new student's way through a lab, from the tarball alone to 100 points.
#
# usage: steps.sh LAB TARBALL
#
# Unpacks the handout in an empty folder and fills in the reference one exercise at a time.
# After each, `make grade` must give the score that the handout's table of exercises states
# ("score so far"), and `make hint` must name the next one; at the end `make handin` packs a
# file that this tree grades with full marks. A line for each step, and last of all "N
# passed, N failed".
set -eu
cd "$(dirname "$0")/.."

lab=$1 tarball=$2
exercises=$(awk -F '\t' -v lab="$lab" '!/^#/ && $1 == lab "" { print $4 }' labs/labs.tsv)
modules=$(awk -F '\t' -v lab="$lab" '!/^#/ && $1 == lab "" { print $3 }' labs/labs.tsv)
dir=$(mktemp -d "${TMPDIR:-/tmp}/steps.XXXXXX")
top=$dir/ballast-lab$lab
trap 'rm -rf "$dir"' EXIT
good=0 bad=0

passed()
{
	good=$((good + 1))
	printf 'ok    lab%s: %-22s %s\n' "$lab" "$1" "$2"
}

failed()
{
	bad=$((bad + 1))
	printf 'FAIL  lab%s: %-22s %s\n' "$lab" "$1" "$2"
}

# in_handout TARGET...: make, as the student would call it.
in_handout()
{
	(cd "$top" && env -u MAKEFLAGS -u MAKELEVEL -u LAB -u MINE -u SUBMISSION NO_COLOR=1 \
		timeout 300 make "$@" </dev/null)
}

# fill K: the exercises up to K are done.
fill()
{
	for path in $modules; do
		awk -f labs/skeleton.awk -v lab="$lab" -v fill="$1" "$path" \
			>"$top/labs/lab$lab/${path##*/}"
	done
}

# What the handout says of an exercise: the last column of its row.
stated()
{
	awk -F '|' -v k="$1" '
		tolower($0) ~ /\| *score so far *\|/ { inside = 1 }
		!/^\|/ { inside = 0 }
		inside && $2 + 0 == k && $2 ~ /^ *[0-9]+ *$/ {
			gsub(/[^0-9]/, "", $5)
			print $5
			exit
		}' "$top/labs/lab$lab/README.md"
}

# The score in a report: 55 of a last line "55/100 ...".
score()
{
	sed -n 's|^ *\([0-9][0-9]*\)/[0-9][0-9]*\( .*\)\{0,1\}$|\1|p' "$1" | tail -n 1
}

step()
{
	fill "$1"
	in_handout grade >"$dir/report" 2>"$dir/log" || :
	got=$(score "$dir/report") want=$(stated "$1")
	[ "$1" -gt 0 ] || want=0
	if [ -n "$got" ] && [ "$got" = "$want" ]; then
		passed "exercises up to $1" "$got points, as stated"
	else
		failed "exercises up to $1" "${want:-no score} stated, got ${got:-none}: $(
			tail -n 1 "$dir/log" | cut -c1-120)"
		cp "$dir/report" "build/steps-$lab-$1.report"
	fi
	hint "$1"
}

# After the last exercise there is nothing to hint at. A test graded alone makes no other forgotten.
hint()
{
	first=$(awk -F '\t' '!/^#/ { print $1; exit }' "labs/lab$lab/tests.tsv")
	[ "$1" -ne 2 ] || in_handout grade TEST="$first" >"$dir/report" 2>"$dir/log" || :
	in_handout hint >"$dir/hint" 2>&1 || :
	if [ "$1" -lt "$exercises" ]; then
		wanted="Lab $lab, Exercise $(($1 + 1))[: ]"
	else
		wanted="Lab $lab: every test of the last grade passed"
	fi
	if head -n 1 "$dir/hint" | grep -q "^$wanted"; then
		passed "hint after $1" "$(head -n 1 "$dir/hint")"
	else
		failed "hint after $1" "expected '$wanted', got: $(head -n 1 "$dir/hint")"
	fi
}

# Empty forms and a changed file are refused; then it is packed, and what is packed is graded.
handin()
{
	if in_handout handin >"$dir/refused" 2>&1 || ! grep -q 'answers.txt: nothing behind A1' \
		"$dir/refused" || ! grep -q 'time.txt' "$dir/refused"; then
		failed "handin, empty forms" "$(tail -n 1 "$dir/refused")"
	else
		passed "handin, empty forms" "$(head -n 1 "$dir/refused")"
	fi
	sed -i 's/^\(A[0-9]*:\).*/\1 because of the reverse map/' "$top/labs/lab$lab/answers.txt"
	sed -i 's/^hours:.*/hours: 7.5/' "$top/labs/lab$lab/time.txt"
	cp -p "$top/kernel/heap.c" "$dir/heap.c"
	echo >>"$top/kernel/heap.c"
	if in_handout handin >"$dir/refused" 2>&1 ||
		! grep -q 'kernel/heap.c: not as handed out' "$dir/refused"; then
		failed "handin, other changes" "$(tail -n 1 "$dir/refused")"
	else
		passed "handin, other changes" "$(grep -m 1 "not as handed" "$dir/refused")"
	fi
	cp -p "$dir/heap.c" "$top/kernel/heap.c"
	if in_handout handin >"$dir/packed" 2>&1 && [ -s "$top/build/lab$lab-handin.tar.gz" ]; then
		passed handin "$(tail -n 1 "$dir/packed")"
	else
		failed handin "$(grep -v '^make' "$dir/packed" | tail -n 1)"
		return
	fi
	if (
		unset MAKEFLAGS MAKELEVEL TEST
		make -s LAB="$lab" grade SUBMISSION="$top/build/lab$lab-handin.tar.gz"
	) >"$dir/report" 2>"$dir/log" && tail -n 1 "$dir/report" | grep -q '^100/100'; then
		passed "what is handed in" "$(tail -n 1 "$dir/report")"
	else
		failed "what is handed in" "$(tail -n 1 "$dir/report" "$dir/log")"
	fi
}

tar -xzf "$tarball" -C "$dir"
in_handout grade >"$dir/report" 2>"$dir/log" || :
k=0
while [ "$k" -le "$exercises" ]; do
	step "$k"
	k=$((k + 1))
done
handin
echo "$good passed, $bad failed"
[ "$bad" -eq 0 ]
