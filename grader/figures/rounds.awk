# grader/figures/rounds.awk: what a run of filebench or pager with rounds came to, from its
# event lines. Prints OPS MS OUTS DOUBLES: operations, machine time, pages that the guest
# wrote to its own swap, and swap-ins by the host only for these.
#
# -v rounds=N: there must be N of them. The first only warms up: counting begins at its end.
# Time is the machine's, not the guest's, whose clock may lose ticks.

# Trouble has a line.
function bad(text)
{
	print text >"/dev/stderr"
	failed = 1
	exit 1
}

# value KEY: the number behind KEY= in this line.
function value(key)
{
	return match($0, key "=[0-9]+") ? substr($0, RSTART + length(key) + 1) + 0 : 0
}

$2 == "con" && /: counts round=/ {
	if (value("round") != seen)
		bad("round " seen " is missing")
	now = substr($1, 2) + 0
	if (seen++ == 0) {
		start = now
	} else {
		ops += value("ops")
		outs += value("outs")
	}
	asked = 0
}

# The monitor's `vm 1` after each round; the first answer belongs to it.
$2 == "mon" && /in \([0-9]+ for its own disk\)/ && seen && !asked {
	match($0, /\([0-9]+ for/)
	doubles = substr($0, RSTART + 1) + 0
	if (seen == 1)
		before = doubles
	asked = 1
}

END {
	if (failed)
		exit 1
	if (seen != rounds)
		bad("there are " seen + 0 " of " rounds " rounds")
	print ops, now - start, outs + 0, doubles - before
}
