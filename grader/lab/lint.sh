#!/bin/sh
# grader/lab/lint.sh: what a submission's text and objects may not have.
#
# usage: lint.sh text LAB FILE...       before anything is compiled; SANDBOX is the kind of sandbox
#        lint.sh objects LAB OBJECT...  of the machine, and built the same way for the host
#
# A lab's modules are C that calls what their headers name: no assembly, no sections, no code
# that runs at build time or before main, nothing but the functions in labs/labN/allow.txt.
# What is found is printed, FILE:LINE: why; exit 1. This is lint: it tells early and plainly
# what would not work. It is not what keeps a submission from forging: docs/GRADING.md.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=grader/lab/lib.sh
. grader/lab/lib.sh

what=$1 lab=$2
shift 2
allow=labs/lab$lab/allow.txt
SIZE_CAP=1048576		# bytes of an object in memory
EXPANDED_CAP=8388608		# of a source after the preprocessor

# The preprocessor sees the source only once its #includes have been read.
lint_text()
{
	found=0
	for file; do
		name=labs/lab$lab/$(basename "$file")
		awk -v name="$name" -v allow="$allow" -f grader/lab/lint-text.awk "$file" ||
			found=1
	done
	[ "$found" -eq 0 ] || exit 1
	for file; do
		path=$(lab_files "$lab" | tr ' ' '\n' | grep "/$(basename "$file")\$" || :)
		# As the machine's compiler sees it, and as that of the unit tests does.
		# shellcheck disable=SC2046
		lint_expanded "$file" $(machine_cc "$path") -nostdinc \
			-isystem "$($(flag cc) -print-file-name=include)" || found=1
		# shellcheck disable=SC2046
		lint_expanded "$file" $(flag hostcc) $(cat grader/judge/flags) \
			$(quoted "$path") || found=1
	done
	[ "$found" -eq 0 ] || exit 1
}

# lint_expanded FILE COMPILER...
lint_expanded()
{
	expand "$@"
	awk -v name="$(basename "$1")" -v allow="$allow" -v expanded="$1" \
		-f grader/lab/lint-text.awk "$1.i" | sed "s|^|labs/lab$lab/|" >"$1.lint"
	cat "$1.lint"
	clean=0
	[ ! -s "$1.lint" ] || clean=1
	rm -f "$1.lint" "$1.i"
	return $clean
}

# expand FILE COMPILER...: what the preprocessor makes of it, FILE.i. What it complains of,
# the compiler will say again.
expand()
{
	file=$1
	shift
	grader/lab/sandbox.sh compile "${SANDBOX:-none}" "$PWD/$(dirname "$file")" "$@" \
		-fmax-errors=5 -E "$file" 2>/dev/null | head -c $((EXPANDED_CAP + 1)) \
		>"$file.i" || :
	set -- "$file"
	[ "$(wc -c <"$1.i")" -le $EXPANDED_CAP ] || {
		rm -f "$1.i"
		refuse "labs/lab$lab/$(basename "$1") has macros that grow beyond all bounds"
	}
}

# What an object imports and exports, by the list; what the compiler puts in by itself.
check_symbols()
{
	nm "$1" | awk -v object="$2" '
		FILENAME != "-" {
			if ($1 == "call" || $1 == "export")
				for (i = 2; i <= NF; i++)
					ok[$1, $i] = 1
			next
		}
		{ type = $(NF - 1); symbol = $NF }
		type == "U" {
			if (!(("call", symbol) in ok) && !(("export", symbol) in ok) && \
			    symbol !~ /^(mem(cpy|set|move|cmp)|__u?(div|mod|divmod)di[34]|_GLOBAL_OFFSET_TABLE_)$/)
				print object ": " symbol " is not among what a file of this lab calls"
			next
		}
		type ~ /^[TDBR]$/ {
			if (!(("export", symbol) in ok))
				print object ": " symbol " should be static: no header has it"
			next
		}
		type !~ /^[tdbrNn]$/ { print object ": " symbol " is a symbol of an odd kind, " type }' \
		"$allow" -
}

check_sections()
{
	objdump -hw "$1" | awk -v object="$2" -v cap=$SIZE_CAP '
		function hex(text,    i, n)
		{
			for (i = 1; i <= length(text); i++)
				n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
			return n
		}
		$1 !~ /^[0-9]+$/ { next }
		$2 !~ /^\.(text|rodata|data|bss|eh_frame|comment|note|debug|group)/ {
			print object ": section " $2 " has no place here"
		}
		/ ALLOC/ { size += hex($3) }
		END {
			if (size > cap)
				print object ": code and data of " size " bytes; " cap " are allowed"
		}'
}

check_instructions()
{
	objdump -d --no-show-raw-insn "$1" | awk -F '\t' -v object="$2" '
		/^[0-9a-f]+ </ {
			place = $0
			sub(/.*</, "", place)
			sub(/(\.[a-z]+\.[0-9]+)?>.*/, "", place)
		}
		NF < 2 { next }
		{ split($2, word, " ") }
		word[1] ~ /^(in|out|ins|outs)[bwl]?$|^(cli|sti|hlt|int|int1|int3|into|iret[lwq]?|clts|clac|stac)$/ ||
		word[1] ~ /^([ls][gil]dt[lwd]?|ltr|str|lmsw|smsw|lar|lsl|verr|verw|invd|wbinvd|inv[lp].*)$/ ||
		word[1] ~ /^(rd.*|wr.*|sys.*|cpuid|popf.?|pushf.?|l[jc](mp|all).*|lret.*|vm.*|x(save|rstor).*|fx.*)$/ ||
		word[1] ~ /^(\(bad\)|l[defgs]s)$/ ||
		$2 ~ /%(cr|db|dr|tr)[0-9]|%[cdefgs]s($|[^:a-z])/ {
			print object ": " place "() has the instruction " $2
		}' | sort -u | head -n 5
}

lint_objects()
{
	for object; do
		name=$(basename "$object" .o)
		name=labs/lab$lab/${name%-host}.c
		check_symbols "$object" "$name"
		check_sections "$object" "$name"
		case $object in
		*-host.o) ;;
		*) check_instructions "$object" "$name" ;;
		esac
	done | awk '!seen[$0]++' >"$1.lint"
	cat "$1.lint"
	[ ! -s "$1.lint" ] || {
		rm -f "$1.lint"
		exit 1
	}
	rm -f "$1.lint"
}

"lint_$what" "$@"
