#!/bin/sh
# grader/traps.sh: which traps of shadow paging have tests that passed, by number.
#
# usage: traps.sh [RESULTS [TABLE]]
#
# traps.txt has the traps. A test belongs to a trap if its row of tests.tsv says so, or if
# it is a case of a unit program with trapNN_ in its name. A line for each trap: how many of
# its tests passed, how many failed, and one of them. Exits 1 when a trap has none that
# passed or one that failed. `make check` ends with it.
set -eu
cd "$(dirname "$0")/.."

results=${1:-build/check/results} table=${2:-grader/tests.tsv}
awk -F '\t' '
	FILENAME == ARGV[1] {
		title[$1 + 0] = $2
		if ($1 + 0 > last)
			last = $1 + 0
		next
	}
	FILENAME == ARGV[2] {
		if (!/^#/ && $6 != "-")
			of[$1] = $6
		next
	}
	# pass|fail ID[ (MACHINE)], or of a unit: pass unit.NAME CASE, fail unit.NAME
	{
		verdict = substr($0, 1, 4)
		rest = substr($0, 6)
		id = rest
		sub(/ .*/, "", id)
		if (id ~ /^unit\./) {
			unit[id] = unit[id] == "fail" ? "fail" : verdict
			if (match(rest, /trap[0-9]+_/))
				count(substr(rest, RSTART + 4, RLENGTH - 5) + 0, verdict,
				      case_name(rest))
		} else if (id in of)
			count_all(of[id], verdict, id)
	}
	function case_name(text)
	{
		sub(/^.* - /, "", text)
		sub(/ .*/, "", text)
		return text
	}
	function count(trap, verdict, name)
	{
		tests[trap, verdict]++
		if (verdict == "fail" || !((trap, "name") in tests))
			tests[trap, "name"] = name
	}
	function count_all(list, verdict, name,    n, i, trap)
	{
		n = split(list, trap, ",")
		for (i = 1; i <= n; i++)
			count(trap[i] + 0, verdict, name)
	}
	END {
		for (id in unit)
			if (id in of)
				count_all(of[id], unit[id], id)
		for (t = 1; t <= last; t++) {
			if (!(t in title))
				continue
			good = tests[t, "pass"] + 0
			bad = tests[t, "fail"] + 0
			printf "trap %2d  %-58s %3d passed%s, such as %s\n", t, title[t],
			       good, bad ? ", " bad " FAILED" : "",
			       good + bad ? tests[t, "name"] : "none"
			wrong += good == 0 || bad > 0
		}
		exit wrong > 0
	}' grader/traps.txt "$table" "$results"
