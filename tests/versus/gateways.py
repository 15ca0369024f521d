# SPDX-License-Identifier: GPL-2.0-only
"""gateways.py - the two gateways that are compared: how to start, read, empty and stop each.

Both stand in the same place of the same lab and have every default of theirs:

  natctl      natctl attach eth1
  netfilter   forwarding on, and one rule: postrouting, oifname "eth1", masquerade

Each method is what an administrator would type there.
"""
import contextlib
import json
import os
import re
import subprocess
import time

ISP_MAC = "02:00:00:00:01:fe"  # as tests/versus/answers gives it
ENTER = ["nsenter", "--net=/run/netns/natlab-natbox", "--"]


def run(*command, text=None):
    done = subprocess.run([*ENTER, *command], check=False, text=True, capture_output=True,
                          input=text)
    if done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.strip()))
    return done.stdout


def first_line(*command):
    return run(*command).splitlines()[0]


class Gateway:
    def flap(self):
        """The external link down and up, with what the kernel then forgets put back."""
        routes = [line for line in run("ip", "route").splitlines() if " via " in line and
                  "dev eth1" in line]
        run("ip", "link", "set", "eth1", "down")
        # Work that this starts is done a moment later, and nothing tells when.
        time.sleep(0.3)
        run("ip", "link", "set", "eth1", "up")
        for route in routes:
            run("ip", "route", "replace", *route.split())
        run("ip", "neighbour", "replace", "203.0.113.254", "dev", "eth1", "nud", "permanent",
            "lladdr", ISP_MAC)

    @contextlib.contextmanager
    def listen(self, proto, addr, port):
        """A socket of the gateway's own, for as long as the context lasts."""
        kind = {"udp": "SOCK_DGRAM", "tcp": "SOCK_STREAM"}[proto]
        code = "import socket, sys; s = socket.socket(socket.AF_INET, socket.%s); " \
            "s.bind((%r, %d)); %s; print(1, flush=True); sys.stdin.read()" % (
                kind, addr, port, "s.listen()" if proto == "tcp" else "0")
        with subprocess.Popen([*ENTER, "/usr/bin/python3", "-c", code], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            yield
            process.stdin.close()


class Natctl(Gateway):
    """Its binary is in the environment, as tests/versus/answers leaves it."""
    name = "natctl"

    def __init__(self):
        self.binary = os.environ["NATCTL"]

    def start(self, ports=None):
        run(self.binary, "attach", "eth1", *(["--ports", "%d-%d" % ports] if ports else []))

    def stop(self):
        run(self.binary, "detach", "eth1")

    def flush(self):
        run(self.binary, "flush", "eth1")

    def left(self, proto, internal, sport, remote, dport):
        """Seconds that an idle session has left, or None when there is none."""
        for row in json.loads(run(self.binary, "sessions", "eth1", "-j", "proto", proto)):
            if (row["internal"] == {"addr": internal, "port": sport}
                    and row["remote"]["addr"] == remote
                    and (proto == "icmp" or row["remote"]["port"] == dport)):
                return row["expires_s"]
        return None

    def versions(self):
        return {"natctl": first_line(self.binary, "version")}


class Netfilter(Gateway):
    name = "netfilter"
    rules = """table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		%s
	}
}
"""

    def start(self, ports=None):
        run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        rule = 'oifname "eth1" masquerade'
        if ports:
            rule = 'oifname "eth1" ip protocol { tcp, udp } masquerade to :%d-%d' % ports
        run("nft", "-f", "-", text=self.rules % rule)
        run("conntrack", "-F")  # which outlives the rules

    def stop(self):
        run("nft", "flush", "ruleset")

    def flush(self):
        run("conntrack", "-F")

    def left(self, proto, internal, sport, remote, dport):
        what = "type=8 code=0 id=%d " % sport if proto == "icmp" else \
            "sport=%d dport=%d " % (sport, dport)
        # The answers' direction, behind it, never begins with an internal source.
        first = "src=%s dst=%s %s" % (internal, remote, what)
        for line in run("conntrack", "-L", "-p", proto).splitlines():
            if first in line:
                return int(line.split()[2])
        return None

    def versions(self):
        knows = sorted({re.match(r"nf_conntrack_([a-z]+)_timeout", name).group(1)
                        for name in os.listdir("/proc/sys/net/netfilter")
                        if re.match(r"nf_conntrack_[a-z]+_timeout", name)} - {"generic"})
        return {"nft": first_line("nft", "--version"), "tracks": " ".join(knows),
                "conntrack": first_line("conntrack", "--version")}


GATEWAYS = {kind.name: kind for kind in (Natctl, Netfilter)}
