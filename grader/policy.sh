#!/bin/sh
# grader/policy.sh: the challenge of lab 2: is your choice of victims better than chance?
# `make LAB=2 policy` calls it.
#
# usage: policy.sh [-K KERNEL] [-G GUEST] [-o DIR]
#
# As the figure `double` has it: pager works on 24 MiB of memory in a VM of 16, from which the host
# takes 4 MiB by itself. One run with random victims, one with LRU, one with swap_own_victim; for
# each the throughput, and how many of 1,000 pages that the guest wrote to its own disk the host
# had to read back for that. SMALL=1 takes less of everything, for tests. Exits 0 when the own ones
# are 2 % faster than random ones, with fewer pages read twice than LRU.
set -eu
cd "$(dirname "$0")/.."

kernel=${KERNEL:-build/kernel.elf} guest=${BOOTS:-build/user/guest.elf} out=build/policy
while getopts K:G:o: opt; do
	case $opt in
	K) kernel=$OPTARG ;;
	G) guest=$OPTARG ;;
	o) out=$OPTARG ;;
	*) exit 2 ;;
	esac
done
[ "${EMU:-bochs}" = bochs ] || {
	echo "policy: QEMU's time is not the machine's: use EMU=bochs" >&2
	exit 2
}
MEMORY=16 DATA=24 SQUEEZE=4 OPS=5000 ROUNDS=6
[ -z "${SMALL:-}" ] || MEMORY=8 DATA=12 SQUEEZE=2 OPS=3000 ROUNDS=3
LIMIT_MS=600000 WALL=300

# run POLICY: leaves OPS MS OUTS DOUBLES in DIR/POLICY/result.
run()
{
	dir=$out/$1
	mkdir -p "$dir"
	cat >"$dir/run.scn" <<-END
	on con vm=1 text="shell: ready" : reclaim 1 ${SQUEEZE}M
	at 4000 type 1 pager $DATA $OPS 1 $ROUNDS
	every con vm=1 text="pager: counts*" : vm 1
	on con vm=1 text="pager: ok*" : quit
	on con vm=1 text="*FAIL*" : quit 1
	END
	verdict=$(CHECK_OPTS='' grader/run.sh -n "policy-$1" -o "$dir" -s "${SEED:-1}" -K "$kernel" \
		-G "$guest" -v 1 -m 64 -k $MEMORY -l $LIMIT_MS -w $WALL -O "replace=$1" \
		"$dir/run.scn" 2>&1) || {
		echo "policy: $1: $verdict" >&2
		return 1
	}
	awk -v rounds=$ROUNDS -f grader/figures/rounds.awk "$dir/events.log" >"$dir/result"
}

rm -rf "$out"
mkdir -p "$out"
echo "policy: three runs, half a minute each" >&2
run random &
first=$!
run lru
wait $first
run own
for policy in random lru own; do
	echo "$policy $(cat "$out/$policy/result")"
done | awk '
	{ ops[$1] = $2 * 1000 / $3; twice[$1] = $4 ? $5 * 1000 / $4 : 0 }
	NR == 1 { printf "%-8s %12s %20s\n", "victims", "operations/s", "read twice, of 1,000" }
	{ printf "%-8s %12.0f %20.0f\n", $1, ops[$1], twice[$1] }
	END {
		gain = (ops["own"] / ops["random"] - 1) * 100
		won = gain >= 2 && twice["own"] < twice["lru"]
		printf "own: %+.1f %% against random, %s than LRU: %s\n", gain,
			twice["own"] < twice["lru"] ? "pages twice less often" : "pages twice no less often",
			won ? "it is better than chance" : "not yet"
		exit !won
	}'
