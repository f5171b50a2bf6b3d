#!/bin/sh
# grader/native.sh: the guest on bare Bochs, on bare QEMU and in a VM, one transcript each;
# `make native` calls it. Shows the first and says how the others differ: they must not,
# but for what equivalence.txt lists. Exits 0 when they are the same.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=grader/expect.sh
. grader/expect.sh

options=$(sed -n 's/^#: *//p' grader/scenarios/native.scn)
for emu in bochs qemu; do
	echo "native: bare $emu ..." >&2
	# shellcheck disable=SC2086
	grader/bare.sh -e $emu -n native -o build/native/bare-$emu $options >&2
done
echo "native: as a VM on ${EMU:-bochs} ..." >&2
# shellcheck disable=SC2086
grader/run.sh -e "${EMU:-bochs}" -n native -o build/native/vm $options \
	grader/scenarios/native.scn >&2

tr -d '\r' <build/native/bare-bochs/com1.log
OUT1=build/native/bare-bochs
grader/transcript.sh $OUT1/com1.log >$OUT1/transcript
grader/transcript.sh build/native/bare-qemu/com1.log >build/native/bare-qemu/transcript
bad=0
if ! diff $OUT1/transcript build/native/bare-qemu/transcript; then
	echo "native: bare Bochs (<) and bare QEMU (>) differ" >&2
	bad=1
fi
OUT2=build/native/vm
if ! same_transcript 1 >&2; then
	bad=1
fi
[ "$bad" -ne 0 ] ||
	echo "native: the same $(grep -c . $OUT1/transcript) lines on bare Bochs," \
		"bare QEMU and in a VM" >&2
exit "$bad"
