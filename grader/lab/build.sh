#!/bin/sh
# grader/lab/build.sh: makes of a submission's files what is graded.
#
# usage: build.sh LAB WORK      with SANDBOX, the kind of sandbox, in the environment
#
# The files are in WORK/src/labs/labN. Made are
#
#     WORK/obj/NAME.o, NAME-host.o   for the machine, and for the host: lint looks at both
#     WORK/kernel.elf                make's own kernel with these modules in it
#     WORK/guest.elf                 and guest, if some of them belong to the guest
#     WORK/unit/subject              what the judge tests (grader/judge/build.sh)
#
# All else (headers, flags, linker script, objects) is the tree's own. What the compiler
# says is printed, exit 1. Nothing here runs what is compiled.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh

lab=$1 work=$2
src=$work/src/labs/lab$lab
# A student's file may be full of what it doesn't use yet.
STUDENT='-Wno-unused-parameter -Wno-unused-function -Wno-unused-variable
	-Wno-unused-but-set-variable'
MESSAGES='-fmax-errors=8 -fno-diagnostics-show-caret -fdiagnostics-color=never'
WALL=60				# seconds for one run of the compiler
SHOWN=24			# lines of it that are shown

# compile OUT COMMAND...: a compiler, boxed in, that writes to OUT.
compile()
{
	out=$1
	shift
	timeout -k 1 $WALL grader/lab/sandbox.sh compile "$SANDBOX" "$PWD/$out" "$@"
}

# The flags are lists of words.
# shellcheck disable=SC2046,SC2086
compile_kernel()
{
	map=-ffile-prefix-map=$work/src/=
	own="-nostdinc -isystem $($(flag cc) -print-file-name=include)"
	for path in $(lab_files "$lab"); do
		name=$(basename "$path" .c)
		compile "$work/obj" $(machine_cc "$path") $own $STUDENT $MESSAGES "$map" -c \
			-o "$work/obj/$name.o" "$src/$name.c" || return 1
		# For lint alone; what it says was said above.
		compile "$work/obj" $(flag hostcc) -std=c11 -O1 -ffreestanding $(quoted "$path") $own \
			-w -c -o "$work/obj/$name-host.o" "$src/$name.c" || return 1
	done
}

# with_own KIND PATH...: the objects of a kernel, with the submission's in the place of these
# modules.
with_own()
{
	objects=$(flag "$1" | tr ' ' '\n')
	shift
	for path; do
		name=${path#user/}
		objects=$(printf '%s\n' "$objects" | grep -v "/${name%.c}\.o\$")
		objects="$objects $work/obj/$(basename "$path" .c).o"
	done
}

# The kernel, and the guest if the lab is about it.
# shellcheck disable=SC2046,SC2086
link_kernel()
{
	guests=$(lab_files "$lab" | tr ' ' '\n' | grep '^user/' || :)
	with_own objects $(lab_files "$lab" | tr ' ' '\n' | grep -v '^user/')
	compile "$work" $(flag cc) $(flag ldflags) -T kernel/kernel.ld -o "$work/kernel.elf" \
		$objects -lgcc
	[ -n "$guests" ] || return 0
	with_own userobjects $guests
	compile "$work" $(flag usercc) $(flag userldflags) -T user/kernel/kernel.ld \
		-o "$work/guest.elf" $objects
}

# The subject, from the same files.
build_subject()
{
	files=
	for path in $(lab_files "$lab"); do
		files="$files $src/$(basename "$path")"
	done
	# shellcheck disable=SC2086
	compile "$work/unit" grader/judge/build.sh "$lab" "$work/unit" $files
}

# said FILE: a compiler's words, with the names that the student knows.
said()
{
	names=
	for path in $(lab_files "$lab"); do
		names="$names;s|$path:|labs/lab$lab/$(basename "$path"):|g"
	done
	sed "s|$PWD/||g;s|$work/src/||g;s|$work/||g$names" "$1" |
		grep -v '^cc1: \|^collect2: \|: In function' | tr -cd '\n\t -~' | cut -c1-200 |
		awk -v shown=$SHOWN '
			NR <= shown { print }
			END { if (NR > shown) print "... and " NR - shown " lines more" }'
}

not_for_unit_tests()
{
	echo "it compiles for the machine, but not for the unit tests:"
	said "$work/subject.log"
	exit 1
}

mkdir -p "$work/obj" "$work/unit"
build_subject >"$work/subject.log" 2>&1 &
subject=$!
compile_kernel >"$work/kernel.log" 2>&1 || {
	wait $subject || :
	echo "it does not compile (a warning counts as an error):"
	said "$work/kernel.log"
	exit 1
}
# A compiler's error first, then what lint says of calls and instructions: it says more than
# a linker does.
subject_made=yes
wait $subject || subject_made=no
! grep -v '^collect2: ' "$work/subject.log" | grep -q ': error: ' || not_for_unit_tests
objects=$(for path in $(lab_files "$lab"); do
	name=$work/obj/$(basename "$path" .c)
	echo "$name.o $name-host.o"
done)
# shellcheck disable=SC2086
grader/lab/lint.sh objects "$lab" $objects || exit $?
[ $subject_made = yes ] || not_for_unit_tests
link_kernel >"$work/link.log" 2>&1 || {
	echo "it does not link:"
	said "$work/link.log"
	exit 1
}
