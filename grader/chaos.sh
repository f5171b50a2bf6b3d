#!/bin/sh
# grader/chaos.sh: the chaos guest with many seeds, each beside a neighbour that works.
#
# usage: chaos.sh [FIRST [COUNT]]      seeds FIRST (1) to FIRST + COUNT - 1 (20 of them)
#
# EMU=qemu takes QEMU, OPTS more kernel options, JOBS so many at a time (2). A run of the
# same scenario without chaos comes first; then of each seed is demanded: no panic, no broken
# invariant (audit=full), no hang, an oracle that finds nothing wrong in the memory at the
# end (Bochs), and that the neighbour printed what it prints without chaos. A line for each;
# on Bochs with how many instructions VM 2 executed in ring 3 (sampled by the plugin; what the neighbour and
# the way up execute is taken off) and on both how many exits it caused. Exits 0 when all
# is well.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/expect.sh
. grader/expect.sh

first=${1:-1} count=${2:-20} emu=${EMU:-bochs} jobs=${JOBS:-2}
dir=build/chaos/$emu
results=$dir/results
BALLAST_SAMPLE=997
export BALLAST_SAMPLE

# one SCENARIO OPTIONS FOLDER: a run; its verdict is in the folder.
one()
{
	grader/run.sh -e "$emu" -n "chaos.${3##*/}" -o "$3" -g -v 2 -m 64 -k 8 -w 120 \
		-K "$dir/kernel.elf" -G 2=build/user/chaos.elf -O "resets=4000000000 audit=full guest2=$2 ${OPTS:-}" \
		"grader/scenarios/$1.scn" >"$3.said" 2>&1 || :
}

# neighbour FOLDER: what VM 1 printed, less what may differ (docs/EQUIVALENCE.md).
neighbour()
{
	console 1 "$1" >"$1/console"
	grader/transcript.sh "$1/console" >"$1/transcript"
}

# judge FOLDER: says what is wrong with it, if anything is.
judge()
{
	OUT=$1
	verdict pass || return 1
	neighbour "$1"
	diff "$dir/quiet/transcript" "$1/transcript" >"$1/transcript.diff" || {
		echo "the neighbour printed something else: $1/transcript.diff"
		return 1
	}
	[ "$emu" = bochs ] || return 0
	build/oracle "$1/ckpt-1.dump" "$dir/kernel.elf" >"$1/oracle.log" 2>&1 || {
		echo "the oracle: $(tail -n 1 "$1/oracle.log")"
		return 1
	}
	rm -f "$1/ckpt-1.dump"
}

# The rest is for one seed, in a process of its own.
if [ "${CHAOS_SEED:-}" ]; then
	out=$dir/$CHAOS_SEED
	one chaos "seed=$CHAOS_SEED" "$out"
	exits=$(sed -n 's/.* vm.end vm=2 .*exits=\([0-9]*\).*/\1/p' "$out/events.log" |
		awk '{ sum += $1 } END { print sum + 0 }')
	executed=0
	[ ! -s "$out/ring3" ] || executed=$(($(cat "$out/ring3") - $(cat "$dir/quiet/ring3")))
	if why=$(judge "$out"); then
		echo "seed $CHAOS_SEED: $(grep -c ' vm.start vm=2' "$out/events.log") lives," \
			"$exits exits, $executed instructions"
		echo "good $exits $executed" >>"$results"
	else
		echo "seed $CHAOS_SEED: FAIL: $why: make chaos EMU=$emu SEED=$CHAOS_SEED N=1"
		echo "bad $exits $executed" >>"$results"
	fi
	exit 0
fi

rm -rf "$dir"
# The runs judge one build, whatever is built meanwhile.
mkdir -p "$dir"
cp "${KERNEL:-build/kernel.elf}" "$dir/kernel.elf"
: >"$results"
one chaos-quiet steps=0 "$dir/quiet"
neighbour "$dir/quiet"
grep -q '^finished' "$dir/quiet/transcript" || {
	echo "chaos: the neighbour does not get through without chaos: $(cat "$dir/quiet.said")"
	exit 1
}
awk -v first="$first" -v count="$count" \
	'BEGIN { for (i = 0; i < count; i++) print first + i }' |
	EMU=$emu xargs -P "$jobs" -I '{}' env CHAOS_SEED='{}' "$0"
awk -v wanted="$count" '
	{ n[$1]++; exits += $2; executed += $3 }
	END {
		printf "chaos: %d seeds, %d failed, %.1f million exits, " \
			"%.1f million chaos instructions\n", NR, n["bad"], exits / 1e6, \
			executed / 1e6
		exit n["good"] != wanted
	}' "$results"
