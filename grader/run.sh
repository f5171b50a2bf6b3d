#!/bin/sh
# grader/run.sh: one headless run of the machine, and what became of it.
#
# usage: run.sh [options] [SCENARIO]
#   -e bochs|qemu   machine (bochs)
#   -d plugin|debugger|both|none
#                   how checkpoints leave Bochs (plugin, or debugger if it doesn't
#                   fit); both also writes what the debugger sees as dbg-N.dump
#   -n NAME         name of the run (that of the scenario)
#   -o DIR          where the results go (build/out/NAME)
#   -l MS           limit in simulated milliseconds (300000)
#   -w SECONDS      limit in seconds of the wall clock, a backstop (180)
#   -f MIB          more output than this is a flood (64)
#   -v -m -k -s     VMS, MEM, VMMEM, SEED as in the Makefile
#   -O OPTIONS      more kernel options
#   -a FILE         put FILE on each virtual disk as /AUTORUN.SH
#   -z MIB          size of the swap area (VMS times VMMEM, at least 16)
#   -i IMAGE        run a copy of IMAGE in place of a fresh disk
#   -K ELF          another kernel (KERNEL in the environment, else build/kernel.elf)
#   -G ELF          another guest; N=ELF: for VM N alone (may be repeated)
#   -t FILE         the patch table of the other guest; made from the guest if not given
#   -g              the death of a guest is no failure
#   -P TICK[,...]   with the plugin: also dump at the first CPL 3 after each TICK
#   -E              with -P: the last of those dumps ends the run, and that is a pass
#   -S TICK         stop in Bochs's debugger just before TICK; it reads standard input then, and
#                   there is no verdict
#   -x              extra Bochs configuration line (may be repeated)
#
# Prints one line, VERDICT and the reason, and exits with the verdict's number:
# 0 pass, 1 fail, 2 (wrong use, no verdict), 10 panic, 11 triple-fault, 12 hang,
# 13 guest-death, 14 flood, 15 lost-checkpoint, 16 no-exit.
# CHECK_OPTS in the environment are kernel options for every run; -O can overrule them.
# DIR gets events.log (event lines alone), raw.log (all that the machine printed),
# verdict, and the dumps as ckpt-N.dump. KEEP=1 keeps the disk of a failed run.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/emulator.sh
. grader/emulator.sh

emu=bochs way=plugin name='' out='' limit_ms=300000 wall=180 flood=64
vms=4 mem=128 vmmem=16 seed=1 options='' autorun='' image='' guest_may_die=no
kernel=${KERNEL:-build/kernel.elf} guest=build/user/guest.elf guests='' patches=''
peek=0 peek_end=0 extra='' stop='' swap=''

while getopts e:d:n:o:l:w:f:v:m:k:s:O:a:i:z:K:G:t:gP:ES:x: opt; do
	case $opt in
	e) emu=$OPTARG ;;
	d) way=$OPTARG ;;
	n) name=$OPTARG ;;
	o) out=$OPTARG ;;
	l) limit_ms=$OPTARG ;;
	w) wall=$OPTARG ;;
	f) flood=$OPTARG ;;
	v) vms=$OPTARG ;;
	m) mem=$OPTARG ;;
	k) vmmem=$OPTARG ;;
	s) seed=$OPTARG ;;
	O) options=$OPTARG ;;
	a) autorun=$OPTARG ;;
	i) image=$OPTARG ;;
	z) swap=$OPTARG ;;
	K) kernel=$OPTARG ;;
	G)
		case $OPTARG in
		[1-9]=* | 1[0-6]=*) guests="$guests $OPTARG" ;;
		*) guest=$OPTARG ;;
		esac
		;;
	t) patches=$OPTARG ;;
	g) guest_may_die=yes ;;
	P) peek=$OPTARG ;;
	E) peek_end=1 ;;
	S) stop=$OPTARG ;;
	x) extra="$extra$OPTARG
" ;;
	*) die "wrong use: see the head of $0" ;;
	esac
done
shift $((OPTIND - 1))
scenario=${1:-}
[ -z "$scenario" ] || [ -r "$scenario" ] || die "no scenario $scenario"
case $emu in bochs | qemu) ;; *) die "-e $emu: give bochs or qemu" ;; esac
case $stop in *[!0-9]*) die "-S $stop: give a tick" ;; esac
case $way in
plugin | debugger | both | none) ;;
*) die "-d $way: give plugin, debugger, both or none" ;;
esac
[ -n "$name" ] || name=$(basename "${scenario:-run}" .scn)
[ -n "$out" ] || out=build/out/$name

dir=build/run/$name.$$
raw=$out/raw.log
wanted=0
[ -z "$scenario" ] || wanted=$(grep -c '^[^#]*checkpoint ' "$scenario" || :)

# Ends what we started and removes the run's folder, however we leave.
emulator=
# shellcheck disable=SC2317
cleanup()
{
	status=$?
	trap - EXIT INT TERM HUP
	[ -z "$emulator" ] || kill -9 "$emulator" 2>/dev/null || :
	if [ "${KEEP:-0}" = 1 ] && [ "$status" -ne 0 ] && [ -d "$dir" ]; then
		printf 'kept: %s\n' "$dir" >&2
	else
		rm -rf "$dir"
	fi
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# The disk of this run.
make_disk()
{
	disk=$dir/disk.img
	if [ -n "$image" ]; then
		check_image "$image"
		sparse_copy "$image" "$disk"
		return
	fi
	vdisk=build/vdisk.img
	if [ -n "$autorun" ]; then
		sparse_copy build/vdisk.img "$dir/vdisk.img"
		vdisk=$dir/vdisk.img
		MTOOLS_SKIP_CHECK=1 mcopy -o -i "$vdisk@@1M" "$autorun" ::AUTORUN.SH ||
			die "no room for $autorun"
	fi
	if [ -n "$scenario" ]; then
		# Comments stay here: they are no part of the run. Line numbers stay.
		sed "s/^#.*//" "$scenario" >"$dir/scenario"
	fi
	# The patch table at hand belongs to the guest that was built for.
	if [ -z "$patches" ] && [ "$guest" = "$(cat build/guest 2>/dev/null)" ]; then
		patches=build/guest.pat
	else
		disk/patches.sh "$guest" ${patches:+"$patches"} >"$dir/guest.pat" || exit 2
		patches=$dir/guest.pat
	fi
	if [ -z "$swap" ]; then
		swap=$((vms * vmmem))
		[ "$swap" -ge 16 ] || swap=16
	fi
	GUESTS=$guests disk/machine.sh "$disk" "$kernel" "$guest" "$patches" \
		"$vdisk" "$vms" "$swap" \
		"vms=$vms mem=$mem vmmem=$vmmem seed=$seed ${CHECK_OPTS:-} $options" \
		${scenario:+"$dir/scenario"} || exit 2
}

# The debugger's commands: with the plugin alone only "go"; else a dump at each magic
# breakpoint. Without the plugin the simulated limit is a time breakpoint.
debugger_commands()
{
	[ -z "$stop" ] || {
		printf 'sba %s\nc\n' $((stop - 1))
		return
	}
	case $way in
	debugger | none) printf 'sba %s\n' $((limit_ms * MS_TICKS)) ;;
	esac
	case $way in
	debugger) prefix=ckpt ;;
	both) prefix=dbg ;;
	*) prefix= ;;
	esac
	n=1
	while [ -n "$prefix" ] && [ "$n" -le "$wanted" ]; do
		printf 'c\nwritemem "%s/%s-%d.dump" 0 %d\n' "$out" $prefix "$n" \
			$((mem * 1048576))
		n=$((n + 1))
	done
	printf 'c\n'
}

start_bochs()
{
	bochs_rc "$dir/bochsrc" "$disk" "$mem" "$out/bochs.log"
	printf 'clock: sync=none, time0=1000000000\n%s' "$extra" >>"$dir/bochsrc"
	case $way in
	debugger | both) echo 'magic_break: enabled=1' >>"$dir/bochsrc" ;;
	esac
	case $way in
	plugin | both)
		echo 'plugin_ctrl: ballast=1' >>"$dir/bochsrc"
		LTDL_LIBRARY_PATH=$PWD/build/plugin
		export LTDL_LIBRARY_PATH
		;;
	esac
	debugger_commands >"$dir/commands"
	BALLAST_DIR=$out BALLAST_SEED=$seed BALLAST_MEM=$mem BALLAST_IPS=$IPS \
		BALLAST_LIMIT=$((limit_ms * MS_TICKS)) BALLAST_PEEK=$peek BALLAST_PEEK_END=$peek_end \
		exec bochs -q -f "$dir/bochsrc" -rc "$dir/commands" 2>"$out/stderr.log"
}

start_qemu()
{
	qemu "$disk" "$mem" -serial null -debugcon "file:$raw" \
		</dev/null >"$out/qemu.log" 2>&1
}

# Waits for the end, or for what makes us end it. Sets ended=self|wall|flood|panic. A
# machine that panicked and did not turn itself off is given GRACE seconds.
GRACE=3
watch()
{
	deadline=$(($(date +%s) + wall))
	cap=$((flood * 1048576))
	ended=self panicked=
	while kill -0 "$emulator" 2>/dev/null; do
		sleep 0.2
		now=$(date +%s)
		if [ -z "$panicked" ] && grep -q -m 1 '^@[0-9]* panic ' "$raw"; then
			panicked=$((now + GRACE))
		fi
		if [ "$(wc -c <"$raw")" -gt "$cap" ]; then
			ended=flood
		elif [ -n "$panicked" ] && [ "$now" -ge "$panicked" ]; then
			ended=panic
		elif [ "$now" -ge "$deadline" ]; then
			ended=wall
		else
			continue
		fi
		kill -9 "$emulator" 2>/dev/null || :
		break
	done
	emu_status=0
	wait "$emulator" 2>/dev/null || emu_status=$?
	emulator=
}

# has EVENT: whether such an event line is there.
has()
{
	grep -q "^@[0-9]* $1\( \|\$\)" "$out/events.log"
}

# first EVENT: its first line, less the time.
first()
{
	grep -m 1 "^@[0-9]* $1\( \|\$\)" "$out/events.log"
}

give()
{
	code=$1
	shift
	printf '%s\n' "$*" | cut -c1-300 | tee "$out/verdict"
	exit "$code"
}

# The order matters: what explains the end best comes first.
judge()
{
	dumps=0
	for file in "$out"/ckpt-*.dump; do
		[ ! -e "$file" ] || dumps=$((dumps + 1))
	done
	[ "$ended" != flood ] ||
		give 14 "flood: more than $flood MiB of output"
	! has panic || give 10 "panic: $(first panic)"
	! grep -qi '3rd ([0-9]*) exception' "$out/bochs.log" 2>/dev/null ||
		give 11 "triple-fault: the machine reset itself"
	[ ! -e "$out/limit" ] ||
		give 12 "hang: not over after $limit_ms simulated ms: $(cat "$out/limit")"
	! grep -q 'Caught time breakpoint' "$raw" ||
		give 12 "hang: not over after $limit_ms simulated ms"
	[ "$ended" != wall ] || give 12 "hang: not over after $wall s of wall time"
	if [ "$guest_may_die" = no ] && has vm.kill; then
		give 13 "guest-death: $(first vm.kill)"
	fi
	[ ! -e "$out/seen" ] || give 0 "pass: the last look: $(cat "$out/seen")"
	if ! has exit; then
		[ "$emu" = bochs ] || [ "$emu_status" -ne 0 ] ||
			give 11 "triple-fault: QEMU saw the machine reset"
		give 16 "no-exit: the machine went off without an exit event, $emu with status $emu_status" \
			"$(grep -m 1 -i panic "$out/bochs.log" 2>/dev/null || :)"
	fi
	[ "$(grep -c '^@[0-9]* boot ' "$out/events.log")" -le 1 ] ||
		give 16 "no-exit: the machine rebooted on its way"
	if [ "$emu" = bochs ] && [ "$way" != none ] && [ "$dumps" -lt "$wanted" ]; then
		give 15 "lost-checkpoint: $dumps of $wanted dumps are there"
	fi
	case $(first exit) in
	*' status=0 '* | *' status=0') give 0 "pass: $(first exit)" ;;
	*) give 1 "fail: $(first exit)" ;;
	esac
}

mkdir -p "$dir" "$out"
rm -f "$out"/*.log "$out"/ckpt-* "$out"/peek* "$out"/seen "$out"/exit "$out"/limit \
	"$out"/plugin.* "$out"/verdict
make_disk
run_once()
{
	# One that fell may have left its lock.
	rm -f "$disk.lock"
	: >"$raw"
	case $emu in
	bochs) start_bochs </dev/null >"$raw" & ;;
	qemu) start_qemu & ;;
	esac
	emulator=$!
	watch
}
# Somebody sits there: Ctrl-C is the debugger's.
if [ -n "$stop" ]; then
	trap : INT
	(start_bochs) || :
	exit 0
fi
# The display listens on a port of its own. Of two Bochs that start in one instant both may bind
# the same; only one can listen, and the other gives up, or falls while it does, before the
# machine has said a word. (Killed at a limit is not fallen.)
stillborn()
{
	[ "$emu$ended" = bochsself ] && ! grep -q '@[0-9]' "$raw" || return 1
	case $emu_status in
	127 | 132 | 134 | 135 | 136 | 139) ;;
	*) no_port ;;
	esac
}

no_port()
{
	grep -qs 'could not bind any port' "$out/bochs.log"
}

run_once
tries=0
while [ "$tries" -lt 5 ] && stillborn; do
	tries=$((tries + 1))
	sleep "0.$tries"
	run_once
done
! { stillborn && no_port; } || die "no port from 5900 to 5949 is free for Bochs's display"
if [ "$emu$way" = bochsplugin ] && [ ! -e "$out/plugin.ok" ]; then
	echo "run: the plugin does not fit this Bochs: the debugger takes its place" >&2
	way=debugger
	run_once
fi
# The debugger's prompt may stand before a line.
sed -n 's/^\(<bochs:[0-9]*> \)*\(@[0-9]\)/\2/p' "$raw" >"$out/events.log"
judge
