#!/bin/sh
# grader/lab/collect.sh: takes a lab's files out of a submission, and nothing else.
#
# usage: collect.sh LAB SUBMISSION DEST SCRATCH
#
# SUBMISSION is a folder or a tar archive, plain or gzipped: `reference`, and the folder
# labs/labN itself, are folders like any other. The files go to DEST/NAME. They must be
# regular files of plain text and of a reasonable size; the archive is listed first and
# its members are never unpacked, but written to where we want them, under a cap.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh

lab=$1 from=$2 dest=$3 scratch=$4
CAP=262144			# bytes of a source file
ARCHIVE_CAP=1048576		# of an archive as it came
UNPACKED_CAP=4194304		# and unpacked
MEMBERS_CAP=64
# Handed in from somewhere else, so no name of it may look like an option.
case $from in /* | ./*) ;; *) from=./$from ;; esac

# odd_names FILE: lines that are no plain path.
odd_names()
{
	grep -v '^[-A-Za-z0-9._/+@ ]*$' "$1" || :
}

# too_big BYTES CAP WHAT
too_big()
{
	[ "$1" -le "$2" ] ||
		refuse "$3 has $1 bytes; $2 are allowed"
}

# take_text FILE NAME: plain text, and some. What a compiler would read in another way than
# the lint does goes: a byte order mark, carriage returns.
take_text()
{
	too_big "$(wc -c <"$1")" $CAP "$2"
	grep -q '[^[:space:]]' "$1" || refuse "$2 is empty"
	odd=$(tr -d '\11\12\15\14\40-\176\200-\377' <"$1" | wc -c)
	[ "$odd" -eq 0 ] || refuse "$2 is no text: it has $odd control characters"
	awk 'NR == 1 { sub(/^\357\273\277/, "") } { sub(/\r$/, ""); print }' "$1" >"$1.text"
	mv "$1.text" "$1"
	! tr '\14' '\15' <"$1" | grep -q "$(printf '\r')" ||
		refuse "$2 has a carriage return or a form feed within a line"
}

# from_folder NAME PATH: where in the folder is it? Nothing on the way may be a link.
from_folder()
{
	for path in "$1" "labs/lab$lab/$1" "$2"; do
		[ -e "$from/$path" ] || [ -h "$from/$path" ] || continue
		step=
		for part in $(printf '%s' "$path" | tr / ' '); do
			step=$step/$part
			[ ! -h "$from$step" ] ||
				refuse "$path is a link; hand in the file itself"
		done
		[ -f "$from/$path" ] || refuse "$path is no regular file"
		too_big "$(stat -c %s "$from/$path")" $CAP "$path"
		head -c $((CAP + 1)) "$from/$path" >"$dest/$1" 2>/dev/null ||
			refuse "$path cannot be read"
		take_text "$dest/$1" "$path"
		return 0
	done
	# shellcheck disable=SC2012
	refuse "there is no file $1 in it" \
		"there is: $(ls -A "$from" 2>/dev/null | tr -cd '\n -~' | head -n 8 | tr '\n' ' ')"
}

# The archive as a plain tar in the scratch folder, and the list of what is in it: type,
# size, name.
open_archive()
{
	tar=$scratch/archive.tar
	if [ "$(od -An -tx1 -N2 "$from" | tr -d ' \n')" = 1f8b ]; then
		{ gzip -dc "$from" 2>"$scratch/gzip.err" || :; } |
			head -c $((UNPACKED_CAP + 1)) >"$tar"
		grep -q 'unexpected\|invalid\|crc' "$scratch/gzip.err" &&
			refuse "the archive is damaged"
	else
		cat "$from" >"$tar"
	fi
	too_big "$(wc -c <"$tar")" $UNPACKED_CAP "the archive, unpacked,"
	timeout 20 tar --quoting-style=escape --numeric-owner -tvf "$tar" \
		>"$scratch/listing" 2>/dev/null ||
		refuse "this is no tar archive; hand in what 'make handin LAB=$lab' makes"
	awk '{
		type = substr($1, 1, 1); size = $3; name = $0
		sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ /, "", name)
		print type "\t" size "\t" name
	}' "$scratch/listing" >"$scratch/members"
}

# What no archive of ours ever has.
check_archive()
{
	[ -s "$scratch/members" ] || refuse "the archive is empty"
	count=$(wc -l <"$scratch/members")
	[ "$count" -le $MEMBERS_CAP ] ||
		refuse "the archive has $count members; $MEMBERS_CAP are allowed"
	cut -f3- "$scratch/members" | sed 's/ \(->\|link to\) .*//' >"$scratch/names"
	bad=$(odd_names "$scratch/names" | head -n 1 | tr -cd ' -~' | cut -c1-60)
	[ -z "$bad" ] || refuse "the archive has a member with an odd name: $bad"
	bad=$(grep -E '(^|/)\.\.(/|$)' "$scratch/names" | head -n 1)
	[ -z "$bad" ] || refuse "the archive has a path with ..: $bad"
	bad=$(grep '^/' "$scratch/names" | head -n 1)
	[ -z "$bad" ] || refuse "the archive has an absolute path: $bad"
	bad=$(awk -F "$TAB" '$1 != "-" && $1 != "d" { print $3; exit }' "$scratch/members")
	[ -z "$bad" ] || refuse "the archive has a member that is no regular file: $bad"
}

# from_archive NAME
from_archive()
{
	awk -F "$TAB" -v name="$1" '
		$1 == "-" { path = $3; sub(/.*\//, "", path); if (path == name) print $2 "\t" $3 }' \
		"$scratch/members" >"$scratch/found"
	case $(wc -l <"$scratch/found") in
	0)
		refuse "there is no file $1 in the archive" \
			"there is: $(head -n 8 "$scratch/names" | tr '\n' ' ')"
		;;
	1) ;;
	*) refuse "there are several files $1 in the archive" ;;
	esac
	member=$(cut -f2 "$scratch/found")
	too_big "$(cut -f1 "$scratch/found")" $CAP "$member"
	timeout 20 tar --no-wildcards --occurrence=1 -xOf "$scratch/archive.tar" \
		-- "$member" 2>/dev/null | head -c $((CAP + 1)) >"$dest/$1"
	take_text "$dest/$1" "$member"
}

if [ -d "$from" ]; then
	# What an upload page makes of an archive: a folder with that one file.
	first=$(basename "$(lab_files "$lab" | cut -d' ' -f1)")
	set -- "$from"/*.tar.gz "$from"/*.tgz "$from"/*.tar
	one=
	for archive; do
		[ ! -f "$archive" ] || one="$one.$archive"
	done
	archive=${one#.}
	if [ ! -e "$from/$first" ] && [ -f "$archive" ] && [ ! -h "$archive" ]; then
		from=$archive
	fi
fi
if [ -d "$from" ]; then
	for path in $(lab_files "$lab"); do
		from_folder "$(basename "$path")" "$path"
	done
elif [ -f "$from" ]; then
	too_big "$(stat -Lc %s "$from")" $ARCHIVE_CAP "the archive"
	[ -s "$from" ] || refuse "the archive is empty"
	open_archive
	check_archive
	for path in $(lab_files "$lab"); do
		from_archive "$(basename "$path")"
	done
else
	at_a_loss "there is no submission $from"
fi
