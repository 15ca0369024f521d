# SPDX-License-Identifier: GPL-2.0-only
"""wire.py - both wires of the gateway: hosts that are only addresses, what is sent, what is seen.

How it works: two packet sockets on the far ends of the gateway's links send whole frames and
see every IPv4 packet that the gateway emits. No host has a kernel behind it, so nothing answers
but the gateway, and a packet that is not sent is not there.

After every step the wire is settled: an echo request to the gateway itself on either side, and
its answer, prove that the kernel has finished what was sent before, for it works a queue off in
order and this process keeps to one CPU. So "nothing was seen" needs no waiting. What user space
does later (held fragments, refusals, the six seconds) is awaited with until().
"""
import os
import select
import socket
import struct
import time

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

LAN, WAN = "lan", "wan"
C1, C2 = "192.168.99.1", "192.168.99.2"
ROUTER, C3 = "192.168.99.254", "192.168.98.9"  # C3 is behind ROUTER, with an MTU of 1280
GATEWAY, X = "192.168.99.3", "203.0.113.1"  # its internal and its external address
ISP = "203.0.113.254"
Y1, Y1B, Y2 = "198.51.100.9", "198.51.100.10", "192.0.2.7"
NARROW = "198.51.100.66"  # behind a path MTU of 1280
PRIVATE = ("192.168.98.", "192.168.99.")

INTERFACES = {LAN: "eth0", WAN: "eth1"}
GATEWAY_MACS = {LAN: "02:00:00:00:00:03", WAN: "02:00:00:00:00:01"}
PROBES = {LAN: ("192.168.99.250", GATEWAY), WAN: (ISP, X)}  # who asks, who answers
PROBE_ID = 65000


def udp(src, sport, dst, dport, data=b"word", **ip):
    return IP(src=src, dst=dst, **ip) / UDP(sport=sport, dport=dport) / Raw(data)


def tcp(src, sport, dst, dport, flags, seq=1000, ack=0, data=b"", **fields):
    header = TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack, window=64240, **fields)
    return IP(src=src, dst=dst) / header / Raw(data)


def echo(src, ident, dst, kind=8, seq=1, **ip):
    return IP(src=src, dst=dst, **ip) / ICMP(type=kind, id=ident, seq=seq) / Raw(b"echo")


def other(src, dst, proto, data=bytes(24), **ip):
    """A packet of a protocol that has no ports, or none that the gateway may know."""
    return IP(src=src, dst=dst, proto=proto, **ip) / Raw(data)


def error(src, dst, kind, code, quote, rest=0, **ip):
    """An ICMP error; rest is the second word of its header."""
    body = struct.pack("!BBHI", kind, code, 0, rest) + quote
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    return IP(src=src, dst=dst, proto=1, **ip) / Raw(body)


def fresh(packet, **fields):
    """A copy with other fields of the IP header, and every checksum made anew."""
    packet = packet.copy()
    for name, value in fields.items():
        setattr(packet, name, value)
    del packet.chksum, packet.len, packet.ihl
    for layer in (TCP, UDP, ICMP):
        if layer in packet:
            del packet[layer].chksum
    packet = IP(bytes(packet))
    return IP(bytes(packet)[:packet.len])


def quote(packet, size=None, ttl=60):
    """What a router quotes of a packet: the packet as it met it, or the beginning of it."""
    packet = packet.copy()
    packet.ttl = ttl
    del packet.chksum
    return bytes(packet)[:size]


def fragments(packet, *offsets):
    """A packet cut at these offsets of its payload, in order."""
    payload = bytes(packet)[packet.ihl * 4 if packet.ihl else 20:]
    edges = [0, *offsets, len(payload)]
    parts = []
    for begin, end in zip(edges, edges[1:]):
        flags = "MF" if end < len(payload) else 0
        parts.append(IP(src=packet.src, dst=packet.dst, id=packet.id, proto=packet.proto,
                        frag=begin // 8, flags=flags) / Raw(payload[begin:end]))
    return parts


def whole(parts):
    """The packet that these fragments make, or None."""
    pieces = {part.frag * 8: bytes(part)[part.ihl * 4:part.len] for part in parts}
    ends = [part.frag * 8 + part.len - part.ihl * 4 for part in parts if not part.flags.MF]
    payload = b""
    while len(payload) in pieces and pieces[len(payload)]:
        payload += pieces.pop(len(payload))
    if pieces or ends != [len(payload)]:
        return None
    head = next(part for part in parts if part.frag == 0)
    return IP(bytes(IP(src=head.src, dst=head.dst, id=head.id, proto=head.proto,
                       ttl=head.ttl) / Raw(payload)))


def reassembled(parts):
    """The packets that a receiver makes of fragments in this order, by identification alone."""
    heaps, packets = {}, []
    for part in parts:
        heap = heaps.setdefault((part.src, part.id), {})
        heap[part.frag] = part  # of two that claim one place, the later one
        packet = whole(list(heap.values()))
        if packet:
            packets.append(packet)
            del heaps[part.src, part.id]
    return packets


def sums_right(packet):
    """Are the checksums of a whole packet what its octets demand?"""
    if checksum(bytes(packet)[:packet.ihl * 4]) != 0:
        return False
    data = bytes(packet)[packet.ihl * 4:packet.len]
    if packet.proto == 1:
        return checksum(data) == 0
    offset = {6: 16, 17: 6, 33: 6, 136: 6}.get(packet.proto)
    if offset is None or packet.proto == 17 and data[6:8] == b"\0\0":
        return True
    pseudo = bytes(packet)[12:20] + struct.pack("!HH", packet.proto, len(data))
    return checksum(pseudo + data) == 0


class Seen:
    """What the gateway has emitted on either side, in order."""

    def __init__(self, events):
        self.lan = [packet for _, side, packet in events if side == LAN]
        self.wan = [packet for _, side, packet in events if side == WAN]

    def __bool__(self):
        return bool(self.lan or self.wan)


class Wire:
    """Both wires; gateway is what is between them (see gateways.py), cpu where all this runs."""

    def __init__(self, gateway, cpu):
        self.gateway = gateway
        self.events = []  # (when, side, packet) as they came, probes apart
        self.probe = 0
        self.next_port = 5000
        self.sockets = {}
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cpus[cpu % len(cpus)]})
        for side, name in INTERFACES.items():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            sock.bind((name, 0x0800))
            self.sockets[side] = sock

    def port(self):
        """An even port that no other exchange uses, nor the nineteen after it."""
        self.next_port += 20
        return self.next_port

    def emit(self, side, packets):
        for packet in packets:
            frame = Ether(src="02:00:00:00:00:99", dst=GATEWAY_MACS[side], type=0x0800) / packet
            self.sockets[side].send(bytes(frame))

    def receive(self, seconds):
        """Take in what is there, or the next packet; the numbers of the probes answered."""
        answered = []
        ready, _, _ = select.select(list(self.sockets.values()), [], [], seconds)
        for side, sock in self.sockets.items():
            if sock not in ready:
                continue
            packet = IP(sock.recv(65535)[14:])
            packet = IP(bytes(packet)[:packet.len])  # without the padding of short frames
            if packet.proto == 1 and ICMP in packet and packet[ICMP].id == PROBE_ID:
                answered.append(packet[ICMP].seq)
            else:
                self.events.append((time.monotonic(), side, packet))
        return answered

    def settle(self):
        for side, (asking, answering) in PROBES.items():
            self.probe += 1
            self.emit(side, [echo(asking, PROBE_ID, answering, seq=self.probe)])
            end = time.monotonic() + 5
            while self.probe not in self.receive(0.1):
                if time.monotonic() > end:
                    raise TimeoutError("the gateway does not answer on its %s side" % side)

    def send(self, side, packets):
        begin = len(self.events)
        self.emit(side, packets)
        self.settle()
        return Seen(self.events[begin:])

    def outbound(self, *packets):
        """Send what internal hosts would; what the gateway made of it."""
        return self.send(LAN, packets)

    def inbound(self, *packets):
        return self.send(WAN, packets)

    def since(self, begin, times=(0, float("inf"))):
        """What is seen from event number begin on, between two times if these are given."""
        return Seen([event for event in self.events[begin:] if times[0] <= event[0] < times[1]])

    def until(self, begin, condition, seconds=1.5):
        """What is seen from event number begin on, when condition holds or time is over."""
        end = time.monotonic() + seconds
        while not condition(self.since(begin)) and time.monotonic() < end:
            self.receive(0.05)
        return self.since(begin)
