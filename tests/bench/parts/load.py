# SPDX-License-Identifier: GPL-2.0-only
"""load.py - how long attach takes, and what of it is loading and verifying the programs.

Processor time is beside the clock's: on a machine that does something else, only that can be
compared.
"""
import json
import os
import resource
import time

from network import ROOT, Network, run

NEEDS = ()
BUDGET = os.path.join(ROOT, "tests/verifier/budget.tsv")
TIMES = 10


def attach(mode):
    """Milliseconds of the clock, and of processors, until it says that it is attached."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    mode.start()
    took = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took * 1000, 1000 * (after.ru_utime + after.ru_stime - before.ru_utime -
                                before.ru_stime)


def ceilings():
    with open(BUDGET, encoding="ascii") as lines:
        return {line.split()[0]: int(line.split()[1]) for line in lines if line[0] != "#"}


def measure(mode, quick):
    with Network(mode, crafted=False):
        for _ in range(2 if quick else TIMES):
            mode.stop()
            took, busy = attach(mode)
            yield "attach [ms]", took
            yield "attach, of processors [ms]", busy
    loaded = json.loads(run(os.path.join(ROOT, "build/tests/bench-load")))
    for took in loaded["load_ms"]:
        yield "object loaded, of processors [ms]", took
    for program, ceiling in ceilings().items():
        if program in loaded["verified"]:
            yield "verified, %s [instructions]" % program, loaded["verified"][program]
            yield "verified, %s [%% of its budget]" % program, (
                100 * loaded["verified"][program] / ceiling)
