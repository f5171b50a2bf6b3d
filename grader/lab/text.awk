# grader/lab/text.awk: words that several reports use, and harmless text.

# plain TEXT: what a submission has a hand in may hold any byte and be of any length.
function plain(text)
{
	gsub(/\t/, " ", text)
	gsub(/[^ -~]/, "?", text)
	return length(text) > 400 ? substr(text, 1, 397) "..." : text
}

# replace TEXT FROM TO: everywhere; FROM and TO are no patterns.
function replace(text, from, to,    out, at)
{
	out = ""
	while ((at = index(text, from)) > 0) {
		out = out substr(text, 1, at - 1) to
		text = substr(text, at + length(from))
	}
	return out text
}

# json TEXT: as a string.
function json(text)
{
	text = replace(text, "\\", "\\\\")
	text = replace(text, "\"", "\\\"")
	return "\"" replace(text, "\n", "\\n") "\""
}

function xml(text)
{
	text = replace(text, "&", "&amp;")
	text = replace(text, "<", "&lt;")
	text = replace(text, ">", "&gt;")
	text = replace(text, "\"", "&quot;")
	return replace(text, "\n", "&#10;")
}

# seconds MS: of simulated time.
function seconds(ms)
{
	return sprintf("%.3f", ms / 1000)
}

# headline: what was graded, with what.
function headline()
{
	return sprintf("Lab %s  %s", meta["lab"], meta["title"])
}

function tools()
{
	return sprintf("seed %s  bochs %s  gcc %s  submission: %s", meta["seed"], \
		       meta["bochs"], meta["gcc"], meta["submission"])
}

# again I: how to run this test alone.
function again(i)
{
	return sprintf("make grade LAB=%s TEST=%s SEED=%s%s", meta["lab"], id[i], \
		       meta["seed"], meta["again"])
}

# capsule I: what make replay takes, if there is one.
function capsule(i,    file, line, there)
{
	file = meta["work"] "/capsule-" id[i]
	there = (getline line <file) > 0
	close(file)
	return there ? file : ""
}

# what I: in a line, how it went wrong.
function what(i)
{
	if (status[i] == "missed")
		return "refused" in meta ? "not run" : \
			found[i] != "" ? found[i] : "not reached"
	return found[i] != "" ? found[i] : status[i]
}

# a_hole I: an exercise that nobody has begun: nothing more to say than its name.
function a_hole(i)
{
	return found[i] ~ /^lab [0-9]+ exercise [0-9]+: .* is yours to write$/
}

# details I: all that there is to say of a test that was lost, a line each.
function details(i,    text, k)
{
	if (status[i] == "passed")
		return ""
	text = what(i)
	if (where[i] != "")
		text = text "\nwhere     " where[i]
	if (expected[i] != "")
		text = text "\nexpected  " expected[i]
	for (k = 1; k <= notes[i]; k++)
		text = text "\n" note[i, k]
	if ("refused" in meta)
		return text
	text = text "\nGUIDE " guide[i] "   again: " again(i)
	if (capsule(i) != "")
		text = text "\nreplay: make replay CAPSULE=" capsule(i)
	return text
}

# verdict: the whole in a line or some.
function verdict()
{
	if ("refused" in meta)
		return "refused: " meta["refused"]
	if ("ungraded" in meta)
		return "ungraded: " meta["ungraded"]
	if (at_a_loss)
		return sprintf("ungraded: %d of %d points could not be graded", lost_points, \
			       total)
	return sprintf("%d of %d points", score, total)
}

# next_step: the first exercise that is not done yet.
function next_step(    i, first)
{
	first = ""
	for (i = 1; i <= tests; i++)
		if (status[i] != "passed" && (first == "" || exercise[i] + 0 < first))
			first = exercise[i] + 0
	return first
}
