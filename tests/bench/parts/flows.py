# SPDX-License-Identifier: GPL-2.0-only
"""flows.py - new flows a second while ports are free and when few are, and when none is.

Towards one remote endpoint, from 250 internal hosts, an external port for every flow. Source
ports are drawn evenly from all 64,512, as the flows that fill the table are, so that the
ports which are left lie between those that are taken.

At exhaustion, 1,000 of the flows that have a port go on, while a host that has none offers
100,000 new ones a second. Its packets' share of the time is that of making them, which is
subtracted, and what the gateway needs to refuse them, which is what is asked. Never two of
them in a row: whoever needs longer than the interval has as many of them as of the others.
Limits of natctl that would refuse that host earlier, and cheaper, are lifted.
"""
from network import ALONE, INTERNAL, OTHERS, OUT, Network, flows

NEEDS = ("ethtool",)
ROUNDS = {False: 7, True: 1}
WITHOUT = ()
PORTS = 64512  # 1024 to 65535
FREE, NEARLY, BURST = 50000, 59700, 3200  # 92.5 % to 97.5 % are taken
GOING_ON, OFFERED = 1000, 100000
WISHES = {"options": ("--per-host", "131072", "--set", "host-rate=1048576")}

ALL = flows(PORTS, INTERNAL, 1024)
NEW = flows(PORTS, OTHERS, 1024)
REFUSED = flows(60000, "10.128.0.1", 1024, 1)


def per_second(sent):
    return sent.received() / sent.cpu_ns * 1e9


def refused(net, seconds):
    """Packets a second of those who have a port, net of the making of the others."""
    words = ("--cycle", GOING_ON, "--other", REFUSED, "--seconds", seconds)
    alone = net.send(ALONE, ALL, *words, "--rate", OFFERED)
    making_ns = alone.cpu_ns / (alone.received() + alone.received("other"))
    alone = net.send(OUT, ALL, *words)
    among = net.send(OUT, ALL, *words, "--rate", OFFERED)
    others = among.other["sent"]
    yield "established, at exhaustion [Mpps]", alone.mpps
    yield "established, among refused flows [Mpps]", (
        among.received() / (among.cpu_ns - others * making_ns) * 1000)
    yield "refused flows that were offered [flows/s]", others / among.cpu_ns * 1e9
    yield "established, left of undisturbed [%]", (
        100 * among.received() / (among.cpu_ns - others * making_ns) * alone.cpu_ns /
        alone.received())


def measure(mode, quick):
    with Network(mode, **WISHES) as net:
        sent = net.send(OUT, flows(FREE, INTERNAL, 1024, ports=PORTS), "--packets", FREE)
        yield "new flows, ports free [flows/s]", per_second(sent)
    with Network(mode, **WISHES) as net:
        net.send(OUT, ALL, "--packets", NEARLY)
        sent = net.send(OUT, NEW, "--packets", BURST)
        yield "new flows, 95 % of the ports taken [flows/s]", per_second(sent)
        yield "of these, refused [%]", 100 * (1 - sent.main["received"] / sent.main["sent"])
        if mode.translates:
            net.send(OUT, ALL, "--packets", PORTS)
            yield from refused(net, 0.1 if quick else 0.5)
