#!/bin/sh
# grader/bench.sh: what virtualization costs; `make bench` calls it.
#
# Runs the guest's `bench` on the bare machine and as the only VM, from the same disk, and
# prints instructions per operation (Bochs ticks less those halted or waited for), their
# ratio, and exits per operation. Rows about pages that the VMM takes have no bare half, and come
# from a run of their own (bench-mem.scn). Writes build/bench/bench.tsv. Bochs only: its ticks are
# instructions.
set -eu
cd "$(dirname "$0")/.."

[ "${EMU:-bochs}" = bochs ] || {
	echo "bench: QEMU does not count instructions: use EMU=bochs" >&2
	exit 2
}
mkdir -p build/bench
options=$(sed -n 's/^#: *//p' grader/scenarios/bench.scn)
kernel_options=${OPTS:-}
echo "bench: on the bare machine ..." >&2
# shellcheck disable=SC2086
grader/bare.sh -n bench -o build/bench/bare $options >&2
echo "bench: as a VM ..." >&2
# shellcheck disable=SC2086
grader/run.sh -n bench -o build/bench/vm -s "${SEED:-1}" $options \
	-O "$kernel_options" grader/scenarios/bench.scn >&2
echo "bench: cli again, without PVI ..." >&2
# shellcheck disable=SC2086
grader/run.sh -n bench-cli -o build/bench/cli -s "${SEED:-1}" $options \
	-a grader/scenarios/bench-cli.guest -O "$kernel_options pvi=off" \
	grader/scenarios/bench.scn >&2
echo "bench: pages that go and come back ..." >&2
# shellcheck disable=SC2046
grader/run.sh -n bench-mem -o build/bench/mem -s "${SEED:-1}" \
	$(sed -n "s/^#: *//p" grader/scenarios/bench-mem.scn) \
	-O "guest=balloon=off $kernel_options" grader/scenarios/bench-mem.scn >&2

tr -d '\r' <build/bench/bare/com1.log >build/bench/bare.txt
awk -v vm=1 -f grader/console.awk build/bench/vm/events.log >build/bench/vm.txt
awk -v vm=1 -f grader/console.awk build/bench/cli/events.log >build/bench/cli.txt
awk -v vm=1 -f grader/console.awk build/bench/mem/events.log >build/bench/mem.txt
{
	awk -f grader/bench.awk build/bench/bare.txt build/bench/vm.txt build/bench/cli.txt &&
		awk -f grader/bench-mem.awk build/bench/mem.txt
} >build/bench/bench.tsv.$$ || {
	rm -f build/bench/bench.tsv.$$
	exit 1
}
mv build/bench/bench.tsv.$$ build/bench/bench.tsv
awk -F '\t' '
	NR == 1 { printf "%-16s %12s %12s %8s %10s\n", "operation", "bare", "vmm", "ratio", "exits/op" }
	NR > 1 { printf "%-16s %12s %12s %8s %10s\n", $1, $2, $3, $4, $5 }' \
	build/bench/bench.tsv
