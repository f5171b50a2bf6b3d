# grader/lab/report.awk: what every report is made from.
#
# usage: awk -f report.awk -f text.awk -f report-FORMAT.awk -v work=DIR DIR/table
#
# Reads DIR/meta (key, value), DIR/chosen (ids), the table of tests and an outcome for each,
# DIR/results/ID. Then report() of the format prints. For each chosen test i of `tests`:
#
#   id points visibility level exercise guide title      from the table
#   status    passed, failed, missed (nothing was found) or ungraded
#   got       points; expected, found, where, note[i, 1..notes[i]], sim (ms)
#
# and score, total, lost_points (ungraded), simulated (ms). Exits 0 for full marks, 1 for
# fewer, 3 when something could not be graded.

BEGIN { FS = "\t" }

# awk reads -v before it runs, but the table only after this.
NR == 1 {
	while ((getline row <(work "/meta")) > 0) {
		key = row
		sub(/\t.*/, "", key)
		sub(/^[^\t]*\t/, "", row)
		row = plain(row)
		if (key in meta)
			row = meta[key] "\n" row
		meta[key] = row
	}
	while ((getline row <(work "/chosen")) > 0)
		chosen[row] = 1
}

/^#/ || NF == 0 || !($1 in chosen) { next }

{
	i = ++tests
	id[i] = $1
	points[i] = $2 + 0
	visibility[i] = $3
	level[i] = $4
	exercise[i] = $5
	guide[i] = $6
	title[i] = $8
	total += points[i]
	outcome(i, work "/results/" $1)
}

END {
	if ("ungraded" in meta)
		at_a_loss = 1
	report()
	exit at_a_loss ? 3 : score < total
}

# outcome I FILE: one that isn't there is a test that the machine never came to.
function outcome(i, file,    key, value, known)
{
	status[i] = "missed"
	known = 0
	while ((getline row <file) > 0) {
		key = row
		sub(/\t.*/, "", key)
		value = row
		sub(/^[^\t]*\t/, "", value)
		value = ours(plain(value))
		if (key == "status")
			status[i] = value
		else if (key == "expected")
			expected[i] = value
		else if (key == "found")
			found[i] = value
		else if (key == "where")
			where[i] = value
		else if (key == "sim")
			sim[i] = value + 0
		else if (key == "note" && notes[i] < 40)
			note[i, ++notes[i]] = value
	}
	close(file)
	if (status[i] !~ /^(passed|failed|missed)$/) {
		status[i] = "ungraded"
		lost_points += points[i]
		at_a_loss = 1
	}
	got[i] = status[i] == "passed" ? points[i] : 0
	score += got[i]
	simulated += sim[i]
	notes[i] += 0
}

# ours TEXT: the lab's modules under the names that the student knows.
function ours(text,    n, k, path, base)
{
	n = split(meta["files"], path, " ")
	for (k = 1; k <= n; k++) {
		base = path[k]
		sub(/.*\//, "", base)
		text = replace(text, path[k] ":", "labs/lab" meta["lab"] "/" base ":")
	}
	return text
}
