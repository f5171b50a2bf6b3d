#!/bin/sh
# grader/demo.sh: guests side by side, headless, told as it happens; `make demo` calls it.
#
# Writes the scenario for VMS guests, boots it, prints what each reaches when it does, then
# the monitor's table of VMs and its picture of machine memory. Exits 0 only if every
# guest reported success in all of its programs.
set -eu
cd "$(dirname "$0")/.."
EMU=${EMU:-bochs} VMS=${VMS:-4} MEM=${MEM:-128} VMMEM=${VMMEM:-16} SEED=${SEED:-1}
out=build/demo
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

mkdir -p $out
rm -f $out/raw.log $out/verdict
awk -v vms="$VMS" -v seed="$SEED" -f grader/demo.awk grader/scenarios/demo.scn >$out/demo.scn
echo "${bold}$VMS guests of $VMMEM MiB on a machine of $MEM MiB, under $EMU, seed $SEED${plain}"

grader/run.sh -e "$EMU" -n demo -o $out -v "$VMS" -m "$MEM" -k "$VMMEM" -s "$SEED" \
	${LOW:+-O "low=$LOW"} -w 170 $out/demo.scn >$out/said 2>&1 &
run=$!
trap 'kill "$run" 2>/dev/null || :; exit 130' INT TERM

# Milestones are event lines: they are told as they appear.
told=0
tell()
{
	[ -e $out/raw.log ] || return 0
	all=$(wc -l <$out/raw.log)
	[ "$all" -gt "$told" ] || return 0
	sed -n "$((told + 1)),${all}p" $out/raw.log | awk -f grader/milestones.awk
	told=$all
}
while kill -0 "$run" 2>/dev/null; do
	tell
	sleep 0.3
done
status=0
wait "$run" || status=$?
tell

# What became of each guest, a line each: its number and "ok" or what is missing.
results()
{
	vm=1
	while [ "$vm" -le "$VMS" ]; do
		awk -v vm="$vm" -f grader/console.awk $out/events.log | awk -v vm="$vm" '
			{ sub(/^\$ /, "") }
			/FAIL/ { bad = bad " " $0 }
			/^(memtest|forktest|filebench): ok/ { ok[$1] = 1 }
			END {
				split("memtest: forktest: filebench:", want, " ")
				for (i = 1; i <= 3; i++)
					if (!(want[i] in ok))
						bad = bad " no " want[i]
				print vm, (bad == "" ? "ok" : "failed:" bad)
			}'
		vm=$((vm + 1))
	done
}
results >$out/results

# The table gets the result as its last column; the picture of memory follows.
echo
awk -v event=mon -f grader/console.awk $out/events.log 2>/dev/null | awk '
	NR == FNR { n = $1; sub(/^[^ ]* /, ""); result[n] = $0; next }
	/^Ballast/ { next }
	/^vm  state/ { table = 1; print $0 "  result"; next }
	/^machine memory/ { table = 0 }
	table && $1 in result { print $0 "  " result[$1]; next }
	{ print }' $out/results - || :
echo
if [ "$status" -ne 0 ]; then
	echo "demo: $(tail -n 1 $out/said)"
	echo "demo: look at $out/events.log"
	exit "$status"
fi
good=$(grep -c ' ok$' $out/results || :)
[ "$good" -eq "$VMS" ] || echo "demo: look at $out/events.log"
echo "${bold}demo: $good of $VMS guests ok${plain}"
[ "$good" -eq "$VMS" ]
