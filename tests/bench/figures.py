# SPDX-License-Identifier: GPL-2.0-only
"""figures.py - values of all rounds, and what is made of them: median, range, ratios.

A figure's name begins with what it is and ends in its unit, in brackets: "out, 1000 flows
[Mpps]".
"""
import statistics
import sys

PEERS = ("none", "nft", "iptables", "bare")
RATES = ("Mpps", "Gbit/s", "flows/s")  # of these, ratios to the peers are taken


def unit(figure):
    return figure[figure.rindex("[") + 1:-1]


class Figures:
    def __init__(self):
        self.values = {}  # (part, figure) -> mode -> one of each round
        self.skipped = {}  # mode or part -> what the machine lacks
        self.failed = {}  # part and mode -> why

    def add(self, part, figure, mode, value):
        self.values.setdefault((part, figure), {}).setdefault(mode, []).append(value)

    def skip(self, what, reason):
        """Return: whether there was a reason"""
        if reason:
            self.skipped[what] = reason
            print("skip %s (%s)" % (what, reason), file=sys.stderr)
        return bool(reason)

    def fail(self, part, mode, why):
        """Without its other rounds: ratios are of one and the same."""
        self.failed["%s %s" % (part, mode)] = why
        for (of, _), modes in self.values.items():
            if of == part:
                modes.pop(mode, None)

    def summary(self):
        return {"skipped": self.skipped, "failed": self.failed, "figures": [
            {"part": part, "figure": figure, "unit": unit(figure), "mode": mode,
             **spread(values), "values": [significant(value) for value in values],
             **ratios(figure, values, modes)}
            for (part, figure), modes in self.values.items() for mode, values in modes.items()]}


def significant(value):
    return float("%.4g" % value)


def spread(values):
    return {"median": significant(statistics.median(values)), "low": significant(min(values)),
            "high": significant(max(values))}


def ratios(figure, values, modes):
    """To each peer, round by round."""
    if unit(figure) not in RATES:
        return {}
    return {"ratios": {peer: spread([mine / theirs for mine, theirs in zip(values, modes[peer])
                                     if theirs])
                       for peer in PEERS if peer in modes and any(modes[peer])}}
