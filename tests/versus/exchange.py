# SPDX-License-Identifier: GPL-2.0-only
"""exchange.py - the table of exchanges, and the words in which an answer is told.

An exchange is a row: the id of the requirement, how strongly it demands, a question in one
sentence, the answers that satisfy it, and the packets, as a function that sends them and turns
what was seen into a short word. The word must be the same in every run. A function that yields
seconds is resumed after them, while other exchanges go on.

	@exchange("4787-1", MUST, "One port to two servers: what do they see?", "one port")
	def two_servers(net):
		...
		return "one port"
"""
import collections

from scapy.layers.inet import ICMP, IP, TCP, UDP

from wire import PRIVATE, X, sums_right

MUST, SHOULD, MAY, DERIVED = "MUST", "SHOULD", "MAY", "derived"
INFO, FREE = "info", "undefined"  # an RFC without demands; no RFC

# demand: what the document prints; meets: the word -> does it satisfy the row?
Exchange = collections.namedtuple("Exchange", "row level question demand meets play group name")

TABLE = []


class AtLeast:
    """A demand on the time that a session has left, as left_of() tells it."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __str__(self):
        return "at least %d s" % self.seconds

    def __call__(self, word):
        return word.endswith(" s") and int(word.split()[0]) >= self.seconds


class OneOf:
    def __init__(self, words):
        self.words = words

    def __str__(self):
        return "; or ".join(self.words)

    def __call__(self, word):
        return word in self.words


def exchange(row, level, question, *demand, group="default"):
    """Add a row. demand: one AtLeast, or the words that satisfy it, the best first."""
    demand = demand[0] if isinstance(demand[0], AtLeast) else OneOf(demand)

    def add(play):
        name = "%s/%s" % (play.__module__.rsplit(".", 1)[-1], play.__name__)
        TABLE.append(Exchange(row, level, question, str(demand), demand, play, group,
                              name.replace("_", "-")))
        return play
    return add


# ---- words ---------------------------------------------------------------------------------

def leak(packets):
    """The first internal address in the octets of packets on the external side, or None."""
    for packet in packets:
        data = bytes(packet)
        for prefix in PRIVATE:
            octets = bytes(int(part) for part in prefix.split(".") if part)
            at = data.find(octets)
            if at >= 0:
                return "%s%d" % (prefix, data[at + 3])
    return None


def name_of(packet):
    """A packet in a word or two."""
    if packet.proto == 6 and TCP in packet:
        return {"S": "SYN", "SA": "SYN-ACK", "R": "RST", "RA": "RST"}.get(
            str(packet[TCP].flags), "TCP %s" % packet[TCP].flags)
    if packet.proto == 1 and ICMP in packet:
        return "ICMP %d/%d" % (packet[ICMP].type, packet[ICMP].code)
    return {17: "UDP"}.get(packet.proto, "protocol %d" % packet.proto)


def left_as(seen):
    """What became of an outbound packet: how it left, or who answered."""
    if leak(seen.wan):
        return "leaked " + leak(seen.wan)
    if seen.wan:
        sums = "" if all(map(sums_right, seen.wan)) else ", checksum wrong"
        return "translated" + sums
    if seen.lan:
        return name_of(seen.lan[0]) + " to the host"
    return "dropped"


def came_as(seen):
    """What became of an inbound packet."""
    if seen.lan:
        return "delivered"
    if seen.wan:
        return name_of(seen.wan[0]) + " to the sender"
    return "dropped"


def port_of(seen):
    """The external port, or query id, of what has left; None if nothing has, or not as X."""
    for packet in seen.wan:
        if packet.src == X:
            for layer, field in ((TCP, "sport"), (UDP, "sport"), (ICMP, "id")):
                if layer in packet:
                    return getattr(packet[layer], field)
    return None


def left_of(net, *session):
    """The time that a session has left, in tens of seconds."""
    left = net.gateway.left(*session)
    return "no session" if left is None else "%d s" % (-(-left // 10) * 10)


def translated(got, expected, ident=True):
    """Is the packet that was seen the one expected, octet for octet?

    The identification of a packet that may be fragmented is the gateway's to choose: it is
    compared only if ident.
    """
    if got is None:
        return "dropped"
    got, expected = IP(bytes(got)), IP(bytes(expected))
    if leak([got]) and not leak([expected]):
        return "leaked " + leak([got])
    if not ident:
        got.id = expected.id = 0
        del got.chksum, expected.chksum
    if bytes(got) == bytes(expected):
        return "exact"
    if (got.src, got.dst) != (expected.src, expected.dst):
        return "from %s to %s" % (got.src, got.dst)
    return "not exact"


def first(packets):
    return packets[0] if packets else None
