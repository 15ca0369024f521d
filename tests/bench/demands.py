# SPDX-License-Identifier: GPL-2.0-only
"""demands.py - what is to be reached, and whether a run has.

Rows: what, part, figure, mode, peer that it is a ratio to (None: the figure itself), the bound.
Floors, not ceilings: the limit is the bare forward.
"""
import dataclasses

OUT_1K, IN_1K, OUT_40K = ("%s flows [Mpps]" % words for words in
                          ("out, 1000", "in, 1000", "out, 40000"))
FREE, TAKEN = "new flows, ports free [flows/s]", "new flows, 95 % of the ports taken [flows/s]"
BULK = ["tcp %s, %d streams [Gbit/s]" % (direction, streams) for direction in ("out", "in")
        for streams in (1, 8)]

ROWS = [
    ("known flow out, TC", "program", "known flow out, udp, tc [ns]", "natctl", None, "<= 140 ns"),
    ("known flow in, XDP", "program", "known flow in, udp, xdp [ns]", "natctl", None, "<= 80 ns"),
    ("known flow out, XDP", "program", "known flow out, udp, xdp [ns]", "natctl", None,
     "<= 110 ns"),
    ("the same of 1M, drawn, out, TC", "program", "known flow out, udp, tc, of 1M [ns]", "natctl",
     None, "<= 490 ns"),
    ("the same of 1M, drawn, in, XDP", "program", "known flow in, udp, xdp, of 1M [ns]", "natctl",
     None, "<= 280 ns"),
    ("new flow, hot", "program", "new flow, port kept [ns]", "natctl", None, "<= 1000 ns"),
    ("new flow, 10k entries", "program", "new flow, 10k sessions [ns]", "natctl", None,
     "<= 1000 ns"),
    ("new flow, 1M entries", "program", "new flow, 1M sessions [ns]", "natctl", None,
     "<= 1600 ns"),
    ("refused flow, all ports taken", "program", "refused flow, 100 % of ports [ns]", "natctl",
     None, "<= 500 ns"),
    ("packets/s out", "pps", OUT_1K, "natctl", "nft", ">= 1.25 x nft"),
    ("packets/s out", "pps", OUT_1K, "natctl", "none", ">= 0.88 x none"),
    ("packets/s in", "pps", IN_1K, "natctl", "nft", ">= 1.25 x nft"),
    ("packets/s in", "pps", IN_1K, "natctl", "none", ">= 0.88 x none"),
    ("packets/s out, --fast", "pps", OUT_1K, "natctl-fast", "nft", ">= 2.2 x nft"),
    ("packets/s out, --fast", "pps", OUT_1K, "natctl-fast", "bare", ">= 0.85 x bare"),
    ("packets/s out, --fast, 40k flows", "pps", OUT_40K, "natctl-fast", "bare", "-"),
    ("packets/s in, --fast", "pps", IN_1K, "natctl-fast", "nft", ">= 2.2 x nft"),
    ("packets/s in, --fast", "pps", IN_1K, "natctl-fast", "bare", ">= 0.85 x bare"),
    ("new flows/s, ports free", "flows", FREE, "natctl", "nft", ">= 1.5 x nft"),
    ("new flows/s, 95 % taken", "flows", TAKEN, "natctl", "nft", ">= 8 x nft"),
    ("established among refused flows", "flows", "established, left of undisturbed [%]", "natctl",
     None, ">= 90 %"),
    *((figure.split(" [")[0] + ", " + mode, "bulk", figure, mode, "none", ">= 0.97 x none")
      for mode in ("natctl-tc", "natctl-fast") for figure in BULK),
    ("keeper beside 1M idle sessions", "upkeep", "keeper beside idle sessions [% of a CPU]",
     "natctl", None, "<= 1 %"),
    ("1M sessions gone after they were due", "upkeep", "gone after they were due [s]", "natctl",
     None, "<= 10 s"),
    ("kernel memory per session", "upkeep", "kernel memory per session [octets]", "natctl", None,
     "<= 350 octets"),
    ("attach", "load", "attach [ms]", "natctl", None, "<= 300 ms"),
]


@dataclasses.dataclass
class Demand:
    what: str
    bound: str
    value: float  # None: not measured
    reached: bool  # None: not measured, or nothing is demanded


def find(result, part, figure, mode):
    return next((entry for entry in result["figures"] if entry["mode"] == mode and
                 (entry["part"], entry["figure"]) == (part, figure)), None)


def value_of(result, part, figure, mode, peer):
    entry = find(result, part, figure, mode)
    if entry and peer:
        entry = entry["ratios"].get(peer)
    return entry and entry["median"]


def judge(result):
    for what, part, figure, mode, peer, bound in ROWS:
        value, reached = value_of(result, part, figure, mode, peer), None
        if value is not None and bound != "-":
            limit = float(bound.split()[1])
            reached = value <= limit if bound[0] == "<" else value >= limit
        yield Demand(what, bound, value, reached)
