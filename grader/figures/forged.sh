# grader/figures/forged.sh: do the figures' checks notice a wrong shape? A test.
#
# usage: sh grader/figures/forged.sh      prints the first that went unnoticed, and exits 1
# shellcheck shell=sh
set -eu
cd "$(dirname "$0")/../.."

# notices CHECK TEXT ROWS: the check refuses these rows (columns parted by blanks) with TEXT.
notices()
{
	if said=$(printf 'head\n%s\n' "$3" | tr ' ' '\t' | awk -f "grader/figures/$1.awk"); then
		echo "$1.awk takes what should be refused: $2"
		exit 1
	fi
	case $said in
	*"$2"*) ;;
	*)
		echo "$1.awk should say '$2', says: $said"
		exit 1
		;;
	esac
}

# accepts CHECK ROWS
accepts()
{
	said=$(printf 'head\n%s\n' "$2" | tr ' ' '\t' | awk -f "grader/figures/$1.awk") || {
		echo "$1.awk refuses what is good: $said"
		exit 1
	}
}

# rows C16 B16 C20 B20 C24 B24 C28 B28 C32
rows()
{
	printf '16 %s %s 0\n20 %s %s 0\n24 %s %s 0\n28 %s %s 0\n32 %s - -\n' "$@"
}

# The paper's own numbers pass; each other table is those with one thing wrong.
accepts 2 "$(rows 1147 1096 1370 1346 1563 1529 1704 1680 1780)"
notices 2 "at 16 MiB the balloon costs" "$(rows 1147 1080 1370 1346 1563 1529 1704 1680 1780)"
notices 2 "at 28 MiB the balloon costs" "$(rows 1147 1096 1370 1346 1563 1529 1704 1660 1780)"
notices 2 "at 20 MiB the ballooned VM is" "$(rows 1147 1096 1370 1390 1563 1529 1704 1680 1780)"
notices 2 "configured: falls" "$(rows 1147 1096 1370 1346 1563 1529 1704 1680 1650)"
notices 2 "configured: does not rise" "$(rows 1700 1690 1710 1690 1720 1700 1720 1700 1720)"
notices 2 "configured: does not flatten" "$(rows 1000 1000 1010 1010 1100 1100 1200 1200 1400)"
notices 2 "too few points" "16 1000 1000 0"
accepts double "random 1000 600 600.0 100.0
lru 1000 950 950.0 100.0
balloon 2000 0 0.0 110.0"
notices double "the balloon pages twice" "random 1000 600 600.0 100.0
lru 1000 950 950.0 100.0
balloon 2000 40 20.0 110.0"
notices double "LRU should" "random 1000 600 600.0 100.0
lru 1000 600 600.0 100.0
balloon 2000 0 0.0 110.0"
notices double "should be fastest" "random 1000 600 600.0 100.0
lru 1000 950 950.0 120.0
balloon 2000 0 0.0 110.0"
notices double "hardly pages" "random 1000 600 600.0 100.0
lru 1000 950 950.0 100.0
balloon 20 0 0.0 110.0"
notices double "are wanted" "random 1000 600 600.0 100.0
balloon 2000 0 0.0 110.0"

# A run that lost a round has no result.
if printf '@1 con vm=1 text="pager: counts round=%s ops=9 ms=9"\n' 0 2 |
	awk -v rounds=2 -f grader/figures/rounds.awk >/dev/null 2>&1; then
	echo "rounds.awk takes a run without its round 1"
	exit 1
fi
