# labs/links.awk: the text of a handout, without links to what is not in it.
#
# usage: awk -v name=PATH -f labs/links.awk LIST PATH
#
# LIST has the handout's files, a line each; PATH is one of them. A link to a file or folder of
# the project that is not there becomes its words alone; of a path, its name.

# plain(PATH): without . and .. in it.
function plain(path,   part, n, i, out, depth)
{
	n = split(path, part, "/")
	for (i = 1; i <= n; i++) {
		if (part[i] == "" || part[i] == ".")
			continue
		if (part[i] == "..")
			depth -= depth > 0
		else
			out[++depth] = part[i]
	}
	path = out[1]
	for (i = 2; i <= depth; i++)
		path = path "/" out[i]
	return path
}

function is_there(target)
{
	sub(/#.*/, "", target)
	return target == "" || target ~ /^[a-z]+:/ || plain(folder target) in there
}

BEGIN {
	folder = name
	if (!sub(/[^\/]*$/, "", folder))
		folder = ""
}

FNR == NR {
	path = $0
	do
		there[path] = 1
	while (sub(/\/[^\/]*$/, "", path))
	next
}

{
	line = $0
	out = ""
	while (match(line, /\[[^][]*\]\([^() ]*\)/)) {
		link = substr(line, RSTART, RLENGTH)
		words = target = link
		sub(/\]\(.*/, "", words)
		sub(/^.*\]\(/, "", target)
		target = substr(target, 1, length(target) - 1)
		out = out substr(line, 1, RSTART - 1) (is_there(target) ? link : substr(words, 2))
		line = substr(line, RSTART + RLENGTH)
	}
	print out line
}
