#!/bin/sh
# grader/check-one.sh: the tests of one bundle, for check.sh, which runs several at once.
#
# usage: check-one.sh BUNDLE
#
# A bundle is the rows of tests.tsv that look at the same runs of the machine: those are
# made here, once, then each row's words are asked. Prints a line for each test as it is
# known and appends "pass" or "fail" lines to build/check/results.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/expect.sh
. grader/expect.sh

bundle=$1
results=build/check/results
green='' red='' plain=''
if [ -z "${NO_COLOR:-}" ] && [ "${CHECK_TTY:-no}" = yes ]; then
	esc=$(printf '\033')
	green="${esc}[32m" red="${esc}[31m" plain="${esc}[0m"
fi

passed()
{
	echo "pass $1" >>$results
	printf '%sok%s    %-28s %s\n' "$green" "$plain" "$1" "$2"
}

failed()
{
	echo "fail $1" >>$results
	printf '%sFAIL%s  %-28s %s\n' "$red" "$plain" "$1" "$2"
	[ -z "${3:-}" ] || printf '      %-28s look at %s\n' '' "$3"
}

# make_run SCENARIO[+OPTION...]@MACHINE: boots it, with these kernel options, unless another
# bundle did or does so now. A scenario's lines "#: options" are run.sh's options (and
# bare.sh's).
make_run()
{
	scenario=${1%@*} machine=${1#*@}
	dir=build/check/$machine/$scenario
	mkdir -p "build/check/$machine"
	if ! mkdir "$dir" 2>/dev/null; then
		while [ ! -e "$dir/done" ]; do sleep 0.2; done
		return 0
	fi
	file=grader/scenarios/${scenario%%+*}.scn
	options=$(sed -n 's/^#: *//p' "$file")
	more=
	case $scenario in *+*) more=$(echo "${scenario#*+}" | tr + " ") ;; esac
	begun=$(date +%s)
	case $machine in
	bare-*) command="grader/bare.sh -e ${machine#bare-}" ;;
	*) command="grader/run.sh -e $machine -K build/check/kernel.elf" ;;
	esac
	# The options come from our own file: they are words.
	# shellcheck disable=SC2086
	eval "CHECK_OPTS=\"\${CHECK_OPTS:-} $more\" $command -n ${scenario%%+*} -o $dir $options $file" \
		>"$dir/said" 2>&1 || :
	[ -e "$dir/verdict" ] || tail -n 1 "$dir/said" >"$dir/verdict"
	echo "$(($(date +%s) - begun)) s" >"$dir/done"
}

# A Criterion program: each of its cases counts.
check_unit()
{
	log=build/check/unit-$1.log
	status=0
	timeout 60 "build/unit/$1" --tap=- -j1 >"$log" 2>&1 || status=$?
	good=$(grep -c '^ok ' "$log" || :)
	bad=$(grep -c '^not ok ' "$log" || :)
	[ "$((good + bad))" -gt 0 ] || bad=1
	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	awk -v unit="$1" '/^ok / { print "pass unit." unit " " $0 }' "$log" >>$results
	if [ "$bad" -eq 0 ]; then
		printf '%sok%s    %-28s %s cases\n' "$green" "$plain" "unit.$1" "$good"
		return
	fi
	why=$(sed -n 's/^not ok - //p' "$log" | head -n 3 | tr '\n' ';')
	more=$(grep -m 1 -E 'Assertion|unexpected|ERROR|runtime error' "$log" || :)
	i=1
	while [ "$i" -lt "$bad" ]; do
		echo "fail unit.$1" >>$results
		i=$((i + 1))
	done
	failed "unit.$1" "$bad of $((good + bad)): ${why:-status $status} $more" "$log"
}

# One row: the words of its check, in a subshell with OUT, OUT1, OUT2, ... set.
check_row()
{
	id=$1 runs=$2 words=$3 shows=$4
	NAME=$id
	n=1 seconds=''
	for run in $(echo "$runs" | tr , ' '); do
		eval "OUT$n=build/check/${run#*@}/${run%@*}"
		n=$((n + 1))
	done
	if [ "$runs" = - ]; then
		OUT=build/check/shell/$id
		mkdir -p "$OUT"
	else
		eval "OUT=\$OUT1"
		seconds=" [$(cat "$OUT/done")]"
	fi
	status=0
	why=$(eval "$words" 2>&1) || status=$?
	if [ "$status" -eq 0 ]; then
		passed "$id" "$shows$seconds"
	else
		failed "$id" "$(echo "$why" | tail -n 1 | cut -c1-200)" "$OUT"
	fi
}

case $bundle in
unit:*)
	check_unit "${bundle#unit:}"
	exit 0
	;;
esac
tab=$(printf '\t')
awk -F "$tab" -v bundle="$bundle" '$1 == bundle' build/check/rows | cut -f2- >"build/check/bundle.$$"
runs=$(cut -f2 "build/check/bundle.$$" | head -n 1)
for run in $(echo "$runs" | tr , ' '); do
	[ "$run" = - ] || make_run "$run"
done
while IFS=$tab read -r id runs words shows; do
	check_row "$id" "$runs" "$words" "$shows"
done <"build/check/bundle.$$"
rm -f "build/check/bundle.$$"
