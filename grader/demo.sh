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

echo
awk -v event=mon -f grader/console.awk $out/events.log 2>/dev/null | grep -v "^Ballast" || :
echo
if [ "$status" -ne 0 ]; then
	echo "demo: $(tail -n 1 $out/said)"
	echo "demo: look at $out/events.log"
	exit "$status"
fi
good=0 vm=1
while [ "$vm" -le "$VMS" ]; do
	if awk -v vm="$vm" -f grader/console.awk $out/events.log | awk '
		{ sub(/^\$ /, "") }
		/FAIL/ { bad = 1 }
		/^(memtest|forktest|filebench): ok/ { ok[substr($1, 1, length($1) - 1)] = 1 }
		END { exit bad || !(ok["memtest"] && ok["forktest"] && ok["filebench"]) }'; then
		good=$((good + 1))
	else
		echo "demo: vm $vm did not finish well: look at $out/events.log"
	fi
	vm=$((vm + 1))
done
echo "${bold}demo: $good of $VMS guests ok${plain}"
[ "$good" -eq "$VMS" ]
