#!/bin/sh
# labs/inspect.sh: does a handout's tarball give away more than it should?
#
# usage: inspect.sh LAB TARBALL
#
# It looks for files that are not for students, for markers, for code of the reference, and
# into the objects for names, lines and expressions. Prints what it finds and exits 1.
set -eu
cd "$(dirname "$0")/.."

lab=$1 tarball=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/inspect.XXXXXX")
trap 'rm -rf "$dir"' EXIT
: >"$dir/bad"
top=$dir/ballast-lab$lab

# none WHAT: standard input is empty. Mostly at the end of a pipe, so what it finds goes to a file.
none()
{
	sed "s|$top/||g" | grep . >"$dir/found" || return 0
	head -n 5 "$dir/found"
	echo "in $tarball: $1: $(head -n 1 "$dir/found")"
	echo "$1" >>"$dir/bad"
}

fields()
{
	awk -F '\t' -v lab="$lab" -v column="$1" '!/^#/ && $1 == lab "" { print $column }' \
		labs/labs.tsv
}

tar --numeric-owner -tvzf "$tarball" >"$dir/listing"
awk '$1 !~ /^[-d]/ || $2 != "0/0" || $6 !~ /^ballast-lab[0-9]+\// || $6 ~ /\.\./' "$dir/listing" |
	none "no plain member"
tar -xzf "$tarball" -C "$dir"
(cd "$top" && find . -type f) >"$dir/files"

for wanted in Makefile GUIDE.md README.md kernel/main.c vmm/vm.c user/kernel/main.c \
	given/manifest given/handout.mk "labs/lab$lab/tests.tsv" grader/lab/grade.sh; do
	[ -f "$top/$wanted" ] || echo "$wanted"
done | none "it lacks"
grep -E '/(mutants|alternatives|cheats|unit|trial|fuzz|forge|\.git)/|ROADMAP|GRADING|skeleton\.awk|staff\.mk|handout\.sh|(leaks|steps|inspect|class|skeletons)\.(awk|sh)' \
	"$dir/files" | none "not for students"
grader/docs.sh links "$top" | none "links to nothing"
grep '^\./labs/lab[0-9]' "$dir/files" | grep -v "^\./labs/lab$lab/" | none "of another lab"
(cd "$top" && grep -rlE 'LAB [0-9]+ (BEGIN|END)' .) | none "markers"

# The student's files are the skeletons, and nothing else has the name of what is withheld.
for path in $(fields 3); do
	awk -f labs/skeleton.awk -v lab="$lab" -v fill=0 "$path" |
		cmp -s - "$top/labs/lab$lab/${path##*/}" || echo "$path"
done | none "not the skeleton"
{
	labs/handout.sh withheld
	fields 3 | tr ' ' '\n'
} | sort -u >"$dir/withheld"
while read -r path; do
	[ ! -e "$top/$path" ] || cmp -s "$top/$path" "labs/stubs/$path" || echo "$path"
done <"$dir/withheld" | none "source that is withheld"
own=$(for path in $(fields 3); do printf '%s\n' "labs/lab$lab/${path##*/}" "given/${path##*/}.skeleton"; done)
# absent.c has the table of what it stands in for.
own="$own
grader/lab/absent.c"
sed 's/^\.\///' "$dir/files" | grep -v '\.o$' | grep -vxF "$own" | sed "s|^|$top/|" >"$dir/text"
# The audit's files are alike; that one of them is withheld does not make the others secret.
# shellcheck disable=SC2046
awk -f labs/leaks.awk $(grep -v '^vmm/audit' "$dir/withheld") -- $(cat "$dir/text") |
	none "code of the reference"

find "$top/given" -name '*.o' >"$dir/objects"
[ -s "$dir/objects" ] || echo given/ | none "no object in"
while read -r object; do
	readelf -SW "$object" | grep -o '\.debug[a-z_]*' | sed "s|^|$object |"
	nm "$object" | awk -v object="$object" '$(NF - 1) ~ /[a-z]/ && $NF !~ /^[.]L/ { print object, $NF }'
	strings -n 6 "$object" | grep -E -e '->|==|&&|\|\||/home|/work|/tmp' | sed "s|^|$object |"
done <"$dir/objects" | none "too much in an object"

[ ! -s "$dir/bad" ]
