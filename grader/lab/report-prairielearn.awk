# grader/lab/report-prairielearn.awk: PrairieLearn's results.json.

function report(    i)
{
	print "{"
	if (at_a_loss) {
		print "  \"gradable\": false,"
		printf "  \"format_errors\": [%s],\n", json(verdict())
	} else {
		print "  \"gradable\": true,"
		printf "  \"score\": %.4f,\n", total ? score / total : 0
	}
	printf "  \"message\": %s,\n", json(verdict())
	printf "  \"output\": %s,\n", json(headline() "\n" tools())
	print "  \"tests\": ["
	for (i = 1; i <= tests && !at_a_loss; i++)
		printf "    {\"name\": %s, \"description\": %s, \"points\": %d, \"max_points\": %d,\n     \"message\": %s, \"output\": %s}%s\n", \
			json(id[i]), json(title[i]), got[i], points[i], \
			json(status[i] == "passed" ? "" : what(i)), json(details(i)), \
			i < tests ? "," : ""
	print "  ]"
	print "}"
}
