#!/bin/sh
# grader/check.sh: every test there is; `make check` calls it.
#
# Reads the one table, tests.tsv, and runs what it lists, JOBS at a time (by default one
# more than there are processors): a line for each test as it ends, and last of all
# "N passed, N failed". TEST=text keeps the tests whose id contains text. Exits 0 only if
# all passed.
set -eu
cd "$(dirname "$0")/.."

filter=${TEST:-}
# One more job than processors: some of the tests wait.
jobs=${JOBS:-$(($(getconf _NPROCESSORS_ONLN) + 1))}
CHECK_TTY=no
[ ! -t 1 ] || CHECK_TTY=yes
export CHECK_TTY

if [ -s build/check/pid ] && kill -0 "$(cat build/check/pid)" 2>/dev/null; then
	echo "check: another one is running in this tree, process $(cat build/check/pid)" >&2
	exit 2
fi
rm -rf build/check
mkdir -p build/check
echo $$ >build/check/pid
: >build/check/results
# The tests judge one build, whatever is built meanwhile.
cp build/kernel.elf build/check/kernel.elf

# The table's rows, one for each machine they name, behind the bundle that they go to:
# rows that need the same runs share a bundle.
awk -F '\t' -v filter="$filter" '
	/^#/ || NF == 0 { next }
	NF != 7 { print "tests.tsv:" NR ": " NF " columns, 7 wanted" >"/dev/stderr"; exit 1 }
	index($1, filter) == 0 || $2 == "unit" { next }
	{
		machines = split($3, machine, ",")
		for (m = 1; m <= machines; m++) {
			runs = ""
			wanted = split($4, run, ",")
			for (r = 1; r <= wanted; r++) {
				name = run[r]
				if (name != "-" && name !~ /@/)
					name = name "@" machine[m]
				runs = runs (r > 1 ? "," : "") name
			}
			id = $1 (machines > 1 ? " (" machine[m] ")" : "")
			bundle = runs == "-" ? "shell:" $1 : runs
			print bundle "\t" id "\t" runs "\t" $5 "\t" $7
		}
	}' grader/tests.tsv >build/check/rows

{
	# Machines first, they take longest.
	cut -f1 build/check/rows | awk '!seen[$0]++'
	awk -F '\t' -v filter="$filter" '
		!/^#/ && $2 == "unit" && index($1, filter) { print "unit:" $4 }' \
		grader/tests.tsv
} >build/check/bundles
if [ ! -s build/check/bundles ]; then
	echo "check: no test has '$filter' in its id" >&2
	exit 2
fi

xargs -P "$jobs" -n 1 grader/check-one.sh <build/check/bundles || :

good=$(grep -c '^pass ' build/check/results || :)
bad=$(grep -c '^fail ' build/check/results || :)
wanted=$(grep -c . build/check/rows || :)
reported=$(grep -vc ' unit\.' build/check/results || :)
if [ "$reported" -ne "$wanted" ]; then
	echo "check: $reported of $wanted machine tests reported: the rest is lost"
	bad=$((bad + wanted - reported))
fi
# Of a part of the tests there is nothing to say.
[ -n "$filter" ] || grader/traps.sh || bad=$((bad + 1))
rm -f build/check/pid
echo "$good passed, $bad failed"
[ "$bad" -eq 0 ]
