# SPDX-License-Identifier: GPL-2.0-only
# What is in the logs of run.  Sourced by matrix and ./check.
# shellcheck shell=bash

# For awk: the scenario that a line of a log has a result of, or ""
scenario_of='
	function scenario_of(line) {
		if (!sub("^(not )?ok [0-9]+ - ", "", line))
			return ""
		sub("[: ].*", "", line)
		return line == "boot" ? "" : line
	}'

# One log of several, with the last results of each scenario
merge_results()
{
	awk "$scenario_of"'
		FNR == 1 { nr++ }
		nr <= logs { last[scenario_of($0)] = nr; next }
		scenario_of($0) == "" || last[scenario_of($0)] == nr - logs
	' logs=$# "$@" "$@"
}

# The scenarios that have results in a log, each once
scenarios_in()
{
	awk "$scenario_of"'
		{ name = scenario_of($0) }
		name != "" && !seen[name]++ { print name }' "$1"
}

# Those that have failed
failures_in()
{
	scenarios_in <(grep '^not ok' "$1")
}
