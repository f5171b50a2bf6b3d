# grader/bench-mem.awk: benchmem's lines become rows like those of bench.awk, without what a bare
# machine does: it has nothing below that would take a page.
#
# Input lines: "bench: NAME OPS BUSYTICKS EXITS". Fails when one of the four is missing.

BEGIN { OFS = "\t" }

/^bench: [a-z_]+ [0-9]+ [0-9]+ [0-9]+$/ && $3 > 0 {
	rows++
	print $2, "-", sprintf("%.1f", $4 / $3), "-", sprintf("%.3f", $5 / $3)
}

END {
	if (rows == 4)
		exit 0
	print "bench: balloon, pop, swap_out and swap_in are wanted" >"/dev/stderr"
	exit 1
}
