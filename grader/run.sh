#!/bin/sh
# grader/run.sh: one headless run of the machine, and what became of it.
#
# usage: run.sh [options] [SCENARIO]
#   -e bochs|qemu   machine (bochs)
#   -d plugin|debugger|none
#                   how checkpoints leave Bochs (plugin, or debugger if it doesn't fit)
#   -n NAME         name of the run (that of the scenario)
#   -o DIR          where the results go (build/out/NAME)
#   -l MS           limit in simulated milliseconds (300000)
#   -w SECONDS      limit in seconds of the wall clock, a backstop (180)
#   -f MIB          more output than this is a flood (64)
#   -v -m -k -s     VMS, MEM, VMMEM, SEED as in the Makefile
#   -O OPTIONS      more kernel options
#   -a FILE         put FILE on each virtual disk as /AUTORUN.SH
#   -i IMAGE        run a copy of IMAGE in place of a fresh disk
#   -K ELF          another kernel
#   -g              the death of a guest is no failure
#   -P TICK         with the plugin: also dump at the first CPL 3 after TICK
#   -x              extra Bochs configuration line (may be repeated)
#
# Prints one line, VERDICT and the reason, and exits with the verdict's number:
# 0 pass, 1 fail, 2 (wrong use, no verdict), 10 panic, 11 triple-fault, 12 hang,
# 13 guest-death, 14 flood, 15 lost-checkpoint, 16 no-exit.
# DIR gets events.log (event lines alone), raw.log (all that the machine printed),
# verdict, and the dumps as ckpt-N.dump. KEEP=1 keeps the disk of a failed run.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/emulator.sh
. grader/emulator.sh

emu=bochs way=plugin name='' out='' limit_ms=300000 wall=180 flood=64
vms=4 mem=128 vmmem=16 seed=1 options='' autorun='' image='' guest_may_die=no
kernel=build/kernel.elf peek=0 extra=''

while getopts e:d:n:o:l:w:f:v:m:k:s:O:a:i:K:gP:x: opt; do
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
	K) kernel=$OPTARG ;;
	g) guest_may_die=yes ;;
	P) peek=$OPTARG ;;
	x) extra="$extra$OPTARG
" ;;
	*) die "wrong use: see the head of $0" ;;
	esac
done
shift $((OPTIND - 1))
scenario=${1:-}
[ -z "$scenario" ] || [ -r "$scenario" ] || die "no scenario $scenario"
case $emu in bochs | qemu) ;; *) die "-e $emu: give bochs or qemu" ;; esac
case $way in plugin | debugger | none) ;; *) die "-d $way: plugin, debugger or none" ;; esac
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
	swap=$((vms * vmmem))
	[ "$swap" -ge 16 ] || swap=16
	disk/machine.sh "$disk" "$kernel" "${GUEST:-build/user/guest.elf}" build/guest.pat \
		"$vdisk" "$vms" "$swap" \
		"vms=$vms mem=$mem vmmem=$vmmem seed=$seed${options:+ $options}" \
		${scenario:+"$scenario"} || exit 2
}

# The debugger's commands: with the plugin only "go"; without, a dump at each magic
# breakpoint, and the simulated limit as a time breakpoint.
debugger_commands()
{
	if [ "$way" = debugger ]; then
		printf 'sba %s\n' $((limit_ms * MS_TICKS))
		n=1
		while [ "$n" -le "$wanted" ]; do
			printf 'c\nwritemem "%s/ckpt-%d.dump" 0 %d\n' "$out" "$n" \
				$((mem * 1048576))
			n=$((n + 1))
		done
	elif [ "$way" = none ]; then
		printf 'sba %s\n' $((limit_ms * MS_TICKS))
	fi
	printf 'c\n'
}

start_bochs()
{
	bochs_rc "$dir/bochsrc" "$disk" "$mem" "$out/bochs.log"
	{
		printf 'clock: sync=none, time0=1000000000\n%s' "$extra"
		[ "$way" != plugin ] || printf 'plugin_ctrl: ballast=1\n'
		[ "$way" != debugger ] || printf 'magic_break: enabled=1\n'
	} >>"$dir/bochsrc"
	debugger_commands >"$dir/commands"
	if [ "$way" = plugin ]; then
		[ -r build/plugin/libbx_ballast.so ] ||
			die "build/plugin is missing: run 'make build/plugin/libbx_ballast.so'"
		LTDL_LIBRARY_PATH=$PWD/build/plugin
		export LTDL_LIBRARY_PATH
	fi
	BALLAST_DIR=$out BALLAST_SEED=$seed BALLAST_MEM=$mem BALLAST_IPS=$IPS \
		BALLAST_LIMIT=$((limit_ms * MS_TICKS)) BALLAST_PEEK=$peek BXSHARE='' \
		exec bochs -q -f "$dir/bochsrc" -rc "$dir/commands" \
		<"/dev/null" >"$raw" 2>"$out/stderr.log"
}

start_qemu()
{
	qemu "$disk" "$mem" -serial null -debugcon "file:$raw" \
		</dev/null >"$out/qemu.log" 2>&1
}

# Waits for the end, or for what makes us end it. Sets ended=self|wall|flood.
watch()
{
	deadline=$(($(date +%s) + wall))
	cap=$((flood * 1048576))
	ended=self
	while kill -0 "$emulator" 2>/dev/null; do
		sleep 0.1
		if [ "$(wc -c <"$raw")" -gt "$cap" ]; then
			ended=flood
		elif [ "$(date +%s)" -ge "$deadline" ]; then
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
	! grep -qi 'triple fault' "$out/bochs.log" 2>/dev/null ||
		give 11 "triple-fault: the machine reset itself"
	[ ! -e "$out/limit" ] ||
		give 12 "hang: not over after $limit_ms simulated ms: $(cat "$out/limit")"
	! grep -q 'Caught time breakpoint' "$raw" ||
		give 12 "hang: not over after $limit_ms simulated ms"
	[ "$ended" != wall ] || give 12 "hang: not over after $wall s of wall time"
	if [ "$guest_may_die" = no ] && has vm.kill; then
		give 13 "guest-death: $(first vm.kill)"
	fi
	if ! has exit; then
		[ "$emu" = bochs ] || [ "$emu_status" -ne 0 ] ||
			give 11 "triple-fault: QEMU saw the machine reset"
		give 16 "no-exit: the machine went off without an exit event" \
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
rm -f "$out"/*.log "$out"/ckpt-* "$out"/peek* "$out"/exit "$out"/limit \
	"$out"/plugin.* "$out"/verdict
make_disk
run_once()
{
	: >"$raw"
	case $emu in
	bochs) start_bochs & ;;
	qemu) start_qemu & ;;
	esac
	emulator=$!
	watch
}
run_once
if [ "$emu" = bochs ] && [ "$way" = plugin ] && [ ! -e "$out/plugin.ok" ]; then
	echo "run: the plugin does not fit this Bochs: the debugger takes its place" >&2
	way=debugger
	run_once
fi
# The debugger's prompt may stand before a line.
sed -n 's/^\(<bochs:[0-9]*> \)*\(@[0-9]\)/\2/p' "$raw" >"$out/events.log"
judge
