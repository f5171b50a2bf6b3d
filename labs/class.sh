#!/bin/sh
# labs/class.sh: grades what a whole class handed in; `make class` calls it.
#
# usage: class.sh LAB IN OUT       (SEED SECRET_FILE as for make grade)
#
# IN has an archive or a folder for each student, named after him. OUT gets scores.csv, the
# report of each, reports/NAME.txt, and class.txt, which says how many passed each test. Who
# has a report already is not graded again: remove it to have it made anew. What could not
# be graded leaves none, so the next call tries it again.
#
# Prints a line a submission. Exit: 0 all graded, 2 wrong use, 3 some could not be.
set -eu
cd "$(dirname "$0")/.."

die()
{
	printf 'class: %s\n' "$*" >&2
	exit 2
}

# name_of PATH: of the student.
name_of()
{
	basename "$1" | sed 's/\.tar\.gz$//; s/\.tgz$//; s/\.tar$//'
}

# grade_one SUBMISSION NAME: leaves a report, or nothing if it could not be graded.
grade_one()
{
	[ ! -s "$reports/$2.txt" ] || return 0
	status=0
	env SUBMISSION="$1" OUT="$out/.report" TEST='' FORMAT=table \
		grader/lab/grade.sh "$lab" 2>"$out/.said" || status=$?
	case $status in
	0 | 1) mv "$out/.report" "$reports/$2.txt" ;;
	3) ;;
	*) die "$(tail -n 1 "$out/.said")" ;;
	esac
}

# row NAME: a line of scores.csv. The last line of a report begins with the score.
row()
{
	{
		[ ! -s "$reports/$1.txt" ] || cat "$reports/$1.txt"
	} | awk -v name="$1" '
		/^  refused: / { state = "refused" }
		/^[0-9]+\/[0-9]+/ { split($1, mark, "/"); state = state == "" ? "graded" : state }
		END {
			gsub(/"/, "\"\"", name)
			printf "\"%s\",%s,%s,%s\n", name, mark[1], mark[2], \
				state == "" ? "ungraded" : state
		}'
}

# How the class did: the mean of those who were graded, and each test.
page()
{
	awk -F, '
		NR > 1 && $NF != "ungraded" { sum += $(NF - 2); n++; of = $(NF - 1) }
		NR > 1 && $NF != "graded" { other[$NF]++ }
		END {
			printf "%d graded, mean %.1f of %d", n, n ? sum / n : 0, of
			for (state in other)
				printf "; %d %s", other[state], state
			print ""
		}' "$out/scores.csv"
	find "$reports" -name '*.txt' -exec cat {} + | awk '
		FILENAME != "-" { if (!/^#/ && NF) passed[$1] = 0; next }
		/^ +[0-9]+\/[0-9]+ +[a-z]/ { split($1, mark, "/"); passed[$2] += mark[1] == mark[2] }
		END { for (id in passed) printf "%5d passed  %s\n", passed[id], id }' \
		"labs/lab$lab/tests.tsv" - | sort -k1,1n -k3
}

[ $# -eq 3 ] || die "usage: class.sh LAB IN OUT"
lab=$1 in=$2 out=$3 reports=$3/reports
[ -d "$in" ] || die "IN=$in: give the folder with what was handed in"
[ -n "$out" ] || die "OUT=: give the folder for the reports"
mkdir -p "$reports" || die "OUT=$out: it cannot be made"
rm -f "$out/.report" "$out/.said"
echo 'name,score,of,state' >"$out/scores.csv"
ungraded=0 count=0
for submission in "$in"/*; do
	[ -e "$submission" ] || die "IN=$in: nothing in there"
	name=$(name_of "$submission")
	grade_one "$submission" "$name"
	row "$name" >>"$out/scores.csv"
	[ -s "$reports/$name.txt" ] || ungraded=$((ungraded + 1))
	count=$((count + 1))
	tail -n 1 "$out/scores.csv" | awk -F, -v name="$name" '{
		printf "%-32s %8s  %s\n", name, $2 == "" ? "-" : $2 "/" $3, $NF
	}'
done
rm -f "$out/.said"
page >"$out/class.txt"
head -n 1 "$out/class.txt"
[ "$ungraded" -eq 0 ] || {
	echo "class: $ungraded of $count could not be graded: call it again, here or elsewhere" >&2
	exit 3
}
