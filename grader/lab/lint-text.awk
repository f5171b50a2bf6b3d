# grader/lab/lint-text.awk: what the text of a submission may not say.
#
# usage: awk -v name=FILE -v allow=FILE [-v expanded=SOURCE] -f lint-text.awk FILE
#
# First over the source, where it looks at directives; then, with expanded, over what the
# preprocessor made of it, where a macro can hide nothing. A finding is a line "FILE:LINE: why".
# This is lint: an early and a friendly message. What a submission can do is bounded elsewhere.

BEGIN {
	while ((getline row <allow) > 0) {
		n = split(row, word, " ")
		for (i = 2; word[1] == "include" && i <= n; i++)
			allowed[word[i]] = 1
	}
	close(allow)
	words("unused noinline always_inline noreturn packed pure const cold hot " \
	      "fallthrough warn_unused_result", attribute)
	words("define undef if ifdef ifndef elif else endif error", directive)
	words("__LINE__ __FILE__ __func__ __attribute__ __typeof__ __auto_type " \
	      "__extension__ __inline__ __const__ __restrict__ __volatile__", reserved)
	words("expect unreachable clz ctz popcount ffs parity bswap32 offsetof " \
	      "types_compatible_p constant_p choose_expr add_overflow sub_overflow " \
	      "mul_overflow va_start va_end va_arg va_copy va_list", builtin)
	mine = !expanded
	source = name
}

function words(text, set,    i, n, part)
{
	n = split(text, part, " ")
	for (i = 1; i <= n; i++)
		set[part[i]] = 1
}

function finding(why)
{
	if (++findings <= 12)
		print source ":" at ": " why
}

# A line marker of the preprocessor: from here on it is this file's text. So here the compiler
# itself says what it has read: nothing but headers, however it came to it.
expanded && /^# [0-9]+ "/ {
	split($0, part, "\"")
	mine = part[2] == expanded
	if (!mine && part[2] !~ /^<.*>$|\/\/$/ && part[2] !~ /^(\/usr\/.*|(\.\/)?(kernel|vmm|user\/kernel(\/\.\.\/include)?)\/[a-z0-9_]+)\.h$/) {
		at = $2
		finding("it includes " part[2] ", which is no header")
	}
	number = $2 - 1
	next
}
expanded { number++ }
!expanded { number = FNR }

# A line that ends in a backslash goes on in the next one.
{
	sub(/\r$/, "")
	if (joined == "")
		at = number
	if ($0 ~ /\?\?[=\/'()!<>-]/) {
		at = number
		finding("trigraphs are not taken")
	}
	if ($0 ~ /\\[ \t\f]*$/) {
		sub(/\\[ \t\f]*$/, "")
		joined = joined $0
		next
	}
	line = joined $0
	joined = ""
	look(bare(line), line)
}

END {
	if (joined != "")
		finding("the last line ends in a backslash")
	if (comment)
		finding("a comment has no end")
	exit findings > 0
}

# bare LINE: without its comments, and with nothing in its strings.
function bare(text,    out, start, rest, quote)
{
	out = ""
	for (;;) {
		if (comment) {
			start = index(text, "*/")
			if (!start)
				return out
			text = substr(text, start + 2)
			comment = 0
			out = out " "
		}
		if (!match(text, /\/\*|\/\/|["']/))
			return out text
		out = out substr(text, 1, RSTART - 1)
		rest = substr(text, RSTART + RLENGTH)
		quote = substr(text, RSTART, RLENGTH)
		if (quote == "//")
			return out
		if (quote == "/*") {
			comment = 1
			text = rest
			continue
		}
		text = after(rest, quote)
		out = out quote quote
	}
}

# after REST QUOTE: what follows the string that is open.
function after(rest, quote,    i, c)
{
	for (i = 1; i <= length(rest); i++) {
		c = substr(rest, i, 1)
		if (c == "\\")
			i++
		else if (c == quote)
			return substr(rest, i + 1)
	}
	return ""
}

function look(text, whole)
{
	if (text ~ /%:/)
		finding("digraphs are not taken")
	if (text ~ /^[ \t\f\v]*#/) {
		if (expanded)
			finding("a directive is left after the preprocessor: " clip(text))
		else
			directives(text, whole)
	}
	tokens(text)
}

function clip(text)
{
	gsub(/^[ \t\f\v]+|[ \t]+$/, "", text)
	return substr(text, 1, 40)
}

function directives(text, whole,    rest, what)
{
	rest = text
	sub(/^[ \t\f\v]*#[ \t\f\v]*/, "", rest)
	what = rest
	sub(/[^a-z_].*/, "", what)
	if (rest == "")
		return
	if (what == "include") {
		include(whole)
		return
	}
	if (!(what in directive)) {
		finding("#" clip(rest) ": this directive is not taken")
		return
	}
	defined_yet = 1
}

# The allowed headers, by the very name, and before anything that could change them.
function include(whole,    header)
{
	header = whole
	if (header !~ /^[ \t]*#[ \t]*include[ \t]*"[a-z0-9_\/]+\.h"[ \t]*(\/[\/*].*)?$/) {
		finding("an #include that is not of the form #include \"vmm/pmap.h\"")
		return
	}
	sub(/^[^"]*"/, "", header)
	sub(/".*/, "", header)
	if (!(header in allowed))
		finding("#include \"" header "\": this lab's files include only " headers())
	if (defined_yet)
		finding("#include goes before every other directive")
}

function headers(    text)
{
	text = ""
	while ((getline row <allow) > 0)
		if (sub(/^include /, "", row))
			text = text " " row
	close(allow)
	return substr(text, 2)
}

function tokens(text,    id, rest, before)
{
	if (text !~ /_|asm|\[|<:|BALLAST/)
		return
	if (mine && text ~ /(\[|<:)[ \t]*(\[|<:)/)
		finding("[[ ]]: attributes of this form are not taken")
	rest = text
	while (match(rest, /[A-Za-z_$][A-Za-z0-9_$]*/)) {
		id = substr(rest, RSTART, RLENGTH)
		before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
		rest = substr(rest, RSTART + RLENGTH)
		if (before !~ /[0-9]/)
			token(id, rest)
	}
}

function token(id, rest)
{
	if (!mine)
		return
	if (id ~ /^(__)?asm(__)?$/)
		finding(id ": a lab's files hold no assembly")
	else if (id == "_Pragma" || id == "BALLAST_HOSTED")
		finding(id ": not taken")
	else if (id ~ /^__attribute(__)?$/)
		attributes(rest)
	else if (id ~ /^__builtin_/) {
		sub(/^__builtin_/, "", id)
		sub(/(l|ll)$/, "", id)
		if (!(id in builtin) && !((id "l") in builtin) && !((id "ll") in builtin))
			finding("__builtin_" id ": not taken")
	} else if (id ~ /^__/ && !(id in reserved))
		finding(id ": names of the compiler's own are not taken")
	else if (id ~ /\$/)
		finding(id ": $ in a name")
}

# The whole list on one line, each word a known one.
function attributes(rest,    list, n, i, part)
{
	if (!match(rest, /^[ \t]*\([ \t]*\([a-z_, \t]*\)[ \t]*\)/)) {
		finding("__attribute__: only simple ones, on one line")
		return
	}
	list = substr(rest, RSTART, RLENGTH)
	gsub(/[() \t]/, "", list)
	n = split(list, part, ",")
	for (i = 1; i <= n; i++) {
		gsub(/^__|__$/, "", part[i])
		if (!(part[i] in attribute))
			finding("__attribute__((" part[i] ")): not taken")
	}
}
