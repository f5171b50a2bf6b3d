# grader/emulator.sh: how the two machines are started.
#
# Sourced by the scripts beside it. It writes Bochs's configuration (always on top of
# .bochsrc, which is the one description of the machine), finds the ROMs, and holds
# QEMU's command line.
# shellcheck shell=sh

IPS=20000000			# instructions in a second of virtual time
# shellcheck disable=SC2034
MS_TICKS=$((IPS / 1000))

# die MESSAGE: one line and the status of a wrong use or a broken environment.
die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# first_file FILE...: the first that exists; Debian and Ubuntu differ.
first_file()
{
	for file in "$@"; do
		[ ! -r "$file" ] || {
			printf '%s\n' "$file"
			return 0
		}
	done
	return 1
}

# bochs_rc RC IMAGE MEM LOG: the configuration of one run, without its extras: the
# caller appends console, plugin and clock.
bochs_rc()
{
	bios=$(first_file /usr/share/bochs/BIOS-bochs-legacy \
		/usr/local/share/bochs/BIOS-bochs-legacy) ||
		die "Bochs's BIOS is missing: run 'make deps'"
	vga=$(first_file /usr/share/bochs/VGABIOS-lgpl-latest \
		/usr/share/vgabios/vgabios.bin /usr/share/seabios/vgabios-stdvga.bin \
		/usr/local/share/bochs/VGABIOS-lgpl-latest) ||
		die "Bochs's VGA BIOS is missing: run 'make deps'"
	sed -e '/^#/d' -e '/^com1:/d' -e '/^clock:/d' .bochsrc >"$1"
	cat >>"$1" <<-END
	romimage: file=$bios
	vgaromimage: file=$vga
	memory: guest=$3, host=$3
	ata0-master: type=disk, path=$2, mode=flat
	log: $4
	END
}

# check_image IMAGE: a disk that is missing or shorter than its partitions say is
# refused here, where it can be said in a line.
check_image()
{
	[ -r "$1" ] || die "$1 is missing: run 'make all'"
	[ "$(od -An -tx1 -j510 -N2 "$1" | tr -d ' \n')" = 55aa ] ||
		die "$1 is no disk image: run 'make clean all'"
	end=$(for i in 0 1 2 3; do
		od -An -tu4 -j$((446 + 16 * i + 8)) -N8 "$1"
	done | awk '$1 + $2 > end { end = $1 + $2 } END { print end + 0 }')
	[ "$(wc -c <"$1")" -ge $((end * 512)) ] ||
		die "$1 is truncated: run 'make clean all'"
}

# sparse_copy FROM TO
sparse_copy()
{
	cp --sparse=always --reflink=auto "$1" "$2" 2>/dev/null ||
		die "cannot copy $1: is the disk full?"
}

# qemu IMAGE MEM ARGS...: becomes QEMU, with what both kinds of run share.
qemu()
{
	image=$1 mem=$2
	shift 2
	exec qemu-system-i386 -machine pc -cpu max -m "$mem" -net none -display none \
		-drive "file=$image,format=raw,if=ide" -no-reboot \
		-device isa-debug-exit,iobase=0xf4,iosize=4 \
		-rtc base=2001-09-09T01:46:40,clock=vm "$@"
}
