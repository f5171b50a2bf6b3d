#!/bin/sh
# grader/transcript.sh: what a guest printed, made comparable.
#
# usage: transcript.sh FILE
#
# Drops carriage returns and the lines that match a pattern of equivalence.txt: those
# that may differ between the bare machine and a VM (docs/EQUIVALENCE.md has the reasons).
set -eu
cd "$(dirname "$0")/.."

patterns=$(mktemp)
trap 'rm -f "$patterns"' EXIT
sed '/^#/d; /^$/d; s/\t.*//' grader/equivalence.txt >"$patterns"
tr -d '\r' <"$1" | grep -v -E -f "$patterns" | sed '/^$/d'
