# SPDX-License-Identifier: GPL-2.0-only
"""network.py - the network of bench.topo, commands on its hosts, and crafted UDP through it.

    with Network(mode) as net:      made, the mode started; both removed at the end
        net.send(OUT, flows(1000), seconds=0.5)

Neighbours are permanent: a program that does not go through the stack cannot ask for them.
rp_filter is off, since many internal hosts are behind one address. GRO is on for crafted
packets only, at every end: a veth whose other end has neither XDP nor GRO loses what is redirected
into it, and a mode that looks for that at its start comes before the receiver.
"""
import collections
import dataclasses
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOPO = os.path.join(HERE, "bench.topo")
TRAFFIC = os.path.join(ROOT, "build/tests/bench-traffic")
EXTERNAL, SERVER = "203.0.113.1", "203.0.113.9"
INTERNAL, OTHERS = "10.0.0.1", "10.64.0.1"  # the first of each
HOSTS = 250

# Packets since it was emptied. Elsewhere: see traffic.bpf.c.
ACCOUNT = collections.Counter()

OUT, IN, ALONE = "out", "in", "alone"


class Failed(Exception):
    pass


def run(*command, text=None, check=True, preexec_fn=None):
    done = subprocess.run(command, check=False, text=True, capture_output=True, input=text,
                          preexec_fn=preexec_fn)
    if check and done.returncode != 0:
        raise Failed("%s: %s" % (" ".join(command), done.stderr.strip() or done.stdout.strip()))
    return done.stdout


def netns(host):
    return "/run/netns/natlab-" + host


def enter(host, *command):
    return ["nsenter", "--net=" + netns(host), "--", *command]


def on(host, *command, **how):
    return run(*enter(host, *command), **how)


def flows(count, addr=INTERNAL, port=20000, hosts=HOSTS, ports=None):
    """Every one of another host and port, as traffic.c wants them."""
    return "%s,%d,%d,%d,%d" % (addr, port, count, hosts, ports or count)


@dataclasses.dataclass
class Sent:
    """What bench-traffic says."""
    main: dict
    other: dict
    wrong: int
    ns: int
    cpu_ns: int

    def received(self, stream="main"):
        """Without what other processes had to take along."""
        counts = getattr(self, stream)
        return counts["received"] - counts["elsewhere"]

    @property
    def mpps(self):
        return self.received() / self.cpu_ns * 1000


class Network:
    def __init__(self, mode, crafted=True, **wishes):
        self.mode, self.crafted, self.wishes = mode, crafted, wishes

    def __enter__(self):
        run(os.path.join(ROOT, "lab/lab"), "up", TOPO)
        try:
            self.prepare()
            self.mode.start(**self.wishes)
        except BaseException:
            self.down()
            raise
        return self

    def prepare(self):
        on("natbox", "sysctl", "-qw", *("net.ipv4.conf.%s.rp_filter=0" % name for name in
                                        ("all", "eth0", "eth1")))
        for name, host, addr in (("eth0", "client", "192.168.99.2"), ("eth1", "server", SERVER)):
            mac = hardware(host, "eth0")
            on("natbox", "ip", "neighbour", "replace", addr, "dev", name, "lladdr", mac,
               "nud", "permanent")
            if self.crafted:
                on("natbox", "ethtool", "-K", name, "gro", "on")
                on(host, "ethtool", "-K", "eth0", "gro", "on")
        self.macs = {"client": hardware("natbox", "eth0"), "server": hardware("natbox", "eth1")}

    def __exit__(self, *_):
        try:
            self.mode.stop()
        finally:
            self.down()

    @staticmethod
    def down():
        run(os.path.join(ROOT, "lab/lab"), "down", TOPO)

    def send(self, direction, which, *more, far=SERVER + ":4000"):
        """Crafted packets; ALONE: no further than to the gateway's interface."""
        source, target = ("client", "server") if direction != IN else ("server", "client")
        sink = "natbox" if direction == ALONE else target
        words = [TRAFFIC, "--from", netns(source) + "/eth0", "--to", netns(sink) + "/eth0",
                 "--mac", self.macs[source], "--far", far, "--flows", which, *map(str, more)]
        if direction == IN:
            words.append("--inbound")
        if direction == OUT and self.mode.translates:
            words += ["--expect", EXTERNAL]
        sent = Sent(**json.loads(run(*words)))
        self.account(sent)
        return sent

    def account(self, sent):
        """What was not measured must not be taken for measured."""
        if sent.wrong or not sent.received():
            raise Failed("%s: of %d packets %d arrived, and %d untranslated" % (
                self.mode.name, sent.main["sent"], sent.main["received"], sent.wrong))
        ACCOUNT.update(sent.main)

    def reply(self, count, *more, port=20000):
        """Answers to flows(count), to where these have come from."""
        if self.mode.translates:
            return self.send(IN, flows(count, EXTERNAL, port, 1), *more)
        return self.send(IN, flows(count, INTERNAL, port), *more)


def hardware(host, name):
    return json.loads(on(host, "ip", "-j", "link", "show", name))[0]["address"]
