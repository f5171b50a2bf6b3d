#!/bin/sh
# setup.sh: Gradescope runs it once, as root, to make the image in which all is graded.
#
# Beside it, in /autograder/source: the lab's handout, which has no solution in it, and a
# secret if the instructor gave one. AUTOGRADER_ROOT: another root than /autograder, for trials.
set -eu

root=${AUTOGRADER_ROOT:-/autograder}
cd "$root"
if ! command -v make >/dev/null; then
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends make
fi
rm -rf ballast
mkdir -m 700 ballast
tar -xzf source/ballast.tar.gz -C ballast --strip-components=1 --no-same-owner
cd ballast
make -s all

# Once through, with the skeleton: that builds the judge, and shows that grading works here.
status=0
make -s grade FORMAT=gradescope OUT=first.json || status=$?
if [ ! -s first.json ] || ! grep -q '"score"' first.json; then
	echo "setup.sh: grading does not work here (status $status): look above" >&2
	exit 1
fi
rm first.json
echo "setup.sh: ready"
