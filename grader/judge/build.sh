#!/bin/sh
# Links the subject of a lab from a student's files and the parts that `make` has prepared.
#
#   grader/judge/build.sh LAB OUTDIR FILE...      from the top of the tree; makes OUTDIR/subject
#
# The files are known by their names: frame.c is kernel/frame.c, wherever it was handed in.
# What the compiler says goes to stderr, with names as in the tree. Exit status 1: it does
# not compile; 2: wrong use.
set -eu

die() {
	echo "build.sh: $1" >&2
	exit 2
}

[ $# -ge 3 ] || die 'LAB OUTDIR FILE... are needed'
lab=$1
out=$2
shift 2
cc=${HOSTCC:-cc}
parts=build/lab$lab/subject-parts.o
[ -f "$parts" ] || die "$parts is missing: make build/lab$lab/judge"
root=$(pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
src=$out/src
rm -rf "$src" "$out/subject"
mkdir -p "$src"

# The same bytes wherever this runs: no paths of this machine in messages and symbols.
flags="$(cat grader/judge/flags) -Wno-unused-parameter -Wno-unused-function \
	-Wno-unused-variable -Wno-unused-but-set-variable -I$src -I$root \
	-iquote $root/user/kernel -ffile-prefix-map=$root/= -ffile-prefix-map=$src/= -ffile-prefix-map=$src=."

# Which folder of the tree a file belongs to: its header stands there.
home_of() {
	for folder in kernel vmm user/kernel; do
		[ ! -f "$root/$folder/${1%.c}.h" ] || {
			echo "$folder/$1"
			return
		}
	done
	die "$1 is no file of a lab"
}

# What has static functions that a test calls is compiled with a way in to them.
compile() {
	way_in=$root/grader/judge/expose_$(basename "$1")
	object=$out/$(basename "$1" .c).o
	if [ -f "$way_in" ]; then
		# shellcheck disable=SC2086
		$cc $flags "-DSTUDENT_FILE=\"$1\"" -DEXPOSED -c -o "$object" \
			"$way_in" 2>/dev/null && return
		# shellcheck disable=SC2086
		$cc $flags -c -o "$object" "$1" || return 1
		# shellcheck disable=SC2086
		$cc $flags "-DSTUDENT_FILE=\"$1\"" -c -o "${object%.o}-way.o" "$way_in"
		return
	fi
	# shellcheck disable=SC2086
	$cc $flags -c -o "$object" "$1"
}

rm -f "$out"/*.o
jobs=
for file; do
	name=$(home_of "$(basename "$file")")
	mkdir -p "$src/$(dirname "$name")"
	cp "$file" "$src/$name"
	(cd "$src" && compile "$name") &
	jobs="$jobs $!"
done
ok=true
for job in $jobs; do
	wait "$job" || ok=false
done
$ok || exit 1
# In lab 2 whoever gives a frame back is looked at: model_mem.c.
wrap=
[ "$lab" != 2 ] || wrap=-Wl,--wrap=frame_free
"$cc" -no-pie $wrap -fsanitize=address,undefined -static-libasan -static-libubsan -o "$out/subject" \
	"$parts" "$out"/*.o
