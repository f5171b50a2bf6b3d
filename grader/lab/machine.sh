#!/bin/sh
# grader/lab/machine.sh: the machine and oracle tests of a lab, on one kernel.
#
# usage: machine.sh -l LAB -k KERNEL_ELF -s SEED -r RESULTS -w WORK [-t TEST] [-G GUEST_ELF]
#
# Makes the runs that the rows of labs/labN/tests.tsv name, two at a time, each in WORK/RUN,
# and leaves an outcome for each row in RESULTS/ID and, where one was lost, what a replay
# needs in RESULTS/../capsule-ID. A row's `run` is RUN[,RUN] and rules of the oracle, which
# must hold at every look at those runs; with them always go those of BASE.
#
# A run is labs/labN/runs/RUN.scn, whose head says
#
#     #: OPTIONS          of run.sh; commas in -O part kernel options
#     #look A-B C-D ...   memory is looked at once in each of these stretches, in ms since the
#                         machine was switched on; the seed says when; the last ends the run
#     #proof VM=SEED:STAGES,... ...   what the proof in a VM is told, life after life
#     #dead VM            is to be dead at the last look
#     #balloon VM=PAGES   so big is its balloon to be then
#     #swapped VM=PAGES   so many of its pages are to be on the disk, or more
#
# and @N@ in it is a number that follows from the seed. Exit: 0 all is judged, 1 it can't be.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh

BASE='image cpu kernel guest supervisor tables alive'
MS_TICKS=20000			# as in grader/emulator.sh
MARGIN_MS=300			# from the last stretch to the limit
WALL=90 FLOOD=2			# seconds, MiB: backstops
# Seconds of the CPU: who needs so many does it on purpose, and gets no second chance by it.
RUN_CPU=60 ORACLE_CPU=20
NOTES=14			# lines of a backtrace that are kept

usage()
{
	die "usage: machine.sh -l LAB -k KERNEL_ELF -s SEED -r RESULTS -w WORK [-t TEST] [-G GUEST_ELF]"
}

# rows: of the lab's table, those for a machine: id, run, rules; one test when TEST is set.
rows()
{
	awk -F "$TAB" -v OFS="$TAB" -v test="$TEST" '
		!/^#/ && ($4 == "machine" || $4 == "oracle") && (test == "" || $1 == test) {
			rules = $7
			sub(/^[^ ]* */, "", rules)
			sub(/ .*/, "", $7)
			print $1, $7, rules
		}' "labs/lab$lab/tests.tsv"
}

# rules_of RUN: all that any row asks of it.
rules_of()
{
	{
		echo "$BASE"
		rows | awk -F "$TAB" -v run="$1" 'index("," $2 ",", "," run ",") { print $3 }'
	} | tr ' ' '\n' | sort -u | tr '\n' ' '
}

# head_of RUN WORD: that line of its scenario's head.
head_of()
{
	sed -n "s/^#$2 *//p" "$work/$1.scn" | head -n 1
}

# small WORD: a number below 2^31 that follows from the seed.
small()
{
	echo $((0x$(derive "$lab" "$1") & 0x7fffffff))
}

# write_scenario RUN: with its numbers in place.
write_scenario()
{
	edit=
	for n in 1 2 3 4 5 6; do
		edit="$edit;s/@$n@/$(small "proof:$1:$n")/g"
	done
	sed "${edit#;}" "labs/lab$lab/runs/$1.scn" >"$work/$1.scn"
}

# look_ticks RUN: when it is looked at, with commas.
look_ticks()
{
	n=0
	for stretch in $(head_of "$1" look); do
		n=$((n + 1))
		from=$((${stretch%-*} * MS_TICKS)) to=$((${stretch#*-} * MS_TICKS))
		echo $((from + 0x$(derive "$lab" "tick:$1:$n") % (to - from)))
	done | tr '\n' ',' | sed 's/,$//'
}

# run_options RUN: those of run.sh, one to a line.
run_options()
{
	own=$(lab_field "$lab" 5)
	[ "$own" != - ] || own=
	head_of "$1" : | tr ' ' '\n' | awk -v own="$own" '
		before == "-O" { gsub(/,/, " "); own = own " " $0; before = $0; next }
		$0 != "-O" { print }
		{ before = $0 }
		END { print "-O"; print own " shadow=cached" }'
}

# make_run RUN: the machine, then the oracle at each look.
make_run()
{
	out=$work/$1
	mkdir -p "$out"
	write_scenario "$1"
	ticks=$(look_ticks "$1")
	last=$(head_of "$1" look)
	run_options "$1" >"$out/options"
	set -- "$1"
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$out/options"
	run=$1
	shift
	{
		printf 'run\t%s\nseed\t%s\nkernel\t%s\nguest\t%s\n' "$run" "$(small "machine:$run")" \
			"$kernel" "$guest"
		printf 'scenario\t%s\nlooks\t%s\n' "$work/$run.scn" "$ticks"
		printf 'options\t%s\n' "$(tr '\n' ' ' <"$out/options" | sed 's/ $//')"
	} >"$out/capsule"
	CHECK_OPTS='' prlimit --core=0 --cpu=$RUN_CPU grader/run.sh "$@" -n "lab$lab-$run" \
		-o "$out/run" -K "$kernel" -G "$guest" -g \
		-s "$(small "machine:$run")" -l $((${last##*-} + MARGIN_MS)) -w $WALL -f $FLOOD \
		-P "$ticks" -E "$work/$run.scn" >"$out/said" 2>&1 || :
	[ -s "$out/run/verdict" ] || {
		echo "machine: run $run: $(tail -n 1 "$out/said")"
		return 1
	}
	judge_looks "$run"
	rm -f "$out"/run/peek-*.dump
}

# judge_looks RUN: what each rule has to say of each look, as look<TAB>line.
judge_looks()
{
	looks=$(head_of "$1" look | wc -w)
	n=1
	while [ "$n" -le "$looks" ] && [ -s "$out/run/peek-$n.cpu" ]; do
		judge_look "$1" $n
		n=$((n + 1))
	done >"$out/looks"
}

judge_look()
{
	look=$out/run/peek-$2
	set -- "$1" "$2" -c "$look.cpu" -g "$guest"
	[ "$2" -lt "$looks" ] || set -- "$@" -l
	for file in build/user/bin/*.elf; do
		set -- "$@" -p "$file"
	done
	for told in $(head_of "$1" proof); do
		set -- "$@" -s "$told"
	done
	for vm in $(head_of "$1" dead); do
		set -- "$@" -d "$vm"
	done
	for wanted in $(head_of "$1" balloon); do
		set -- "$@" -b "$wanted"
	done
	for wanted in $(head_of "$1" swapped); do
		set -- "$@" -w "$wanted"
	done
	run=$1 number=$2
	shift 2
	status=0
	# shellcheck disable=SC2046
	prlimit --core=0 --cpu=$ORACLE_CPU build/oracle "$@" "$look.dump" "$kernel" \
		$(rules_of "$run") >"$look.log" 2>&1 ||
		status=$?
	sed "s/^/$number$TAB/" "$look.log"
	case $status in
	0 | 1) ;;
	2 | 3) printf '%s\tungraded: %s\n' "$number" "$(tail -n 1 "$look.log")" ;;
	*)
		printf '%s\toracle: live: what is in memory leads the oracle to no end\n' "$number"
		printf '%s\t  expected: memory that can be read\n' "$number"
		;;
	esac
}

# --- outcomes ---------------------------------------------------------------------------------

# say KEY VALUE: a line of an outcome. Its text may come from the machine.
say()
{
	printf '%s\t%s\n' "$1" "$(printf '%s' "$2" | tr '\t\n' '  ' | tr -cd ' -~' | cut -c1-240)"
}

# last_words OUT: what the host said in its panic, decoded, a line each.
last_words()
{
	sed -n 's/^@[0-9]* panic text="\(.*\)"$/\1/p' "$1/run/events.log" |
		sed 's/\\x[0-9A-F][0-9A-F]/?/g;s/\\\(.\)/\1/g' | head -n $NOTES
}

# tick_of OUT: at which tick the run was over, if it got so far as to say.
tick_of()
{
	for file in seen limit exit; do
		[ ! -s "$1/run/$file" ] || {
			sed 's/.*tick=\([0-9]*\).*/\1/' "$1/run/$file"
			return
		}
	done
}

# sim_of OUT: when the run was over, in simulated ms since the machine was switched on.
sim_of()
{
	tick=$(tick_of "$1")
	if [ -n "$tick" ]; then
		echo $((tick / MS_TICKS))
	else
		head_of "${1##*/}" look | awk '{ sub(/.*-/, "", $NF); print $NF }'
	fi
}

# why_lost OUT: in a line, why a run did not get to its last look; nothing when it did.
why_lost()
{
	verdict=$(cat "$1/run/verdict")
	looks=$(head_of "${1##*/}" look | wc -w)
	if [ "$(wc -c <"$1/run/raw.log")" -gt $((FLOOD * 1048576)) ]; then
		echo "flood: more than $FLOOD MiB of output"
	elif grep -q '^@[0-9]* panic ' "$1/run/events.log"; then
		words=$(last_words "$1" | head -n 1)
		echo "${words#PANIC: }"
	elif [ ! -e "$1/run/seen" ] || [ ! -s "$1/run/peek-$looks.cpu" ]; then
		case $verdict in
		hang*) echo "hang: the machine never came to the last look" ;;
		pass* | fail*) echo "the machine was switched off before the last look" ;;
		no-exit*) echo "the machine ended by itself, or computed for $RUN_CPU s" ;;
		*) echo "$verdict" ;;
		esac
	fi
}

# no_verdict OUT: why nobody can say, such as a Bochs that the plugin does not fit.
no_verdict()
{
	if [ ! -e "$1/run/plugin.ok" ]; then
		echo "no looks at memory: the plugin does not fit this Bochs"
	elif grep -q 'wall time' "$1/run/verdict"; then
		echo "this computer was too slow: $WALL s were not enough for run ${1##*/}"
	else
		sed -n "s/^[0-9]*${TAB}ungraded: //p" "$1/looks" | head -n 1
	fi
}

# broken OUT RULES: the first line of the first look at which one of them does not hold, as
# look<TAB>rule<TAB>what, and the two lines behind it.
broken()
{
	awk -F "$TAB" -v OFS="$TAB" -v rules=" $2 " '
		BEGIN { split(rules, list, " "); for (i in list) wanted[list[i]] = 1 }
		done { exit }
		/\toracle: / {
			text = $2
			sub(/^oracle: /, "", text)
			rule = text
			sub(/:.*/, "", rule)
			if (!(rule in wanted) && rule != "live")
				next
			sub(/^[^:]*: /, "", text)
			print $1, rule, text
			while ((getline) > 0 && $2 ~ /^  /)
				print $1, rule, $2
			done = 1
		}' "$1/looks"
}

# capsule ID OUT TICK: what it takes to come back to this moment (replay.sh).
capsule()
{
	{
		printf 'test\t%s\nlab\t%s\n' "$1" "$lab"
		cat "$2/capsule"
		printf 'tick\t%s\n' "$3"
		printf 'image\t%s\n' "$(image_hash "$kernel" "$work/${2##*/}.scn" "$guest")"
	} >"$results/../capsule-$1"
}

# outcome ID RUNS RULES
outcome()
{
	sim=0
	for run in $(echo "$2" | tr , ' '); do
		out=$work/$run
		sim=$((sim + $(sim_of "$out")))
		why=$(no_verdict "$out")
		[ -z "$why" ] || {
			say status ungraded
			say found "$why"
			return
		}
		why=$(why_lost "$out")
		[ -z "$why" ] || {
			stopped "$1" "$out" "$why"
			return
		}
		broken "$out" "$BASE $3" >"$out/broken"
		[ ! -s "$out/broken" ] || {
			not_held "$1" "$out"
			return
		}
	done
	say status passed
	say sim $sim
}

# stopped ID OUT WHY: the run ended before its time.
stopped()
{
	say status failed
	say expected "run ${2##*/} goes on to its last look"
	say found "$3"
	last_words "$2" | sed 1d | while IFS= read -r line; do
		say note "$line"
	done
	[ -n "$(last_words "$2")" ] || tail -n 3 "$2/run/events.log" | while IFS= read -r line; do
		say note "$line"
	done
	say sim $sim
	tick=$(tick_of "$2")
	capsule "$1" "$2" "${tick:-$((sim * MS_TICKS))}"
}

# not_held ID OUT: a rule is broken.
not_held()
{
	look=$(cut -f1 "$2/broken" | head -n 1) rule=$(cut -f2 "$2/broken" | head -n 1)
	tick=$(sed 's/tick=\([0-9]*\).*/\1/' "$2/run/peek-$look.cpu")
	say status failed
	say expected "$(sed -n "s/.*$TAB  expected: //p" "$2/broken")"
	say found "$(cut -f3 "$2/broken" | head -n 1)"
	where=$(sed -n "s/.*$TAB  where: //p" "$2/broken")
	[ -z "$where" ] || say where "$where"
	say note "rule $rule of the oracle, run ${2##*/}, look $look, tick $tick"
	say sim $sim
	capsule "$1" "$2" "$tick"
}

one='' TEST='' lab='' kernel='' SEED='' results='' work='' guest=build/user/guest.elf
while getopts l:k:s:r:w:t:G:1: option; do
	case $option in
	l) lab=$OPTARG ;;
	k) kernel=$OPTARG ;;
	s) SEED=$OPTARG ;;
	r) results=$OPTARG ;;
	w) work=$OPTARG ;;
	t) TEST=$OPTARG ;;
	G) guest=$OPTARG ;;
	1) one=$OPTARG ;;
	*) usage ;;
	esac
done
if [ -z "$lab" ] || [ ! -r "$kernel" ] || [ -z "$SEED" ] || [ ! -d "$results" ] || [ -z "$work" ]; then
	usage
fi
need_lab "$lab"
if [ -n "$one" ]; then
	make_run "$one"
	exit
fi
mkdir -p "$work"
rows | cut -f2 | tr , '\n' | sort -u >"$work/runs"
xargs -P 2 -I '{}' "$0" -l "$lab" -k "$kernel" -s "$SEED" -r "$results" -w "$work" -t "$TEST" \
	-G "$guest" -1 '{}' <"$work/runs" || die "a run could not be made: see $work"
rows >"$work/rows"
while IFS=$TAB read -r id runs rules; do
	rm -f "$results/../capsule-$id"
	outcome "$id" "$runs" "$rules" >"$results/.$id.new"
	mv "$results/.$id.new" "$results/$id"
done <"$work/rows"
