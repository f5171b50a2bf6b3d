#!/bin/sh
# labs/handin.sh: checks a lab, runs its tests, packs one file; `make handin` calls it.
#
# usage: handin.sh LAB [FOLDER]      FOLDER (build) gets labN-handin.tar.gz
#
# Checked are the student's files, that nothing else of the tree has changed (none of it
# would be handed in), and that the two forms are filled in. All that is wrong is said, a
# line each, and then nothing is packed: exit 2. A score below 100 is no reason not to.
set -eu
cd "$(dirname "$0")/.."

lab=$1 out=${2:-build}
CAP=262144			# bytes of a file
FOLDERS='Makefile kernel vmm user grader disk given labs'
here=labs/lab$lab
sources=$(awk -F '\t' -v lab="$lab" '!/^#/ && $1 == lab "" {
	n = split($3, path, " ")
	for (i = 1; i <= n; i++) {
		sub(/.*\//, "", path[i])
		print path[i]
	}
}' labs/labs.tsv)
files="$(echo "$sources" | tr '\n' ' ')answers.txt time.txt"
wrong=0

say()
{
	printf 'handin: %s\n' "$*"
	wrong=1
}

check_file()
{
	if [ -h "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
		say "$1 is no regular file: put the file itself there"
	elif [ ! -f "$1" ]; then
		say "$1 is not there"
	elif [ ! -r "$1" ]; then
		say "$1 cannot be read"
	elif [ "$(wc -c <"$1")" -gt "$CAP" ]; then
		say "$1 has $(wc -c <"$1") bytes; $CAP are allowed"
	else
		return 0
	fi
	return 1
}

# Each Qn of the form needs something behind its An.
check_answers()
{
	check_file "$here/answers.txt" || return 0
	awk '
		/^Q[0-9]+:/ { question = $1; sub(/^Q/, "A", question); asked[++n] = question; in_answer = 0 }
		/^A[0-9]+:/ { in_answer = 1; answer = $1; sub(/^A[0-9]+:/, "") }
		in_answer && /[^ \t\r]/ { filled[answer] = 1 }
		END {
			for (i = 1; i <= n; i++)
				if (!(asked[i] in filled))
					print substr(asked[i], 1, length(asked[i]) - 1)
			if (!n)
				print "all: the questions are gone"
		}' "$here/answers.txt" >"$dir/empty"
	[ ! -s "$dir/empty" ] ||
		say "$here/answers.txt: nothing behind $(tr '\n' ' ' <"$dir/empty" | sed 's/ $//')"
}

check_time()
{
	check_file "$here/time.txt" || return 0
	grep -qE '^hours: *[0-9]+([.,][0-9]+)? *.?$' "$here/time.txt" ||
		say "$here/time.txt: how long did it take? a line such as 'hours: 3'"
}

# Files that are not as they were handed out, and files that were not.
changed()
{
	if [ -r given/manifest ]; then
		sha256sum --quiet -c given/manifest 2>/dev/null | sed 's/: FAILED.*//'
		# shellcheck disable=SC2086
		find $FOLDERS -type f | LC_ALL=C sort >"$dir/there"
		{
			sed 's/^[0-9a-f]* [ *]//' given/manifest
			echo given/manifest
		} | LC_ALL=C sort >"$dir/handed"
		LC_ALL=C comm -23 "$dir/there" "$dir/handed" | grep -v '^labs/lab[0-9]*/[^/]*$'
	elif git rev-parse --git-dir >/dev/null 2>&1; then
		# shellcheck disable=SC2086
		git status --porcelain --untracked-files=all -- $FOLDERS 2>/dev/null | cut -c4- |
			grep -v '^labs/lab[0-9]*/[^/]*$'
	fi
}

check_tree()
{
	(changed || :) >"$dir/changed"
	[ -s "$dir/changed" ] || return 0
	more=
	[ "$(wc -l <"$dir/changed")" -le 3 ] || more=' and more'
	say "$(head -n 3 "$dir/changed" | tr '\n' ' ' | sed 's/ $//')$more: not as handed out;" \
		"only your files in $here are graded: put back what you changed, and remove what you added"
}

# The public tests. What comes of them is shown, and is no reason not to hand in.
run_tests()
{
	status=0
	env -u SUBMISSION -u TEST -u FORMAT -u OUT grader/lab/grade.sh "$lab" || status=$?
	case $status in
	0 | 1) ;;
	3) echo "handin: this computer could not grade all of it; that takes no points" ;;
	*)
		echo "handin: the tests did not run: nothing packed" >&2
		exit 2
		;;
	esac
}

# Regular files of their own, whatever they are linked to; always the same bytes.
pack()
{
	mkdir -p "$dir/lab$lab" "$out"
	for file in $files; do
		head -c "$CAP" "$here/$file" >"$dir/lab$lab/$file"
	done
	# shellcheck disable=SC2086
	(cd "$dir/lab$lab" && tar --owner=0 --group=0 --numeric-owner --mtime=@1000000000 \
		--mode=644 --transform="s,^,lab$lab/," --format=ustar -cf - $files) |
		gzip -9n >"$out/.handin.$$"
	mv "$out/.handin.$$" "$out/lab$lab-handin.tar.gz"
	echo "handin: $out/lab$lab-handin.tar.gz has $files: hand in this one file"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/handin.XXXXXX")
trap 'rm -rf "$dir"' EXIT
for file in $sources; do
	check_file "$here/$file" || :
done
check_answers
check_time
check_tree
if [ "$wrong" -ne 0 ]; then
	echo "handin: nothing packed"
	exit 2
fi
run_tests
pack
