#!/bin/sh
# disk/patches.sh: finds the instructions that ring 3 executes without a trap.
#
# usage: patches.sh KERNEL [TABLE] >TABLE
#
# The VMM replaces them in the guest's memory by ones that trap; where they are is
# read from the kernel's disassembly, so it works for a kernel whose source says
# nothing. One line each, sorted: PHYSICAL-ADDRESS(8 hex) OPCODE(2 hex) KIND, the
# address being that of the opcode byte itself, behind any prefix.
# The linked address becomes physical through the ELF's load segments.
# With TABLE, that is checked and printed instead: for a kernel that is no ELF file, in which
# nothing says what is code, or one whose disassembly is wrong somewhere.
set -eu
# shellcheck source=disk/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -eq 1 ] || [ $# -eq 2 ] || die "usage: patches.sh KERNEL [TABLE]"
need_kernel "$1"
if [ $# -eq 2 ]; then
	if ! [ -f "$2" ] || ! [ -r "$2" ]; then
		die "$2: no such file"
	fi
	bad=$(grep -nvE -m 1 \
		'^[0-9a-fA-F]{8} (9[cC] pushf|9[dD] popf|0[fF] cpuid)[[:space:]]*$' "$2" || :)
	[ -z "$bad" ] || die "$2:${bad%%:*}: not ADDRESS(8 hex) BYTE KIND"
	sort -u "$2"
	exit 0
fi
[ "$(od -An -tx1 -N4 "$1" | tr -d ' \n')" = 7f454c46 ] ||
	die "$1 is no ELF file, so nothing says what is code: name a table by PATCHES=" \
		"(an empty file if it has no pushf, popf or cpuid)"
tools=${CROSS:-}
{
	"${tools}readelf" -lW "$1" | awk '$1 == "LOAD" { print "segment", $3, $4, $6 }'
	"${tools}objdump" -d -w "$1" | awk -F '\t' '
		NF >= 3 && $3 ~ /(pushf|popf|cpuid)/ { print "code", $1, $2 }'
} | awk -f "$(dirname "$0")/patches.awk" | sort -u
