# SPDX-License-Identifier: GPL-2.0-only
"""Bindings, filtering and ports"""
import struct

from exchange import AtLeast, FREE, MAY, MUST, SHOULD, exchange, first, left_as, left_of, port_of
from scapy.layers.inet import IP, TCP, UDP
from wire import C1, C2, X, Y1, Y2, error, quote, tcp, udp


@exchange("4787-1", MUST, "One internal port to three remotes: one external port?", "one port")
def three_remotes(net):
    p = net.port()
    ports = {port_of(net.outbound(udp(C1, p, *remote))) for remote in ((Y1, 7), (Y1, 8), (Y2, 9))}
    return "one port" if len(ports) == 1 else "%d ports" % len(ports)


def under_collision(net, build):
    """A second host has its port to one remote, and then meets the first host's at another."""
    p = net.port()
    net.outbound(build(C1, p, Y1, 7))
    ports = {port_of(net.outbound(build(C2, p, remote, 7))) for remote in (Y2, Y1)}
    return "one port" if len(ports) == 1 else "another port"


@exchange("4787-11", MUST, "The same while another host uses that port to one of the remotes "
          "(UDP)?", "one port")
def udp_collision(net):
    return under_collision(net, udp)


@exchange("5382-1", MUST, "The same with TCP connections from one port?", "one port")
def tcp_collision(net):
    return under_collision(net, lambda *where: tcp(*where, "S"))


@exchange("4787-3", MUST, "Two hosts, one source port, two servers: is an external port shared?",
          "two ports")
def overloading(net):
    p = net.port()
    ports = {port_of(net.outbound(udp(*flow, 7))) for flow in ((C1, p, Y1), (C2, p, Y2))}
    return "two ports" if len(ports) == 2 else "one port for two hosts"


@exchange("5382-7", MUST, "The same with TCP?", "two ports")
def overloading_tcp(net):
    p = net.port()
    ports = {port_of(net.outbound(tcp(*flow, 7, "S"))) for flow in ((C1, p, Y1), (C2, p, Y2))}
    return "two ports" if len(ports) == 2 else "one port for two hosts"


@exchange("3022-4.1d", MUST, "Two hosts, one source port, one server: does each get its own "
          "answer?", "each its own")
def two_hosts(net):
    p = net.port()
    for host in (C1, C2):
        x = port_of(net.outbound(udp(host, p, Y1, 7)))
        back = first(net.inbound(udp(Y1, 7, X, x)).lan)
        if back is None or (back.dst, back[UDP].dport) != (host, p):
            return "not each"
    return "each its own"


@exchange("4787-3a", SHOULD, "Source port 700, taken: of which class is the port instead?",
          "below 1024")
def class_low(net):
    ports = [port_of(net.outbound(udp(host, 700, Y1, 7))) for host in (C1, C2)]
    return "below 1024" if max(ports) < 1024 else "1024 or more"


@exchange("4787-4", SHOULD, "24 taken ports: do those given instead keep the parity?",
          "parity kept")
def parity(net):
    kept = True
    for _ in range(2):
        p = net.port()
        for port in range(p, p + 12):
            net.outbound(udp(C1, port, Y1, 7))
            kept &= port_of(net.outbound(udp(C2, port, Y1, 7))) % 2 == port % 2
    return "parity kept" if kept else "parity lost"


@exchange("6056-4b", SHOULD, "Is a free port kept, and is one given for a taken one hard to guess?",
          "kept; not in sequence")
def preserved(net):
    p = net.port()
    kept, given = True, []
    for port in range(p, p + 12):
        kept &= port_of(net.outbound(udp(C1, port, Y1, 7))) == port
        given.append(port_of(net.outbound(udp(C2, port, Y1, 7))))
    near = sum(abs(after - before) <= 4 for before, after in zip(given, given[1:]))
    return "%s; %s" % ("kept" if kept else "changed", "in sequence" if near > 3 else
                       "not in sequence")


@exchange("6056-4b", SHOULD, "A remote knocks first on a free port that the host then uses to it "
          "(UDP hole punching): is the port kept?", "kept")
def knocked(net):
    p = net.port()
    net.inbound(udp(Y1, 7, X, p))
    return "kept" if port_of(net.outbound(udp(C1, p, Y1, 7))) == p else "another port"


@exchange("6056-3.2b", SHOULD, "A socket of the gateway itself has the port: does a host get it?",
          "another port")
def own_socket(net):
    p = net.port()
    with net.gateway.listen("udp", X, p):
        x = port_of(net.outbound(udp(C1, p, Y1, 7)))
    return "the socket's port" if x == p else "another port"


@exchange("4787-4.2.1", FREE, "UDP from source port 0?", "dropped")
def port_zero(net):
    return left_as(net.outbound(udp(C1, 0, Y1, 7)))


@exchange("3022-4.1f", MUST, "A UDP checksum of 0, out and back?", "stays 0")
def checksum_none(net):
    p = net.port()
    out = net.outbound(IP(src=C1, dst=Y1) / UDP(sport=p, dport=7, chksum=0) / b"word")
    back = net.inbound(IP(src=Y1, dst=X) / UDP(sport=7, dport=port_of(out), chksum=0) / b"word")
    fields = [packet[UDP].chksum for packet in out.wan + back.lan]
    return "stays 0" if fields == [0, 0] else "becomes another"


@exchange("768-zero", MUST, "A UDP checksum that is 0 after translation?", "sent as 0xFFFF")
def checksum_zero(net):
    p = net.port()
    # The word that makes the sum complete is the checksum without it.
    bare = IP(bytes(udp(X, p, Y1, 7, b"\0\0")))
    out = net.outbound(udp(C1, p, Y1, 7, struct.pack("!H", bare[UDP].chksum)))
    return "sent as 0x%04X" % first(out.wan)[UDP].chksum


@exchange("4787-8", SHOULD, "After one packet to Y1:7, who else reaches the host?", "anybody",
          "Y1 from any port")
def filtering(net):
    p = net.port()
    x = port_of(net.outbound(udp(C1, p, Y1, 7)))
    passed = [bool(net.inbound(udp(*remote, X, x)).lan) for remote in ((Y2, 9), (Y1, 99), (Y1, 7))]
    return ["nobody", "only Y1:7", "Y1 from any port", "anybody"][sum(passed)]


@exchange("7857-6", MUST, "Does a UDP binding let TCP in?", "no")
def other_protocol(net):
    x = port_of(net.outbound(udp(C1, net.port(), Y1, 7)))
    return "yes" if net.inbound(tcp(Y1, 7, X, x, "S")).lan else "no"


@exchange("4787-10", SHOULD, "SIP with internal addresses in its text?", "text unchanged")
def no_helper(net):
    p = net.port()
    text = b"REGISTER sip:example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.99.1:5060\r\n\r\n"
    out = first(net.outbound(udp(C1, p, Y1, 5060, text)).wan)
    return "text unchanged" if bytes(out[UDP].payload) == text else "text changed"


# ---- timers, as the state tables tell them --------------------------------------------------

@exchange("4787-5", MUST, "Idle time of a UDP flow without an answer?", AtLeast(120))
def unanswered(net):
    p = net.port()
    net.outbound(udp(C1, p, Y1, 7))
    return left_of(net, "udp", C1, p, Y1, 7)


@exchange("4787-5c", SHOULD, "Idle time of a UDP flow that was answered and goes on?", AtLeast(300))
def answered(net):
    p = net.port()
    x = port_of(net.outbound(udp(C1, p, Y1, 7)))
    net.inbound(udp(Y1, 7, X, x))
    yield 2.2
    net.inbound(udp(Y1, 7, X, x))
    net.outbound(udp(C1, p, Y1, 7))
    return left_of(net, "udp", C1, p, Y1, 7)


def renewed(net, p, before):
    after = net.gateway.left("udp", C1, p, Y1, 7)
    return "renewed" if after > before else "not renewed"


@exchange("4787-6a", MAY, "Does an inbound packet alone renew a UDP session?", "not renewed",
          "renewed")
def inbound_renews(net):
    p = net.port()
    x = port_of(net.outbound(udp(C1, p, Y1, 7)))
    yield 2.2
    before = net.gateway.left("udp", C1, p, Y1, 7)
    net.inbound(udp(Y1, 7, X, x))
    return renewed(net, p, before)


@exchange("7857-7.1a", SHOULD, "Does an ICMP error by which the host refuses a packet renew it?",
          "not renewed")
def error_renews(net):
    p = net.port()
    x = port_of(net.outbound(udp(C1, p, Y1, 7)))
    asked = first(net.inbound(udp(Y1, 7, X, x)).lan)
    yield 2.2
    before = net.gateway.left("udp", C1, p, Y1, 7)
    net.outbound(error(C1, Y1, 3, 3, quote(asked)))
    return renewed(net, p, before)


@exchange("6888-8", SHOULD, "A flushed UDP flow's port, wanted by another host at once?", "rests",
          group="alone")
def reuse(net):
    p = net.port()
    net.outbound(udp(C1, p, Y1, 7))
    net.gateway.flush()
    return "given at once" if port_of(net.outbound(udp(C2, p, Y1, 7))) == p else "rests"


# ---- hairpin --------------------------------------------------------------------------------

def punch(net, build):
    """Two hosts with a binding each send to the other's; what the second packet became."""
    p, q = net.port(), net.port()
    xp, xq = (port_of(net.outbound(build(*flow, Y1, 7))) for flow in ((C1, p), (C2, q)))
    net.outbound(build(C1, p, X, xq))
    begin = len(net.events)
    net.outbound(build(C2, q, X, xp))
    seen = net.until(begin, lambda seen: any(packet.dst == C1 for packet in seen.lan), 0.2)
    return p, xq, next((packet for packet in seen.lan if packet.dst == C1), None), seen


def hairpin(net, build, layer):
    p, xq, got, seen = punch(net, build)
    if got is None:
        return left_as(seen)
    if got.src != X:
        return "from the internal source"
    return "from X" if (got[layer].sport, got[layer].dport) == (xq, p) else "from another port"


@exchange("4787-9a", MUST, "A host to another host's external port (UDP): whence does it arrive?",
          "from X")
def hairpin_udp(net):
    return hairpin(net, udp, UDP)


@exchange("5382-8a", MUST, "The same with TCP?", "from X")
def hairpin_tcp(net):
    return hairpin(net, lambda *where: tcp(*where, "S"), TCP)


@exchange("5508-7b", MUST, "An ICMP error about such a packet: does its sender get it, from X?",
          "from X")
def hairpin_error(net):
    _, _, got, _ = punch(net, udp)
    if got is None:
        return "no packet to be about"
    begin = len(net.events)
    net.outbound(error(C1, X, 3, 3, quote(got)))
    seen = net.until(begin, lambda seen: any(packet.dst == C2 for packet in seen.lan), 0.2)
    back = next((packet for packet in seen.lan if packet.dst == C2), None)
    return "dropped" if back is None else "from X" if back.src == X else "from %s" % back.src


# ---- exhaustion: four external ports, four hosts' flows to one server ------------------------

def fill(net):
    p = net.port()
    flows = [(p + i, port_of(net.outbound(udp(C1, p + i, Y1, 7)))) for i in range(4)]
    return p, flows


@exchange("6888-13", SHOULD, "Four external ports, four flows: are all four used?", "all four",
          group="four ports")
def all_used(net):
    _, flows = fill(net)
    used = {x for _, x in flows}
    return "all four" if len(used - {None}) == 4 else "%d of four" % len(used - {None})


@exchange("6888-11b", SHOULD, "The fifth flow: what is the host told?", "ICMP 3/1 to the host",
          "ICMP 3/13 to the host", group="four ports")
def refused(net):
    fill(net)
    begin = len(net.events)
    net.outbound(udp(C2, net.port(), Y1, 7))
    return left_as(net.until(begin, bool))


@exchange("6888-11d", MUST, "Do the four live flows survive a hundred refused ones?", "all live",
          group="four ports")
def survive(net):
    _, flows = fill(net)
    net.outbound(*[udp(C2, 30000 + i, Y1, 7) for i in range(100)])
    alive = sum(bool(net.inbound(udp(Y1, 7, X, x)).lan) for _, x in flows if x)
    return "all live" if alive == 4 else "%d of four" % alive
