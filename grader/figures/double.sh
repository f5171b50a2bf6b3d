#!/bin/sh
# grader/figures/double.sh: double paging and throughput: random victims, LRU, balloon
#
# Sections 2.1 and 3.1 of the paper: a host that takes pages by itself may take just those that
# the guest is about to write to its own disk, and must read them back for that; a clever
# choice makes it worse. `pager` works on 24 MiB in a VM of 16 from which 4 MiB are taken, by
# swapping random pages, by swapping the least recently used ones, or by the balloon. For
# each: the host's swap-ins only for a guest's page-out, for 1,000 page-outs of the guest; and
# throughput. Writes build/figures/double.tsv and double.png, and checks the shape
# (grader/figures/double.awk).
#
# usage: double.sh                 the figure
#        double.sh point POLICY    one of its runs: random, lru or balloon
set -eu
cd "$(dirname "$0")/../.."
FIG=double
# shellcheck source=grader/figures/lib.sh
. grader/figures/lib.sh
MEMORY=16 DATA=24 SQUEEZE=4 OPS=5000 ROUNDS=6
[ -z "${SMALL:-}" ] || MEMORY=8 DATA=12 SQUEEZE=2 OPS=3000 ROUNDS=3
POLICIES='random lru balloon'

# scenario: the same for all. By the time that pager starts a balloon has its size.
scenario()
{
	cat <<-END
	on con vm=1 text="shell: ready" : reclaim 1 ${SQUEEZE}M
	at 4000 type 1 pager $DATA $OPS 1 $ROUNDS
	every con vm=1 text="pager: counts*" : vm 1
	on con vm=1 text="pager: ok*" : quit
	on con vm=1 text="*FAIL*" : quit 1
	END
}

# point POLICY
point()
{
	scenario | run_point "$1" "$ROUNDS" -k "$MEMORY" -O "replace=$1"
	tell "$(result "$1" | awk -v policy="$1" '{ printf "%s: %d double for %d page-outs, %.0f operations a second",
		policy, $4, $3, $1 * 1000 / $2 }')"
}

# table: by policy, page-outs of the guest, double ones, of a thousand, throughput.
table()
{
	printf 'policy\tpage_outs\tdouble_ins\tper_thousand\tops_per_s\n'
	for policy in $POLICIES; do
		echo "$policy $(result "$policy")"
	done | awk '{ printf "%s\t%d\t%d\t%.1f\t%.1f\n", $1, $4, $5,
		$4 ? $5 * 1000 / $4 : 0, $2 * 1000 / $3 }'
}

if [ "${1:-}" = point ]; then
	point "$2"
	exit 0
fi
need_bochs
echo "$POLICIES" | tr ' ' '\n' | points
table >"$out.tsv"
draw <<-END
	set multiplot layout 1,2 title "pager, $DATA MiB in a VM of $MEMORY, $SQUEEZE MiB of it taken"
	set style data histograms
	set style fill solid border -1
	set boxwidth 0.7
	set yrange [0:*]
	set key off
	set title "host swap-ins for 1,000 guest page-outs"
	plot "$out.tsv" using 4:xtic(1) every ::1 lc rgb "gray"
	set title "operations a virtual second"
	plot "$out.tsv" using 5:xtic(1) every ::1 lc rgb "black"
	unset multiplot
END
echo "${bold}Double paging, and what is left of throughput${plain}"
awk -F '\t' '{ printf "%-10s %10s %12s %14s %10s\n", $1, $2, $3, $4, $5 }' "$out.tsv"
awk -f grader/figures/double.awk "$out.tsv"
