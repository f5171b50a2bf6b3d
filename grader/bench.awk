# grader/bench.awk: transcripts of the guest's bench become one table.
#
# usage: awk -f bench.awk BARE VM VM_WITHOUT_PVI
#
# The row cli comes from the third run, where cli traps; what it is where the CPU has PVI
# (the second run) is the row cli_pvi.
#
# Input lines: "bench: NAME OPS BUSYTICKS EXITS". Output: a header and name, instructions
# per operation bare and on the VMM, ratio, exits per operation, parted by tabs. Fails when
# there is no row or one of them lacks its other half.

BEGIN { OFS = "\t" }

FNR == 1 { file++ }

/^bench: [a-z_]+ [0-9]+ [0-9]+ [0-9]+$/ && $3 > 0 {
	if (file < 3 && !($2 in known)) {
		known[$2] = 1
		name[++rows] = $2
	}
	ticks[file, $2] = $4 / $3
	exits[file, $2] = $5 / $3
}

function without_pvi()
{
	name[++rows] = "cli_pvi"
	ticks[1, "cli_pvi"] = ticks[1, "cli"]
	ticks[2, "cli_pvi"] = ticks[2, "cli"]
	exits[2, "cli_pvi"] = exits[2, "cli"]
	ticks[2, "cli"] = ticks[3, "cli"]
	exits[2, "cli"] = exits[3, "cli"]
}

END {
	if (rows == 0) {
		print "bench: the guest printed no bench: line" >"/dev/stderr"
		exit 1
	}
	if ((3, "cli") in ticks && (2, "cli") in ticks)
		without_pvi()
	print "name", "bare", "vmm", "ratio", "exits"
	for (i = 1; i <= rows; i++) {
		n = name[i]
		if (!((1, n) in ticks) || !((2, n) in ticks)) {
			print "bench: row " n " is not on both sides" >"/dev/stderr"
			bad = 1
			continue
		}
		bare = ticks[1, n]
		print n, sprintf("%.1f", bare), sprintf("%.1f", ticks[2, n]), \
			(bare > 0 ? sprintf("%.2f", ticks[2, n] / bare) : "-"), \
			sprintf("%.3f", exits[2, n])
	}
	exit bad
}
