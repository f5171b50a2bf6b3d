# labs/leaks.awk: is anything of these secret sources in those other files?
#
# usage: awk -f labs/leaks.awk SECRET... -- FILE...
#
# Of a source with lab markers the regions are secret, of another all of it. What counts are
# two lines of code that follow each other in both; a single one may be a coincidence. Prints
# FILE:LINE: SECRET:LINE: the second line, for each, and exits 1 if there was one.

FNR == 1 {
	last = ""
	depth = 0
	code = 0
}

{
	line = $0
	gsub(/^[ \t]+|[ \t\r]+$/, "", line)
}

# Comments, preprocessor lines, lone braces and words tell nothing.
length(line) < 12 || line !~ /[A-Za-z]/ || line ~ /^(\/\*|\*|#|\/\/)/ {
	if (line ~ /LAB [0-9]+ (BEGIN|END)/) {
		depth += line ~ / BEGIN / ? 1 : -1
		last = ""
	}
	next
}

!seeking {
	if ((marked[FILENAME] == 0 || depth) && last != "" && length(last line) >= 40)
		secret[last "\n" line] = FILENAME ":" FNR
	last = line
	next
}

{
	if ((last "\n" line) in secret) {
		print FILENAME ":" FNR ": " secret[last "\n" line] ": " line
		found = 1
	}
	last = line
}

BEGIN {
	for (i = 1; i < ARGC && ARGV[i] != "--"; i++)
		while ((getline text <ARGV[i]) > 0)
			marked[ARGV[i]] += text ~ /^[ \t]*\/\* LAB [0-9]+ BEGIN /
	ARGV[i] = "seeking=1"
}

END { exit found }
