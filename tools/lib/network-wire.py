"""
A long cable: what enters one end leaves the other some milliseconds later. Runs where the kernel has no `tc netem`.

  network-wire.py plain <interface>                    sends whole frames only: no checksums or segments left to the hardware
  network-wire.py cable <milliseconds> <one> <other>   carries frames between two interfaces until it is ended
"""
import collections
import fcntl
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 0x0003
SIOCETHTOOL = 0x8946
# ethtool.h: ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO
OFFLOADS = (0x17, 0x1F, 0x24)
# A burst must fit while the other end is busy.
BUFFER_BYTES = 8 * 1024 * 1024
LONGEST_FRAME = 65536


def plain(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for command in OFFLOADS:
            import_array = bytearray(struct.pack("II", command, 0))
            address = (struct.pack("16sP", interface.encode(), id_of(import_array)))
            fcntl.ioctl(any_socket, SIOCETHTOOL, address.ljust(40, b"\0"))


def id_of(buffer):
    import ctypes
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


def end_of(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE if hasattr(socket, "SO_RCVBUFFORCE") else 33, BUFFER_BYTES)
    end.bind((interface, 0))
    end.setblocking(False)
    return end


def cable(seconds, one, other):
    ends = (end_of(one), end_of(other))
    far = {ends[0]: ends[1], ends[1]: ends[0]}
    # All frames wait equally long, so they leave in the order in which they came.
    waiting = collections.deque()
    print("ready", flush=True)
    while True:
        pause = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
        for end in select.select(ends, (), (), pause)[0]:
            take(end, far[end], time.monotonic() + seconds, waiting)
        while waiting and waiting[0][0] <= time.monotonic():
            _, end, frame = waiting.popleft()
            try:
                end.send(frame)
            except OSError:
                pass  # As on a real cable: what does not fit is lost.


def take(end, far, due, waiting):
    while True:
        try:
            frame, (_, _, kind, *_) = end.recvfrom(LONGEST_FRAME)
        except BlockingIOError:
            return
        # What we sent ourselves is shown to us too.
        if kind != socket.PACKET_OUTGOING:
            waiting.append((due, far, frame))


if sys.argv[1] == "plain":
    plain(sys.argv[2])
else:
    cable(float(sys.argv[2]) / 1000, sys.argv[3], sys.argv[4])
