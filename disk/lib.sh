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
# grub-bios-setup would do here. The core image never changes: it is made once for all disks
# of a tree, in build/, where the tree has one.
grub_install()
{
	lib=${GRUB_LIB:-/usr/lib/grub/i386-pc} core=build/grub-core.img
	[ -r "$lib/boot.img" ] || die "no GRUB in $lib: run 'make deps'"
	[ -d build ] || core=$(dirname "$1")/grub-core.img
	if [ ! -s "$core" ]; then
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
	dd if="$lib/boot.img" of="$1" bs=440 count=1 \
		conv=notrunc status=none 2>/dev/null || die "cannot write $1"
	dd if="$core" of="$1" bs=512 seek=1 conv=notrunc status=none 2>/dev/null ||
		die "cannot write $1: is the disk full?"
}

# elf_put IMAGE@@OFFSET FILE NAME: fat_put for a kernel. An ELF file goes without its
# debugging sections, which GRUB would read into memory; the symbol table stays. One that
# is loaded by the addresses in its header goes as it is: they count from that header.
elf_put()
{
	if [ "$(kernel_kind "$2")" = flat ]; then
		fat_put "$1" "$2" "$3"
		return
	fi
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

# kernel_kind FILE: elf, flat (multiboot by the addresses in its header), or a line that says
# why GRUB and the VMM would not take it. Multiboot 0.6.96, 3.1: the header is in the first
# 8192 bytes, aligned to 4; its first three words add up to 0.
kernel_kind()
{
	if ! [ -f "$1" ] || ! [ -r "$1" ]; then
		echo "no such file"
		return
	fi
	elf=$(od -An -tx1 -N5 "$1" | tr -d ' \n')$(od -An -tx1 -j16 -N4 "$1" 2>/dev/null | tr -d ' \n')
	od -An -v -tu4 -w4 -N8192 "$1" | awk -v elf="$elf" '
		{ word[NR] = $1 }
		END {
			for (i = 1; i <= NR - 2 && !found; i++)
				if (word[i] == 464367618 && \
				    (word[i] + word[i + 1] + word[i + 2]) % 4294967296 == 0)
					found = i
			if (!found)
				print "not a multiboot kernel: no header in its first 8 KiB"
			else if (int(word[found + 1] / 65536) % 2)
				print "flat"
			else if (elf == "7f454c460102000300")
				print "elf"
			else
				print "not a 32-bit x86 ELF executable"
		}'
}

# need_kernel FILE: out with one line unless it is a kernel that can be a guest.
need_kernel()
{
	kind=$(kernel_kind "$1")
	case $kind in
	elf | flat) ;;
	*) die "$1: $kind: give GUEST= a multiboot kernel" ;;
	esac
}
