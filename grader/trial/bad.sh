#!/bin/sh
# grader/trial/bad.sh: submissions that no grader should have to see. Each must get one clear
# report and no points, leave nothing behind and do no harm.
#
# usage: bad.sh LAB
#
# Prints a line for each, and last "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

lab=$1
need_lab "$lab"
TRIAL=build/trial/bad$lab
rm -rf "$TRIAL"
mkdir -p "$TRIAL"
: >"$TRIAL/results"
files=$(for path in $(lab_files "$lab"); do basename "$path"; done)
first=$(printf '%s\n' "$files" | head -n 1)
SECRET=$(head -n 1 /etc/passwd)

# fresh NAME: a folder with the reference's files; sets `here`, and `file`, the first of them.
fresh()
{
	here=$TRIAL/$1
	filled "$lab" "$here" 99
	file=$here/$first
}

# packed NAME MEMBER...: an archive of that folder's files; sets `here`.
packed()
{
	(cd "$TRIAL/$1" && shift && tar -cPf ../archive.tar "$@")
	here=$TRIAL/$1.tar.gz
	gzip -c "$TRIAL/archive.tar" >"$here"
}

# refused PATTERN: it is, for that reason, in every format; and all is as it was.
refused()
{
	name=$(basename "$here")
	begun=$(date +%s)
	graded "$lab" "$here" ''
	report=$here.report
	line=$(sed -n 's/^  refused: //p' "$report" 2>/dev/null)
	all=$(awk '/^  refused: /{ on = 1 } on' "$report" 2>/dev/null)
	if [ "$status" -ne 1 ] || [ -z "$line" ]; then
		failed "$name" "exit $status, no refusal: $(tail -n 1 "$here.log")"
	elif ! printf '%s\n' "$all" | grep -q -e "$1"; then
		failed "$name" "expected '$1', got: $line"
	elif [ "$(score_of "$report")" != 0 ]; then
		failed "$name" "got $(score_of "$report") points"
	elif grep -q -F "$SECRET" "$report"; then
		failed "$name" "the report has a line of /etc/passwd"
	elif [ "$(wc -l <"$report")" -gt 40 ] || [ $(($(date +%s) - begun)) -gt 60 ]; then
		failed "$name" "$(wc -l <"$report") lines, $(($(date +%s) - begun)) s"
	elif ! nothing_left; then
		failed "$name" "something is left: $left"
	else
		passed "$name" "$(printf '%s\n' "$all" | grep -m 1 -e "$1" | sed 's/^ *\(refused: \)*//' | cut -c1-100)"
	fi
}

# nothing_left: no scratch folder of this submission, and no process that has to do with it.
nothing_left()
{
	own=build/grade/lab$lab/$(printf '%s\n' "$name" | tr -c 'A-Za-z0-9\n' - | cut -c1-24)-
	left=$(find "$own"* -name scratch 2>&1 | head -n 1)
	[ -n "$left" ] || left=$(for p in /proc/[0-9]*/cmdline; do
		{ tr '\0' ' ' <"$p" | grep -F "$own"; } 2>/dev/null || :
	done | head -n 1)
	[ -z "$left" ]
}

# add TEXT: at the end of the first file.
add()
{
	printf '%s\n' "$1" >>"$file"
}

# --- as files -----------------------------------------------------------------------------

mkdir "$TRIAL/empty"
here=$TRIAL/empty
refused "there is no file $first"

fresh empty-file
: >"$file"
refused 'is empty'

fresh wrong-names
mv "$file" "$here/solution.c"
refused 'there is: .*solution.c'

fresh link
ln -sf /etc/passwd "$file"
refused 'is a link'

fresh folder
rm "$file"
mkdir "$file"
refused 'is no regular file'

fresh pipe
rm "$file"
mkfifo "$file"
refused 'is no regular file'

fresh huge
truncate -s 1G "$file"
refused 'has 1073741824 bytes'

fresh binary
head -c 100000 build/user/guest.elf >"$file"
refused 'is no text'

# --- as archives --------------------------------------------------------------------------

: >"$TRIAL/nothing.tar.gz"
here=$TRIAL/nothing.tar.gz
refused 'the archive is empty'

head -c 50000 build/user/guest.elf >"$TRIAL/noise.tar.gz"
here=$TRIAL/noise.tar.gz
refused 'no tar archive'

fresh tar-link
ln -sf /etc/passwd "$file"
packed tar-link .
refused 'no regular file'

fresh tar-path
mkdir "$here/in"
(cd "$here/in" && tar -cPf ../../archive.tar "../$first")
here=$TRIAL/tar-path.tar.gz
gzip -c "$TRIAL/archive.tar" >"$here"
refused 'a path with \.\.'

fresh tar-absolute
packed tar-absolute "$PWD/$file"
refused 'an absolute path'

fresh tar-bomb
truncate -s 64M "$file"
packed tar-bomb .
refused 'are allowed'

fresh tar-many
for n in $(seq 100); do
	: >"$here/$n"
done
packed tar-many .
refused '64 are allowed'

fresh tar-twice
mkdir "$here/in"
cp "$file" "$here/in"
packed tar-twice .
refused 'several files'

# --- as C ---------------------------------------------------------------------------------

fresh syntax
add 'this is no C'
refused "labs/lab$lab/$first:[0-9]*:[0-9]*: error"
refused 'refused: it does not compile'

fresh warning
add 'static int f(void) { int x; return x; }'
add 'int (*const ballast_f)(void) = f;'
refused "labs/lab$lab/$first:[0-9]*:[0-9]*: error.*-Werror"

fresh errors-without-end
yes 'static int f(int x) { return y; }' | head -n 5000 >>"$file"
refused 'error'

fresh macros-without-end
add '#define A0 1+1+1+1+1+1+1+1'
for n in 1 2 3 4 5 6 7 8 9; do
	m=A$((n - 1))
	add "#define A$n $m+$m+$m+$m+$m+$m+$m+$m"
done
add 'int x = A9;'
refused 'grow beyond all bounds'

fresh forks
add 'int fork(void);'
add 'void frame_forks(void);'
add 'void frame_forks(void) { for (;;) fork(); }'
refused 'fork is not among'

fresh prints-without-end
sed -i '0,/^#include/s//#include "kernel\/console.h"\n#include/' "$file"
refused '#include "kernel/console.h"'

fresh passwd
sed -i '0,/^#include/s//#include "\/etc\/passwd"\n#include/' "$file"
refused 'an #include that is not of the form'

fresh before-main
add '__attribute__((constructor)) static void f(void) { }'
refused 'constructor'

fresh assembly
add 'static inline void f(void) { __asm__ volatile("cli"); }'
refused 'no assembly'

fresh big-data
add 'static char big[1 << 28];'
add 'static char *f(int i) { return &big[i]; }'
add 'static char *(*volatile keep)(int) = f;'
add 'char *ballast_big(int i); char *ballast_big(int i) { return keep(i); }'
refused 'are allowed\|static'

summary
