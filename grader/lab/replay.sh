#!/bin/sh
# grader/lab/replay.sh: back to the moment that a machine or oracle test did not like, in
# Bochs's debugger; `make replay CAPSULE=...` calls it.
#
# usage: replay.sh CAPSULE
#
# The capsule (grader/lab/machine.sh leaves it) names kernel, scenario, seed, options and tick
# of a run, and the hash of all that its disk is made of. With the same disk and seed the
# machine goes the same way, to the instruction. So it is started again and stops just before
# that tick; from there on the debugger reads standard input. Files that are not those of the
# capsule any more are refused: the run would be another one. Exit: 0, or 2 for wrong use.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh

# field KEY: of the capsule, which is data: no line of it is run.
field()
{
	awk -F "$TAB" -v key="$1" '$1 == key { print $2; exit }' "$capsule" | tr -cd ' -~'
}

# number KEY: one that is a number, and not too long for the shell.
number()
{
	value=$(field "$1")
	case $value in
	'' | *[!0-9]* | ????????????????*) die "CAPSULE=$capsule: no capsule: its $1 is no number" ;;
	esac
	echo "$value"
}

capsule=${1:-}
[ -n "$capsule" ] || die "say CAPSULE=file: a test that failed in the machine names its own"
if [ ! -f "$capsule" ] || [ ! -r "$capsule" ]; then
	die "CAPSULE=$capsule: there is no such file"
fi
tick=$(number tick) || exit 2
seed=$(number seed) || exit 2
kernel=$(field kernel) guest=$(field guest) scenario=$(field scenario)
test=$(field test) lab=$(field lab)
again="grade again: make LAB=$lab grade TEST=$test"
for file in "$kernel" "$guest" "$scenario"; do
	[ -f "$file" ] || die "${file:-its kernel} is not there any more: $again"
done
[ "$(image_hash "$kernel" "$scenario" "$guest")" = "$(field image)" ] ||
	die "the machine is not the one of $capsule (kernel, guest or disk have changed): $again"

# run.sh's options, as machine.sh wrote them: words, and at the end -O and the kernel's.
options=$(field options)
kernel_options=${options#*-O }
# shellcheck disable=SC2086
set -- ${options%%-O *}
for word; do
	case $word in
	-[vmkGa] | [0-9]*) ;;
	*) die "CAPSULE=$capsule: no capsule: it has the option $word" ;;
	esac
done
progress "replay: test $test, run $(field run), seed $seed: stops before tick $tick." \
	"c goes on, s steps, bt says how it got here, q quits (GUIDE 19, 24)"
outcome=$(dirname "$capsule")/results/$(basename -- "$test")
[ ! -r "$outcome" ] ||
	awk -F "$TAB" '$1 ~ /^(where|expected|found)$/ { print "  " $1 ": " $2 }' "$outcome" | tr -cd '\n -~' >&2
CHECK_OPTS='' exec grader/run.sh "$@" -O "$kernel_options" -n "replay-$test" -o "build/replay" \
	-K "$kernel" -G "$guest" -g -s "$seed" -S "$tick" "$scenario"
