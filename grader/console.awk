# grader/console.awk: the console of one guest, from event lines.
#
# usage: awk -v vm=N -f console.awk events.log
#        awk -v event=mon -f console.awk events.log      (the monitor's output)
#
# Prints the text of each `con vm=N text="..."` line, decoded: \\ \" \n and \xNN.

function nibble(c)
{
	return index("0123456789abcdef", tolower(c)) - 1
}

function decode(s,    out, i, c)
{
	out = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c != "\\") {
			out = out c
			continue
		}
		c = substr(s, ++i, 1)
		if (c == "n")
			out = out "\n"
		else if (c == "x") {
			out = out sprintf("%c", nibble(substr(s, i + 1, 1)) * 16 + \
				nibble(substr(s, i + 2, 1)))
			i += 2
		} else
			out = out c
	}
	return out
}

BEGIN {
	if (event == "")
		event = "con"
}

$2 == event && (event != "con" || $3 == "vm=" vm) {
	if (match($0, /text="/) == 0)
		next
	print decode(substr($0, RSTART + 6, length($0) - RSTART - 6))
}
