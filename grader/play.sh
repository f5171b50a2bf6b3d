#!/bin/sh
# grader/play.sh: plays a scenario without a window; `make play` calls it.
#
# usage: play.sh SCENARIO [OPTION...]     options of run.sh; VMS and the like in the environment
#
# Prints what the monitor said, and the verdict. Exit: run.sh's.
set -eu
cd "$(dirname "$0")/.."

scenario=${1:-}
[ -n "$scenario" ] || {
	echo "make play: say which: SCENARIO=file (docs/HARNESS.md has the language)" >&2
	exit 2
}
shift
out=build/out/play
status=0
grader/run.sh -e "${EMU:-bochs}" -n play -o "$out" -g -v "$VMS" -m "$MEM" -k "$VMMEM" -s "$SEED" \
	-O "${OPTS:-}" "$@" "$scenario" >"build/play.said" || status=$?
if [ "$status" -ne 2 ]; then
	awk -v event=mon -f grader/console.awk "$out/events.log"
	cat build/play.said
	echo "What a guest printed: awk -v vm=1 -f grader/console.awk $out/events.log" >&2
fi
exit $status
