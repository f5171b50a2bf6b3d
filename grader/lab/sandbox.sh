#!/bin/sh
# grader/lab/sandbox.sh: runs what has to do with a submission where it can do no harm and
# sees nothing that helps it.
#
# usage: sandbox.sh probe              prints the kind there is here: bwrap, uid or none
#        sandbox.sh compile KIND OUT COMMAND...
#                                      a compiler: reads the system and the tree, writes to
#                                      the folder OUT alone
#        sandbox.sh box KIND FOLDER NAME=VALUE... COMMAND...
#                                      COMMAND in FOLDER, which is all that it has: the system's
#                                      programs and libraries besides, no network, no other
#                                      process, an empty /tmp
#
# bwrap: bubblewrap. uid: root without namespaces, as on Gradescope: a copy of FOLDER belongs
# to a uid that nobody has, and what is in its results/ comes back. That needs the tree to be
# closed to others (chmod 700), which is tried out first. none: only compilers run, as they
# execute nothing of a submission.
#
# Limits: CPU, file size, processes (uid), no core, no ASLR, so that a run repeats.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd -P)
LIMITS='setarch -R prlimit --core=0 --cpu=100 --fsize=268435456'
# A uid that nobody has: a range far from those that are given out.
UID_BASE=1900000000
RESULT_CAP=65536		# bytes of one outcome

# system_binds: bubblewrap's options for a system that can be read.
system_binds()
{
	binds='--ro-bind /usr /usr'
	for dir in bin sbin lib lib32 lib64 libx32; do
		if [ -h "/$dir" ]; then
			binds="$binds --symlink $(readlink "/$dir") /$dir"
		elif [ -d "/$dir" ]; then
			binds="$binds --ro-bind /$dir /$dir"
		fi
	done
	for file in /etc/ld.so.cache /etc/alternatives; do
		[ ! -e "$file" ] || binds="$binds --ro-bind $file $file"
	done
	echo "$binds"
}

# in_bwrap OPTION... COMMAND...: alone in all namespaces, as nobody.
in_bwrap()
{
	# shellcheck disable=SC2046,SC2086
	exec $LIMITS bwrap --unshare-all --uid 65534 --gid 65534 --die-with-parent \
		--new-session --cap-drop ALL --hostname box --clearenv \
		--setenv PATH /usr/bin:/bin --setenv LC_ALL C $(system_binds) \
		--proc /proc --dev /dev --tmpfs /tmp "$@"
}

# as_uid UID COMMAND...
as_uid()
{
	uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs \
		--inh-caps=-all --bounding-set=-all "$@"
}

# closed_to UID: whether it can't read what must not be seen.
closed_to()
{
	for path in Makefile build labs grader; do
		! as_uid "$1" test -r "$ROOT/$path" || return 1
	done
}

probe()
{
	if (in_bwrap true) 2>/dev/null; then
		echo bwrap
	elif [ "$(id -u)" -eq 0 ] && as_uid $UID_BASE true 2>/dev/null &&
		closed_to $UID_BASE; then
		echo uid
	else
		echo none
	fi
}

compile()
{
	kind=$1 out=$2
	shift 2
	# shellcheck disable=SC2086
	[ "$kind" = bwrap ] || exec $LIMITS --as=2147483648 "$@"
	in_bwrap --ro-bind "$ROOT" "$ROOT" --bind "$out" "$out" --chdir "$PWD" \
		prlimit --cpu=20 --as=2147483648 "$@"
}

# bring_back COPY FOLDER: the outcomes, as plain files of a reasonable size.
bring_back()
{
	for file in "$1"/results/*; do
		if [ -f "$file" ] && [ ! -h "$file" ]; then
			head -c $RESULT_CAP "$file" >"$2/results/$(basename "$file")"
		fi
	done
	rm -rf "$1"
}

# in_copy FOLDER COMMAND...: as a uid of its own, on a copy.
in_copy()
{
	folder=$1
	shift
	owner=$((UID_BASE + $$))
	copy=$(mktemp -d /tmp/ballast-box.XXXXXX)
	trap 'bring_back "$copy" "$folder"' EXIT
	trap 'exit 130' INT TERM HUP
	cp -R "$folder/." "$copy"
	chown -R "$owner:$owner" "$copy"
	chmod 700 "$copy"
	status=0
	# shellcheck disable=SC2086
	(cd "$copy" && env -i PATH=/usr/bin:/bin LC_ALL=C $LIMITS --nproc=64 setpriv \
		--reuid $owner --regid $owner --clear-groups --no-new-privs --inh-caps=-all \
		--bounding-set=-all --pdeathsig KILL env "$@" 3>&-) || status=$?
	# Whoever is left of it: nobody else has this uid.
	as_uid "$owner" kill -KILL -1 2>/dev/null || :
	return $status
}

box()
{
	kind=$1 folder=$2
	shift 2
	case $kind in
	bwrap)
		in_bwrap --bind "$folder" /box --chdir /box env "$@"
		;;
	uid) in_copy "$folder" "$@" ;;
	*) exit 3 ;;
	esac
}

command=$1
shift
"$command" "$@"
