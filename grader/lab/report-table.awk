# grader/lab/report-table.awk: the report for people, at a terminal.

function paint(colour, text)
{
	return meta["colour"] == "yes" ? sprintf("\033[%dm%s\033[0m", colour, text) : text
}

# row I: points and name; of a test that was lost, all that there is to say.
function row_of(i,    mark, line, part, n, k)
{
	if (status[i] == "passed") {
		mark = sprintf("%4d/%-4d", points[i], points[i])
		printf "  %s%-22s %s\n", paint(32, mark), id[i], title[i]
		return
	}
	mark = status[i] == "failed" ? sprintf("%4d/%-4d", 0, points[i]) : \
		sprintf("%5s%-4s", "-", "")
	n = split(details(i), part, "\n")
	printf "  %s%-22s %s\n", paint(status[i] == "failed" ? 31 : 33, mark), id[i], part[1]
	if (status[i] == "missed" || a_hole(i))
		return
	for (k = 2; k <= n; k++)
		printf "%11s%-22s %s\n", "", "", part[k]
}

function report(    i, last, step)
{
	printf "%s\n%s\n", headline(), tools()
	if ("refused" in meta) {
		gsub(/\n/, "\n  ", meta["refused"])
		print paint(31, "  refused: ") meta["refused"]
	}
	if ("ungraded" in meta)
		print paint(33, "  ungraded: ") meta["ungraded"]
	for (i = 1; i <= tests && !("refused" in meta); i++) {
		if (level[i] != last)
			print level[i]
		last = level[i]
		row_of(i)
	}
	if (at_a_loss) {
		printf "%s\n", paint(33, verdict())
		return
	}
	printf "%s", paint(score < total ? 31 : 32, score "/" total)
	step = next_step()
	if (!("refused" in meta) && score < total && step != "")
		printf "   next: exercise %s (make hint LAB=%s)", step, meta["lab"]
	print ""
}
