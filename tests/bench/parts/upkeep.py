# SPDX-License-Identifier: GPL-2.0-only
"""upkeep.py - a table of a million sessions: its memory, the keeper beside it, and its end.

The sessions are those of 50,000 bindings with 21 remote endpoints each. Memory is what the
kernel has charged to the memory cgroup of `natctl attach` and its keeper, with the table full,
less the same with a table for 1,000 sessions; the keeper's own memory is in neither. Idle means
that no packet comes. Then all sessions are flushed, that is due at once; the time is from then
until the last one has gone.
"""
import json
import os
import time

from network import OUT, SERVER, Failed, Network, flows, on, run

NEEDS = ("ethtool",)
BINDINGS, REMOTES = 50000, 21
LIMIT = 120  # seconds
WISHES = ("--set", "host-rate=1048576")


class Group:
    """A memory cgroup for what is attached meanwhile, under either version."""

    def __init__(self, name):
        with open("/proc/self/cgroup", encoding="ascii") as lines:
            old = any(":memory:" in line for line in lines)
        self.root = os.path.join(os.environ["TMPDIR"], "cgroup")
        os.makedirs(self.root, exist_ok=True)
        run("mount", "-t", *(("cgroup", "-o", "memory") if old else ("cgroup2",)), "bench",
            self.root)
        self.path = os.path.join(self.root, "natctl-bench-%d-%s" % (os.getpid(), name))
        self.usage = "memory.kmem.usage_in_bytes" if old else "memory.stat"

    def __enter__(self):
        os.mkdir(self.path)
        return self

    def __exit__(self, *_):
        # What ran in it has been told to end.
        wait_until(lambda: not self.read("cgroup.procs"), "processes are left in its cgroup")
        os.rmdir(self.path)
        run("umount", self.root)

    def read(self, name):
        with open(os.path.join(self.path, name), encoding="ascii") as file:
            return file.read()

    def enter(self):
        """Of the process that calls it."""
        with open(os.path.join(self.path, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write("0")

    def kernel_bytes(self):
        words = self.read(self.usage).split()
        return int(words[words.index("kernel") + 1] if "kernel" in words else words[0])


def wait_until(question, otherwise):
    end = time.monotonic() + LIMIT
    while not question():
        if time.monotonic() > end:
            raise Failed("%s after %d s" % (otherwise, LIMIT))
        time.sleep(0.02)


def attached(mode, group, sessions):
    """In the cgroup: maps are charged to whoever makes them."""
    return Network(mode, options=("--max-sessions", str(sessions), *WISHES),
                   preexec_fn=group.enter)


def status(mode):
    return json.loads(on("natbox", mode.binary, "status", "eth1", "-j"))


def fill(net, remotes):
    for remote in range(remotes):
        net.send(OUT, flows(BINDINGS, port=1024), "--packets", BINDINGS,
                 far="%s:%d" % (SERVER, 4000 + remote))
    return BINDINGS * remotes


def cpu_seconds(pid):
    """Of another process: the clock that clock_getcpuclockid(3) makes of its number."""
    return time.clock_gettime(~pid << 3 | 2)


def upkeep(mode, quick):
    pid, seconds = status(mode)["keeper"]["pid"], 2 if quick else 20
    before = cpu_seconds(pid)
    time.sleep(seconds)
    yield "keeper beside idle sessions [% of a CPU]", 100 * (cpu_seconds(pid) - before) / seconds
    before, begin = cpu_seconds(pid), time.monotonic()
    on("natbox", mode.binary, "flush", "eth1")
    wait_until(lambda: status(mode)["sessions"] == 0, "sessions are left")
    yield "gone after they were due [s]", time.monotonic() - begin
    yield "keeper's time for that [s]", cpu_seconds(pid) - before


def measure(mode, quick):
    remotes = 2 if quick else REMOTES
    with Group("small") as group, attached(mode, group, 1000):
        least = group.kernel_bytes()
    with Group("large") as group, attached(mode, group, BINDINGS * remotes) as net:
        count = fill(net, remotes)
        there = status(mode)["sessions"]
        if there != count:
            raise Failed("%d sessions instead of %d" % (there, count))
        yield "sessions in the table [sessions]", there
        yield "kernel memory per session [octets]", (group.kernel_bytes() - least) / count
        yield from upkeep(mode, quick)
