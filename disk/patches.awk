# disk/patches.awk: the arithmetic of patches.sh.
#
# Input: "segment VADDR PADDR MEMSZ" lines, then "code ADDR: BYTES..." lines.
# Output: "PHYSADDR BYTE KIND". mawk has no strtonum, hence hex().

function hex(s,    i, v)
{
	s = tolower(s)
	sub(/^0x/, "", s)
	v = 0
	for (i = 1; i <= length(s); i++)
		v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return v
}

# hex8: printf %x of mawk stops at 2^31, so an address is printed in two halves.
function hex8(v)
{
	return sprintf("%04x%04x", int(v / 65536), v % 65536)
}

function physical(addr,    i)
{
	for (i = 1; i <= segments; i++)
		if (addr >= from[i] && addr < from[i] + size[i])
			return addr - from[i] + to[i]
	return -1
}

$1 == "segment" {
	segments++
	from[segments] = hex($2)
	to[segments] = hex($3)
	size[segments] = hex($4)
}

$1 == "code" {
	sub(/:$/, "", $2)
	for (i = 3; i <= NF; i++) {
		kind = ""
		if ($i == "9c")
			kind = "pushf"
		else if ($i == "9d")
			kind = "popf"
		else if ($i == "0f" && $(i + 1) == "a2")
			kind = "cpuid"
		if (kind == "")
			continue
		at = physical(hex($2) + i - 3)
		if (at >= 0)
			print hex8(at), $i, kind
		next
	}
}
