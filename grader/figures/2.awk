# grader/figures/2.awk: does figure 2 have the paper's shape? Reads its table: MiB, configured,
# ballooned, loss in percent ("-": not ballooned). Prints what is wrong, else one line; exits 0
# when all holds.

function bad(text)
{
	print "figure 2: " text
	failed = 1
}

# allowed MIB: percent that may be lost at a size: what the paper lost at both ends, rounded up.
function allowed(mib)
{
	return mib >= full * 7 / 8 ? 2 : 5
}

# rising NAME VALUE POINTS: never falls by more than 1 % as memory grows, and gains least at its end.
function rising(name, value, points,    i)
{
	for (i = 2; i <= points; i++)
		if (value[i] < value[i - 1] * 0.99)
			bad(name ": falls from " value[i - 1] " to " value[i] " at " mib[i] " MiB")
	if (value[points] < value[1] * 1.1)
		bad(name ": does not rise: " value[1] " to " value[points])
	if (value[2] - value[1] <= value[points] - value[points - 1])
		bad(name ": does not flatten")
}

BEGIN { FS = "\t" }
NR == 1 || NF < 3 { next }
{
	mib[++n] = $1 + 0
	configured[n] = $2 + 0
	if ($3 != "-")
		ballooned[++m] = $3 + 0
}

END {
	if (n < 3 || m < 2)
		bad("too few points: " n + 0 " and " m + 0)
	full = mib[n]
	for (i = 1; i <= m; i++) {
		loss = configured[i] > 0 ? (1 - ballooned[i] / configured[i]) * 100 : 100
		if (loss > allowed(mib[i]))
			bad(sprintf("at %d MiB the balloon costs %.1f %%, not %d at most", \
				mib[i], loss, allowed(mib[i])))
		if (loss < -1)
			bad(sprintf("at %d MiB the ballooned VM is %.1f %% faster", mib[i], -loss))
	}
	if (n >= 3)
		rising("configured", configured, n)
	if (m >= 3)
		rising("ballooned", ballooned, m)
	if (!failed)
		print "figure 2: both rise and flatten, and the balloon costs what it may"
	exit failed
}
