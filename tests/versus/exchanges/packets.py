# SPDX-License-Identifier: GPL-2.0-only
"""Fragments, headers, other protocols, and what must not leave"""
import struct

from exchange import (DERIVED, INFO, MAY, MUST, SHOULD, came_as, exchange, first, leak, left_as,
                      port_of, translated)
from exchanges.tcp import opened
from scapy.layers.inet import IP, UDP
from scapy.layers.sctp import SCTP, SCTPChunkInit, SCTPChunkInitAck
from scapy.packet import Padding, Raw
from scapy.utils import checksum
from wire import (C1, C2, ISP, NARROW, X, Y1, Y1B, Y2, echo, error, fragments, fresh, other, quote,
                  reassembled, sums_right, tcp, udp, whole)

# ---- fragments ------------------------------------------------------------------------------


def datagram(src, sport, dst, dport, ident, fill=b"F", **fields):
    """1,200 octets that are sent in pieces."""
    packet = udp(src, sport, dst, dport, fill * 1192, id=ident)
    for name, value in fields.items():
        setattr(packet[UDP], name, value)
    return IP(bytes(packet))


def arrived(net, side, begin, sent):
    """What the pieces of a datagram became on a side: whole, in what state, or not at all."""
    seen = net.until(begin, lambda seen: len(getattr(seen, side)) >= 3, 0.5)
    parts = getattr(seen, side)
    if leak(seen.wan):
        return "leaked " + leak(seen.wan)
    if not parts:
        return "dropped"
    got = whole(parts)
    if got is None:
        return "in part"
    payload = bytes(got)[28:] == bytes(sent)[28:]
    return "whole" if payload and sums_right(got) else "damaged"


def in_pieces(net, way, order, **fields):
    p, begin = net.port(), len(net.events)
    x = port_of(net.outbound(udp(C1, p, Y1, 7)))
    ends = (C1, p, Y1, 7) if way == "out" else (Y1, 7, X, x)
    sent = datagram(*ends, p, **fields)
    parts = fragments(sent, 400, 800)
    begin = len(net.events)
    {"out": net.outbound, "in": net.inbound}[way](*[parts[i] for i in order])
    return arrived(net, {"out": "wan", "in": "lan"}[way], begin, sent)


@exchange("4787-14.1", MUST, "Three fragments in order, out and in?", "whole, whole")
def in_order(net):
    return ", ".join(in_pieces(net, way, (0, 1, 2)) for way in ("out", "in"))


@exchange("4787-14.2", MUST, "The same in reverse order?", "whole, whole")
def reversed_order(net):
    return ", ".join(in_pieces(net, way, (2, 1, 0)) for way in ("out", "in"))


@exchange("4787-14.1", MUST, "A ping in three fragments, and its reply?", "whole, whole")
def long_ping(net):
    p, begin = net.port(), len(net.events)
    sent = IP(bytes(echo(C1, p, Y1, id=p) / bytes(1188)))
    net.outbound(*fragments(sent, 400, 800))
    word = arrived(net, "wan", begin, sent)
    x, begin = port_of(net.since(begin)), len(net.events)
    if x is None:
        return word
    back = IP(bytes(echo(Y1, x, X, 0, id=p) / bytes(1188)))
    net.inbound(*fragments(back, 400, 800))
    return word + ", " + arrived(net, "lan", begin, back)


@exchange("791-udp0", DERIVED, "Fragments in order, UDP checksum 0?", "whole, whole")
def without_checksum(net):
    return ", ".join(in_pieces(net, way, (0, 1, 2), chksum=0) for way in ("out", "in"))


@exchange("4787-14.3", DERIVED, "Two hosts' fragments with one IP id to one remote, by turns: do "
          "both datagrams arrive?", "both whole")
def two_datagrams(net):
    p, begin = net.port(), len(net.events)
    sent = [datagram(host, p, Y1, 7, p, fill) for host, fill in ((C1, b"1"), (C2, b"2"))]
    cut = [fragments(packet, 400, 800) for packet in sent]
    net.outbound(*[part for parts in zip(*cut) for part in parts])
    seen = net.until(begin, lambda seen: len(seen.wan) >= 6, 0.5)
    good = [packet for packet in reassembled(seen.wan) if sums_right(packet)]
    return {2: "both whole", 1: "one whole"}.get(len(good), "mixed up" if seen.wan else "dropped")


@exchange("6864-5.3.1", MUST, "Two hosts send packets that may be fragmented, with one IP id, to "
          "one remote: does it see one id twice?", "two ids")
def one_ident(net):
    p = net.port()
    ids = [packet.id for host in (C1, C2) for packet in
           net.outbound(udp(host, p, Y1, 7, id=777)).wan]
    return "two ids" if len(set(ids)) == 2 else "one id twice"


@exchange("6864-a", MUST, "DF and its packet's IP id?", "kept")
def dont_fragment(net):
    out = first(net.outbound(udp(C1, net.port(), Y1, 7, id=778, flags="DF")).wan)
    return "kept" if out.flags.DF and out.id == 778 else "changed"


@exchange("4787-13a", MUST, "An outbound packet too big for its path, without DF?",
          "fragments in order")
def too_big(net):
    p = net.port()
    sent = udp(C1, p, NARROW, 7, bytes(1372), id=p)
    seen = net.outbound(sent)
    offsets = [part.frag for part in seen.wan]
    if len(offsets) < 2 or whole(seen.wan) is None or not sums_right(whole(seen.wan)):
        return left_as(seen)
    return "fragments in order" if offsets == sorted(offsets) else "fragments out of order"


@exchange("791-frag", DERIVED, "A first fragment with only eight octets of the TCP header?",
          "dropped", "reassembled")
def tiny(net):
    p = net.port()
    sent = IP(bytes(fresh(tcp(C1, p, Y1, 80, "S", data=bytes(32)), id=p)))
    seen = net.outbound(*fragments(sent, 8))
    if leak(seen.wan) or not seen.wan:
        return left_as(seen)
    return "reassembled" if seen.wan[0].len >= 40 else "sent on"


@exchange("791-frag", DERIVED, "A second fragment that overlaps the TCP header of the first?",
          "dropped")
def overlapping(net):
    p = net.port()
    sent = IP(bytes(fresh(tcp(C1, p, Y1, 80, "S", data=bytes(44)), id=p)))
    parts = fragments(sent, 24)
    late = IP(src=C1, dst=Y1, id=p, proto=6, frag=1) / Raw(bytes(56))
    return "dropped" if all(packet.frag != 1 for packet in net.outbound(parts[0], late).wan
                            ) else "sent on"


@exchange("6864-c", DERIVED, "Reassembly time exceeded that quotes a first fragment: what does the "
          "host get?", "exact")
def quoted_fragment(net):
    p, begin = net.port(), len(net.events)
    parts = fragments(datagram(C1, p, Y1, 7, p), 400)
    net.outbound(*parts)
    seen = net.until(begin, lambda seen: len(seen.wan) >= 2, 0.5)
    out = next(part for part in seen.wan if part.frag == 0)
    got = first(net.inbound(error(Y1, X, 11, 1, quote(out))).lan)
    expected = error(Y1, C1, 11, 1, quote(IP(bytes(parts[0]))), ttl=63)
    word = translated(got, expected)
    if word == "not exact" and sums_right(got) and without_id(got) == without_id(expected):
        return "exact but for the quoted IP id"
    return word


def without_id(packet):
    """The octets of an error without the identification quoted, and the checksums it is in."""
    octets = bytearray(bytes(packet))
    for at in (10, 22, 32, 38):  # IP checksum, ICMP checksum, quoted id, quoted IP checksum
        octets[at:at + 2] = b"\0\0"
    return octets


@exchange("E-11", DERIVED, "An ICMP error that comes in two fragments?", "dropped", "delivered")
def fragmented_error(net):
    out = first(net.outbound(udp(C1, net.port(), Y1, 7, bytes(64))).wan)
    about = IP(bytes(error(ISP, X, 3, 1, quote(out), id=99)))
    seen = net.inbound(*fragments(about, 48))
    if any(X in (packet.src, packet.dst) for packet in seen.lan):
        return "half translated"
    return came_as(seen)


# ---- headers --------------------------------------------------------------------------------

@exchange("1812-ttl", MUST, "The TTL, out and in?", "one less, one less")
def ttl(net):
    p = net.port()
    out = net.outbound(udp(C1, p, Y1, 7, ttl=64))
    back = net.inbound(udp(Y1, 7, X, port_of(out), ttl=64))
    return ", ".join({63: "one less"}.get(packet.ttl, str(packet.ttl - 64))
                     for packet in out.wan + back.lan)


def exact(net, out, back):
    """A packet out and one back: does nothing change that need not?"""
    got = first(net.outbound(out).wan)
    expected = fresh(out, src=X, ttl=out.ttl - 1)
    words = [translated(got, expected)]
    got = first(net.inbound(back).lan)
    words.append(translated(got, fresh(back, dst=C1, ttl=back.ttl - 1)))
    return ", ".join(words)


@exchange("3022-4.1e", MUST, "TCP with options, DSCP, ECN and an odd length, out and back?",
          "exact, exact")
def untouched(net):
    p = net.port()
    options = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (7, 0)), ("NOP", None), ("WScale", 7)]
    out = tcp(C1, p, Y1, 80, "S", options=options)
    back = tcp(Y1, 80, X, p, "SA", 5000, 1001, b"odd", options=options)
    for packet in (out, back):
        packet.tos, packet.flags, packet.id = 0xB9, "DF", 4711
    return exact(net, out, back)


@exchange("3022-4.1c", MUST, "IP options that tell no address (padding, router alert), out and "
          "back?", "exact, exact")
def harmless_options(net):
    p = net.port()
    option = b"\x01\x01\x94\x04\0\0\x01\x00"
    return exact(net, udp(C1, p, Y1, 7, flags="DF", options=option),
                 udp(Y1, 7, X, p, flags="DF", options=option))


@exchange("3022-4.1e", MUST, "Datagrams without data, in frames padded to 60 octets, out and back?",
          "exact, exact")
def padded(net):
    p = net.port()
    frames = (udp(C1, p, Y1, 7, b"", flags="DF"), udp(Y1, 7, X, p, b"", flags="DF"))
    return exact(net, *[packet / Padding(b"\xAA" * 18) for packet in frames])


@exchange("1812-ttl2", MUST, "A ping to the gateway itself with TTL 1?", "ICMP 0/0 to the sender")
def ttl_gateway(net):
    return came_as(net.inbound(echo(Y1, net.port(), X, ttl=1)))


@exchange("3022-4.6", MAY, "A ping with record route, the host's address in it?", "dropped",
          "translated")
def record_route(net):
    option = b"\x07\x0b\x08" + bytes([192, 168, 99, 1]) + bytes(4) + b"\x00"
    return left_as(net.outbound(echo(C1, net.port(), Y1, options=option)))


@exchange("5508-7.3", SHOULD, "A ping with a loose source route?", "dropped")
def source_route(net):
    option = b"\x83\x07\x04" + bytes([198, 51, 100, 10]) + b"\x00"
    return left_as(net.outbound(echo(C1, net.port(), Y1, options=option)))


@exchange("1812-chk", MUST, "An outbound packet with a wrong IP checksum?", "dropped")
def ip_checksum(net):
    return left_as(net.outbound(udp(C1, net.port(), Y1, 7, chksum=0x1234)))


@exchange("1812-bcast", MUST, "Packets to 255.255.255.255, to 240.0.0.1, from 127.0.0.1 and from "
          "240.0.0.1?", "all dropped")
def martians(net):
    p = net.port()
    seen = [net.outbound(udp(src, p, dst, 7)).wan for src, dst in
            ((C1, "255.255.255.255"), (C1, "240.0.0.1"), ("127.0.0.1", Y1), ("240.0.0.1", Y1))]
    return "%d of 4 leave" % sum(map(bool, seen)) if any(seen) else "all dropped"


@exchange("4787-lan", DERIVED, "Inbound, with an internal source, to a live binding?", "dropped")
def spoofed_internal(net):
    x = port_of(net.outbound(udp(C1, net.port(), Y1, 7)))
    seen = net.inbound(udp(C2, 7, X, x))
    return name_of_lan(seen)


@exchange("4787-lan", DERIVED, "Inbound, with the gateway's external address as source, to which "
          "the host has sent?", "dropped")
def spoofed_external(net):
    p, q = net.port(), net.port()
    x, y = (port_of(net.outbound(udp(*flow, Y1, 7))) for flow in ((C1, p), (C2, q)))
    net.outbound(udp(C1, p, X, y))
    return name_of_lan(net.inbound(udp(X, y, X, x)))


def name_of_lan(seen):
    if any(packet.proto == 1 for packet in seen.lan):
        return "answered to the host named"
    return came_as(seen)


@exchange("3022-5.1", MUST, "Outbound, with a public source that is not the gateway's?", "dropped",
          "translated")
def foreign_source(net):
    seen = net.outbound(udp("203.0.114.99", net.port(), Y1, 7))
    return "leaves as it is" if any(packet.src != X for packet in seen.wan) else left_as(seen)


@exchange("5135-6", MUST, "Outbound multicast to 239.1.1.1 and to 224.0.0.251?", "dropped, dropped")
def multicast(net):
    p = net.port()
    return ", ".join(left_as(net.outbound(udp(C1, p, group, 5353, ttl=32)))
                     for group in ("239.1.1.1", "224.0.0.251"))


# ---- other protocols ------------------------------------------------------------------------

ADDRESS_ONLY = ("translated, answer delivered", "dropped")


def there_and_back(net, out, back):
    """A packet of another protocol and, if it has left, the answer."""
    word = left_as(net.outbound(out))
    if word != "translated":
        return word
    got = first(net.inbound(back).lan)
    return word + (", answer lost" if got is None or got.dst != C1 else ", answer delivered")


@exchange("3022-2.2d", MUST, "GRE from a host, and an answer?", *ADDRESS_ONLY)
def gre(net):
    data = b"\0\0\x08\0" + bytes(20)
    return there_and_back(net, other(C1, Y1, 47, data), other(Y1, X, 47, data))


@exchange("3022-2.2d", MUST, "ESP from a host, and an answer?", *ADDRESS_ONLY)
def esp(net):
    data = struct.pack("!II", 7, 1) + bytes(24)
    return there_and_back(net, other(C1, Y1B, 50, data), other(Y1B, X, 50, data))


@exchange("3022-2.2d", MUST, "ESP from two hosts to one remote?", "translated, dropped",
          "dropped, dropped", "translated, ICMP 3/1 to the host",
          "translated, ICMP 3/13 to the host")
def esp_twice(net):
    return ", ".join(left_as(net.outbound(other(host, Y2, 50))) for host in (C1, C2))


@exchange("3022-2.2d", MUST, "Protocol 253 from a host, and an answer?", *ADDRESS_ONLY)
def experimental(net):
    return there_and_back(net, other(C1, Y1, 253), other(Y1, X, 253))


@exchange("3022-2.2d", MUST, "SCTP, INIT from a host and INIT-ACK?", *ADDRESS_ONLY)
def sctp(net):
    p = net.port()
    out = IP(src=C1, dst=Y1) / SCTP(sport=p, dport=7) / SCTPChunkInit(init_tag=1)
    back = IP(src=Y1, dst=X) / SCTP(sport=7, dport=p, tag=1) / SCTPChunkInitAck(init_tag=2)
    return there_and_back(net, out, back)


def summed(proto, length):
    """Protocols 33 and 136 have their ports first and a checksum with a pseudo header."""
    def build(src, sport, dst, dport):
        data = struct.pack("!HHHH", sport, dport, length, 0) + bytes(16)
        pseudo = bytes(IP(src=src, dst=dst))[12:20] + struct.pack("!HH", proto, len(data))
        data = data[:6] + struct.pack("!H", checksum(pseudo + data)) + data[8:]
        return other(src, dst, proto, data)
    return build


@exchange("5597-0", INFO, "DCCP from a host: if it leaves, is its checksum right?", "translated",
          "dropped")
def dccp(net):
    return left_as(net.outbound(summed(33, 0x0600)(C1, net.port(), Y1, 7)))


@exchange("3022-2.2d", MUST, "UDP-Lite from a host: if it leaves, is its checksum right?",
          "translated", "dropped")
def udp_lite(net):
    return left_as(net.outbound(summed(136, 0)(C1, net.port(), Y1, 7)))


# ---- what cannot be translated must not leave untranslated ----------------------------------

@exchange("D-failclosed", DERIVED, "A TCP segment with SYN and FIN?", "dropped")
def bad_flags(net):
    return left_as(net.outbound(tcp(C1, net.port(), Y1, 80, "SF")))


@exchange("D-failclosed", DERIVED, "A SYN with a wrong TCP checksum?", "dropped",
          "translated, checksum wrong")
def bad_tcp_checksum(net):
    return left_as(net.outbound(tcp(C1, net.port(), Y1, 80, "S", chksum=0x1234)))


@exchange("D-failclosed", DERIVED, "UDP with a wrong checksum?", "dropped",
          "translated, checksum wrong")
def bad_udp_checksum(net):
    packet = IP(src=C1, dst=Y1) / UDP(sport=net.port(), dport=7, chksum=0x1234) / b"word"
    return left_as(net.outbound(packet))


@exchange("D-failclosed", DERIVED, "A UDP length beyond the packet's end?", "dropped")
def bad_length(net):
    packet = IP(src=C1, dst=Y1) / UDP(sport=net.port(), dport=7, len=900, chksum=0) / b"word"
    return left_as(net.outbound(packet))


@exchange("D-failclosed", DERIVED, "A TCP header that says it has 16 octets?", "dropped")
def bad_offset(net):
    return left_as(net.outbound(tcp(C1, net.port(), Y1, 80, "S", dataofs=4)))


@exchange("D-failclosed", DERIVED, "In an open connection, a segment of the host far outside the "
          "window?", "dropped", "translated")
def outside_window(net):
    return left_as(opened(net).out("PA", b"stray", shift=1 << 30))


@exchange("D-failclosed", DERIVED, "State is flushed while a connection is open: its next segment?",
          "dropped", "translated", group="alone")
def flushed(net):
    flow = opened(net)
    net.gateway.flush()
    return left_as(flow.out("PA", b"more"))


@exchange("D-detach", DERIVED, "Translation is stopped while a connection is open: its next "
          "segment?", "dropped", "ICMP 3/0 to the host", group="alone")
def stopped(net):
    flow = opened(net)
    net.gateway.stop()
    return left_as(flow.out("PA", b"more"))
