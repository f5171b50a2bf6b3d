#!/bin/sh
# grader/trial/tricks.sh: archives and source text that mean to get past collect.sh and lint.sh,
# and words that mean to be something else in a report.
#
# usage: tricks.sh      lab 0's file, the reference's, is what is played with
#
# Prints a line for each trick, and last "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh
# shellcheck source=grader/trial/lib.sh
. grader/trial/lib.sh

TRIAL=build/trial/tricks
rm -rf "$TRIAL"
mkdir -p "$TRIAL/src" "$TRIAL/plain"
: >"$TRIAL/results"
filled 0 "$TRIAL/plain" 99
SANDBOX=$(grader/lab/sandbox.sh probe)
export SANDBOX

# --- archives ---------------------------------------------------------------------------------

# packed NAME WORD...: an archive that tar makes in a copy of the folder with these words.
packed()
{
	here=$TRIAL/$1
	shift
	(cd "$TRIAL/pack" && tar -czf "../${here##*/}.tar.gz" "$@")
}

# taken PATTERN: refused for that reason; with =, taken, and byte for byte.
taken()
{
	rm -rf "$TRIAL/dest" "$TRIAL/scratch"
	mkdir "$TRIAL/dest" "$TRIAL/scratch"
	status=0
	timeout 30 grader/lab/collect.sh 0 "$here.tar.gz" "$TRIAL/dest" "$TRIAL/scratch" \
		>"$here.said" 2>"$here.err" || status=$?
	if [ "$1" = = ] && [ "$status" -eq 0 ]; then
		cmp -s "$TRIAL/dest/frame.c" "$TRIAL/plain/frame.c" || status=9
	fi
	case $1$status in
	=0) passed "${here##*/}" "taken as it is" ;;
	=*) failed "${here##*/}" "exit $status: $(head -n 1 "$here.said")" ;;
	*1)
		if grep -q "$1" "$here.said"; then
			passed "${here##*/}" "$(head -n 1 "$here.said" | cut -c1-60)"
		else
			failed "${here##*/}" "$(head -n 1 "$here.said")"
		fi
		;;
	*) failed "${here##*/}" "exit $status: $(head -n 1 "$here.said" "$here.err")" ;;
	esac
	[ "$(ls "$TRIAL/dest")" = frame.c ] || [ -z "$(ls "$TRIAL/dest")" ] ||
		failed "${here##*/}" "left $(ls "$TRIAL/dest")"
}

archives()
{
	mkdir "$TRIAL/pack"
	cp "$TRIAL/plain/frame.c" "$TRIAL/pack"
	packed tar-plain frame.c
	taken '='
	packed tar-pax-comment --format=pax --pax-option="comment=$(printf '%060000d' 0)" frame.c
	taken '='
	packed tar-pax-path --format=pax --pax-option=path=../../evil/frame.c frame.c
	taken 'a path with \.\.'
	packed tar-pax-size --format=pax --pax-option=size=99999999999999999999 frame.c
	taken 'no tar archive'
	packed tar-label -V 'x; id' frame.c
	taken 'odd name'
	packed tar-same-twice frame.c frame.c
	taken 'no regular file\|several files'
	ln "$TRIAL/pack/frame.c" "$TRIAL/pack/also.c"
	packed tar-hard-link also.c frame.c
	taken 'no regular file'
	rm "$TRIAL/pack/also.c"
	cp "$TRIAL/plain/frame.c" "$TRIAL/pack/frame.c -> x"
	packed tar-arrow 'frame.c -> x'
	taken 'odd name\|no file frame.c'
	mv "$TRIAL/pack/frame.c -> x" "$TRIAL/pack/$(printf 'a\nframe.c')"
	packed tar-newline "$(printf 'a\nframe.c')"
	taken 'odd name'
	truncate -s 1G "$TRIAL/pack/frame.c"
	packed tar-sparse -S frame.c
	taken 'are allowed'
	rm -rf "$TRIAL/pack"
}

# --- text -------------------------------------------------------------------------------------

# linted NAME PATTERN TEXT: the file with that text behind it is refused for that reason; none:
# it is not. In TEXT, ~ is a new line.
linted()
{
	{
		cat "$TRIAL/plain/frame.c"
		printf '%s\n' "$3" | tr '~' '\n'
	} >"$TRIAL/src/frame.c"
	said=$(grader/lab/lint.sh text 0 "$TRIAL/src/frame.c" 2>&1) || :
	if [ -z "$2$said" ]; then
		passed "lint-$1" "nothing to say"
	elif [ -n "$2" ] && printf '%s\n' "$said" | grep -q "$2"; then
		passed "lint-$1" "$(printf '%s' "$said" | head -n 1 | cut -c1-60)"
	else
		failed "lint-$1" "$(printf '%s' "$said" | head -n 1)"
	fi
}

# Each is one line for the shell.
texts()
{
	linted nothing '' ''
	linted honest '' 'static inline int f(void) { return __builtin_clz(1); }'
	linted splice 'no assembly' 'static void f(void) { __as\~m__("cli"); }'
	linted splice-blank 'no assembly' 'static void f(void) { __as\ ~m__("cli"); }'
	linted paste 'not taken' '#define P(a, b) a##b~static void f(void) { P(__as, m__)("x"); }'
	linted pragma '_Pragma: not' '_Pra\~gma("GCC optimize 0")'
	linted digraph 'digraphs' '%:pragma once'
	linted trigraph 'trigraphs' '??=pragma once'
	linted attribute-macro 'only simple' '#define A __attribute__~A((section("x"))) int q;'
	linted attribute-name 'only simple' \
		'#define unused section("x")~static int q __attribute__((unused));'
	linted attribute-lines 'only simple' '__attribute__((unused~, section("x"))) static int q;'
	linted attribute-c23 'of this form' '[[gnu::section("x")]] static int q;'
	linted attribute-digraph 'of this form' '<:<:gnu::section("x"):>:> static int q;'
	linted weak 'weak' 'void w(void) __attribute__((weak));'
	linted ia32 'not taken' 'static void f(void) { __builtin_ia32_rdtsc(); }'
	linted return-address 'not taken' 'static void *f(void) { return __builtin_return_address(0); }'
	linted label 'no assembly' 'extern int z asm("vtlb_form");'
	linted register 'no assembly' 'register int r asm("esp");'
	linted has-include 'not taken' '#if __has_include("/etc/passwd")~#endif'
	linted embed 'not taken' '#embed "/etc/passwd"'
	linted include-next 'not taken' '#include_next "x.h"'
	linted import 'not taken' '#import "x.h"'
	linted include-macro 'not of the form' '#define H "/etc/passwd"~#include H'
	linted line 'not taken' '#line 1 "kernel/frame.h"'
	linted line-marker 'not taken' '# 1 "kernel/frame.h" 3'
	linted string 'no assembly' \
		'static const char *q = "\"; __asm__ "; static void f(void) { __asm__("cli"); }'
	linted character 'no assembly' "static int q = '\"'; static void f(void) { __asm__(\"cli\"); }"
	linted which-compiler 'not taken' '#if __x86_64__~#endif'
	linted which-sanitizer 'not taken' '#ifdef __SANITIZE_ADDRESS__~#endif'
	linted hosted 'not taken' '#ifdef BALLAST_HOSTED~#endif'
}

# --- reports ----------------------------------------------------------------------------------

# A run whose words are those of a submission at its worst.
make_words()
{
	words='# TODO ok 1 - passed ]]></failure><x a="&amp;"> "}],"score":100} \u0000 \ %s ... --- Bail out!'
	mkdir -p "$TRIAL/work/results"
	grep -v '^#' labs/lab0/tests.tsv >"$TRIAL/work/table"
	cut -f1 "$TRIAL/work/table" >"$TRIAL/work/chosen"
	printf 'lab\t0\ntitle\tx\nseed\t1\nbochs\t0\ngcc\t0\nwork\t%s\nfiles\tkernel/frame.c\nsubmission\t%s\n' \
		"$TRIAL/work" "$words" >"$TRIAL/work/meta"
	while read -r id; do
		printf 'status\tfailed\nexpected\t%s\nfound\t%s\033[2J\001\377\nwhere\t%s\nnote\t%s\nstatus2\tpassed\n' \
			"$words" "$words" "$words" "$words" >"$TRIAL/work/results/$id"
	done <"$TRIAL/work/chosen"
}

# report FORMAT: of that run; its exit status must be that of a lost one.
report()
{
	status=0
	awk -f grader/lab/report.awk -f grader/lab/text.awk -f "grader/lab/report-$1.awk" \
		-v work="$TRIAL/work" "$TRIAL/work/table" >"$TRIAL/$1" || status=$?
	[ "$status" -eq 1 ] && ! tr -d '\n -~' <"$TRIAL/$1" | grep -q .
}

# good FORMAT COMMAND...
good()
{
	format=$1
	shift
	if report "$format" && "$@" >"$TRIAL/$format.said" 2>&1; then
		passed "report-$format" "words stay words"
	else
		failed "report-$format" "exit $status; $(head -n 1 "$TRIAL/$format.said")"
	fi
}

reports()
{
	make_words
	n=$(wc -l <"$TRIAL/work/table")
	good table grep -q '^0/100' "$TRIAL/table"
	good tap sh -c "[ \$(grep -c '^not ok' $TRIAL/tap) -eq $n ] && ! grep -E '^(ok|Bail)|^not ok.* # *TODO' $TRIAL/tap"
	good gradescope jq -e ".score == 0 and (.tests | length == $n)" "$TRIAL/gradescope"
	good prairielearn jq -e ".score == 0 and (.tests | length == $n)" "$TRIAL/prairielearn"
	good autolab sh -c "tail -n 1 $TRIAL/autolab | jq -e '.scores.lab0 == 0'"
	good junit xmllint --noout "$TRIAL/junit"
}

archives
texts
reports
summary
