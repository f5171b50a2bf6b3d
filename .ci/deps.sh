#!/bin/sh
# .ci/deps.sh: sees to it that what a target needs is installed.
#
# usage: deps.sh SET...     (build run unit fuzz lint gdb figures grade graders)
#
# Silent when everything is there. Else it says which packages are missing, and
# installs them with apt, through sudo when it isn't root.
set -eu

missing=
as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo

# want PACKAGE TEST...: notes PACKAGE when the command TEST fails.
want()
{
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}

have()
{
	command -v "$1"
}

# A gcc for 64 bits alone compiles with -m32 as well, and names its own libgcc: only a program
# that is linked shows that the 32-bit one is there.
has_libgcc32()
{
	echo 'long long half(long long a, long long b) { return a / b; }' |
		gcc -m32 -nostdlib -static -Wl,-e,half -x c -o /dev/null - -lgcc
}

need_build()
{
	if [ -n "${CROSS:-}" ]; then
		want "gcc-${CROSS%-}" have "${CROSS}gcc"
	else
		want gcc have gcc
		want gcc-multilib has_libgcc32
	fi
	want "binutils${CROSS:+-${CROSS%-}}" have "${CROSS:-}objdump"
	want mtools have mformat
	want grub-common have grub-mkimage
	want grub-pc-bin test -r /usr/lib/grub/i386-pc/boot.img
}

need_run()
{
	want bochs have bochs
	want bochsbios test -r /usr/share/bochs/BIOS-bochs-legacy
	want socat have socat
	want qemu-system-x86 have qemu-system-i386
	want gcc have gcc
	want libc6-dev test -e /usr/include/stdio.h
}

need_unit()
{
	want libcriterion-dev test -e /usr/include/criterion/criterion.h
}

update()
{
	echo "deps: running: ${as_root:+sudo }apt-get update" >&2
	$as_root apt-get update -qq
}

# A new machine may have no lists of packages at all.
have_lists()
{
	ls /var/lib/apt/lists/*_Packages* 2>/dev/null || update
}

# libFuzzer and the sanitizers are in a package of their own, named by clang's version.
clang_version()
{
	if have clang >/dev/null; then
		clang -dumpversion | cut -d. -f1
	else
		have_lists >/dev/null
		apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-//p'
	fi
}

has_libfuzzer()
{
	echo "int LLVMFuzzerTestOneInput(const void *p, int n) { return p && !n; }" |
		clang -fsanitize=fuzzer,address -x c -o /dev/null -
}

need_fuzz()
{
	want clang have clang
	has_libfuzzer >/dev/null 2>&1 || version=$(clang_version)
	want "libclang-rt-${version:-14}-dev" has_libfuzzer
}

need_lint()
{
	want shellcheck have shellcheck
	want clang-format have clang-format
}

# Where what is graded is run.
need_grade()
{
	want bubblewrap have bwrap
}

# What the graders are tried with, and the package for Gradescope.
need_graders()
{
	want patch have patch
	want jq have jq
	want libxml2-utils have xmllint
	want perl have prove
	want zip have zip
	want unzip have unzip
}

# Pictures.
need_figures()
{
	want gnuplot-nox have gnuplot
}

need_gdb()
{
	want gdb have gdb
	want qemu-system-x86 have qemu-system-i386
}

install()
{
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $missing >/dev/null
}

for set in "$@"; do
	"need_$set"
done
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')

if ! have apt-get >/dev/null; then
	echo "deps: missing: $missing- no apt-get here: install them by hand" >&2
	exit 1
fi
if [ -n "$as_root" ] && ! have sudo >/dev/null; then
	echo "deps: missing: $missing- no sudo here: as root, run" \
		"apt-get install $missing" >&2
	exit 1
fi
echo "deps: missing: $missing"
echo "deps: running: ${as_root:+sudo }apt-get install --no-install-recommends $missing"
have_lists >/dev/null
install || {
	echo "deps: once more, with new lists of packages"
	update && install
} || {
	echo "deps: apt-get failed: look above, then run 'make deps' again" >&2
	exit 1
}
