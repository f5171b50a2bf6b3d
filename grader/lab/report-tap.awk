# grader/lab/report-tap.awk: TAP version 14.

# quoted TEXT: a scalar of YAML.
function quoted(text)
{
	return json(text)
}

function yaml(i,    k)
{
	print "  ---"
	print "  message: " quoted(what(i))
	if (where[i] != "")
		print "  where: " quoted(where[i])
	if (expected[i] != "")
		print "  expected: " quoted(expected[i])
	print "  points: " points[i]
	print "  guide: " quoted(guide[i])
	print "  again: " quoted(again(i))
	if (capsule(i) != "")
		print "  capsule: " quoted(capsule(i))
	if (notes[i])
		print "  notes:"
	for (k = 1; k <= notes[i]; k++)
		print "    - " quoted(note[i, k])
	print "  ..."
}

# Of a name, what TAP takes for something else.
function tap(text)
{
	text = replace(text, "\\", "\\\\")
	return replace(text, "#", "\\#")
}

function report(    i, text)
{
	print "TAP version 14"
	print "# " headline()
	print "# " tools()
	text = verdict()
	gsub(/\n/, "\n# ", text)
	print "# " text
	if (at_a_loss) {
		sub(/\n.*/, "", text)
		print "1.." tests
		print "Bail out! " text
		return
	}
	print "1.." tests
	for (i = 1; i <= tests; i++) {
		printf "%s %d - %s (%d points) %s\n", \
			status[i] == "passed" ? "ok" : "not ok", i, id[i], points[i], \
			tap(title[i])
		if (status[i] != "passed")
			yaml(i)
	}
}
