#!/bin/sh
# grader/bare.sh: boots the guest on the bare machine, headless, without any VMM.
#
# usage: bare.sh [options] [SCENARIO]
#   -e bochs|qemu   machine (bochs)
#   -n NAME -o DIR  as for run.sh
#   -a FILE         the commands to type: the disk's /AUTORUN.SH; it must end in poweroff
#   -G ELF          another guest
#   -k MIB          memory of the machine: what a VM would have (16)
#   -l MS -w S      limits, as for run.sh
# Other options of run.sh are taken and ignored, and so is the scenario: there is no VMM
# here to play it. The disk is the one that each VM gets.
#
# Prints a verdict as run.sh does: 0 pass, 11 triple-fault, 12 hang, 16 no-exit. DIR gets
# com1.log, all that the guest printed.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/emulator.sh
. grader/emulator.sh

emu=bochs name=bare out='' autorun='' guest='' mem=16 limit_ms=300000 wall=180
while getopts e:d:n:o:l:w:f:v:m:k:s:O:a:i:K:G:t:gP:x: opt; do
	case $opt in
	e) emu=$OPTARG ;;
	n) name=$OPTARG ;;
	o) out=$OPTARG ;;
	a) autorun=$OPTARG ;;
	k) mem=$OPTARG ;;
	l) limit_ms=$OPTARG ;;
	w) wall=$OPTARG ;;
	G) guest=$OPTARG ;;
	d | f | v | m | s | O | i | K | t | g | P | x) ;;
	*) die "wrong use: see the head of $0" ;;
	esac
done
[ -n "$out" ] || out=build/out/$name-bare-$emu
dir=build/run/$name-bare.$$

# shellcheck disable=SC2317
cleanup()
{
	status=$?
	trap - EXIT INT TERM HUP
	[ -z "${machine:-}" ] || kill -9 "$machine" 2>/dev/null || :
	rm -rf "$dir"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

start_bochs()
{
	bochs_rc "$dir/bochsrc" "$dir/disk.img" "$mem" "$out/bochs.log"
	cat >>"$dir/bochsrc" <<-END
	clock: sync=none, time0=1000000000
	com1: enabled=1, mode=file, dev=$out/com1.log
	END
	printf 'sba %s\nc\n' $((limit_ms * MS_TICKS)) >"$dir/commands"
	exec bochs -q -f "$dir/bochsrc" -rc "$dir/commands" \
		</dev/null >"$out/raw.log" 2>"$out/stderr.log"
}

start_qemu()
{
	qemu "$dir/disk.img" "$mem" -serial "file:$out/com1.log" \
		</dev/null >"$out/qemu.log" 2>&1
}

give()
{
	code=$1
	shift
	printf '%s\n' "$*" | tee "$out/verdict"
	exit "$code"
}

mkdir -p "$dir" "$out"
rm -f "$out"/*.log "$out/verdict"
check_image build/native.img
sparse_copy build/native.img "$dir/disk.img"
if [ -n "$guest" ]; then
	# What is no ELF file goes as it is.
	"${CROSS:-}objcopy" --strip-debug "$guest" "$dir/guest.elf" 2>/dev/null ||
		cp "$guest" "$dir/guest.elf" || exit 2
	MTOOLS_SKIP_CHECK=1 mcopy -o -i "$dir/disk.img@@1M" "$dir/guest.elf" ::guest.elf ||
		die "no room for $guest"
fi
if [ -n "$autorun" ]; then
	MTOOLS_SKIP_CHECK=1 mcopy -o -i "$dir/disk.img@@1M" "$autorun" ::AUTORUN.SH ||
		die "no room for $autorun"
fi
: >"$out/com1.log"
case $emu in
bochs) start_bochs & ;;
qemu) start_qemu & ;;
*) die "-e $emu: give bochs or qemu" ;;
esac
machine=$!

deadline=$(($(date +%s) + wall)) ended=self
while kill -0 "$machine" 2>/dev/null; do
	sleep 0.2
	if [ "$(date +%s)" -ge "$deadline" ]; then
		ended=wall
		kill -9 "$machine" 2>/dev/null || :
	fi
done
status=0
wait "$machine" 2>/dev/null || status=$?
machine=

[ "$ended" = self ] || give 12 "hang: not over after $wall s of wall time"
if [ "$emu" = qemu ]; then
	# isa-debug-exit makes an odd status; a reset ends QEMU with 0.
	[ "$status" -ne 0 ] || give 11 "triple-fault: QEMU saw the machine reset"
	[ $((status % 2)) -eq 1 ] || give 16 "no-exit: QEMU ended with status $status"
	give 0 "pass: the guest switched the machine off"
fi
! grep -qi '3rd ([0-9]*) exception' "$out/bochs.log" ||
	give 11 "triple-fault: the machine reset itself"
! grep -q 'Caught time breakpoint' "$out/raw.log" ||
	give 12 "hang: not over after $limit_ms simulated ms"
grep -q 'shutdown requested' "$out/bochs.log" ||
	give 16 "no-exit: $(grep -m 1 -i panic "$out/bochs.log" || echo "no reason given")"
give 0 "pass: the guest switched the machine off"
