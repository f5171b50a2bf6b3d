# grader/trial/lib.sh: what the trials of the graders share.
#
# Sourced after grader/lab/lib.sh. A trial prints a line for each thing tried, and notes it
# in the folder $TRIAL as a file `results`.
# shellcheck shell=sh disable=SC2034

# passed WHAT WHY; failed WHAT WHY
passed()
{
	echo pass >>"$TRIAL/results"
	printf 'ok    %-44s %s\n' "$1" "$2"
}

failed()
{
	echo fail >>"$TRIAL/results"
	printf 'FAIL  %-44s %s\n' "$1" "$2"
}

# graded LAB FOLDER TEST: grades it; sets `status`, the report is FOLDER.report.
graded()
{
	status=0
	SUBMISSION=$2 TEST=$3 FORMAT=table OUT=$2.report SEED=${SEED:-1} SECRET_FILE='' \
		grader/lab/grade.sh "$1" >"$2.log" 2>&1 || status=$?
}

# score_of REPORT: the points in its last line.
score_of()
{
	sed -n '$s|^\([0-9]*\)/.*|\1|p' "$1"
}

# filled LAB FOLDER K: the lab's modules with the exercises up to K; 99: all of them, the
# reference without a marker.
filled()
{
	mkdir -p "$2"
	for path in $(lab_files "$1"); do
		awk -v lab="$1" -v fill="$3" -f labs/skeleton.awk "$path" >"$2/$(basename "$path")"
	done
}

# summary: the last line, and whether all is well.
summary()
{
	good=$(grep -c pass "$TRIAL/results" || :)
	bad=$(grep -c fail "$TRIAL/results" || :)
	echo "$good passed, $bad failed"
	[ "$bad" -eq 0 ] && [ "$good" -gt 0 ]
}
