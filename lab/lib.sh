# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lib.sh - what the demonstration and the net tests share: privacy, waiting, hosts,
# captures, and what an attached gateway holds in the kernel.
#
# Sourced. Functions say on standard error what they could not do, and return 1.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$lab")
# shellcheck disable=SC2034 # for those who source this
natctl=${NATCTL:-$root/build/natctl}
export PATH="$PATH:/usr/sbin:/sbin"

# Where captures and logs go: in a private tmpfs, so nothing has to be cleaned up.
work=/run/natlab

# private SCRIPT [ARG...]: run the rest of SCRIPT where nothing of the host can be touched
#
# Re-executes it in network, mount and process namespaces of its own, with its own
# bpffs and its own /run: named network namespaces are files there, and in a mount
# namespace alone they would still appear on the host. Whatever SCRIPT started ends when
# it ends, however it ends. Returns only inside.
private() {
	local here
	here=$(readlink /proc/self/ns/net)
	# The variable alone would be believed if somebody had exported it.
	if [ "${NATLAB_OUTSIDE:-$here}" = "$here" ]; then
		unshare --mount true 2>/dev/null || {
			echo "natctl: /: mounts cannot be hidden from the host: no mount point, or no" \
				"privilege (be root; in a chroot: \"mount --bind DIR DIR\" before)" >&2
			exit 1
		}
		# unshare itself blocks signals while it waits; killed, it takes all with it.
		NATLAB_OUTSIDE=$here unshare --net --mount --pid --fork --kill-child \
			--mount-proc bash "$@" <&0 &
		inside=$!
		trap 'kill -KILL $inside 2>/dev/null; exit 130' INT TERM
		wait $inside && exit 0 || exit $?
	fi
	unset NATLAB_OUTSIDE
	# The first process of a process namespace ignores signals it has no handler for.
	trap 'exit 130' INT TERM
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p /run/netns "$work"
	export TMPDIR=$work
	mount -t bpf -o mode=0700 bpf /sys/fs/bpf
	# The host's configuration is for the host's interfaces.
	[ ! -d /etc/natctl ] || mount -t tmpfs -o mode=755 tmpfs /etc/natctl
	ip link set lo up
}

# wait_until SECONDS COMMAND...: until COMMAND succeeds; its output is thrown away. On a slow
# machine NATLAB_PATIENCE multiplies the seconds.
wait_until() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000 * ${NATLAB_PATIENCE:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt $end ] || return 1
		sleep 0.05
	done
}

# on HOST COMMAND...
on() {
	nsenter --net="/run/netns/natlab-$1" -- "${@:2}"
}

# listening tcp|udp HOST PORT
listening() {
	[ -n "$(on "$2" ss -H -n -l "--$1" "sport = :$3")" ]
}

# start HOST COMMAND...: in the background; $! is its process
start() {
	nsenter --net="/run/netns/natlab-$1" -- "${@:2}" &
}

# capture NAME HOST IF [TCPDUMP ARGUMENT...]: to $work/NAME.pcap, from before this returns
capture() {
	local name=$1 host=$2 interface=$3
	shift 3
	start "$host" tcpdump -Z root -n -U --immediate-mode -i "$interface" \
		-w "$work/$name.pcap" "$@" 2>"$work/$name.tcpdump"
	echo $! >"$work/$name.pid"
	# It says so after it has opened its socket and set its filter.
	wait_until 10 grep -q 'listening on' "$work/$name.tcpdump" || {
		echo "tcpdump on $host $interface does not start: $(cat "$work/$name.tcpdump")" >&2
		return 1
	}
}

# has NAME COUNT FILTER...: are there at least COUNT such packets in the capture?
has() {
	[ "$(show "$1" "${@:3}" | wc -l)" -ge "$2" ]
}

# show NAME FILTER...: the packets of a capture, a line each, without time
show() {
	local name=$1
	shift
	tcpdump -r "$work/$name.pcap" -n -t -S "$@" 2>"$work/show.err" || {
		cat "$work/show.err" >&2
		return 1
	}
}

file_rests() {
	local size
	size=$(stat -c %s "$1")
	sleep 0.1
	[ "$(stat -c %s "$1")" = "$size" ]
}

# capture_end NAME: stop it, with all that was on the wire in the file
capture_end() {
	local pid
	pid=$(cat "$work/$1.pid")
	rm "$work/$1.pid"
	wait_until 5 file_rests "$work/$1.pcap"
	kill -INT "$pid" 2>/dev/null || true
	wait "$pid" || true
}

# objects_held [PID]: ids of all that is pinned in this bpffs, that a pinned program uses,
# or that process PID has open; lines like "prog 17"
#
# Lists of everything on the machine would not do: others come and go in them.
objects_held() {
	local kind
	for kind in prog map link; do
		bpftool -f $kind show | awk -v kind=$kind '
			/^[0-9]+:/ { sub(":", "", $1); id = $1; used = "" }
			match($0, /map_ids [0-9,]+/) { used = substr($0, RSTART + 8, RLENGTH - 8) }
			/^[ \t]+pinned / {
				print kind, id
				count = split(used, ids, ",")
				for (i = 1; i <= count; i++)
					print "map", ids[i]
			}'
	done
	# The process may be gone.
	[ -z "${1-}" ] || { cat "/proc/$1/fdinfo/"* 2>/dev/null || true; } |
		sed -nE 's/^(prog|map|link)_id:[ \t]*([0-9]+)$/\1 \2/p'
}

# objects_alive: of the lines on standard input, those that the kernel still has
objects_alive() {
	local kind
	{
		for kind in prog map link; do
			bpftool $kind show | sed -nE "s/^([0-9]+):.*/$kind \\1/p"
		done
	} | sort >"$work/objects"
	sort -u | comm -12 - "$work/objects"
}

interfaces() {
	on "$1" ip -o link show | awk -F'[ @:]+' '{ print $2 }'
}

# objects_gone FILE: none of these lines is alive any more, or which ones are. The kernel
# frees maps a little after their last user has gone.
objects_gone() {
	wait_until 5 no_object_alive "$1" || {
		objects_alive <"$1"
		return 1
	}
}

no_object_alive() {
	[ -z "$(objects_alive <"$1")" ]
}

# trace HOST: all that attach could have left on it, in text that can be compared
trace() {
	local name
	on "$1" ip -o -d link show | sed -E 's/ (qlen|promiscuity) [0-9]+//g'
	on "$1" tc qdisc show
	for name in $(interfaces "$1"); do
		on "$1" tc filter show dev "$name" ingress
		on "$1" tc filter show dev "$name" egress
	done
	on "$1" bpftool net show
	on "$1" ip -o address show
	on "$1" ip neighbour show proxy
	on "$1" ip route show table all
	on "$1" sysctl -a --pattern '^net\.(ipv[46]\.(conf|ip|neigh)|core)' 2>/dev/null
	find /sys/fs/bpf
	find /run -xdev -path "$work" -prune -o -print
}
