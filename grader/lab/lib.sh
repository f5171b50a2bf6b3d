# grader/lab/lib.sh: what the scripts that grade a lab share.
#
# Sourced, with the top of the tree as the working folder. A stage (collect, lint, build)
# prints why it refuses a submission and exits 1; 3 means that the grader itself is at a
# loss, and then nobody gets a mark, neither none nor full.
# shellcheck shell=sh

LABS=labs/labs.tsv
TAB=$(printf '\t')
LC_ALL=C
export LC_ALL TAB LABS

# die MESSAGE: wrong use, in one line.
die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# refuse MESSAGE...: what is wrong with a submission, a line each.
refuse()
{
	printf '%s\n' "$@"
	exit 1
}

# at_a_loss MESSAGE: the grader's own fault.
at_a_loss()
{
	printf '%s\n' "$*"
	exit 3
}

# lab_field LAB COLUMN: of the table of labs.
lab_field()
{
	awk -F "$TAB" -v lab="$1" -v column="$2" \
		'!/^#/ && $1 == lab { print $column; exit }' "$LABS"
}

# lab_files LAB: the paths of the modules that a student writes.
lab_files()
{
	lab_field "$1" 3
}

# need_lab LAB: out in one line unless there is such a lab.
need_lab()
{
	case ${1:-} in
	[0-9]) [ -z "$(lab_files "$1")" ] || [ ! -r "labs/lab$1/tests.tsv" ] || return 0 ;;
	esac
	die "LAB=${1:-}: give one of" \
		"$(awk -F "$TAB" '!/^#/ && NF { print $1 }' $LABS | tr '\n' ' ')"
}

# tests LAB LEVEL: the rows of the lab's table of that level that TEST asks for: the id that
# is TEST, else the ids that contain it.
tests()
{
	awk -F "$TAB" -v level="$2" -v test="${TEST:-}" '
		/^#/ || NF == 0 { next }
		{ row[++rows] = $0; id[rows] = $1; on[rows] = $4; exact += $1 == test }
		END {
			for (i = 1; i <= rows; i++)
				if ((exact ? id[i] == test : index(id[i], test)) && \
				    (level == "" || on[i] == level))
					print row[i]
		}' "labs/lab$1/tests.tsv"
}

# derive LAB WORD: eight hex digits that follow from the seed and can't be told without it.
derive()
{
	printf '%s' "$SEED:$1:$2" | sha256sum | cut -c1-8
}

# hash_of FILE...: of their contents, and of where one ends and the next begins.
hash_of()
{
	for file; do
		sha256sum <"$file"
	done | sha256sum | cut -c1-64
}

# image_hash KERNEL SCENARIO GUEST: of all that a machine run's disk is made of.
image_hash()
{
	hash_of "$1" "$2" "$3" build/guest.pat build/vdisk.img
}

# progress MESSAGE: what is going on, for whoever waits; never in a report.
progress()
{
	printf '%s\n' "$*" >&2
}

# flag NAME: how make builds; see grade.mk.
flag()
{
	sed -n "s/^$1 //p" build/grade.flags
}

# quoted PATH: where a module finds its headers; machine_cc PATH: how make compiles it for the
# machine. What is below user/ is the guest's.
quoted()
{
	case $1 in
	user/*) echo '-iquote user/kernel' ;;
	*) echo '-I.' ;;
	esac
}

machine_cc()
{
	case $1 in
	user/*) echo "$(flag usercc) $(flag usercflags)" ;;
	*) echo "$(flag cc) $(flag cflags)" ;;
	esac
}
