#!/bin/sh
# grader/console.sh: the machine for a person at a terminal: `make run|debug|gdb`.
#
# usage: console.sh run|debug|gdb      (EMU MEM KERNEL IMAGE from make)
#
# The serial console becomes this terminal, in raw mode, so that every key but Ctrl-]
# goes to the machine. Virtual time keeps to the wall clock. The disk is a copy: nothing
# that guests write stays.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/emulator.sh
. grader/emulator.sh

mode=${1:-run}
EMU=${EMU:-bochs} MEM=${MEM:-128} image=${IMAGE:-build/disk.img}
dir=build/run/$mode.$$
machine='' saved=''

# shellcheck disable=SC2317
cleanup()
{
	trap - EXIT INT TERM HUP
	[ -z "$saved" ] || stty "$saved" 2>/dev/null || :
	if [ -n "$machine" ]; then
		kill "$machine" 2>/dev/null || :
		wait "$machine" 2>/dev/null || :
	fi
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

mkdir -p "$dir"
check_image "$image"
sparse_copy "$image" "$dir/disk.img"
events=build/$mode.events

# need_terminal: without one there is nobody to talk to.
need_terminal()
{
	{ [ -t 0 ] && [ -t 1 ]; } || die "make $mode wants a terminal; make demo does not"
	saved=$(stty -g)
}

banner()
{
	echo "Ctrl-A ? helps, Ctrl-A m is the monitor, quit there ends it; Ctrl-] gets out."
	echo "Events go to $events."
}

# How it went, in a line: the terminal has been given back.
epilogue()
{
	stty "$saved" 2>/dev/null || :
	saved=''
	echo
	if grep -q '^@[0-9]* panic' "$events"; then
		grep '^@[0-9]* panic' "$events" | head -n 20
		exit 1
	fi
	awk '
		$2 == "exit" {
			sub(/status=/, "", $3)
			printf "The machine switched itself off after %.1f s, status %s.\n", \
				substr($1, 2) / 1000, $3
			found = 1
		}
		END { if (!found) print "The machine is off." }' "$events"
}

# socat joins the machine's serial line, a pseudo-terminal, to this terminal, and ends with
# it. The machine is started once the pseudo-terminal is there.
run_machine()
{
	need_terminal
	banner
	(
		while [ ! -e "$dir/com1" ]; do sleep 0.1; done
		"start_$EMU" >"$events" 2>"build/$EMU.stderr" </dev/null
	) &
	machine=$!
	socat -,rawer,escape=0x1d "PTY,link=$dir/com1,rawer,wait-slave" || :
	epilogue
}

start_bochs()
{
	bochs_rc "$dir/bochsrc" "$dir/disk.img" "$MEM" build/bochs.log
	cat >>"$dir/bochsrc" <<-END
	clock: sync=slowdown, time0=1000000000
	com1: enabled=1, mode=term, dev=$dir/com1
	END
	echo c >"$dir/commands"
	exec bochs -q -f "$dir/bochsrc" -rc "$dir/commands"
}

start_qemu()
{
	qemu "$dir/disk.img" "$MEM" -chardev "serial,id=com1,path=$dir/com1" \
		-serial chardev:com1 -debugcon stdio
}

# The machine's own debugger: its prompt is the terminal, the console a file. It knows the
# kernel's functions and variables by name: lb "frame_free", x /2wx "free_head".
debug_bochs()
{
	bochs_rc "$dir/bochsrc" "$dir/disk.img" "$MEM" build/bochs.log
	cat >>"$dir/bochsrc" <<-END
	clock: sync=none, time0=1000000000
	com1: enabled=1, mode=file, dev=build/com1.log
	magic_break: enabled=1
	END
	nm "${KERNEL:-build/kernel.elf}" | awk '{ print $1, $3 }' >"$dir/symbols"
	echo "ldsym global \"$dir/symbols\" 0" >"$dir/commands"
	echo "The console goes to build/com1.log. c runs, Ctrl-C stops, xchg %bx,%bx breaks,"
	echo "lb \"NAME\" breaks at a function, help lists commands, q quits."
	bochs -q -f "$dir/bochsrc" -rc "$dir/commands" 2>build/bochs.stderr || :
}

# QEMU waits for gdb, which loads the kernel's symbols.
debug_gdb()
{
	port=$((20000 + $$ % 20000))
	(qemu "$dir/disk.img" "$MEM" -S -gdb "tcp:127.0.0.1:$port" -serial file:build/com1.log \
		-debugcon "file:$events" </dev/null >build/qemu.log 2>&1) &
	machine=$!
	gdb -q "${KERNEL:-build/kernel.elf}" -ex "target remote 127.0.0.1:$port" || :
}

case $mode-$EMU in
run-*) run_machine ;;
debug-*) debug_bochs ;;
gdb-*) debug_gdb ;;
*) die "usage: console.sh run|debug|gdb" ;;
esac
