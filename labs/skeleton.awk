# labs/skeleton.awk: makes what a student starts from out of a reference module.
#
# usage: awk -f labs/skeleton.awk -v lab=N -v fill=K FILE
#
# A region of exercise E stands between two lines of their own:
#
#     /* LAB 1 BEGIN 5 fault: a hint for the student */      a hole called "fault"
#     /* LAB 1 BEGIN 6 - a hint for the student */           no hole: the region vanishes
#     /* LAB 1 END */
#
# Regions of exercises up to K keep what is in them and lose their markers (fill=0: the
# skeleton; fill=99: the reference without a marker). Of the others the hint stays, and
# LAB_HOLE where there is a hole. Regions nest: what is inside a hole does not show.
#
# Markers that are wrong end it with FILE:LINE and why, exit 1, and nothing printed. The
# table of labs, labs/labs.tsv, says how many exercises a lab has; -v table= is another.

BEGIN {
	FS = "\n"
	if (table == "")
		table = "labs/labs.tsv"
	while ((status = (getline row < table)) > 0) {
		split(row, column, "\t")
		if (row !~ /^#/ && column[1] == lab "")
			exercises = column[4] + 0
	}
	close(table)
	if (status < 0)
		die("skeleton: cannot read " table)
	if (lab !~ /^[0-9]+$/ || !exercises)
		die("skeleton: " table " has no lab '" lab "'")
	if (fill !~ /^[0-9]+$/)
		die("skeleton: fill='" fill "': give the last exercise to keep, 0 to 99")
	fill += 0
	depth = hidden = 0
	text = ""
}

/LAB [0-9]+ (BEGIN|END)/ { marker(); next }
!hidden { text = text $0 "\n" }

END {
	if (failed)
		exit 1
	if (depth)
		die(FILENAME ":" begun[depth] ": this region has no END")
	printf "%s", text
}

function die(why)
{
	print why >"/dev/stderr"
	failed = 1
	exit 1
}

function bad(why)
{
	die(FILENAME ":" FNR ": " why)
}

# hint WORDS: as a comment, on as many lines as it takes.
function hint(indent, words,    word, count, i, line, width)
{
	width = 88 - 8 * length(indent)
	if (length(words) + 6 <= width) {
		text = text indent "/* " words " */\n"
		return
	}
	text = text indent "/*\n"
	count = split(words, word, " ")
	line = " *"
	for (i = 1; i <= count; i++) {
		if (length(line) + 1 + length(word[i]) > width) {
			text = text indent line "\n"
			line = " *"
		}
		line = line " " word[i]
	}
	text = text indent line "\n" indent " */\n"
}

# begin INDENT EXERCISE WORDS: the head of a region; "NAME: hint" or "- hint".
function begin(indent, exercise, words,    name)
{
	if (exercise < 1 || exercise > exercises)
		bad("lab " lab " has no exercise " exercise " (" table ")")
	begun[++depth] = FNR
	hole[depth] = 0
	if (hidden || exercise <= fill)
		return
	hole[depth] = hidden = 1
	name = words
	if (sub(/^- /, "", words)) {
		hint(indent, "Lab " lab ", exercise " exercise ": " words)
		return
	}
	if (!sub(/^[a-z_0-9]+: /, "", words))
		bad("a region's head is 'NAME: hint' or '- hint'")
	sub(/:.*/, "", name)
	if (indent == "")
		bad("a hole cannot stand outside a function: '- hint'")
	hint(indent, "Lab " lab ", exercise " exercise ": " words)
	text = text indent "LAB_HOLE(" lab ", " exercise ", \"" name "\");\n"
}

function marker(    indent, line, field)
{
	line = $0
	match(line, /^[ \t]*/)
	indent = substr(line, 1, RLENGTH)
	line = substr(line, RLENGTH + 1)
	if (line !~ /^\/\* LAB [0-9]+ (BEGIN [0-9]+ .*[^ ]|END) \*\/$/)
		bad("a marker is a comment on a line of its own")
	split(line, field, " ")
	if (field[3] != lab "")
		bad("a marker of lab " field[3] " in a file of lab " lab)
	if (field[4] == "BEGIN") {
		sub(/^\/\* LAB [0-9]+ BEGIN [0-9]+ /, "", line)
		sub(/ \*\/$/, "", line)
		begin(indent, field[5] + 0, line)
		return
	}
	if (!depth)
		bad("END of a region that has no BEGIN")
	if (hole[depth--])
		hidden = 0
}
