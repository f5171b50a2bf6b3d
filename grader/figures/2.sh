#!/bin/sh
# grader/figures/2.sh: throughput of a small VM and of a big one ballooned down to its size
#
# Figure 2 of the paper (section 3.2): a guest that gave memory away should do as well as one
# that never had it. filebench works on 24 MiB of files in a VM of 16 to 32 MiB, and in one
# of 32 MiB whose balloon leaves it as much. As in the paper a point is three rounds, after one
# that warms up. Writes build/figures/2.tsv and 2.png, and checks the shape
# (grader/figures/2.awk).
#
# usage: 2.sh                  the figure
#        2.sh point KIND MIB   one of its points: configured or ballooned
set -eu
cd "$(dirname "$0")/../.."
FIG=2
# shellcheck source=grader/figures/lib.sh
. grader/figures/lib.sh
DATA=24 OPS=5000 ROUNDS=4 FULL=32 sizes='16 20 24 28' PAGES_PER_MIB=256
[ -z "${SMALL:-}" ] || DATA=10 OPS=1000 FULL=16 sizes='8 12'

# scenario PAGES: filebench once the balloon has so many pages, 0: at once.
scenario()
{
	if [ "$1" -eq 0 ]; then
		echo "on con vm=1 text=\"shell: ready\" : type 1 filebench $DATA $OPS 1 $ROUNDS"
	else
		echo "on balloon.start vm=1 : balloon 1 $1"
		echo "on balloon.size vm=1 pages=$1 : type 1 filebench $DATA $OPS 1 $ROUNDS"
	fi
	echo 'on con vm=1 text="filebench: ok*" : quit'
	echo 'on con vm=1 text="*FAIL*" : quit 1'
}

# balloon_held EVENTS PAGES: the balloon had that size from the first round to the end.
balloon_held()
{
	awk -v pages="$2" '
		$2 == "balloon.size" { match($0, /pages=[0-9]+/); size = substr($0, RSTART + 6, RLENGTH - 6) + 0 }
		$2 == "balloon.pop" { popped = 1 }
		/: counts round=/ { rounds++; wrong += size != pages }
		END { exit !(rounds > 0 && wrong == 0 && !popped) }' "$1"
}

# point KIND MIB
point()
{
	name=$1-$2 memory=$2 pages=0
	if [ "$1" = ballooned ]; then
		memory=$FULL pages=$(((FULL - $2) * PAGES_PER_MIB))
	fi
	scenario "$pages" | run_point "$name" "$ROUNDS" -k "$memory"
	balloon_held "$out/$name/events.log" "$pages" ||
		die "$name: the balloon did not keep its $pages pages"
	tell "$(result "$name" | awk -v kind="$1" -v mib="$2" \
		'{ printf "%s %d MiB: %.0f operations a second\n", kind, mib, $1 * 1000 / $2 }')"
}

# table: MiB, configured, ballooned, how much the balloon costs.
table()
{
	printf 'mib\tconfigured\tballooned\tloss_percent\n'
	for mib in $sizes $FULL; do
		given="-"
		[ "$mib" -eq "$FULL" ] || given=$(result "ballooned-$mib")
		echo "$mib $(result "configured-$mib") $given"
	done | awk '
		{ own = $2 * 1000 / $3; other = $6 == "-" ? "-" : $6 * 1000 / $7 }
		$6 == "-" { printf "%d\t%.1f\t-\t-\n", $1, own; next }
		{ printf "%d\t%.1f\t%.1f\t%.2f\n", $1, own, other, (1 - other / own) * 100 }'
}

if [ "${1:-}" = point ]; then
	point "$2" "$3"
	exit 0
fi
need_bochs
{
	for mib in $sizes; do
		echo "configured $mib"
		echo "ballooned $mib"
	done
	echo "configured $FULL"
} | points
table >"$out.tsv"
draw <<-END
	set title "filebench, $DATA MiB of files"
	set xlabel "memory of the VM, MiB"
	set ylabel "operations a virtual second"
	set style data histograms
	set style histogram clustered gap 1
	set style fill solid border -1
	set yrange [0:*]
	set key left top
	plot "$out.tsv" using 2:xtic(1) every ::1 title "configured" lc rgb "black", \\
		"" using 3 every ::1 title "ballooned from $FULL" lc rgb "gray"
END
echo "${bold}filebench, operations a virtual second${plain}"
awk -F '\t' '{ printf "%6s %12s %12s %14s\n", $1, $2, $3, $4 }' "$out.tsv"
awk -f grader/figures/2.awk "$out.tsv"
