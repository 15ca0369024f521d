# SPDX-License-Identifier: GPL-2.0-only
"""gateways.py - what is compared: how to start and stop each, and what it lacks on this machine.

Each is what an administrator would type. Nobody has to clean up what goes with the network.
"""
import os
import shutil

from network import ROOT, on, run

FORWARD = os.path.join(ROOT, "build/tests/bench/forward.bpf.o")
RULES = """table ip bench {
	chain postrouting {
		type nat hook postrouting priority srcnat
		oifname "eth1" masquerade
	}
}
"""


def missing(programs):
    """What of them is not installed, as a reason; None when all are."""
    for program in programs:
        if not shutil.which(program):
            return program + " is not installed (scripts/deps bench)"
    return None


class Mode:
    translates = False
    needs = ()

    def __init__(self, name, what):
        self.name, self.what = name, what

    def lacks(self):
        """Why it cannot run here, or None."""
        return missing(self.needs)

    def start(self, **_wishes):
        pass

    def stop(self):
        pass


class Nft(Mode):
    translates, needs = True, ("nft",)

    def start(self, **_wishes):
        on("natbox", "nft", "-f", "-", text=RULES)


class Iptables(Mode):
    translates, needs = True, ("iptables",)

    def start(self, **_wishes):
        on("natbox", "iptables", "-t", "nat", "-A", "POSTROUTING", "-o", "eth1", "-j",
           "MASQUERADE")


class Bare(Mode):
    def start(self, **_wishes):
        for name in ("eth0", "eth1"):
            on("natbox", "ip", "link", "set", name, "xdp", "object", FORWARD, "section", "xdp")


class Natctl(Mode):
    """wishes: options of attach, and what is called in its process before"""
    translates = True

    def __init__(self, name, what, *options):
        super().__init__(name, what)
        self.options = options
        self.binary = os.environ["NATCTL"]

    def lacks(self):
        for option in self.options:
            if option.startswith("--") and option not in run(self.binary, "help", "attach"):
                return "natctl attach does not know " + option
        return None

    def start(self, options=(), preexec_fn=None):
        on("natbox", self.binary, "-q", "attach", "eth1", *self.options, *options,
           preexec_fn=preexec_fn)

    def stop(self):
        on("natbox", self.binary, "-q", "detach", "eth1")


MODES = {mode.name: mode for mode in (
    Mode("none", "forwarding without NAT"),
    Nft("nft", "nft masquerade"),
    Iptables("iptables", "iptables MASQUERADE"),
    Bare("bare", "XDP routing and redirect, no NAT"),
    Natctl("natctl", "natctl attach"),
    Natctl("natctl-tc", "natctl attach --ingress tc", "--ingress", "tc"),
    Natctl("natctl-fast", "natctl attach --fast", "--fast"),
)}
