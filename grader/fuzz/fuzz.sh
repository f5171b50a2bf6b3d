#!/bin/sh
# grader/fuzz/fuzz.sh: runs one fuzzing target for a while.
#
# usage: fuzz.sh NAME LIBFUZZER-OPTION...
#
# What it learns stays in build/fuzz/NAME.corpus for the next time, unless an option -runs=
# is given: then it starts from nothing and with seed 1, so that two runs are the same. An
# input that fails is left in build/fuzz; `build/fuzz/NAME FILE` shows it again.
set -eu
cd "$(dirname "$0")/../.."

name=$1
shift
corpus=build/fuzz/$name.corpus
log=build/fuzz/$name.log
case $* in
*-runs=*) set -- -seed=1 "$@" ;;
*)
	mkdir -p "$corpus"
	set -- "$@" "$corpus"
	;;
esac
if "build/fuzz/$name" -max_len=160 -timeout=5 -artifact_prefix="build/fuzz/$name-" "$@" \
	>"$log" 2>&1; then
	echo "fuzz: $name: $(grep -o '^Done [0-9]* runs in [0-9]* second' "$log")s, nothing found"
else
	echo "fuzz: $name: $(grep -m 1 -E 'not so:|ERROR|runtime error' "$log");" \
		"$(grep -o 'Test unit written to .*' "$log" || :); see $log"
	exit 1
fi
