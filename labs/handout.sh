#!/bin/sh
# labs/handout.sh: packs a lab for students: everything that it takes, and no solution.
#
# usage: handout.sh withheld                    the files that no handout has as source
#        handout.sh make LAB OUT OBJECT...      `make handout`
#
# OBJECTs, in build/given/, stand in for what is withheld. What goes in is in ships.txt; of
# this tree's labs/labN the student's files do not: skeletons are made afresh. The tarball,
# OUT/ballast-labN.tar.gz (build/ if OUT is empty), is the same bytes each time.
set -eu
cd "$(dirname "$0")/.."

die()
{
	printf 'handout: %s\n' "$*" >&2
	exit "${status:-1}"
}

# Files that git knows and that are there.
tree()
{
	git ls-files | while read -r path; do
		[ ! -f "$path" ] || printf '%s\n' "$path"
	done | LC_ALL=C sort
}

# rules WORD: the patterns of ships.txt behind that word, for this lab.
rules()
{
	awk -F '\t' -v word="$1" '$1 == word { print $2 }' labs/ships.txt |
		sed "s/%/${lab:-}/g"
}

# Source with an answer in it.
withheld()
{
	{
		grep -lE '^[[:space:]]*/\* LAB [0-9]+ BEGIN ' kernel/*.c vmm/*.c user/*/*.c || :
		rules object
	} | LC_ALL=C sort -u | while read -r path; do
		[ ! -f "$path" ] || printf '%s\n' "$path"
	done
}

# does_ship PATH: whether one of the patterns matches it.
does_ship()
{
	while read -r pattern; do
		# A pattern is meant to be one.
		# shellcheck disable=SC2254
		case $1 in $pattern) return 0 ;; esac
	done <"$work/patterns"
	return 1
}

# put PATH [FILE]: a copy of FILE, or of PATH in the tree.
put()
{
	mkdir -p "$top/$(dirname "$1")"
	cp -p "${2:-$1}" "$top/$1"
}

put_tree()
{
	tree | while read -r path; do
		does_ship "$path" || continue
		if grep -qxF "$path" "$work/withheld"; then
			[ ! -f "labs/stubs/$path" ] || put "$path" "labs/stubs/$path"
		else
			put "$path"
		fi
	done
}

put_given()
{
	for object; do
		source=${object#*/}
		[ -f "labs/stubs/${source%.o}.c" ] || put "given/$object" "build/given/$object"
	done
	printf '# Made by handout.sh: what this handout is of.\nHANDOUT := %s\n' "$lab" \
		>"$top/given/handout.mk"
}

put_skeletons()
{
	for path in $files; do
		awk -f labs/skeleton.awk -v lab="$lab" -v fill=0 "$path" \
			>"$top/labs/lab$lab/${path##*/}" || die "no skeleton of $path"
		cp "$top/labs/lab$lab/${path##*/}" "$top/given/${path##*/}.skeleton"
	done
}

# Nothing in it points to what it does not have.
put_links()
{
	(cd "$top" && find . -type f | sed "s/^\.\///") >"$work/files"
	grep "\.md$" "$work/files" | while read -r path; do
		awk -v name="$path" -f labs/links.awk "$work/files" "$top/$path" >"$work/text"
		cmp -s "$work/text" "$top/$path" || cp "$work/text" "$top/$path"
	done
}

put_readme()
{
	cat >"$top/README.md" <<-END
	# Ballast, lab $lab: $title

	Start with [labs/lab$lab/README.md](labs/lab$lab/README.md). You write
	$(for path in $files; do echo "\`labs/lab$lab/${path##*/}\`"; done | sed '$!s/$/ and/').

	    make hint      what to do next
	    make grade     your score, and why
	    make run       the machine, with your files in it
	    make handin    checks, tests, and packs one file to hand in
	    make           all there is

	[GUIDE.md](GUIDE.md) explains the system.
	END
}

# What handin compares the tree with: all but what a student writes.
put_manifest()
{
	for name in $own; do echo "labs/lab$lab/$name"; done >"$work/own"
	(
		cd "$top"
		find . -type f ! -path ./given/manifest | sed 's/^\.\///' | grep -vxFf ../own |
			LC_ALL=C sort | xargs sha256sum >given/manifest
	)
}

# The last look: no marker, and no file that has no business here.
inspect()
{
	bad=$(cd "$top" && grep -rlE 'LAB [0-9]+ (BEGIN|END)' . | head -n 1)
	[ -z "$bad" ] || die "$bad has lab markers: nothing made"
	bad=$(cd "$top" && find . ! -type f ! -type d | head -n 1)
	[ -z "$bad" ] || die "$bad is no regular file: nothing made"
	for path in $files $(cat "$work/withheld"); do
		if [ -e "$top/$path" ] && [ ! -f "labs/stubs/$path" ]; then
			die "$path would be in it: nothing made"
		fi
	done
	for path in $(cd "$top" && find given -name '*.o'); do
		! readelf -SW "$top/$path" | grep -q '\.debug' ||
			die "$path has something for a debugger: nothing made"
	done
}

pack()
{
	mkdir -p "$out"
	tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1000000000 \
		--mode='u=rwX,go=rX' --format=ustar -cf - "ballast-lab$lab" |
		gzip -9n >"$out/.handout.$$"
	mv "$out/.handout.$$" "$out/ballast-lab$lab.tar.gz"
	echo "handout: $out/ballast-lab$lab.tar.gz," \
		"$(wc -c <"$out/ballast-lab$lab.tar.gz") bytes," \
		"$(find "$top" -type f | wc -l) files," \
		"$(find "$top/given" -name '*.o' | wc -l) of them objects"
}

make_handout()
{
	lab=$1 out=${2:-build}
	shift 2
	files=$(awk -F '\t' -v lab="$lab" '!/^#/ && $1 == lab "" { print $3 }' labs/labs.tsv)
	title=$(awk -F '\t' -v lab="$lab" '!/^#/ && $1 == lab "" { print $2 }' labs/labs.tsv)
	[ -n "$files" ] || die "there is no lab $lab"
	own="$(for path in $files; do printf '%s ' "${path##*/}"; done)answers.txt time.txt"
	work=build/handout/lab$lab top=build/handout/lab$lab/ballast-lab$lab
	rm -rf "$work"
	mkdir -p "$top/labs/lab$lab" "$top/given"
	rules ship >"$work/patterns"
	{
		withheld
		for path in $files; do echo "$path"; done
	} >"$work/withheld"
	put_tree
	put_given "$@"
	put_skeletons
	put_readme
	put_links
	put_manifest
	inspect
	pack
}

case ${1:-} in
withheld) withheld ;;
make)
	shift
	make_handout "$@"
	;;
*)
	status=2
	die "usage: handout.sh withheld | make LAB OUT OBJECT..."
	;;
esac
