# grader/figures/double.awk: does the figure of double paging say what the paper does? Reads its
# table: policy, the guest's page-outs, the host's swap-ins for them, those for a thousand,
# throughput. Prints what is wrong, else one line; exits 0 when all holds.

function bad(text)
{
	print "figure double: " text
	failed = 1
}

BEGIN { FS = "\t" }
NR > 1 { outs[$1] = $2 + 0; rate[$1] = $4 + 0; speed[$1] = $5 + 0; n++ }

END {
	if (n != 3 || !("random" in rate && "lru" in rate && "balloon" in rate)) {
		print "figure double: random, lru and balloon are wanted"
		exit 1
	}
	for (policy in outs)
		if (outs[policy] < 100)
			bad(policy ": the guest hardly pages: " outs[policy] " pages")
	if (rate["balloon"] > 10)
		bad("the balloon pages twice: " rate["balloon"] " of 1,000")
	if (rate["random"] < 100)
		bad("random victims hardly page twice: " rate["random"] " of 1,000")
	if (rate["lru"] < rate["random"] * 1.2)
		bad("LRU should page twice more often than random: " rate["lru"] " of 1,000")
	if (speed["balloon"] < speed["random"] * 1.02 || speed["balloon"] < speed["lru"] * 1.02)
		bad("the balloon should be fastest: " speed["balloon"])
	if (!failed)
		print "figure double: the cleverer the host, the more it pages twice; the balloon never does, and is fastest"
	exit failed
}
