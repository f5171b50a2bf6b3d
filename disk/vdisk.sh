#!/bin/sh
# disk/vdisk.sh: makes one guest disk, 64 MiB, sparse.
#
# usage: vdisk.sh OUT GUEST_ELF BIN_DIR
#
# The layout is in disk/README.md: partition 1 is FAT16 with the programs of BIN_DIR
# as /BIN/NAME, partition 2 is swap. The disk also boots the guest on a bare PC: GRUB
# is in its first MiB and /guest.elf in its FAT. So the native machine and every VM
# have the very same disk.
set -eu
# shellcheck source=disk/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -eq 3 ] || die "usage: vdisk.sh OUT GUEST_ELF BIN_DIR"
out=$1 guest=$2 bin=$3
sectors=$((64 * MIB)) fat=$((40 * MIB))
swap_start=$((FAT_START + fat))
part=$out.$$@@1M

need_kernel "$guest"
trap 'rm -f "$out.$$" "$out.$$.cfg" "$out.$$.elf"' EXIT
mbr_begin "$out.$$" "$sectors"
mbr_entry "$out.$$" 0 006 $FAT_START "$fat"
mbr_entry "$out.$$" 1 202 "$swap_start" $((sectors - swap_start))
# GRUB's core image is cached beside OUT: the temporary name shares its folder.
grub_install "$out.$$"
fat_make "$out.$$" "$fat" GUEST

mmd -i "$part" ::BIN
for file in "$bin"/*.elf; do
	[ -e "$file" ] || continue
	name=$(basename "$file" .elf | tr '[:lower:]' '[:upper:]')
	fat_put "$part" "$file" "BIN/$name"
done
elf_put "$part" "$guest" guest.elf
printf 'set timeout=0\nmultiboot /guest.elf\nboot\n' >"$out.$$.cfg"
fat_put "$part" "$out.$$.cfg" grub.cfg
mv "$out.$$" "$out"
