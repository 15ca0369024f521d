# SPDX-License-Identifier: GPL-2.0-only
"""ICMP queries and errors"""
import struct

from exchange import (AtLeast, DERIVED, INFO, MAY, MUST, SHOULD, came_as, exchange, first,
                      left_as, left_of, port_of, translated)
from exchanges.tcp import opened
from scapy.layers.inet import ICMP, IP, UDP
from scapy.packet import Raw
from scapy.utils import checksum
from wire import (C1, C2, C3, GATEWAY, ISP, NARROW, ROUTER, X, Y1, Y2, echo, error, fresh, quote,
                  tcp, udp)

# ---- queries --------------------------------------------------------------------------------


def round_trip(net, query, reply):
    """Is a query of this type translated, and its reply, with the host's own identifier?"""
    p = net.port()
    out = first(net.outbound(echo(C1, p, Y1, query)).wan)
    if out is None:
        return False
    back = first(net.inbound(echo(Y1, out[ICMP].id, X, reply)).lan)
    return back is not None and (back.dst, back[ICMP].id) == (C1, p)


@exchange("5508-1", MUST, "Echo, timestamp and address mask: do query and reply pass?", "all pass")
def queries(net):
    passed = {name: round_trip(net, *types) for name, types in
              (("echo", (8, 0)), ("timestamp", (13, 14)), ("address mask", (17, 18)))}
    return "all pass" if all(passed.values()) else \
        "not " + ", ".join(name for name in passed if not passed[name])


@exchange("5508-1a", SHOULD, "One identifier to two remotes, another host using it to one of them?",
          "one identifier")
def query_collision(net):
    p = net.port()
    net.outbound(echo(C1, p, Y1))
    ids = {port_of(net.outbound(echo(C2, p, remote))) for remote in (Y2, Y1)}
    return "one identifier" if len(ids) == 1 else "another identifier"


@exchange("5508-1b", DERIVED, "Two hosts ping one remote with one identifier?",
          "each its own reply")
def one_id(net):
    p = net.port()
    ids = [port_of(net.outbound(echo(host, p, Y1))) for host in (C1, C2)]
    owners = [getattr(first(net.inbound(echo(Y1, x, X, 0)).lan), "dst", None) for x in ids]
    return "each its own reply" if owners == [C1, C2] else "mixed up"


@exchange("5508-1c", DERIVED, "Identifiers 0 and 65535?", "both pass")
def odd_ids(net):
    return "both pass" if all(port_of(net.outbound(echo(C1, ident, Y1))) is not None
                              for ident in (0, 65535)) else "not both"


@exchange("5508-1d", DERIVED, "A remote pings with the identifier of a binding: who answers?",
          "the gateway")
def ping_gateway(net):
    x = port_of(net.outbound(echo(C1, net.port(), Y1)))
    seen = net.inbound(echo(Y1, x, X))
    return "the host" if seen.lan else "the gateway" if seen.wan else "nobody"


@exchange("5508-2", MUST, "Idle time of a ping?", AtLeast(60))
def idle(net):
    p = net.port()
    net.outbound(echo(C1, p, Y1))
    return left_of(net, "icmp", C1, p, Y1, 0)


@exchange("5508-6", MUST, "An ICMP error about a ping: is its session renewed, or ended?",
          "neither")
def error_about_query(net):
    p = net.port()
    out = first(net.outbound(echo(C1, p, Y1)).wan)
    yield 2.2
    before = net.gateway.left("icmp", C1, p, Y1, 0)
    net.inbound(error(ISP, X, 3, 1, quote(out)))
    after = net.gateway.left("icmp", C1, p, Y1, 0)
    return "ended" if after is None else "renewed" if after > before else "neither"


@exchange("D-failclosed", DERIVED, "An outbound echo reply that nobody asked for?", "dropped")
def unasked_reply(net):
    return left_as(net.outbound(echo(C1, net.port(), Y1, 0)))


# ---- inbound errors ---------------------------------------------------------------------------

def told(net, sent, kind, code, size=None, tail=b"", rest=0, spoil=lambda octets: octets):
    """An error from the path about a packet that has just left: how does the host get it?

    size cuts the quote, tail follows it, spoil damages the octets of the ICMP message.
    """
    out = first(net.outbound(sent).wan)
    about = error(ISP, X, kind, code, quote(out, size) + tail, rest)
    packet = IP(bytes(IP(src=ISP, dst=X, proto=1) / Raw(spoil(bytes(about)[20:]))))
    got = first(net.inbound(packet).lan)
    expected = error(ISP, C1, kind, code, quote(fresh(sent), size) + tail, rest, ttl=63)
    return translated(got, expected)


def patch(at):
    """A function that writes nonsense into an ICMP message there, and makes its checksum right."""
    def spoil(octets):
        octets = octets[:at] + b"\x12\x34" + octets[at + 2:]
        octets = octets[:2] + b"\0\0" + octets[4:]
        return octets[:2] + struct.pack("!H", checksum(octets)) + octets[4:]
    return spoil


@exchange("5508-4a", MUST, "Time exceeded about an outbound UDP packet: what does the host get?",
          "exact")
def time_exceeded(net):
    return told(net, udp(C1, net.port(), Y1, 33434), 11, 0)


@exchange("E-2", DERIVED, "Fragmentation needed that quotes eight octets of TCP?", "exact")
def eight_octets(net):
    return told(net, tcp(C1, net.port(), Y1, 80, "S"), 3, 4, size=28, rest=1400)


@exchange("E-1", DERIVED, "Host unreachable about a ping?", "exact")
def about_ping(net):
    return told(net, echo(C1, net.port(), Y1), 3, 1)


@exchange("5508-3b", MUST, "Twelve octets of IP options in the quoted header?", "exact")
def quoted_options(net):
    sent = udp(C1, net.port(), Y1, 33434)
    out = first(net.outbound(sent).wan)
    inner = IP(quote(out))
    del inner.ihl, inner.len, inner.chksum
    inner.options = b"\x01" * 11 + b"\x00"
    got = first(net.inbound(error(ISP, X, 11, 0, bytes(inner))).lan)
    inner.src = C1
    inner[UDP].sport = sent.sport
    del inner[UDP].chksum
    inner.id = fresh(sent).id
    return translated(got, error(ISP, C1, 11, 0, bytes(inner), ttl=63))


@exchange("5508-3d", MUST, "An extension (RFC 4884) behind the quoted packet?", "exact")
def extension(net):
    label = b"\x20\x00\x00\x00\x00\x08\x01\x01\x00\x01\x21\x40"
    label = label[:2] + struct.pack("!H", checksum(label)) + label[4:]
    sent = udp(C1, net.port(), Y1, 33434, bytes(100))
    return told(net, sent, 11, 0, size=128, tail=label, rest=128 // 4 << 16)


@exchange("5508-3", SHOULD, "An inbound error with a wrong ICMP checksum?", "dropped")
def bad_checksum(net):
    return told(net, udp(C1, net.port(), Y1, 33434), 11, 0,
                spoil=lambda octets: octets[:2] + b"\x12\x34" + octets[4:])


@exchange("5508-3a", SHOULD, "One with a wrong checksum in the quoted IP header?", "dropped")
def bad_quoted_checksum(net):
    got = told(net, udp(C1, net.port(), Y1, 33434), 11, 0, spoil=patch(18))
    return "dropped" if got == "dropped" else "delivered"


@exchange("5508-3c", SHOULD, "One that quotes a segment with a wrong TCP checksum?", "delivered")
def bad_quoted_tcp(net):
    got = told(net, tcp(C1, net.port(), Y1, 80, "S"), 11, 0, spoil=patch(44))
    return "dropped" if got == "dropped" else "delivered"


@exchange("5508-4", SHOULD, "An inbound error about a packet that nobody sent?", "dropped")
def about_nothing(net):
    return came_as(net.inbound(error(ISP, X, 3, 1, quote(udp(X, net.port(), Y1, 7)))))


@exchange("E-6", DERIVED, "An inbound error about another source than its own destination?",
          "dropped")
def spoofed(net):
    out = first(net.outbound(udp(C1, net.port(), Y1, 7)).wan)
    return came_as(net.inbound(error(ISP, X, 3, 1, quote(fresh(out, src="203.0.113.77")))))


@exchange("6146-icmp", DERIVED, "An error about an error?", "dropped")
def nested(net):
    out = first(net.outbound(udp(C1, net.port(), Y1, 7)).wan)
    inner = error(X, Y1, 3, 3, quote(out))
    return came_as(net.inbound(error(ISP, X, 11, 0, quote(inner))))


@exchange("E-10", DERIVED, "An error about a segment of a connection that both ends have closed?",
          "delivered")
def after_close(net):
    flow = opened(net)
    flow.close()
    last = first(flow.out("A").wan)
    return came_as(net.inbound(error(ISP, X, 3, 1, quote(last))))


@exchange("5508-11", MAY, "A router advertisement to the external address?", "dropped")
def advertisement(net):
    return came_as(net.inbound(error(ISP, X, 9, 0, bytes(8), 0x01020708)))


@exchange("3022-2.2a", INFO, "A redirect about a live flow?", "dropped")
def redirect(net):
    out = first(net.outbound(udp(C1, net.port(), Y1, 7)).wan)
    return came_as(net.inbound(error(ISP, X, 5, 1, quote(out), 0xCB007109)))


@exchange("5508-10c", SHOULD, "A source quench about a live flow?", "dropped")
def source_quench(net):
    out = first(net.outbound(udp(C1, net.port(), Y1, 7)).wan)
    return came_as(net.inbound(error(ISP, X, 4, 0, quote(out))))


# ---- outbound errors -------------------------------------------------------------------------

def refused(net, host, teller, kind, code, rest=0, size=None):
    """An outbound error about a packet that has just been delivered to a host."""
    p = net.port()
    x = port_of(net.outbound(udp(host, p, Y1, 7)))
    sent = fresh(udp(Y1, 7, X, x))
    got = first(net.inbound(sent).lan)
    back = first(net.outbound(error(teller, Y1, kind, code, quote(got, size), rest)).wan)
    return translated(back, error(X, Y1, kind, code, quote(sent, size), rest, ttl=63))


@exchange("5508-5a", MUST, "A host's port unreachable about an inbound packet: what does the "
          "remote get?", "exact")
def host_error(net):
    return refused(net, C1, C1, 3, 3)


@exchange("5508-5c", MUST, "The same by an internal router, fragmentation needed: what, and from "
          "whom?", "exact")
def router_error(net):
    return refused(net, C3, ROUTER, 3, 4, 1280, size=28)


@exchange("5508-5", SHOULD, "An outbound error about a packet that nobody sent?", "dropped")
def forged_error(net):
    return left_as(net.outbound(error(C1, Y1, 3, 3, quote(udp(Y1, 7, C1, net.port())))))


# ---- the gateway's own errors ---------------------------------------------------------------

@exchange("E-3", DERIVED, "An inbound packet too big for the internal path: what does the remote "
          "get?", "exact")
def too_big_inside(net):
    x = port_of(net.outbound(udp(C3, net.port(), Y1, 7)))
    sent = fresh(udp(Y1, 7, X, x, bytes(1372), flags="DF"))
    return own_error(net.inbound(sent).wan, X, Y1, 3, 4, sent, 1280)


@exchange("E-4", DERIVED, "An inbound packet whose TTL ends at the gateway?", "exact")
def ttl_inside(net):
    x = port_of(net.outbound(udp(C1, net.port(), Y1, 7)))
    sent = fresh(udp(Y1, 7, X, x, ttl=1))
    return own_error(net.inbound(sent).wan, X, Y1, 11, 0, sent)


@exchange("E-5", DERIVED, "An outbound packet whose TTL ends at the gateway?", "exact")
def ttl_outside(net):
    sent = fresh(udp(C1, net.port(), Y1, 7, ttl=1))
    return own_error(net.outbound(sent).lan, GATEWAY, C1, 11, 0, sent)


@exchange("4787-13", MUST, "An outbound packet too big for its path, with DF: what does the host "
          "get?", "exact")
def too_big_outside(net):
    sent = fresh(udp(C1, net.port(), NARROW, 7, bytes(1372), flags="DF"))
    return own_error(net.outbound(sent).lan, GATEWAY, C1, 3, 4, sent, 1280)


def own_error(seen, src, dst, kind, code, sent, rest=0):
    """Does the gateway's own error quote what was sent, as far as it quotes?"""
    got = first(seen)
    if got is None or ICMP not in got:
        return "nothing"
    inner = bytes(got)[got.ihl * 4 + 8:got.len]
    about = quote(sent, ttl=IP(inner).ttl)[:len(inner)]
    expected = error(src, dst, kind, code, about, rest, ttl=got.ttl, tos=got.tos, flags=got.flags)
    return translated(got, expected, ident=False)
