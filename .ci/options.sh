#!/bin/sh
# .ci/options.sh: checks the options of the Makefile before anything is touched.
#
# usage: options.sh NAME=VALUE...
#
# Prints one line about the first bad one, which make shows as its error; prints
# nothing when all are good.
set -eu
# shellcheck source=disk/lib.sh
. "$(dirname "$0")/../disk/lib.sh"

bad()
{
	printf '%s\n' "$*"
	exit 0
}

# number NAME VALUE LOW HIGH UNIT
number()
{
	case $2 in
	'' | *[!0-9]* | ??????????*) bad "$1=$2: give a number from $3 to $4$5" ;;
	esac
	if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
		bad "$1=$2: give $3 to $4$5"
	fi
}

# check_guest FILE: a kernel that GRUB and the VMM take.
check_guest()
{
	kind=$(kernel_kind "$1")
	[ "$kind" = elf ] || [ "$kind" = flat ] || bad "GUEST=$1: $kind"
}

# labs_known: "0 and 1", or whatever labs there are.
labs_known()
{
	awk -F '\t' '/^[0-9]/ { n++; lab[n] = $1 }
		END { for (i = 1; i <= n; i++) printf "%s%s", lab[i], i < n - 1 ? ", " : i < n ? " and " : "" }' \
		labs/labs.tsv
}

# check_lab NAME NUMBER: there is such a lab, and the student's files of it are here.
check_lab()
{
	files=$(awk -F '\t' -v lab="$2" '!/^#/ && $1 == lab "" { print $3 }' labs/labs.tsv)
	[ -n "$files" ] || bad "$1=$2: there are labs $(labs_known)"
	[ -d "labs/lab$2" ] || bad "$1=$2: this is a handout of another lab: leave $1 away"
	for file in $files; do
		own=labs/lab$2/${file##*/}
		[ -r "$own" ] || bad "$1=$2: there is no $own: put your own file there"
	done
}

VMS=4 MEM=128 VMMEM=16
for option in "$@"; do
	name=${option%%=*} value=${option#*=}
	case $name in
	EMU)
		case $value in
		bochs | qemu) ;;
		*) bad "EMU=$value: give bochs or qemu" ;;
		esac
		;;
	VMS) number VMS "$value" 1 16 "" && VMS=$value ;;
	MEM) number MEM "$value" 32 512 " (MiB of the machine)" && MEM=$value ;;
	VMMEM) number VMMEM "$value" 4 256 " (MiB of each VM)" && VMMEM=$value ;;
	SEED) number SEED "$value" 0 999999999 "" ;;
	LOW) [ -z "$value" ] || number LOW "$value" 4 32 " (MiB of low memory)" ;;
	GUEST)
		case $value in
		build/*) [ ! -e "$value" ] || check_guest "$value" ;;
		*) check_guest "$value" ;;
		esac
		;;
	PATCHES)
		[ -z "$value" ] || [ -r "$value" ] || bad "PATCHES=$value: no such file"
		;;
	CROSS)
		if [ -z "$value" ]; then
			case $(uname -m) in
			x86_64 | i?86) ;;
			*) bad "this computer is no x86: install gcc-i686-linux-gnu" \
				"and say CROSS=i686-linux-gnu-" ;;
			esac
		fi
		;;
	LAB) [ -z "$value" ] || check_lab LAB "$value" ;;
	MINE)
		[ -z "${value#"${value%%[! 0-9]*}"}" ] ||
			bad "MINE=$value: give numbers of labs, such as MINE=\"0 1\""
		for lab in $value; do check_lab MINE "$lab"; done
		;;
	*) bad "$name: no such option" ;;
	esac
done

# What the VMM itself takes: its image, its tables and GRUB's modules.
reserve=12
[ $((VMS * VMMEM + reserve)) -le "$MEM" ] ||
	bad "VMS=$VMS of VMMEM=$VMMEM need $((VMS * VMMEM + reserve)) MiB and MEM=$MEM:" \
		"raise MEM or lower VMS or VMMEM"
