# SPDX-License-Identifier: GPL-2.0-only
"""plots.py - the plots of docs/performance.md, by gnuplot.

Bars: a group for each figure, a bar for each mode, its range drawn over it. Lines: of figures
that differ in one number. The same run gives the same files.
"""
import re
import subprocess

import demands

MODES = {"none": "#9e9e9e", "nft": "#d08770", "iptables": "#b5651d", "bare": "#4c566a",
         "natctl": "#2e7d32", "natctl-tc": "#66bb6a", "natctl-fast": "#00695c"}
HEAD = """set terminal svg size 720,340 font "sans-serif,12" background "#ffffff"
set output "%s"
set border 3
set grid ytics lt 1 lc "#dddddd"
set tics nomirror
set key outside right top
set ylabel "%s"
"""

# name: title, y axis, part, (label, figure) of each group
BARS = {
    "pps": ("64-octet UDP of 1, 1k and 40k flows through the gateway, one CPU", "Mpps", "pps", [
        ("%s out" % label, "out, %d flows [Mpps]" % count)
        for label, count in (("1", 1), ("1k", 1000), ("40k", 40000))] + [
        ("%s in" % label, "in, %d flows [Mpps]" % count)
        for label, count in (("1", 1), ("1k", 1000), ("40k", 40000))]),
    "flows": ("new flows a second, one CPU", "flows/s", "flows", [
        ("ports free", demands.FREE), ("95 % of the ports taken", demands.TAKEN)]),
    "bulk": ("bulk TCP", "Gbit/s", "bulk", [
        (figure.split(" [")[0][4:], figure) for figure in demands.BULK]),
}
# name: title, x axis, logarithmic, {label: expression whose group is x}
LINES = {
    "size": ("a known flow against the number of sessions", "sessions", True, {
        "out, TC": r"known flow out, udp, tc, of (\w+) \[ns\]",
        "in, XDP": r"known flow in, udp, xdp, of (\w+) \[ns\]",
        "in, TC": r"known flow in, udp, tc, of (\w+) \[ns\]",
        "new": r"new flow, (\w+) sessions \[ns\]"}),
    "fill": ("a new flow against the ports that are taken", "% of the ports", False, {
        "new": r"new flow, (\d+) % of ports \[ns\]",
        "refused, sessions": r"refused flow, session limit, (\d+) % of ports \[ns\]",
        "refused, ports": r"refused flow, (100) % of ports \[ns\]"}),
}
COLOURS = ("#2e7d32", "#1565c0", "#6a9fd8", "#b5651d")


def bars(name, result):
    title, axis, part, groups = BARS[name]
    data, curves = [], []
    for mode, colour in MODES.items():
        rows = []
        for at, (_, figure) in enumerate(groups):
            entry = demands.find(result, part, figure, mode)
            if entry:
                rows.append("%d %g %g %g" % (at, entry["median"], entry["low"], entry["high"]))
        if rows:
            curves.append((mode, colour))
            data.append("$d%d << END\n%s\nEND\n" % (len(curves), "\n".join(rows)))
    width = 0.8 / max(len(curves), 1)
    ticks = ", ".join('"%s" %d' % (label, at) for at, (label, _) in enumerate(groups))
    plot = ", ".join(
        '$d%d using ($1%+g):2:(%g) with boxes fs solid noborder lc "%s" title "%s", '
        '$d%d using ($1%+g):3:(0):($4-$3) with vectors nohead lc "#000000" notitle' % (
            at, place, width * 0.9, colour, mode, at, place)
        for at, (mode, colour) in enumerate(curves, 1)
        for place in [(at - (len(curves) + 1) / 2) * width])
    return title, axis, "".join(data) + "set xtics (%s)\nset yrange [0:]\nplot %s\n" % (
        ticks, plot)


def count_of(text):
    return float(text.replace("k", "e3").replace("M", "e6"))


def lines(name, result):
    title, axis, logarithmic, curves = LINES[name]
    data, plot = [], []
    for at, (label, expression) in enumerate(curves.items()):
        points = sorted((count_of(match[1]), entry["median"]) for entry in result["figures"]
                        for match in [re.fullmatch(expression, entry["figure"])] if match)
        if points:
            data.append("$d%d << END\n%s\nEND\n" % (at, "\n".join("%g %g" % point for point in
                                                                 points)))
            plot.append('$d%d with linespoints pt 7 ps 0.6 lw 2 lc "%s" title "%s"' % (
                at, COLOURS[at], label))
    scale = 'set logscale x\nset format x "10^{%T}"\n' if logarithmic else "set xrange [-2:102]\n"
    return title, "ns", "".join(data) + 'set xlabel "%s"\n%sset yrange [0:]\nplot %s\n' % (
        axis, scale, ", ".join(plot))


def draw(name, result, path):
    """Return: its title"""
    title, axis, script = (bars if name in BARS else lines)(name, result)
    if "plot \n" in script:
        script = script.replace("plot \n", "plot [0:1] [0:1] 2 notitle\n")
    subprocess.run(["gnuplot"], input=HEAD % (path, axis) + script, text=True, check=True)
    return title
