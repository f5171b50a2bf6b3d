# grader/lab/report-junit.awk: JUnit XML. Points are properties.

function property(name, value)
{
	printf "      <property name=\"%s\" value=\"%s\"/>\n", name, xml(value "")
}

function testcase(i,    tag)
{
	printf "  <testcase name=\"%s\" classname=\"lab%s.%s\" time=\"%s\">\n", \
		xml(id[i]), meta["lab"], xml(level[i]), seconds(sim[i])
	print "    <properties>"
	property("points", got[i])
	property("max_points", points[i])
	property("title", title[i])
	property("exercise", exercise[i])
	property("guide", guide[i])
	print "    </properties>"
	tag = status[i] == "ungraded" ? "error" : "failure"
	if (status[i] != "passed")
		printf "    <%s message=\"%s\" type=\"%s\">%s</%s>\n", tag, xml(what(i)), \
			status[i], xml(details(i)), tag
	print "  </testcase>"
}

function report(    i, failures, errors)
{
	for (i = 1; i <= tests; i++) {
		failures += status[i] ~ /^(failed|missed)$/
		errors += status[i] == "ungraded"
	}
	print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	printf "<testsuite name=\"lab%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" time=\"%s\">\n", \
		meta["lab"], tests, failures, errors + ("ungraded" in meta), seconds(simulated)
	print "    <properties>"
	property("title", meta["title"])
	property("seed", meta["seed"])
	property("bochs", meta["bochs"])
	property("gcc", meta["gcc"])
	property("submission", meta["submission"])
	property("points", score + 0)
	property("max_points", total)
	property("verdict", verdict())
	print "    </properties>"
	for (i = 1; i <= tests; i++)
		testcase(i)
	printf "  <system-out>%s</system-out>\n", xml(verdict())
	print "</testsuite>"
}
