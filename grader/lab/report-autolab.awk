# grader/lab/report-autolab.awk: a page for people, and Autolab's scores in the last line. One
# problem a lab, called labN; none is scored when something could not be graded.

function report(    i)
{
	print headline()
	print tools()
	for (i = 1; i <= tests; i++) {
		printf "%4d/%-4d %s: %s\n", got[i], points[i], id[i], title[i]
		if (status[i] != "passed" && !("refused" in meta))
			print details(i)
	}
	print verdict()
	if (at_a_loss)
		print "{\"scores\": {}}"
	else
		printf "{\"scores\": {\"lab%s\": %d}, \"scoreboard\": [%d]}\n", meta["lab"], \
			score, score
}
