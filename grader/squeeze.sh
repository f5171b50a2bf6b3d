#!/bin/sh
# grader/squeeze.sh: memory is taken from VMs at work and given back, over and over.
#
# usage: squeeze.sh [-o DIR] [-O OPTIONS] [TIMES [MIB [STEP]]]
#
# Four VMs of up to 32 MiB in 64 MiB of machine memory run memtest of MIB (10) MiB and mix.
# Every STEP (3000) virtual ms one of them is squeezed, to between 3 MiB more and 2 less than
# memtest works on, and released half a STEP later, TIMES (50) in all: two of them by their balloons
# first, the two others, which have none, by swap alone. Then all must have come
# out right, every squeeze must have been made, pages must have gone both ways, and the audit and the
# oracle find nothing.
# `make squeeze` is the long run, on both forms of shadows.
set -eu
cd "$(dirname "$0")/.."

out=build/out/squeeze options=
while getopts o:O: opt; do
	case $opt in
	o) out=$OPTARG ;;
	O) options=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
times=${1:-50} mib=${2:-10} step=${3:-3000}
case $times$mib$step in
*[!0-9]*)
	echo "squeeze: give numbers: TIMES MIB STEP" >&2
	exit 2
	;;
esac
# The scenario has room for 256 rules, two for each squeeze.
if [ "$times" -lt 1 ] || [ "$times" -gt 100 ]; then
	echo "squeeze: TIMES=$times: give 1 to 100" >&2
	exit 2
fi

mkdir -p "$out"
awk -v times="$times" -v mib="$mib" -v step="$step" 'BEGIN {
	for (v = 1; v <= 4; v++)
		printf "on con vm=%d text=\"shell: ready\" : type %d memtest %d %d; mix 2; memtest %d %d; echo over\n",
			v, v, 10 + v, mib, 20 + v, mib
	for (i = 0; i < times; i++) {
		vm = i % 4 + 1
		left = mib + 3 - i * 5 % 6
		printf "at %d reclaim %d %dM\n", 1500 + i * step, vm, 32 - (left < 2 ? 2 : left)
		printf "at %d reclaim %d 0\n", 1500 + i * step + step / 2, vm
	}
	print "on con text=\"*: FAIL*\" : quit 1"
	print "on 4 con text=\"over\" : mem"
	print "on 4 con text=\"over\" : check"
	print "on 4 con text=\"over\" : checkpoint after"
	print "on 4 con text=\"over\" : quit"
}' >"$out/squeeze.scn"
grader/run.sh -n squeeze -o "$out" -K "${KERNEL:-build/kernel.elf}" -v 4 -m 64 -k 32 -l 900000 -w 600 \
	-O "vmmin=2 guest3=balloon=off guest4=balloon=off $options" "$out/squeeze.scn"

# count PATTERN: how many events match.
count()
{
	grep -cE -e "$1" "$out/events.log" || :
}
good=$(count 'con vm=[1-4] text="(\$ )?memtest: ok')
mixed=$(count 'con vm=[1-4] text="(\$ )?mix: ok')
made=$(count 'scenario\.run line=') made=$((made - 8))
if [ "$good" -ne 8 ] || [ "$mixed" -ne 4 ]; then
	echo "squeeze: $good of 8 memtests and $mixed of 4 mixes came out right: $out/events.log"
	exit 1
fi
[ "$made" -ge $((2 * times)) ] || {
	echo "squeeze: only $made of $((2 * times)) commands before the work was over: make STEP smaller"
	exit 1
}
grep -q 'mon text="audit: 4 VMs, .*clean' "$out/events.log" || {
	echo "squeeze: the audit is not clean: $out/events.log"
	exit 1
}
build/oracle "$out/ckpt-1.dump" "${KERNEL:-build/kernel.elf}" >"$out/oracle.log" || {
	grep -m 1 '^oracle:' "$out/oracle.log"
	exit 1
}
awk '/ swap\.size / { for (i = 1; i <= NF; i++) if (split($i, k, "=") == 2) value[k[1]] = k[2]
	outs[value["vm"]] = value["outs"]; ins[value["vm"]] = value["ins"] }
	/ balloon\.size / { moves++ }
	END { for (v in outs) { o += outs[v]; n += ins[v] }
		printf "balloons moved in %d polls, %d pages swapped out, %d in\n", moves, o, n
		if (!moves || !o) {
			print "squeeze: that was no squeeze"
			exit 1
		} }' "$out/events.log"
