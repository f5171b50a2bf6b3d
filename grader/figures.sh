#!/bin/sh
# grader/figures.sh NAME: draws one figure and checks the shape that it claims; `make
# figures FIG=NAME` calls it. A figure is a script in grader/figures.
set -eu
cd "$(dirname "$0")/.."

script=grader/figures/${1:-}.sh
if [ -n "${1:-}" ] && [ -x "$script" ]; then
	exec "$script"
fi
known=$(for file in grader/figures/*.sh; do
	[ ! -e "$file" ] || basename "$file" .sh
done | tr '\n' ' ')
echo "figures: FIG=${1:-} is not known; there are: ${known:-none yet}" >&2
exit 2
