#!/bin/sh
# labs/hint.sh: what to do next in a lab; `make hint` calls it.
#
# usage: hint.sh LAB
#
# Next is the first exercise that still has a LAB_HOLE in the student's files or, in the
# last `make grade`, a test that failed or was not reached. What was graded alone since then
# (TEST=) counts for itself. Says what is to write and where, what it is worth, which test to
# look at and what to read.
set -eu
cd "$(dirname "$0")/.."

lab=$1
for file in "labs/lab$lab/tests.tsv" "labs/lab$lab/README.md"; do
	[ -r "$file" ] || {
		echo "hint: $file is not there" >&2
		exit 2
	}
done
full=build/grade/lab$lab/mine part=build/grade/lab$lab/mine-part
tests=labs/lab$lab/tests.tsv readme=labs/lab$lab/README.md
tab=$(printf '\t')

field()
{
	awk -F '\t' -v lab="$lab" -v column="$1" '!/^#/ && $1 == lab "" { print $column }' \
		labs/labs.tsv
}

# What is left to write: EXERCISE NAME FILE:LINE, a line each.
holes()
{
	for path in $(field 3); do
		file=labs/lab$lab/${path##*/}
		awk -v lab="$lab" -v file="$file" '
			match($0, /LAB_HOLE\([0-9]+, [0-9]+, "[a-z_0-9]+"\)/) {
				split(substr($0, RSTART + 9, RLENGTH - 10), word, /[ ,"]+/)
				if (word[1] == lab "")
					print word[2], word[3], file ":" FNR
			}' "$file"
	done
}

# Where the exercises' comments stand in functions without a hole: EXERCISE NAME FILE:LINE.
places()
{
	for path in $(field 3); do
		file=labs/lab$lab/${path##*/}
		awk -v mark="Lab $lab, exercise " -v file="$file" '
			/^[a-z].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
			at = index($0, mark) { print substr($0, at + length(mark)) + 0, name, file ":" FNR }' \
			"$file"
	done | while read -r exercise name place; do
		grep -q "^$exercise $name " "$dir/holes" || echo "$exercise $name $place"
	done
}

# newest A B: the younger of two files, which may be missing.
newest()
{
	if [ -e "$2" ] && { [ ! -e "$1" ] || [ -n "$(find "$2" -newer "$1")" ]; }; then
		echo "$2"
	else
		echo "$1"
	fi
}

result()
{
	newest "$full/results/$1" "$part/results/$1"
}

# The table's rows with what the last grade found: EXERCISE STATUS POINTS ID GUIDE TITLE,
# parted by tabs. Without a grade there is nothing.
graded()
{
	[ -d "$full" ] || [ -d "$part" ] || return 0
	grep -v '^#' "$tests" | while IFS=$tab read -r id points _ _ exercise guide _ title; do
		file=$(result "$id")
		if [ -r "$file" ]; then
			status=$(awk -F '\t' '$1 == "status" { print $2 }' "$file")
		elif grep -qxF "$id" "$full/chosen" 2>/dev/null; then
			status=missed
		else
			continue
		fi
		printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$exercise" "$status" "$points" "$id" \
			"$guide" "$title"
	done
}

# outcome ID KEY: a value of the last grade's outcome of a test.
outcome()
{
	awk -F '\t' -v key="$2" '$1 == key { print $2; exit }' "$(result "$1")" 2>/dev/null || :
}

# The exercise to do now, or nothing.
next()
{
	{
		cut -d' ' -f1 "$dir/holes"
		awk -F '\t' '$2 == "failed" || $2 == "missed" { print $1 }' "$dir/graded"
	} | sort -n | head -n 1
}

points_of()
{
	awk -F '\t' -v exercise="$1" '!/^#/ && $5 == exercise { sum += $2 } END { print sum + 0 }' \
		"$tests"
}

# The handout's heading of the exercise: "Exercise 3: roots, by name".
heading()
{
	sed -n "s/^#* *\(Exercise $1[:. ].*\)/\1/p" "$readme" | head -n 1
}

# chapters: the guide's chapters for the exercise, with their names.
chapters()
{
	awk -F '\t' -v exercise="$1" '!/^#/ && $5 == exercise { print $6 }' "$tests" |
		sort -nu | while read -r chapter; do
		grep -m 1 "^## $chapter\. " GUIDE.md | sed "s/^## /GUIDE.md, chapter /"
	done
}

# show WHAT LINE...: the second and later lines under the first.
show()
{
	what=$1
	shift
	for line; do
		printf '  %-8s %s\n' "$what" "$line"
		what=
	done
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/hint.XXXXXX")
trap 'rm -rf "$dir"' EXIT
holes >"$dir/holes"
graded >"$dir/graded"
now=$(next)

if [ -z "$now" ]; then
	if [ ! -s "$dir/graded" ]; then
		echo "Lab $lab: nothing is left to write. See whether it is right: make LAB=$lab grade"
	else
		echo "Lab $lab: every test of the last grade passed." \
			"answers.txt and time.txt, then: make LAB=$lab handin"
	fi
	exit 0
fi

# Files that were refused have no tests at all.
refused=$(sed -n "s/^refused$tab//p" "$(newest "$full/meta" "$part/meta")" 2>/dev/null | head -n 3)
[ -z "$refused" ] || printf 'The last grade took no files: %s\n\n' "$refused"
title=$(heading "$now")
echo "Lab $lab, ${title:-Exercise $now}   ($(points_of "$now") points)"
awk -v now="$now" '$1 == now { print $3 "  " $2 "()" }' "$dir/holes" >"$dir/here"
while read -r line; do
	show "${first-write}" "$line"
	first=
done <"$dir/here"
places | awk -v now="$now" '$1 == now { print $3 "  in " $2 "()" }' >"$dir/places"
first=
while read -r line; do
	show "${first:-and}" "$line"
	first=' '
done <"$dir/places"
awk -F '\t' -v now="$now" '$1 == now && $2 != "passed" { print $4 "\t" $2 "\t" $6; exit }' \
	"$dir/graded" >"$dir/test"
while IFS=$tab read -r id status what; do
	show test "$id: $what" "it $status in the last grade" |
		sed 's/it missed in/it was not reached in/'
	for key in expected found where; do
		value=$(outcome "$id" "$key")
		[ -z "$value" ] || show '' "$key $value"
	done
	show again "make LAB=$lab grade TEST=$id"
done <"$dir/test"
[ -s "$dir/test" ] || show 'then' "make LAB=$lab grade"
show read "$readme${title:+, \"$title\"}"
chapters "$now" | while read -r line; do show '' "$line"; done
