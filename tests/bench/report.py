# SPDX-License-Identifier: GPL-2.0-only
"""report.py - a run's JSON as a table for people."""
import itertools

import demands
import figures

WORDS = {True: "reached", False: "NOT REACHED", None: ""}


def number(value):
    return "%.0f" % value if abs(value) >= 1000 else "%.3g" % value


def spread(entry):
    return "%10s   %10s to %-10s" % tuple(number(entry[key]) for key in ("median", "low", "high"))


def columns(entry):
    return "".join("%9s" % ("%.2f" % entry["ratios"][peer]["median"] if peer in entry["ratios"]
                            else "-") for peer in figures.PEERS)


def group(name, entries):
    """The modes of one figure."""
    if len(entries) == 1 and "ratios" not in entries[0]:
        return ["%-50s%s" % (name, spread(entries[0]))]
    compared = "ratios" in entries[0]
    peers = "".join("%9s" % ("/" + peer) for peer in figures.PEERS) if compared else ""
    return ["%-52s%s" % (name, peers)] + [
        "  %-12s%s%s" % (entry["mode"], spread(entry), columns(entry) if compared else "")
        for entry in entries]


def part_text(name, entries, packets):
    lines = ["", name]
    for figure, modes in itertools.groupby(entries, lambda entry: entry["figure"]):
        lines += group(figure, list(modes))
    if packets:
        lines.append("%(sent)d packets sent, %(received)d received, %(elsewhere)d of them while "
                     "another process ran" % packets)
    return lines


def judged(result):
    lines = ["", "%-42s %14s   %-16s" % ("to be reached", "is", "bound")]
    for demand in demands.judge(result):
        if demand.value is not None:
            lines.append("%-42s %14s   %-16s %s" % (demand.what, number(demand.value),
                                                    demand.bound, WORDS[demand.reached]))
    return lines


def text(result):
    lines = ["Linux %(kernel)s, %(processor)s, %(cpus)d CPUs" % result["machine"] +
             ("; a quick run, whose figures mean little" if result["quick"] else "")]
    for part, entries in itertools.groupby(result["figures"], lambda entry: entry["part"]):
        lines += part_text(part, list(entries), result["packets"].get(part))
    lines += judged(result) if result["figures"] else []
    lines += ["skipped: %s (%s)" % item for item in result["skipped"].items()]
    lines += ["FAILED: %s: %s" % item for item in result["failed"].items()]
    return "\n".join(line.rstrip() for line in lines)
