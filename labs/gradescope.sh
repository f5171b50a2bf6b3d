#!/bin/sh
# labs/gradescope.sh: packs what Gradescope wants to be given: a zip with setup.sh and
# run_autograder at its root (labs/gradescope/), and beside them the lab's handout.
#
# usage: gradescope.sh LAB OUT      with SECRET_FILE in the environment, as for grade.
#
# `make gradescope` has made the handout: build/ballast-labN.tar.gz. The same bytes each time.
set -eu
cd "$(dirname "$0")/.."

die()
{
	printf 'gradescope: %s\n' "$*" >&2
	exit 2
}

lab=$1 out=${2:-build/gradescope-lab$1.zip}
case $out in
*.zip) ;;
*) die "OUT=$out: give the name of a zip, such as OUT=lab$lab.zip" ;;
esac
[ -d "$(dirname "$out")" ] || die "OUT=$out: there is no such folder"
[ -z "${SECRET_FILE:-}" ] || [ -s "$SECRET_FILE" ] ||
	die "SECRET_FILE=$SECRET_FILE: there is no secret in it"
out=$(cd "$(dirname "$out")" && pwd -P)/$(basename "$out")

work=build/gradescope/lab$lab
rm -rf "$work"
mkdir -p "$work"
install -m 755 labs/gradescope/setup.sh labs/gradescope/run_autograder "$work"
install -m 644 "build/ballast-lab$lab.tar.gz" "$work/ballast.tar.gz"
[ -z "${SECRET_FILE:-}" ] || install -m 600 "$SECRET_FILE" "$work/secret"
find "$work" -type f -exec touch -d @1000000000 {} +
(cd "$work" && TZ=UTC LC_ALL=C zip -X -q ../packed.zip -- *)
mv build/gradescope/packed.zip "$out"
rm -rf "$work"
echo "gradescope: $out, $(wc -c <"$out") bytes${SECRET_FILE:+, with your secret in it}"
