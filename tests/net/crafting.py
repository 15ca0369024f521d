# SPDX-License-Identifier: GPL-2.0-only
"""crafting - packets that no program sends, made by scapy, and what the gateway makes of them.

For craft-errors and craft-fragments, run in the private namespaces of a net case: the seed's
network, with the neighbours that crafted() in craft.sh gives to the gateway. The hosts that
speak here have no kernel: whatever they receive, nothing but these programs answers.

How it works: a packet is put on one side's wire as it is. Then a datagram of a flow that works
is sent after it: when that has arrived, all that was to arrive has. What did is compared, octet
for octet, with a packet that was built from scratch, with all its checksums, or for a packet
that must not pass with nothing and one count of its reason.
"""
import ctypes
import fcntl
import json
import logging
import os
import random
import socket
import subprocess
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers.inet import (ICMP, IP, TCP, UDP, IPOption_NOP,  # noqa: E402
                               IPOption_Router_Alert)
from scapy.packet import Raw  # noqa: E402
from scapy.utils import hexdump  # noqa: E402

X = "10.0.100.1"                # the gateway, outside
HOST, OTHER = "192.168.99.77", "192.168.99.76"
INNER = "192.168.99.88"         # a router behind the gateway
REMOTE, SECOND = "10.0.100.77", "10.0.100.78"
ROUTER = "10.0.100.88"          # a router on the way

natctl = sys.argv[1]
failures = checks = markers = 0
random.seed(1)


def rebuilt(packet):
    """The same packet, every length and checksum made anew."""
    return IP(bytes(packet))


class Side:
    """One side's wire: a socket in the namespace of a host on it, bound to its eth0."""

    def __init__(self, host, gateway_if):
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.enter("/run/netns/natlab-natbox")
        gateway = self.hardware(gateway_if)
        self.enter("/run/netns/natlab-" + host)
        self.head = gateway + self.hardware("eth0") + b"\x08\x00"
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind(("eth0", 0x0800))
        self.sock.settimeout(5)
        if ctypes.CDLL(None, use_errno=True).setns(own, 0):
            sys.exit("crafting: cannot go back")

    @staticmethod
    def enter(path):
        space = os.open(path, os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(space, 0):
            sys.exit("crafting: %s: %s" % (path, os.strerror(ctypes.get_errno())))
        os.close(space)

    @staticmethod
    def hardware(name):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            return fcntl.ioctl(sock, 0x8927, name.encode().ljust(40, b"\0"))[18:24]

    def send(self, packet):
        self.sock.send(self.head + bytes(packet))

    def packet(self):
        """The next one from the gateway, or None if it does not come."""
        while True:
            try:
                data, sender = self.sock.recvfrom(65535)
            except socket.timeout:
                return None
            if sender[2] != socket.PACKET_OUTGOING:
                return data[14:14 + int.from_bytes(data[16:18], "big")]

    def receive(self, until):
        """All that has arrived from the gateway before the datagram that ends in `until`."""
        got = []
        while True:
            data = self.packet()
            if data is None:
                sys.exit("crafting: nothing arrives any more")
            if data.endswith(until):
                return got
            got.append(data)


inside, outside = Side("client1", "eth0"), Side("server", "eth1")
MARK_OUT = IP(src=HOST, dst=REMOTE) / UDP(sport=5009, dport=5009)
MARK_IN = IP(src=REMOTE, dst=X) / UDP(sport=5009, dport=5009)


def passed(side, *packets):
    """Put packets on a side's wire; all that arrives on the other."""
    global markers
    markers += 1
    mark = b"marker %d" % markers
    for packet in packets:
        side.send(packet)
    side.send((MARK_OUT if side is inside else MARK_IN) / mark)
    return (outside if side is inside else inside).receive(mark)


def later(side, number):
    """So many more packets from that side, fewer when they do not come within a second."""
    far = outside if side is inside else inside
    far.sock.settimeout(1)
    got = []
    while len(got) < number:
        data = far.packet()
        if data is None:
            break
        got.append(data)
    far.sock.settimeout(5)
    return got


def checked():
    global checks
    checks += 1


def differs(what, message, *packets):
    global failures
    failures += 1
    print("%s: %s" % (what, message))
    if failures <= 3:
        for packet in packets:
            print(IP(packet).summary())
            print(hexdump(packet, dump=True))


def expect(what, side, packet, wanted):
    """This must arrive on the other side, and nothing else."""
    checked()
    got = passed(side, packet)
    if len(got) != 1:
        differs(what, "%d packets arrive" % len(got), *got)
    elif got[0] != bytes(wanted):
        differs(what, "not as expected; first what arrived, then what should have", got[0],
                bytes(wanted))


def counts():
    out = subprocess.check_output([natctl, "-n", "natlab-natbox", "stats", "eth1", "-j"])
    return {name: row["packets"] for name, row in json.loads(out)["reasons"].items()}


def refuse(what, side, packet, *reasons):
    """This must not pass, and be counted once, as one of these."""
    checked()
    before = counts()
    got = passed(side, packet)
    if got:
        differs(what, "passes", *got)
    now = counts()
    moved = [name for name in now
             if now[name] != before[name] and not name.startswith("translated")]
    if len(moved) != 1 or moved[0] not in reasons:
        differs(what, "is counted as %s, not as %s" % (moved, reasons))


class Flow:
    """A flow of an internal host, with one packet of it each way, as they are on either side
    of the gateway: the same but for what it translates."""

    def __init__(self, name, source, layer, options=(), size=600, no_checksum=False,
                 remote=REMOTE):
        self.name, self.source = name, source
        data = Raw(bytes(random.randrange(256) for _ in range(size)))
        sent = IP(src=source, dst=remote, id=random.randrange(65536), options=list(options),
                  flags="DF", tos=4) / layer / data
        if no_checksum:
            sent[UDP].chksum = 0
        sent = rebuilt(sent)
        got = passed(inside, sent)
        if len(got) != 1:
            sys.exit("crafting: %s: %d packets arrive" % (name, len(got)))
        self.out_far = IP(got[0])
        self.out_sent = sent
        # As the host sent it, but for what every router does.
        self.out_near = sent.copy()
        self.out_near.ttl -= 1
        del self.out_near.chksum
        self.out_near = rebuilt(self.out_near)
        self.answer(data)

    def answer(self, data):
        far = self.out_far.copy()
        far.src, far.dst = far.dst, far.src
        del far.chksum, far.len
        near = far.copy()
        near.dst, near.ttl = self.source, far.ttl - 1
        for side, request in ((far, self.out_far), (near, self.out_near)):
            if UDP in side:
                side[UDP].sport, side[UDP].dport = request[UDP].dport, request[UDP].sport
                if side[UDP].chksum:
                    del side[UDP].chksum
            elif TCP in side:
                side[TCP].sport, side[TCP].dport = request[TCP].dport, request[TCP].sport
                side[TCP].flags, side[TCP].ack = "SA", request[TCP].seq + 1 + len(data)
                del side[TCP].chksum
            else:
                side[ICMP].type, side[ICMP].id = 0, request[ICMP].id
                del side[ICMP].chksum
        self.in_sent, self.in_near = rebuilt(far), rebuilt(near)
        self.still_works()
        far.ttl -= 1
        self.in_far = rebuilt(far)

    def still_works(self):
        expect(self.name + " answered", outside, self.in_sent, self.in_near)


def flows():
    alert = [IPOption_Router_Alert()] + [IPOption_NOP()] * 4
    # The first host has the ports first; the other gets others.
    yield Flow("UDP", HOST, UDP(sport=5000, dport=7000))
    yield Flow("TCP", HOST, TCP(sport=5000, dport=7000, flags="S", seq=99))
    yield Flow("echo", HOST, ICMP(id=5000, seq=3))
    yield Flow("UDP with another port", OTHER, UDP(sport=5000, dport=7000))
    yield Flow("TCP with another port", OTHER, TCP(sport=5000, dport=7000, flags="S", seq=99))
    yield Flow("echo with another id", OTHER, ICMP(id=5000, seq=3))
    yield Flow("UDP without checksum", OTHER, UDP(sport=5002, dport=7000), no_checksum=True)
    yield Flow("UDP with IP options", OTHER, UDP(sport=5004, dport=7000), alert)
    yield Flow("TCP with IP options", OTHER, TCP(sport=5004, dport=7000, flags="S", seq=99), alert)


def quote(packet, octets):
    """The IP header and so much of what follows."""
    return bytes(packet)[:packet.ihl * 4 + octets]


def error(source, target, kind, fields, body, **outer):
    return rebuilt(IP(src=source, dst=target, id=7, tos=0xC0, **outer) / ICMP(**kind, **fields) /
                   Raw(body))


def damaged(packet, layer):
    packet = packet.copy()
    packet[layer].chksum ^= 0x0101
    return packet


def main(*groups):
    """Run the group that the command line names; exit 1 if anything was not as expected."""
    passed(inside)
    {function.__name__.replace("_", "-"): function for function in groups}[sys.argv[2]]()
    print("%d checks, %d failures" % (checks, failures))
    sys.exit(1 if failures else 0)
