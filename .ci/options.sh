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
	*) bad "$name: no such option" ;;
	esac
done

# What the VMM itself takes: its image, its tables and GRUB's modules.
reserve=12
[ $((VMS * VMMEM + reserve)) -le "$MEM" ] ||
	bad "VMS=$VMS of VMMEM=$VMMEM need $((VMS * VMMEM + reserve)) MiB and MEM=$MEM:" \
		"raise MEM or lower VMS or VMMEM"
