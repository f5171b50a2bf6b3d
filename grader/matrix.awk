# grader/matrix.awk: compares two transcripts of the access matrix, cell by cell.
#
# usage: awk -f matrix.awk REFERENCE OTHER
#
# With -v walk=any it does not matter whether a walk that ends in a fault set A in the
# directory entry: processors differ in that (QEMU sets it, Bochs does not).
#
# Expands the rows of both (user/matrix/main.c says what they hold) and prints each cell
# that differs, decoded, up to LIMIT of them. Exits 0 when both are complete and all cells
# agree, 1 when some differ, 2 when a transcript is not complete.

BEGIN {
	LIMIT = 40
	split("kr kw kx kb ur uw ux ub", kinds, " ")
	split("kernel-read kernel-write kernel-fetch kernel-both " \
		"user-read user-write user-fetch user-both", names, " ")
}

function hex(s,    i, value)
{
	value = 0
	for (i = 1; i <= length(s); i++)
		value = value * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return value
}

function bit(value, n)
{
	return int(value / n) % 2
}

# The bits of an entry by their letters.
function entry(value)
{
	return (bit(value, 1) ? "P" : "-") (bit(value, 2) ? "W" : "-") \
		(bit(value, 4) ? "U" : "-") (bit(value, 32) ? "A" : "-") \
		(bit(value, 64) ? "D" : "-") (bit(value, 128) ? "S" : "-")
}

# A table entry's bits from its number within a row: A D PS P W U, lowest first.
function pte_bits(n)
{
	return bit(n, 1) * 32 + bit(n, 2) * 64 + bit(n, 4) * 128 + bit(n, 8) + \
		bit(n, 16) * 2 + bit(n, 32) * 4
}

function result(text,    v, s)
{
	v = hex(text)
	s = bit(v, 32) ? "fault " v % 32 : "done"
	if (bit(v, 64))
		s = s ", CR2 wrong"
	if (bit(v, 128))
		s = s ", another exception"
	if (bit(v, 256) || bit(v, 512))
		s = s ", PDE" (bit(v, 256) ? "+A" : "") (bit(v, 512) ? "+D" : "")
	if (bit(v, 1024) || bit(v, 2048))
		s = s ", PTE" (bit(v, 1024) ? "+A" : "") (bit(v, 2048) ? "+D" : "")
	if (bit(v, 4096))
		s = s ", PDE changed"
	if (bit(v, 8192))
		s = s ", PTE changed"
	if (bit(v, 16384))
		s = s ", data wrong"
	return s
}

{
	sub(/\r$/, "")
}

FNR == 1 {
	file++
	delete filled
}

$1 == "row" {
	for (i = 4; i <= NF; i++) {
		split($i, run, "x")
		for (n = 0; n < run[1]; n++)
			row[file, $2, $3, filled[$2, $3]++ + 0] = run[2]
	}
}

$1 == "cell" {
	split($5, value, "=")
	group[file, $2 " " $3 " " $4] = value[2]
	if (file == 1)
		order[++groups] = $2 " " $3 " " $4
	count[file]++
}

/^matrix: .* cells/ {
	total[file] = $2
}

function compare(name,    k, n, a, b)
{
	for (k = 1; k <= 8; k++) {
		for (n = 0; n < 64; n++) {
			a = row[1, group[1, name], kinds[k], n]
			b = row[2, group[2, name], kinds[k], n]
			cells++
			if (a == "" || b == "")
				incomplete++
			else if (!agree(a, b))
				differs(name, k, n, a, b)
		}
	}
}

# Two results are the same, or differ only in what -v walk=any leaves open.
function agree(a, b)
{
	if (a == b)
		return 1
	a = hex(a)
	b = hex(b)
	if (walk != "any" || !bit(a, 32) || !bit(b, 32))
		return 0
	return a - bit(a, 256) * 256 == b - bit(b, 256) * 256
}

function differs(name, k, n, a, b,    f)
{
	if (++bad > LIMIT)
		return
	split(name, f, /[ =]/)
	printf "%s %s pde=%s pte=%s %s: expected %s; found %s\n", f[1] "=" f[2], \
		f[3] "=" f[4], entry(hex(f[6])), entry(pte_bits(n)), names[k], \
		result(a), result(b)
}

END {
	if (groups == 0 || count[1] != count[2] || total[1] != groups * 512 || \
		total[1] != total[2]) {
		printf "incomplete: %d cells in the one, %d in the other\n", total[1], total[2]
		exit 2
	}
	for (g = 1; g <= groups; g++)
		compare(order[g])
	if (incomplete) {
		printf "incomplete: %d of %d cells are missing\n", incomplete, cells
		exit 2
	}
	printf "%d of %d cells differ\n", bad, cells
	exit bad > 0
}
