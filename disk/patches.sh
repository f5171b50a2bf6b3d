#!/bin/sh
# disk/patches.sh: finds the instructions that ring 3 executes without a trap.
#
# usage: patches.sh ELF >TABLE
#
# The VMM replaces them in the guest's memory by ones that trap; where they are is
# read from the kernel's disassembly, so it works for a kernel whose source says
# nothing. One line each, sorted: PHYSICAL-ADDRESS(8 hex) OPCODE(2 hex) KIND, the
# address being that of the opcode byte itself, behind any prefix.
# The linked address becomes physical through the ELF's load segments.
set -eu
# shellcheck source=disk/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -eq 1 ] || die "usage: patches.sh ELF"
need_elf "$1"
tools=${CROSS:-}
{
	"${tools}readelf" -lW "$1" | awk '$1 == "LOAD" { print "segment", $3, $4, $6 }'
	"${tools}objdump" -d -w "$1" | awk -F '\t' '
		NF >= 3 && $3 ~ /(pushf|popf|cpuid)/ { print "code", $1, $2 }'
} | awk -f "$(dirname "$0")/patches.awk" | sort -u
