# disk/lib.sh: the few bytes that make a file a PC disk.
#
# Sourced by the scripts beside it. Everything here writes into an ordinary file
# with printf and dd, so no root, no loop device and no partitioning tool is needed.
# Units: a sector is 512 bytes; every position and length is in sectors.
# shellcheck shell=sh

export MTOOLS_SKIP_CHECK=1 MTOOLSRC=/dev/null
# mtools stamps files with this time, so that one tree gives one image.
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1000000000}"

FAT_START=2048			# first partition, of every disk that we make: at 1 MiB
# shellcheck disable=SC2034
MIB=2048			# sectors in a MiB

# die MESSAGE: one line, and out.
die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# le32 N: prints N as four bytes, the least significant first, as printf escapes.
le32()
{
	printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# poke FILE OFFSET ESCAPES: writes bytes at a byte offset.
poke()
{
	# shellcheck disable=SC2059
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none 2>/dev/null ||
		die "cannot write $1: is the disk full?"
}

# mbr_begin FILE SECTORS: an empty sparse disk with the boot signature.
mbr_begin()
{
	rm -f "$1"
	truncate -s $(($2 * 512)) "$1" 2>/dev/null || die "cannot make $1: is the disk full?"
	poke "$1" 510 '\125\252'
}

# mbr_entry FILE INDEX TYPE(octal) START LENGTH: one of the four partitions; the
# first is the active one. The CHS fields say "use the LBA".
mbr_entry()
{
	flag='\000'
	[ "$2" -eq 0 ] && flag='\200'
	poke "$1" $((446 + 16 * $2)) \
		"$flag\\376\\377\\377\\$3\\376\\377\\377$(le32 "$4")$(le32 "$5")"
}

# fat_make FILE SECTORS LABEL: formats the first partition as FAT16.
fat_make()
{
	mformat -i "$1@@1M" -T "$2" -h 16 -s 63 -H $FAT_START -c 8 -N 0 -v "$3" :: 2>/dev/null ||
		die "cannot format $1: is the disk full?"
}

# fat_put IMAGE@@OFFSET FILE NAME: copies a file in, replacing one of that name.
fat_put()
{
	mcopy -o -i "$1" "$2" "::$3" 2>/dev/null || die "no room for $2 in ${1%%@@*}: is the disk full?"
}

# grub_install FILE: makes a disk bootable: GRUB's boot sector (less the partition
# table) and a core image in the gap before the first partition. This is all that
# grub-bios-setup would do here. The core image is kept, as it never changes.
grub_install()
{
	core=$(dirname "$1")/grub-core.img
	if [ ! -s "$core" ]; then
		lib=${GRUB_LIB:-/usr/lib/grub/i386-pc}
		[ -r "$lib/boot.img" ] || die "no GRUB in $lib: run 'make deps'"
		early=$core.$$.cfg
		# shellcheck disable=SC2016
		printf 'set root=(hd0,msdos1)\nset prefix=($root)/\n%s\n' \
			'configfile /grub.cfg' >"$early"
		grub-mkimage -d "$lib" -O i386-pc -p '(hd0,msdos1)/' -c "$early" \
			-o "$core.$$" biosdisk part_msdos fat multiboot configfile \
			normal boot || die "grub-mkimage failed"
		rm -f "$early"
		mv "$core.$$" "$core"
	fi
	dd if="${GRUB_LIB:-/usr/lib/grub/i386-pc}/boot.img" of="$1" bs=440 count=1 \
		conv=notrunc status=none 2>/dev/null || die "cannot write $1"
	dd if="$core" of="$1" bs=512 seek=1 conv=notrunc status=none 2>/dev/null ||
		die "cannot write $1: is the disk full?"
}

# elf_put IMAGE@@OFFSET FILE NAME: fat_put for an ELF file, without its debugging
# sections, which GRUB would read into memory. The symbol table stays.
elf_put()
{
	"${CROSS:-}objcopy" --strip-debug "$2" "${1%%@@*}.elf" ||
		die "cannot strip $2: is the disk full?"
	fat_put "$1" "${1%%@@*}.elf" "$3"
	rm -f "${1%%@@*}.elf"
}

# need_elf FILE: says so when FILE is not a 32-bit x86 ELF, which GRUB would only
# find out on the machine's screen.
need_elf()
{
	[ -r "$1" ] || die "$1 is missing: run 'make all'"
	magic=$(od -An -tx1 -N5 "$1" | tr -d ' \n')
	machine=$(od -An -tx1 -j18 -N2 "$1" | tr -d ' \n')
	[ "$magic $machine" = "7f454c4601 0300" ] ||
		die "$1 is not a 32-bit x86 ELF file: give GUEST= a multiboot kernel"
}
