# SPDX-License-Identifier: GPL-2.0-only
"""bulk.py - bulk TCP with iperf3, both directions, 1 and 8 streams; ping meanwhile.

Interfaces are as the kernel makes them: segmentation offload on, no GRO. All CPUs take part,
and time is the clock's. Latency is that of pings beside 8 outbound streams, which are not among
those whose throughput is measured. The bare forward is not among the modes: a veth as it is made
loses what XDP redirects into it, and with XDP on both sides it would be slow for other reasons.
"""
import json
import re
import statistics
import subprocess
import time

from network import IN, OUT, SERVER, Failed, Network, enter, on

NEEDS = ("iperf3", "ping")
ROUNDS = {False: 5, True: 1}
WITHOUT = ("bare",)
STREAMS = (1, 8)
PORT = 5201


def wait_for(question, limit=10):
    end = time.monotonic() + limit
    while not question():
        if time.monotonic() > end:
            raise Failed("iperf3: no server within %d s" % limit)
        time.sleep(0.02)


def serving():
    server = subprocess.Popen(enter("server", "iperf3", "-s"), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    wait_for(lambda: on("server", "ss", "-Hntl", "sport = :%d" % PORT))
    return server


def client(direction, streams, seconds):
    return enter("client", "iperf3", "-c", SERVER, "-J", "-t", str(seconds), "-P", str(streams),
                 *(["-R"] if direction == IN else []))


def gbits(direction, streams, seconds):
    done = subprocess.run(client(direction, streams, seconds), check=False, text=True,
                          stdout=subprocess.PIPE)
    said = json.loads(done.stdout)
    if "error" in said:
        raise Failed("iperf3: " + said["error"])
    return said["end"]["sum_received"]["bits_per_second"] / 1e9


def latencies(seconds):
    """Microseconds of each ping beside eight streams."""
    with subprocess.Popen(client(OUT, 8, seconds + 1), stdout=subprocess.DEVNULL) as load:
        out = on("client", "ping", "-n", "-i", "0.002", "-w", str(seconds), SERVER, check=False)
        load.wait()
    return [float(each) * 1000 for each in re.findall(r"time=([0-9.]+) ms", out)]


def measure(mode, quick):
    seconds = 1 if quick else 2
    with Network(mode, crafted=False):
        server = serving()
        try:
            for streams in STREAMS:
                for direction in (OUT, IN):
                    yield ("tcp %s, %d streams [Gbit/s]" % (direction, streams),
                           gbits(direction, streams, seconds))
            times = statistics.quantiles(latencies(seconds), n=100)
            yield "ping beside 8 streams, p50 [us]", times[49]
            yield "ping beside 8 streams, p99 [us]", times[98]
        finally:
            server.terminate()
            server.wait()
