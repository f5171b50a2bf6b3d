#!/bin/sh
# grader/figures.sh [NAME]: draws one figure and checks the shape that it claims; `make
# figures FIG=NAME` calls it. A figure is a script in grader/figures whose first comment says
# what it shows. Without a name: which there are.
set -eu
cd "$(dirname "$0")/.."

# The names, one a line.
names()
{
	for file in grader/figures/*.sh; do
		[ ! -x "$file" ] || basename "$file" .sh
	done
}

name=${1:-}
if [ -z "$name" ]; then
	echo "figures: there are"
	for each in $(names); do
		printf '  make figures FIG=%-8s %s\n' "$each" \
			"$(sed -n '2s/.*\.sh: //p' "grader/figures/$each.sh")"
	done
	exit 0
fi
if names | grep -qxF -e "$name"; then
	exec "grader/figures/$name.sh"
fi
echo "figures: FIG=$name is not known: give $(names | awk '
	{ all = all (NR > 1 ? " or " : "") $0 } END { print all }')" >&2
exit 2
