# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# bench.sh - every part of the benchmark for a moment: it works, and accounts for every packet.
#
# Times are not judged.

# measured PART: quickly, without peers but for the one that all are compared with
measured() {
	local tool
	for tool in prog traffic load; do
		[ -x "$root/build/tests/bench-$tool" ] || skip "bench-$tool is not built (make bench-tools)"
	done
	# It has a /run of its own.
	"$net/../bench/run" -q -r 1 -m none -m natctl -o /dev/fd/3 "$@" 3>"$work/bench.json"
	is "modes that failed" "$(jq -c .failed "$work/bench.json")" "{}"
}

# of JQ: a value of what was measured
of() {
	jq -r "$1" "$work/bench.json"
}

# not_arrived PART
not_arrived() {
	of ".packets.$1 | .sent - .received"
}

test_benchmark_of_packets_a_second_loses_none() {
	needs ethtool
	measured pps
	is "packets that have not arrived" "$(not_arrived pps)" 0
	is "modes with figures" "$(of '[.figures[].mode] | unique | join(" ")')" "natctl none"
	is "figures that are not positive" "$(of '[.figures[] | select(.low <= 0)] | length')" 0
	is "ratios to itself" "$(of '[.figures[] | select(.mode == "none").ratios.none.median] |
		unique | join(" ")')" 1
}

# 3,200 of the ports for all flows of the filler are the new flows' when it comes back for them.
test_benchmark_of_new_flows_loses_those_without_a_port() {
	needs ethtool
	measured flows
	is "packets that have not arrived" "$(not_arrived flows)" 3200
	is "of the new flows, refused" \
		"$(of '.figures[] | select(.figure | startswith("of these")).high')" "$(printf '0\n0')"
}

test_benchmark_of_bulk_transfers_runs() {
	needs iperf3
	measured bulk
	is "figures" "$(of '.figures | length')" 12
}

test_benchmark_of_upkeep_runs() {
	needs ethtool
	measured upkeep
	is "packets that have not arrived" "$(not_arrived upkeep)" 0
	is "sessions" "$(of '.figures[] | select(.unit == "sessions").median')" 100000
}

test_benchmark_of_loading_runs() {
	measured load
	is "programs without a budget" "$(of '[.figures[] | select(.unit == "instructions")] | length')" \
		"$(grep -c '^nat_' "$root/tests/verifier/budget.tsv")"
}

test_benchmark_of_programs_takes_the_paths_it_names() {
	measured program
	is "figures" "$(of '[.figures[] | select(.unit == "ns")] | length > 12')" true
}
