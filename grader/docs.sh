#!/bin/sh
# grader/docs.sh: do the documents still say what the tree is?
#
# usage: docs.sh events    docs/EVENTS.md has each event of kernel/ and vmm/, with its keys
#        docs.sh order     GUIDE.md's reading order names each source file once
#        docs.sh names     the examples for debuggers name functions and variables that exist
#        docs.sh links [DIR]   each file that a document of DIR links to is there
#
# Prints what differs, < in the tree only, > in the document only, and exits 1.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/docs.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# compare WHAT: the lists tree and document are the same.
compare()
{
	if [ ! -s "$dir/tree" ] || [ ! -s "$dir/document" ]; then
		echo "$1: one of the lists is empty"
		exit 1
	fi
	diff "$dir/tree" "$dir/document" | grep '^[<>]' >"$dir/diff" || return 0
	cat "$dir/diff"
	echo "$1: $(wc -l <"$dir/diff") differ: $(head -n 3 "$dir/diff" | tr '\n' ' ')"
	exit 1
}

# An event is a call of event() or event_text(); its keys stand in its strings.
events_of_tree()
{
	cat kernel/*.c vmm/*.c | awk '
		{ text = text $0 "\n" }
		END {
			gsub(/\\"/, "", text)
			while (match(text, /[^a-z_]event(_text)?\([ \n\t]*"[a-z.]+"[^;]*;/)) {
				call = substr(text, RSTART, RLENGTH)
				text = substr(text, RSTART + RLENGTH)
				split(call, part, "\"")
				name = part[2]
				print name
				if (call ~ /event_text/)
					print name, "text"
				if (name == "con")
					print name, "vm"
				if (!match(call, /,[ \n\t]*"/))
					continue
				rest = substr(call, RSTART)
				while (match(rest, /(^|[" ])[a-z]+=/)) {
					key = substr(rest, RSTART, RLENGTH - 1)
					gsub(/[" ]/, "", key)
					# Inside a quoted text there is no key.
					print name, key
					if (key == "text")
						break
					rest = substr(rest, RSTART + RLENGTH)
				}
			}
		}'
}

# Rows of its tables: | `name` | `key key` | text |
events_of_document()
{
	awk -F '|' '/^\| `/ {
		gsub(/[` ]/, "", $2)
		print $2
		gsub(/`/, "", $3)
		n = split($3, key, " ")
		for (i = 1; i <= n; i++)
			print $2, key[i]
	}' docs/EVENTS.md
}

# Files that are the product: what git knows, or what is there.
files_of_tree()
{
	git ls-files kernel vmm user grader 2>/dev/null | grep . ||
		find kernel vmm user grader -type f
}

# Between "Reading order" and the next chapter, a heading in backticks is a folder, and each
# name in backticks a file in it; NAME.[ch] are two.
files_of_document()
{
	awk '
		/^## / { inside = /Reading order/; folder = "" }
		!inside { next }
		/^### `/ { folder = $2; gsub(/`/, "", folder); next }
		folder == "" { next }
		{
			line = $0
			while (match(line, /`[^`]+`/)) {
				name = substr(line, RSTART + 1, RLENGTH - 2)
				line = substr(line, RSTART + RLENGTH)
				if (sub(/\.\[ch\]$/, "", name)) {
					print folder name ".c"
					print folder name ".h"
				} else
					print folder name
			}
		}' GUIDE.md
}

# What stands behind p, set, hbreak and the like, and in quotes for Bochs; locals have short names.
names()
{
	nm build/check/kernel.elf build/user/guest.elf | awk 'NF > 1 { print $NF }' | sort -u >"$dir/symbols"
	sed -n -e 's/^ *(gdb) \(hbreak\|break\|p\|p\/x\|set $[a-z]* =\) \([a-z_]*\).*/\2/p' \
		-e 's/.*`p \([a-z_]*\).*/\1/p' -e 's/^ *<bochs:[0-9]*> [a-z].*"\([a-z_]*\)".*/\1/p' \
		GUIDE.md labs/*/README.md | grep ... | sort -u >"$dir/names"
	[ -s "$dir/names" ] || echo "no example found"
	comm -23 "$dir/names" "$dir/symbols" >"$dir/unknown"
	sed 's/$/ is no symbol of kernel or guest/' "$dir/unknown"
	[ -s "$dir/names" ] && [ ! -s "$dir/unknown" ]
}

# The target of each link that is no address and no place in the same file.
links()
{
	bad=0
	cd "${1:-.}"
	for file in *.md docs/*.md kernel/*.md vmm/*.md user/*.md disk/*.md grader/*.md grader/*/*.md \
		labs/*.md labs/*/*.md; do
		[ -e "$file" ] || continue
		grep -o '](\([^)#]*\)' "$file" | sed 's/](//' | grep -v '^http' | grep . >"$dir/links" || continue
		while read -r target; do
			[ -e "$(dirname "$file")/$target" ] || {
				echo "$file links to $target, which is not there"
				bad=1
			}
		done <"$dir/links"
	done
	exit $bad
}

case ${1:-} in
events)
	events_of_tree | sort -u >"$dir/tree"
	events_of_document | sort -u >"$dir/document"
	compare events
	;;
order)
	files_of_tree | sort >"$dir/tree"
	files_of_document | sort >"$dir/document"
	compare "reading order"
	;;
names) names ;;
links) links "${2:-}" ;;
*)
	echo "usage: docs.sh events|order|names|links [DIR]" >&2
	exit 2
	;;
esac
