# grader/figures/lib.sh: what the figures have in common: runs side by side, told as they
# end, and a picture.
#
# Sourced by the figures, from the project's folder, with FIG, their name. A figure is made of
# points; each is one run in a folder of its own, build/figures/FIG/POINT, which holds the
# run's results and `result`, the line that rounds.awk made of them. With SMALL set it is a
# small one, in seconds: fewer and shorter runs, no picture, the same shape. For tests.
# shellcheck shell=sh

out=build/figures/$FIG${SMALL:+-small}
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	# shellcheck disable=SC2034
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

# die MESSAGE: one line.
die()
{
	echo "figures: $*" >&2
	exit 1
}

# need_bochs: points are times, and only Bochs's are the same each time.
need_bochs()
{
	[ "${EMU:-bochs}" = bochs ] || {
		echo "figures: QEMU's time is not the machine's: use EMU=bochs" >&2
		exit 2
	}
}

# points: reads points, a line each, and has `$0 point LINE` run each, two at a time (JOBS). In
# the foreground, so that an interrupt reaches all of them.
points()
{
	rm -rf "$out"
	mkdir -p "$out"
	cat >"$out/points"
	echo "figures: $FIG: $(grep -c . "$out/points") runs, ${JOBS:-2} at a time" >&2
	xargs -P "${JOBS:-2}" -L 1 "$0" point <"$out/points" ||
		die "a run went wrong: look at $out"
}

# tell TEXT: a point is there.
tell()
{
	echo "$*" >>"$out/told"
	echo "  $(grep -c . "$out/told") of $(grep -c . "$out/points")  $*" >&2
}

# run_point NAME ROUNDS OPTIONS...: plays NAME's scenario (standard input) and leaves its
# result. The scenario must end by itself; how long a run may take is bounded twice.
run_point()
{
	dir=$out/$1 rounds=$2 name=$1
	shift 2
	mkdir -p "$dir"
	cat >"$dir/point.scn"
	verdict=$(CHECK_OPTS="" grader/run.sh -n "figure-$FIG-$name" -o "$dir" -s "${SEED:-1}" -v 1 -m 64 \
		-l 600000 -w 300 "$@" "$dir/point.scn" 2>&1) || die "$name: $verdict"
	awk -v rounds="$rounds" -f grader/figures/rounds.awk "$dir/events.log" >"$dir/result"
}

# result POINT: its OPS MS OUTS DOUBLES.
result()
{
	cat "$out/$1/result"
}

# draw: a picture by gnuplot's commands on standard input, from $out.tsv; a small one has none.
draw()
{
	[ -z "${SMALL:-}" ] || return 0
	{
		printf 'set terminal png size 800,500\nset output "%s"\n' "$out.png"
		printf 'set datafile separator "\\t"\nset datafile missing "-"\n'
		cat
	} | gnuplot >"$out/gnuplot.log" 2>&1 ||
		die "gnuplot: $(head -n 3 "$out/gnuplot.log" | tr '\n' ' ')"
	[ -s "$out.png" ] || die "gnuplot drew nothing: look at $out/gnuplot.log"
	echo "drawn: $out.png, from $out.tsv"
}
