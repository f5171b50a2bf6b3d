#!/bin/sh
# labs/skeletons.sh: what students start from, made from the reference and its markers.
#
# usage: skeletons.sh make      writes labs/labN/NAME.c for each lab (`make skeletons`)
#        skeletons.sh drift     are those the ones that make would write?
#        skeletons.sh fills     does each step from skeleton to reference compile without a
#                               warning, and the last to the reference's own object code?
#        skeletons.sh markers   are wrong markers refused, by file and line?
#
# Prints what is wrong in a line and exits 1.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/skeletons.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# each COMMAND: COMMAND LAB EXERCISES FILE for each file of each lab.
each()
{
	awk -F '\t' '/^[0-9]/ {
		n = split($3, file, " ")
		for (i = 1; i <= n; i++)
			print $1, $4, file[i]
	}' labs/labs.tsv >"$dir/files"
	while read -r lab exercises file; do
		"$1" "$lab" "$exercises" "$file" </dev/null
	done <"$dir/files"
}

# fill LAB UP_TO FILE
fill()
{
	awk -f labs/skeleton.awk -v lab="$1" -v fill="$2" "$3"
}

write_one()
{
	mkdir -p "labs/lab$1"
	fill "$1" 0 "$3" >"$dir/skeleton"
	cmp -s "$dir/skeleton" "labs/lab$1/${3##*/}" || {
		cp "$dir/skeleton" "labs/lab$1/${3##*/}"
		echo "  SKELETON labs/lab$1/${3##*/}"
	}
}

drift_one()
{
	fill "$1" 0 "$3" | cmp -s - "labs/lab$1/${3##*/}" || {
		echo "labs/lab$1/${3##*/} is not what $3 makes: run make skeletons"
		exit 1
	}
}

# machine FILE: sets `compile`, as for the machine: for the host's kernel, or a guest's.
machine()
{
	case $1 in
	user/*) compile=$user_compile ;;
	*) compile=$kernel_compile ;;
	esac
}

# object FILE OUT: code alone, without lines or names of files.
object()
{
	$compile -g0 -w -D__LINE__=0 '-D__FILE__=""' \
		-x c -c -o "$2" - <"$1"
}

fills_one()
{
	machine "$3"
	step=0
	while [ "$step" -le "$2" ]; do
		fill "$1" "$step" "$3" >"$dir/step.c"
		for with in "$compile" "$host_compile -iquote user/kernel"; do
			$with -c -o "$dir/step.o" "$dir/step.c" 2>"$dir/said" || {
				cat "$dir/said"
				echo "$3 filled up to $step does not compile: $with"
				exit 1
			}
		done
		step=$((step + 1))
	done
	fill "$1" 99 "$3" >"$dir/full.c"
	grep -v 'LAB [0-9]* \(BEGIN\|END\)' "$3" | cmp -s - "$dir/full.c" || {
		echo "$3 filled is not the reference less its markers"
		exit 1
	}
	object "$dir/full.c" "$dir/full.o"
	object "$3" "$dir/reference.o"
	cmp -s "$dir/full.o" "$dir/reference.o" || {
		echo "$3 filled compiles to other code than the reference"
		exit 1
	}
}

# refused LINE REASON TEXT...: the module of these lines is refused in that line.
refused()
{
	line=$1 reason=$2
	shift 2
	printf '%s\n' "$@" >"$dir/module.c"
	if fill 1 0 "$dir/module.c" >"$dir/out" 2>"$dir/said"; then
		echo "accepted: $*"
		exit 1
	fi
	if [ -s "$dir/out" ] || [ "$(cat "$dir/said")" != "$dir/module.c:$line: $reason" ]; then
		echo "expected module.c:$line: $reason, got: $(head -n 1 "$dir/said")"
		exit 1
	fi
}

markers()
{
	end='	/* LAB 1 END */'
	refused 2 'this region has no END' a '	/* LAB 1 BEGIN 2 f: x */' b
	refused 1 'this region has no END' '	/* LAB 1 BEGIN 2 f: x */' \
		'	/* LAB 1 BEGIN 3 f: x */' "$end"
	refused 3 'END of a region that has no BEGIN' a b "$end"
	refused 1 'a marker of lab 0 in a file of lab 1' '	/* LAB 0 BEGIN 2 f: x */' "$end"
	refused 2 'a marker of lab 2 in a file of lab 1' '	/* LAB 1 BEGIN 2 f: x */' \
		'	/* LAB 2 END */'
	refused 1 'lab 1 has no exercise 9 (labs/labs.tsv)' '	/* LAB 1 BEGIN 9 f: x */' "$end"
	refused 1 'lab 1 has no exercise 0 (labs/labs.tsv)' '	/* LAB 1 BEGIN 0 f: x */' "$end"
	refused 1 "a region's head is 'NAME: hint' or '- hint'" '	/* LAB 1 BEGIN 2 f */' "$end"
	refused 1 "a hole cannot stand outside a function: '- hint'" '/* LAB 1 BEGIN 2 f: x */'
	refused 1 'a marker is a comment on a line of its own' 'a; /* LAB 1 END */'
	refused 1 'a marker is a comment on a line of its own' '// LAB 1 BEGIN 2 f: x'
}

case ${1:-} in
make) each write_one ;;
drift) each drift_one ;;
fills)
	kernel_compile=$(env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory LAB= student-cc)
	user_compile=$(env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory LAB= student-usercc)
	host_compile=$(env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory LAB= student-hostcc)
	each fills_one
	;;
markers) markers ;;
*)
	echo "usage: skeletons.sh make|drift|fills|markers" >&2
	exit 2
	;;
esac
