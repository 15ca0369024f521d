# SPDX-License-Identifier: GPL-2.0-only
"""program.py - nanoseconds per packet of the programs alone, net of an empty one: bench-prog.

What it calls quiet is taken: its other figures are of the machine.
"""
import json
import os

from network import ROOT, run

NEEDS = ()
BENCH = os.path.join(ROOT, "build/tests/bench-prog")
# Options with all that is worth knowing, and to see that it works.
RUNS = {False: (("-r", "31"), ("-l", "-r", "5")), True: (("-r", "3"), ("-l", "-r", "1", "100k"))}


def measure(_mode, quick):
    for options in RUNS[quick]:
        for case in json.loads(run(BENCH, "-j", *options)):
            yield "%s [ns]" % case["name"], max(case["quiet_ns"], 0)
