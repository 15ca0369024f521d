# SPDX-License-Identifier: GPL-2.0-only
"""TCP"""
import time

from exchange import (AtLeast, DERIVED, MUST, SHOULD, came_as, exchange, first, left_as,
                      left_of, name_of, port_of)
from scapy.layers.inet import ICMP, IP, TCP
from wire import C1, ISP, X, Y1, Y2, error, quote, tcp


class Flow:
    """A connection from C1 to Y1:80, both of whose ends are played here."""

    def __init__(self, net):
        self.net = net
        self.port = net.port()
        self.external = None
        self.seq = {"out": 1000, "back": 5000}  # what each end sends next

    def segment(self, way, flags, data=b"", shift=0):
        """The next segment of an end; shift moves it to where it does not belong."""
        other = {"out": "back", "back": "out"}[way]
        ends = (C1, self.port, Y1, 80) if way == "out" else (Y1, 80, X, self.external)
        ack = self.seq[other] if "A" in flags else 0
        packet = tcp(*ends, flags, (self.seq[way] + shift) % 2**32, ack, data)
        if not shift:
            self.seq[way] += len(data) + ("S" in flags) + ("F" in flags)
        return packet

    def out(self, flags, data=b"", shift=0):
        return self.net.outbound(self.segment("out", flags, data, shift))

    def back(self, flags, data=b"", shift=0):
        return self.net.inbound(self.segment("back", flags, data, shift))

    def syn(self):
        seen = self.out("S")
        self.external = port_of(seen)
        return seen

    def open(self):
        """The handshake and a word each way; whether all of it got through."""
        return all([self.syn().wan, self.back("SA").lan, self.out("A").wan,
                    self.out("PA", b"ask").wan, self.back("PA", b"answer").lan,
                    self.out("A").wan])

    def close(self):
        """Both ends say FIN, and all is acknowledged."""
        self.out("FA")
        self.back("FA")
        self.out("A")

    def left(self):
        return left_of(self.net, "tcp", C1, self.port, Y1, 80)

    def talks(self):
        return bool(self.out("PA", b"more").wan and self.back("PA", b"more").lan)


def opened(net):
    flow = Flow(net)
    assert flow.open(), "a plain connection does not pass"
    return flow


@exchange("5382-2", MUST, "Handshake and data?", "passes")
def handshake(net):
    return "passes" if Flow(net).open() else "does not pass"


@exchange("5382-2a", MUST, "Simultaneous open: SYN out, SYN in, SYN-ACKs both ways?", "opens")
def simultaneous(net):
    flow = Flow(net)
    steps = [flow.syn().wan, flow.back("S").lan, flow.out("SA", shift=-1).wan,
             flow.back("SA", shift=-1).lan, flow.talks()]
    return "opens" if all(steps) else "stops at step %d" % (list(map(bool, steps)).index(False) + 1)


@exchange("5382-3", SHOULD, "With an open connection to Y1:80, whose SYN reaches the host?",
          "anybody's", "Y1's from any port")
def filtering(net):
    flow = opened(net)
    passed = [bool(net.inbound(tcp(*remote, X, flow.external, "S", seq=1)).lan)
              for remote in ((Y2, 9), (Y1, 99))]
    return ["nobody's", "Y1's from any port", "anybody's"][sum(passed)]


@exchange("5382-2", MUST, "A connection that Y1 opens to the port of an open one?", "opens",
          "not let in")
def opened_by_remote(net):
    flow = opened(net)
    steps = [("in", "S", 100, 0), ("out", "SA", 700, 101), ("in", "A", 101, 701),
             ("out", "PA", 701, 101), ("in", "PA", 101, 705), ("out", "A", 705, 105)]
    for number, (way, flags, seq, ack) in enumerate(steps):
        data = b"word" if "P" in flags else b""
        passed = net.inbound(tcp(Y1, 99, X, flow.external, flags, seq, ack, data)).lan \
            if way == "in" else \
            net.outbound(tcp(C1, flow.port, Y1, 99, flags, seq, ack, data)).wan
        if not passed:
            return "stops at segment %d" % (number + 1) if number else "not let in"
    return "opens"


@exchange("5382-2", MUST, "SYN with ECN bits and data, keepalive, urgent data, a zero window?",
          "all pass")
def unusual(net):
    flow = Flow(net)
    syn = flow.segment("out", "SEC", b"data")
    flow.external = port_of(net.outbound(syn))
    flow.seq["out"] -= 4  # data of a SYN need not be accepted
    steps = {"SYN": flow.external, "SYN-ACK": flow.back("SAE").lan, "ACK": flow.out("A").wan,
             "data": flow.out("PA", b"ask").wan and flow.back("A").lan,
             "keepalive": flow.back("A", shift=-1).lan and flow.out("A").wan,
             "urgent": flow.back("PAU", b"!").lan}
    closed = flow.segment("out", "A")
    closed[TCP].window = 0
    steps["zero window"] = net.outbound(closed).wan
    return "all pass" if all(steps.values()) else \
        "not " + ", ".join(name for name in steps if not steps[name])


@exchange("2663-2.6a", MUST, "After both FINs and their ACKs, a FIN is sent again, and its ACK?",
          "both arrive")
def late_fin(net):
    flow = opened(net)
    flow.close()
    return "both arrive" if flow.back("FA", shift=-1).lan and flow.out("A").wan else "not both"


# ---- timers ---------------------------------------------------------------------------------

@exchange("5382-5b", MUST, "Idle time after the SYN?", AtLeast(240))
def idle_syn(net):
    flow = Flow(net)
    flow.syn()
    return flow.left()


@exchange("5382-5b", MUST, "Idle time after SYN and SYN-ACK?", AtLeast(240))
def idle_syn_ack(net):
    flow = Flow(net)
    flow.syn()
    flow.back("SA")
    return flow.left()


@exchange("5382-5a", MUST, "Idle time of an open connection?", AtLeast(7440))
def idle_open(net):
    return opened(net).left()


@exchange("5382-5a", MUST, "The same while data waits for its acknowledgement?", AtLeast(7440))
def idle_unacknowledged(net):
    flow = opened(net)
    flow.out("PA", b"waits")
    return flow.left()


@exchange("5382-5a", MUST, "Idle time when only one end has said FIN?", AtLeast(7440))
def idle_half_closed(net):
    flow = opened(net)
    flow.out("FA")
    flow.back("A")
    return flow.left()


@exchange("5382-5b", MUST, "Idle time when both have?", AtLeast(240))
def idle_closing(net):
    flow = opened(net)
    flow.out("FA")
    flow.back("FA")
    return flow.left()


@exchange("7857-2.2b", SHOULD, "Idle time after an RST of the remote?", AtLeast(240))
def idle_reset(net):
    flow = opened(net)
    flow.back("R")
    return flow.left()


@exchange("7857-2.2b", SHOULD, "The host missed that RST and goes on: how long does the session "
          "live?", AtLeast(7440))
def resurrection(net):
    flow = opened(net)
    flow.back("R")
    flow.out("PA", b"more")
    return flow.left()


def unmoved(flow, before):
    after = flow.left()
    return "timer unchanged" if after == before else "timer %s" % after


@exchange("7857-2.2c", DERIVED, "An RST far outside the window, from off the path?",
          "timer unchanged")
def blind_reset(net):
    flow = opened(net)
    before = flow.left()
    flow.back("R", shift=1 << 30)
    return unmoved(flow, before)


@exchange("5382-9.oow", MUST, "A FIN of both ends far outside the window?", "timer unchanged")
def blind_fin(net):
    flow = opened(net)
    before = flow.left()
    flow.back("FA", shift=1 << 30)
    flow.out("FA", shift=1 << 30)
    return unmoved(flow, before)


@exchange("5382-10", MUST, "Each ICMP 3/0 to 3/15 and 11/0 about an open connection: does it go "
          "on?", "goes on, timer unchanged")
def errors_harmless(net):
    flow = opened(net)
    sent = first(flow.out("A").wan)
    before = flow.left()
    for kind, code in [(3, code) for code in range(16)] + [(11, 0)]:
        net.inbound(error(ISP, X, kind, code, quote(sent), 1400 if (kind, code) == (3, 4) else 0))
    timer = unmoved(flow, before)
    return "%s, %s" % ("goes on" if flow.talks() else "ends", timer)


# ---- states ---------------------------------------------------------------------------------

@exchange("5382-2", MUST, "The host has said FIN: does data of the remote still arrive?", "arrives")
def half_close(net):
    flow = opened(net)
    flow.out("FA")
    flow.back("A")
    return "arrives" if flow.back("PA", b"rest").lan and flow.out("A").wan else "does not arrive"


@exchange("7857-2.2a", MUST, "An RST of either end: is it translated?", "both arrive")
def resets(net):
    to_remote = opened(net).out("R").wan
    to_host = opened(net).back("R").lan
    return "both arrive" if to_remote and to_host else "not both"


@exchange("5382-reopen", DERIVED, "A closed connection is opened again from the same port at once?",
          "opens, same port")
def reopen(net):
    flow = opened(net)
    flow.close()
    before = flow.external
    flow.seq = {"out": 900000, "back": 700000}
    again = flow.open()
    return "%s, %s" % ("opens" if again else "stalls",
                       "same port" if flow.external == before else "another port")


@exchange("2663-2.5", MUST, "An outbound ACK out of nowhere?", "dropped")
def mid_stream(net):
    return left_as(net.outbound(tcp(C1, net.port(), Y1, 80, "A", 1, 1, b"data")))


# ---- unsolicited SYN ------------------------------------------------------------------------

class Stranger:
    """A SYN of Y1 to a port on which nothing is bound, and what Y1 is told about it."""

    def __init__(self, net):
        self.net, self.port = net, net.port()
        self.event, self.began = len(net.events), time.monotonic()
        net.inbound(tcp(Y1, 7, X, self.port, "S"))

    def told(self, begin, end):
        """The RSTs and errors between two moments, in seconds after the SYN."""
        answers = []
        for packet in self.net.since(self.event, (self.began + begin, self.began + end)).wan:
            about = IP(bytes(packet[ICMP].payload)) if ICMP in packet else packet
            asked = about[TCP].dport if ICMP in packet and TCP in about else None
            reset = TCP in packet and packet[TCP].sport == self.port and packet[TCP].flags.R
            if asked == self.port or reset:
                answers.append(name_of(packet))
        return " and ".join(answers)


@exchange("5382-4a", MUST, "A SYN to a port on which nothing is bound: what is it told in six "
          "seconds?", "nothing")
def stranger_silence(net):
    stranger = Stranger(net)
    yield 6.5
    return stranger.told(0, 5.95) or "nothing"


@exchange("5382-4c", SHOULD, "And in the seventh?", "ICMP 3/3")
def stranger_told(net):
    stranger = Stranger(net)
    yield 7.5
    return stranger.told(5.95, 7.5) or "nothing"


@exchange("5382-4b", MUST, "Within the six seconds the host opens that very connection: what does "
          "the remote get?", "its SYN from that port, no error")
def stranger_expected(net):
    stranger = Stranger(net)
    x = port_of(net.outbound(tcp(C1, stranger.port, Y1, 7, "S")))
    yield 7.5
    return "its SYN from %s port, %s" % ("that" if x == stranger.port else "another",
                                         stranger.told(0, 7.5) or "no error")


@exchange("5382-4e", MUST, "A SYN to a listener of the gateway itself?", "SYN-ACK to the sender")
def own_listener(net):
    with net.gateway.listen("tcp", X, 22):
        return came_as(net.inbound(tcp(Y1, 7, X, 22, "S")))


@exchange("D-link", DERIVED, "The external link goes down and comes back: an inbound segment of an "
          "open connection?", "delivered", group="alone")
def link_flap(net):
    flow = opened(net)
    net.gateway.flap()
    return came_as(flow.back("PA", b"more"))
