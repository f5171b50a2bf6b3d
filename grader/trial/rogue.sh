#!/bin/sh
# grader/trial/rogue.sh: the judge against a subject that forges (grader/trial/rogue).
#
# usage: rogue.sh [KIND]...      sandboxes to try, bwrap and uid; by default those there are
#
# The uid sandbox wants a tree that is closed to others: it is tried on a small one. Prints a
# line for each attack, and last "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

TABLE=grader/trial/rogue/tests.tsv
TRIAL=$(mktemp -d "${TMPDIR:-/tmp}/rogue.XXXXXX")
trap 'rm -rf "$TRIAL"' EXIT
trap 'exit 130' INT TERM HUP
: >"$TRIAL/results"

# small_tree: what sandbox.sh takes for the tree, and guards.
small_tree()
{
	mkdir -p "$TRIAL/tree/grader/lab" "$TRIAL/tree/build" "$TRIAL/tree/labs"
	: >"$TRIAL/tree/Makefile"
	cp grader/lab/sandbox.sh "$TRIAL/tree/grader/lab"
	box=$TRIAL/tree/grader/lab/sandbox.sh
}

# probed: a box by uid is taken where bubblewrap does not work, if the tree is closed to others.
probed()
{
	[ "$(id -u)" -eq 0 ] || return 0
	mkdir "$TRIAL/bin"
	printf '#!/bin/sh\nexit 1\n' >"$TRIAL/bin/bwrap"
	chmod -R a+rX,u+x "$TRIAL"
	open=$(PATH=$TRIAL/bin:$PATH "$box" probe)
	chmod 700 "$TRIAL/tree"
	closed=$(PATH=$TRIAL/bin:$PATH "$box" probe)
	if [ "$open $closed" = 'none uid' ]; then
		passed probe 'open tree: none; closed: uid'
	else
		failed probe "open tree: $open; closed: $closed"
	fi
}

# attacks KIND: all of them, in that sandbox; outcomes are in $TRIAL/KIND/results.
attacks()
{
	mkdir -p "$TRIAL/$1/results"
	cp build/rogue/judge build/rogue/subject "$TABLE" "$TRIAL/$1"
	timeout -k 2 120 "$box" box "$1" "$TRIAL/$1" BALLAST_SUBJECT=./subject \
		BALLAST_RESULTS=results BALLAST_TABLE=tests.tsv ./judge \
		>"$TRIAL/$1.log" 2>&1 || :
}

# compare KIND: each outcome with its row.
compare()
{
	grep -v '^#' $TABLE | while IFS=$TAB read -r id _ _ _ _ _ _ title; do
		file=$TRIAL/$1/results/$id
		found=$(sed -n "s/^found$TAB//p" "$file" 2>/dev/null || :)
		if [ "$(grep -c '^status' "$file" 2>/dev/null)" != 1 ]; then
			failed "$1: $id" "no outcome: $(tail -n 1 "$TRIAL/$1.log")"
		elif ! grep -q "^status$TAB${title%% *}\$" "$file"; then
			failed "$1: $id" "$(head -n 1 "$file"): $found"
		elif [ "$title" != passed ] && ! printf '%s\n' "$found" | grep -q "${title#* }"; then
			failed "$1: $id" "found: $found"
		else
			passed "$1: $id" "$(printf '%s' "$found" | cut -c1-60)"
		fi
	done
	extra=$(find "$TRIAL/$1" -name '*was-here*')
	[ -z "$extra" ] || failed "$1" "left something: $extra"
}

small_tree
probed
if [ $# -eq 0 ]; then
	kind=$("$box" probe)
	set -- "$kind"
	[ "$kind" != bwrap ] || [ "$(id -u)" -ne 0 ] || set -- bwrap uid
fi
chmod 700 "$TRIAL"
for kind; do
	attacks "$kind"
	compare "$kind"
done
summary
