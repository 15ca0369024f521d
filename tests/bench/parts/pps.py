# SPDX-License-Identifier: GPL-2.0-only
"""pps.py - 64-octet UDP of established flows, both directions, on one CPU.

The generator is part of what is measured, as in every such figure; what it does alone, up to
the gateway's interface, stands beside it.
"""
from network import ALONE, IN, OUT, Network, flows

NEEDS = ("ethtool",)
ROUNDS = {False: 7, True: 1}
WITHOUT = ()
FLOWS = (1, 1000, 40000)


def measure(mode, quick):
    seconds = 0.1 if quick else 0.5
    with Network(mode) as net:
        for count in FLOWS:
            if mode.name == "none":
                sent = net.send(ALONE, flows(count), "--seconds", seconds)
                yield "generator alone, %d flows [Mpps]" % count, sent.mpps
            # Both sides have heard each other, and every flow has been through the stack.
            for _ in range(2):
                net.send(OUT, flows(count), "--packets", 2 * count)
                net.reply(count, "--packets", 2 * count)
            sent = net.send(OUT, flows(count), "--seconds", seconds)
            yield "%s, %d flows [Mpps]" % (OUT, count), sent.mpps
            sent = net.reply(count, "--seconds", seconds)
            yield "%s, %d flows [Mpps]" % (IN, count), sent.mpps
