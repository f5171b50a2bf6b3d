# grader/expect.sh: the words in which tests.tsv says what a run must have shown.
#
# Sourced by check-one.sh. Each is a predicate over the results of one run, in the folder
# $OUT ($OUT1, $OUT2, ... when a test has several). A word that doesn't hold prints what
# was expected and what was found, in a line, and returns 1.
# Patterns are extended regular expressions over an event line without its time, or over
# a line of a guest's console.
# shellcheck shell=sh disable=SC2015

# events: the event lines of this run without their times.
events()
{
	sed 's/^@[0-9]* //' "$OUT/events.log"
}

# console VM [FOLDER]: what a guest printed, decoded, line by line, without the prompt, which
# comes before or after the echo of what was typed.
console()
{
	awk -v vm="$1" -f grader/console.awk "${2:-$OUT}/events.log" | sed 's/^\$ //'
}

# verdict WORD...: one of these words is run.sh's verdict.
verdict()
{
	for word in "$@"; do
		[ "$(sed 's/:.*//' "$OUT/verdict")" != "$word" ] || return 0
	done
	echo "expected verdict $*, got $(cat "$OUT/verdict")"
	return 1
}

# has PATTERN [N]: at least N (1) events match.
has()
{
	found=$(events | grep -cE -e "$1" || :)
	[ "$found" -ge "${2:-1}" ] || {
		echo "expected ${2:-1} or more events '$1', found $found"
		return 1
	}
}

# hasnt PATTERN
hasnt()
{
	! events | grep -m 1 -E -e "$1" | sed "s/^/did not expect '/; s/\$/'/" | grep .
}

# exactly N PATTERN
exactly()
{
	found=$(events | grep -cE -e "$2" || :)
	[ "$found" -eq "$1" ] || {
		echo "expected $1 events '$2', found $found"
		return 1
	}
}

# prints VM PATTERN [N]: the guest printed N (1) or more such lines.
prints()
{
	found=$(console "$1" | grep -cE -e "$2" || :)
	[ "$found" -ge "${3:-1}" ] || {
		echo "expected VM $1 to print '$2', last line: '$(console "$1" | tail -n 1)'"
		return 1
	}
}

# all_print N PATTERN: each of the VMs 1 to N did.
all_print()
{
	i=1
	while [ "$i" -le "$1" ]; do
		prints "$i" "$2" || return 1
		i=$((i + 1))
	done
}

# silent VM PATTERN: the guest printed no such line.
silent()
{
	! console "$1" | grep -m 1 -E -e "$2" | sed "s/^/VM $1 printed '/; s/\$/'/" | grep .
}

# same_console VM...: these VMs printed the same in both runs.
same_console()
{
	for vm in "$@"; do
		console "$vm" "$OUT1" >"$OUT1/console-$vm.first"
		console "$vm" "$OUT2" >"$OUT1/console-$vm.second"
		[ -s "$OUT1/console-$vm.first" ] || {
			echo "VM $vm printed nothing"
			return 1
		}
		cmp -s "$OUT1/console-$vm.first" "$OUT1/console-$vm.second" || {
			echo "VM $vm printed something else: diff $OUT1/console-$vm.*"
			return 1
		}
	done
}

# same_file NAME [OTHER]: OUT1/NAME and OUT2/OTHER are there and equal.
same_file()
{
	[ -s "$OUT1/$1" ] && cmp -s "$OUT1/$1" "$OUT2/${2:-$1}" || {
		echo "$OUT1/$1 and $OUT2/${2:-$1} differ"
		return 1
	}
}

# other_file NAME: they are there and differ.
other_file()
{
	[ -s "$OUT1/$1" ] && [ -s "$OUT2/$1" ] && ! cmp -s "$OUT1/$1" "$OUT2/$1" || {
		echo "$OUT1/$1 and $OUT2/$1 are equal"
		return 1
	}
}

# same_dumps N: at each of N checkpoints, plugin and debugger saw the same bytes.
same_dumps()
{
	i=1
	while [ "$i" -le "$1" ]; do
		[ -s "$OUT/ckpt-$i.dump" ] && cmp "$OUT/ckpt-$i.dump" "$OUT/dbg-$i.dump" 2>&1 ||
			return 1
		i=$((i + 1))
	done
}

# same_transcript VM: OUT1 is a bare run, OUT2 a run with VMs; their consoles are the
# same but for the lines that grader/equivalence.txt lists.
# Others may look at the same runs at the same time: each writes into files of its own.
same_transcript()
{
	grader/transcript.sh "$OUT1/com1.log" >"$OUT1/transcript.$$" || return 1
	awk -v vm="$1" -f grader/console.awk "$OUT2/events.log" >"$OUT2/console"
	grader/transcript.sh "$OUT2/console" >"$OUT2/transcript.$$" || return 1
	diff "$OUT1/transcript.$$" "$OUT2/transcript.$$" >"$OUT2/transcript.$$.diff" || {
		echo "transcripts differ: $OUT2/transcript.$$.diff:" \
			"$(grep -m 1 '^[<>]' "$OUT2/transcript.$$.diff")"
		return 1
	}
}

# bench_table: the table of make bench from OUT1, a bare run, and OUT2, a run as a VM.
bench_table()
{
	tr -d '\r' <"$OUT1/com1.log" >"$OUT1/bare.txt"
	console 1 "$OUT2" >"$OUT2/vm.txt"
	awk -f grader/bench.awk "$OUT1/bare.txt" "$OUT2/vm.txt"
}

# bench_has ROW...: the table has these rows.
bench_has()
{
	bench_table >"$OUT2/bench.tsv" || return 1
	for row in "$@"; do
		grep -q "^${row}[[:space:]]" "$OUT2/bench.tsv" || {
			echo "bench has no row $row"
			return 1
		}
	done
}

# bench_ratio ROW LIMIT: that row's ratio is below LIMIT.
bench_ratio()
{
	bench_table | awk -v row="$1" -v limit="$2" '
		$1 == row { found = 1; ratio = $4 }
		END {
			if (found && ratio < limit)
				exit 0
			print "expected " row " below " limit " times bare, got " ratio
			exit 1
		}'
}

# bench_memory ROW LEAST MOST...: the rows of bench-mem.awk, all of them, cost so many instructions.
bench_memory()
{
	console 1 >"$OUT/mem.txt"
	awk -f grader/bench-mem.awk "$OUT/mem.txt" >"$OUT/mem.tsv" || return 1
	while [ $# -ge 3 ]; do
		awk -v row="$1" -v least="$2" -v most="$3" '
			$1 == row { cost = $3 }
			END {
				if (cost >= least && cost <= most)
					exit 0
				print "expected " row " from " least " to " most ", got " cost
				exit 1
			}' "$OUT/mem.tsv" || return 1
		shift 3
	done
}

# oracle N [TEST...]: the oracle finds nothing wrong in the dump of checkpoint N.
oracle()
{
	dump=$OUT/ckpt-$1.dump
	shift
	[ -s "$dump" ] || {
		echo "no $dump"
		return 1
	}
	build/oracle "$dump" build/check/kernel.elf "$@" >"$OUT/oracle.log" 2>&1 || {
		grep -m 1 '^oracle:' "$OUT/oracle.log" || tail -n 1 "$OUT/oracle.log"
		return 1
	}
}

# oracle_names N RULE...: break a rule in a copy of dump N, and the oracle names it.
oracle_names()
{
	dump=$OUT/ckpt-$1.dump
	shift
	for rule in "$@"; do
		build/forge "$dump" build/check/kernel.elf "$rule" "$OUT/forged.dump" || return 1
		build/oracle "$OUT/forged.dump" build/check/kernel.elf "$rule" \
			>"$OUT/forged.log" 2>&1 || :
		rm -f "$OUT/forged.dump"
		grep -q "^oracle: $rule: " "$OUT/forged.log" || {
			echo "expected the oracle to name $rule, got: $(tail -n 1 "$OUT/forged.log")"
			return 1
		}
	done
}

# same_work VM...: these VMs printed the same in both runs, but for how long it took.
# shellcheck disable=SC2317
same_work()
{
	for vm in "$@"; do
		for out in "$OUT1" "$OUT2"; do
			console "$vm" "$out" | sed 's/ticks=[0-9]*//' >"$out/work-$vm"
		done
		[ -s "$OUT1/work-$vm" ] && cmp -s "$OUT1/work-$vm" "$OUT2/work-$vm" || {
			echo "VM $vm did something else: diff $OUT1/work-$vm $OUT2/work-$vm"
			return 1
		}
	done
}

# refuses PATTERN COMMAND...: the command fails with one line that matches, quickly, and
# leaves nothing in build/run: what it leaves there has the name $NAME.
refuses()
{
	pattern=$1 status=0
	shift
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS timeout 20 "$@" \
		>"$OUT/refused" 2>&1 </dev/null || status=$?
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ] || {
		echo "expected '$*' to fail, status $status"
		return 1
	}
	[ "$(grep -c . "$OUT/refused")" -eq 1 ] && grep -qE -e "$pattern" "$OUT/refused" || {
		echo "expected one line '$pattern', got: $(head -n 2 "$OUT/refused" | tr '\n' '|')"
		return 1
	}
	for leftover in build/run/"$NAME".*; do
		[ ! -e "$leftover" ] || {
			echo "left behind: $leftover"
			return 1
		}
	done
}

# same_matrix [walk=any]: two transcripts of the access matrix agree in every cell. OUT1 is
# a bare machine; OUT2 is one too, or a run whose VM 1 it was. walk=any: matrix.awk.
same_matrix()
{
	if [ -e "$OUT2/com1.log" ]; then
		cp "$OUT2/com1.log" "$OUT2/matrix"
	else
		console 1 "$OUT2" >"$OUT2/matrix"
	fi
	awk ${1:+-v "$1"} -f grader/matrix.awk "$OUT1/com1.log" "$OUT2/matrix" \
		>"$OUT2/matrix.diff" && return 0
	echo "the access matrix: $(head -n 1 "$OUT2/matrix.diff");" \
		"$(tail -n 1 "$OUT2/matrix.diff"): see $OUT2/matrix.diff"
	return 1
}

# same_work VM: this VM printed the same in both runs, but for the lines that
# grader/equivalence.txt lists.
same_work()
{
	for run in "$OUT1" "$OUT2"; do
		console "$1" "$run" >"$run/work.$1"
		grader/transcript.sh "$run/work.$1" >"$run/work.$1.lines" || return 1
	done
	diff "$OUT1/work.$1.lines" "$OUT2/work.$1.lines" >"$OUT2/work.$1.diff" || {
		echo "VM $1 printed something else: $OUT2/work.$1.diff:" \
			"$(grep -m 1 '^[<>]' "$OUT2/work.$1.diff")"
		return 1
	}
}

# The stages of the guests' program proof, as rules of the oracle.
# shellcheck disable=SC2034
PROOFS='alive zero fill child parent user marks storm shrink swap scan chain'

# peek_oracle N early|last [RULE...]: the same of unannounced look N, with proof 4711 in
# VM 1, 4712 in VM 2; last: all that was to happen has happened.
peek_oracle()
{
	look=$OUT/peek-$1 kernel=${KERNEL:-build/check/kernel.elf}
	when=${2:-early}
	shift $(($# > 1 ? 2 : 1))
	[ -s "$look.cpu" ] || {
		echo "no $look.cpu"
		return 1
	}
	set -- "$look.dump" "$kernel" "$@"
	for file in build/user/bin/*.elf; do
		set -- -p "$file" "$@"
	done
	[ "$when" = early ] || set -- -l "$@"
	build/oracle -c "$look.cpu" -g build/user/guest.elf -s "1=4711:zfumsrwt" \
		-s "2=4712:zfumsrwt" "$@" >"$look.log" 2>&1 || {
		grep -m 1 '^oracle:' "$look.log" || tail -n 1 "$look.log"
		return 1
	}
}

# without_port N COMMAND...: the command, with a Bochs that N times finds no port for its
# display, as when two start in one instant: it gives up and says so, or falls while it does,
# without a word, and leaves its lock on the disk.
without_port()
{
	mkdir -p "$OUT/bin"
	rm -f "$OUT/times"
	cat >"$OUT/bin/bochs" <<-END
		#!/bin/sh
		echo >>"$OUT/times"
		n=\$(wc -l <"$OUT/times")
		[ "\$n" -le $1 ] || exec "$(command -v bochs)" "\$@"
		if [ \$((n % 2)) -eq 0 ]; then
			: >"\$(sed -n 's/^ata0-master:.*path=\([^,]*\),.*/\1/p' "\$3" | tail -n 1).lock"
			kill -SEGV \$\$
		fi
		echo 'RFB could not bind any port between 5900 and 5949' \\
			>"\$(sed -n 's/^log: //p' "\$3" | tail -n 1)"
		exit 1
	END
	chmod +x "$OUT/bin/bochs"
	shift
	PATH=$PWD/$OUT/bin:$PATH "$@"
}

# poor_machine SET...: what deps.sh does where the 32-bit libgcc is missing and the lists of
# packages are old: the first install fails. What it asks of apt-get is in $OUT/asked.
poor_machine()
{
	mkdir -p "$OUT/bin"
	rm -f "$OUT/asked"
	cat >"$OUT/bin/gcc" <<-END
		#!/bin/sh
		case " \$* " in *' -m32 '*' -lgcc '*) exit 1 ;; esac
		exec "$(command -v gcc)" "\$@"
	END
	cat >"$OUT/bin/apt-get" <<-END
		#!/bin/sh
		echo "\$*" >>"$OUT/asked"
		[ "\$1" = update ] || [ "\$(grep -c ^install "$OUT/asked")" -gt 1 ]
	END
	printf '#!/bin/sh\nexec "$@"\n' >"$OUT/bin/sudo"
	chmod +x "$OUT/bin"/*
	CROSS='' PATH=$PWD/$OUT/bin:$PATH .ci/deps.sh "$@" >"$OUT/said" 2>&1
}
