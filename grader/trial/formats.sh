#!/bin/sh
# grader/trial/formats.sh: are the reports what their readers take?
#
# usage: formats.sh LAB
#
# JSON by jq against the fields that Gradescope, PrairieLearn and Autolab name, XML by xmllint,
# TAP by prove, each for full marks, none, a refusal, a grader that is at a loss, and for an
# outcome that is full of what those formats are made of. Last "N passed, N failed".
# The filters of jq have variables of their own.
# shellcheck disable=SC2016,SC2013
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

lab=$1
need_lab "$lab"
TRIAL=build/trial/formats$lab
rm -rf "$TRIAL"
mkdir -p "$TRIAL"
: >"$TRIAL/results"
count=$(TEST='' tests "$lab" '' | wc -l)
total=$(TEST='' tests "$lab" '' | awk -F "$TAB" '{ n += $2 } END { print n }')
first=$(TEST='' tests "$lab" '' | head -n 1 | cut -f1)

# Five runs, as they would have been left by grade.sh: what the reports are made of.
run()
{
	work=$TRIAL/$1
	mkdir -p "$work/results"
	TEST='' tests "$lab" '' >"$work/table"
	cut -f1 "$work/table" >"$work/chosen"
	printf '%s\t%s\n' lab "$lab" title 'A "title" & <more>' seed 4711 bochs 2.7 gcc 12 \
		submission "labs/lab$lab" work "$work" colour no >"$work/meta"
	for id in $(cat "$work/chosen"); do
		printf 'status\t%s\nsim\t120\n' "$2" >"$work/results/$id"
	done
}

all_runs()
{
	run full passed
	run none failed
	run refused missed
	rm -f "$work"/results/*
	printf 'refused\tit is "empty" \\ <\nrefused\tindeed\n' >>"$work/meta"
	run lost ungraded
	printf 'ungraded\tno "sandbox"\n' >>"$work/meta"
	run odd failed
	{
		printf 'found\t"quotes" \\back\\ <tag> & ]]> \001\033[31m \377\tx # SKIP\n'
		printf 'where\t%s\n' "$(yes 'long ' | head -n 500 | tr -d '\n')"
		printf 'note\t  ...\nnote\t---\nnote\tok 1 - forged\nnote\t{"scores": {}}\n'
		printf 'expected\t%%s %%n $(id) `id` ]}\n'
	} >>"$work/results/$first"
}

# made RUN FORMAT: its report; exit 0 full, 1 not, 3 ungraded.
made()
{
	report=$TRIAL/$1.$2
	status=0
	awk -f grader/lab/report.awk -f grader/lab/text.awk -f "grader/lab/report-$2.awk" \
		-v work="$TRIAL/$1" "$TRIAL/$1/table" >"$report" || status=$?
}

# is WHAT COMMAND...: it succeeds, quietly.
is()
{
	what=$1
	shift
	if why=$("$@" 2>&1); then
		passed "$what" ''
	else
		failed "$what" "$(printf '%s' "$why" | tail -n 1 | cut -c1-160)"
	fi
}

# jq_holds FILE FILTER
jq_holds()
{
	jq -e --argjson count "$count" --argjson total "$total" "$2" "$1"
}

gradescope='
	(.execution_time | type == "number") and (.output | type == "string") and
	.output_format == "text" and .test_output_format == "text" and
	.visibility == "visible" and .stdout_visibility == "hidden" and
	(.extra_data | type == "object") and (.leaderboard | type == "array") and
	([.leaderboard[] | (.name | type == "string") and (.value | type == "number")
	  and (.order == "asc" or .order == "desc")] | all) and
	([.tests[] | (.score | type == "number") and .score <= .max_score
	  and (.status == "passed" or .status == "failed")
	  and (.name | type == "string") and (.number | type == "string")
	  and (.output | type == "string") and .output_format == "text"
	  and (.tags | type == "array") and (.extra_data | type == "object")
	  and ([.visibility] | inside(["hidden", "after_due_date", "after_published", "visible"]))
	 ] | all) and
	if has("score") then (.tests | length) == $count and
		([.tests[].max_score] | add) == $total and ([.tests[].score] | add) == .score
	else .tests == [] end'
prairielearn='
	(.message | type == "string") and (.output | type == "string") and
	([.tests[] | (.name | type == "string") and (.description | type == "string")
	  and .points <= .max_points and (.message | type == "string")
	  and (.output | type == "string")] | all) and
	if .gradable then .score >= 0 and .score <= 1 and (.tests | length) == $count
	else (.format_errors | type == "array") and (has("score") | not) end'

# tap FILE WORD...: a parser reads it to the end and finds the plan kept. Perl's knows
# version 13, of which 14 is a superset for what we use.
tap_parses()
{
	sed '1s/14/13/' "$1" >"$1.13"
	prove -e cat "$1.13" >"$1.prove" 2>&1 || :
	if grep -q '^Bail out!' "$1"; then
		grep '^Bailout' "$1.prove"
	else
		! grep -i 'parse error' "$1.prove" || return 1
		grep "Tests=$count" "$1.prove"
	fi
}

autolab()
{
	tail -n 1 "$1" | jq -e '(.scores | type == "object") and
		([.scores[] | type == "number"] | all)'
}

plain_text()
{
	[ -z "$(tr -d '\n -~' <"$1")" ]
}

check_run()
{
	for format in table tap junit gradescope prairielearn autolab; do
		made "$1" "$format"
		[ "$status" -eq "$2" ] ||
			failed "$1.$format" "exit status $status, expected $2"
		is "$1.$format is plain" plain_text "$report"
	done
	is "$1.gradescope" jq_holds "$TRIAL/$1.gradescope" "$gradescope"
	is "$1.prairielearn" jq_holds "$TRIAL/$1.prairielearn" "$prairielearn"
	is "$1.autolab" autolab "$TRIAL/$1.autolab"
	is "$1.junit" xmllint --noout "$TRIAL/$1.junit"
	is "$1.tap" tap_parses "$TRIAL/$1.tap"
}

all_runs
check_run full 0
check_run none 1
check_run refused 1
check_run lost 3
check_run odd 1
is "full: all points" jq_holds "$TRIAL/full.gradescope" '.score == $total'
is "refused: no points" jq_holds "$TRIAL/refused.gradescope" '.score == 0'
is "refused: no points" jq_holds "$TRIAL/refused.prairielearn" '.score == 0 and .gradable'
is "lost: nobody gets a zero" jq_holds "$TRIAL/lost.gradescope" 'has("score") | not'
is "lost: not gradable" jq_holds "$TRIAL/lost.prairielearn" '.gradable == false'
is "odd: it adds no test" jq_holds "$TRIAL/odd.gradescope" '.score == 0'
summary
