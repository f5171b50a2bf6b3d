#!/bin/sh
# disk/machine.sh: makes the disk of the machine that hosts the VMs, sparse.
#
# usage: machine.sh OUT KERNEL_ELF GUEST_ELF PATCHES VDISK VMS SWAP_MIB ARGS [SCENARIO]
#
# Partition 1 (FAT16) has GRUB's configuration, the kernel, and what it is given as
# modules; partition 2 (type DA) holds VMS copies of the guest disk VDISK end to end;
# partition 3 (type DB) is the host's swap area. ARGS is the kernel command line; the
# size of a virtual disk is added to it. GUESTS in the environment, N=ELF words, gives some
# VMs a guest of their own.
set -eu
# shellcheck source=disk/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -ge 8 ] || die \
	"usage: machine.sh OUT KERNEL_ELF GUEST_ELF PATCHES VDISK VMS SWAP_MIB ARGS [SCENARIO]"
out=$1 kernel=$2 guest=$3 patches=$4 vdisk=$5 vms=$6 swap=$7 args=$8
scenario=${9:-}

need_elf "$kernel"
need_kernel "$guest"
[ -r "$vdisk" ] || die "$vdisk is missing: run 'make all'"
vsectors=$(($(wc -c <"$vdisk") / 512))
fat=$((32 * MIB - FAT_START))
p2=$((FAT_START + fat)) p2_len=$((vms * vsectors))
p3=$((p2 + p2_len)) p3_len=$((swap * MIB))
tmp=$out.$$ part=$out.$$@@1M

trap 'rm -f "$tmp" "$tmp.cfg" "$tmp.elf" "$tmp.pat"' EXIT
mbr_begin "$tmp" $((p3 + p3_len))
mbr_entry "$tmp" 0 016 $FAT_START "$fat"
mbr_entry "$tmp" 1 332 "$p2" "$p2_len"
mbr_entry "$tmp" 2 333 "$p3" "$p3_len"
grub_install "$tmp"
fat_make "$tmp" "$fat" BALLAST

elf_put "$part" "$kernel" kernel.elf
elf_put "$part" "$guest" guest.elf
fat_put "$part" "$patches" guest.pat

# Guests of single VMs, with their own patches.
for own in ${GUESTS:-}; do
	need_kernel "${own#*=}"
	"$(dirname "$0")/patches.sh" "${own#*=}" >"$tmp.pat"
	elf_put "$part" "${own#*=}" "guest${own%%=*}.elf"
	fat_put "$part" "$tmp.pat" "guest${own%%=*}.pat"
done

{
	printf 'set timeout=0\n'
	printf 'multiboot /kernel.elf %s vdisk=%d\n' "$args" "$vsectors"
	printf 'module /guest.elf guest\nmodule /guest.pat patches\n'
	for own in ${GUESTS:-}; do
		n=${own%%=*}
		printf 'module /guest%s.elf guest%s\n' "$n" "$n"
		printf 'module /guest%s.pat patches%s\n' "$n" "$n"
	done
	[ -z "$scenario" ] || printf 'module /scenario scenario\n'
	printf 'boot\n'
} >"$tmp.cfg"
fat_put "$part" "$tmp.cfg" grub.cfg
[ -z "$scenario" ] || fat_put "$part" "$scenario" scenario

i=0
while [ "$i" -lt "$vms" ]; do
	dd if="$vdisk" of="$tmp" bs=64K seek=$(((p2 + i * vsectors) / 128)) \
		conv=notrunc,sparse status=none 2>/dev/null ||
		die "cannot write $out: is the disk full?"
	i=$((i + 1))
done
mv "$tmp" "$out"
