# grader/lab/report-gradescope.awk: Gradescope's results.json. Without a score when something
# could not be graded: run_autograder then leaves no results, and nobody gets a zero.

function test_of(i)
{
	printf "    {\"score\": %d, \"max_score\": %d, \"status\": %s, \"name\": %s,\n", \
		got[i], points[i], json(status[i] == "passed" ? "passed" : "failed"), \
		json(id[i] ": " title[i])
	printf "     \"number\": %s, \"output\": %s, \"output_format\": \"text\",\n", \
		json(meta["lab"] "." i), json(details(i))
	printf "     \"tags\": [%s, %s], \"visibility\": %s,\n", json(level[i]), \
		json("exercise " exercise[i]), json(visibility[i])
	printf "     \"extra_data\": {\"id\": %s, \"guide\": %s, \"sim_ms\": %d}}%s\n", \
		json(id[i]), json(guide[i]), sim[i], i < tests ? "," : ""
}

function report(    i)
{
	print "{"
	if (!at_a_loss)
		printf "  \"score\": %d,\n", score
	printf "  \"execution_time\": %s,\n", seconds(simulated)
	printf "  \"output\": %s,\n", json(headline() "\n" tools() "\n" verdict())
	print "  \"output_format\": \"text\","
	print "  \"test_output_format\": \"text\","
	print "  \"visibility\": \"visible\","
	print "  \"stdout_visibility\": \"hidden\","
	printf "  \"extra_data\": {\"lab\": %s, \"seed\": %s, \"bochs\": %s, \"gcc\": %s, \"max_score\": %d},\n", \
		meta["lab"], json(meta["seed"]), json(meta["bochs"]), json(meta["gcc"]), total
	print "  \"tests\": ["
	for (i = 1; i <= tests && !at_a_loss; i++)
		test_of(i)
	print "  ],"
	if (at_a_loss)
		print "  \"leaderboard\": []"
	else
		printf "  \"leaderboard\": [{\"name\": \"points\", \"value\": %d, \"order\": \"desc\"}]\n", \
			score
	print "}"
}
