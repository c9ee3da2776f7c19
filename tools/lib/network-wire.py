"""
A long cable: what enters one end leaves the other some milliseconds later. For kernels without `tc netem`.

  network-wire.py plain <interface>                    no more frames that leave checksums or segments to the hardware
  network-wire.py cable <milliseconds> <one> <other>   carries frames between two interfaces until it is ended
"""
import array
import collections
import fcntl
import select
import socket
import struct
import sys
import time

# linux/if_ether.h, linux/sockios.h, asm-generic/socket.h; ethtool.h: ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO.
ETH_P_ALL = 0x0003
SIOCETHTOOL = 0x8946
SO_RCVBUFFORCE = 33
OFFLOADS = (0x17, 0x1F, 0x24)
# A burst must fit while the other end is busy.
BUFFER_BYTES = 8 * 1024 * 1024
LONGEST_FRAME = 65536


def plain(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        for offload in OFFLOADS:
            off = array.array("I", (offload, 0))
            fcntl.ioctl(door, SIOCETHTOOL, struct.pack("16sP16x", interface.encode(), off.buffer_info()[0]))


def end_of(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    end.bind((interface, 0))
    end.setblocking(False)
    return end


def cable(seconds, one, other):
    far = dict(zip((one, other), (other, one)))
    # All frames wait equally long, so they leave in the order in which they came.
    waiting = collections.deque()
    print("ready", flush=True)
    while True:
        pause = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
        for end in select.select((one, other), (), (), pause)[0]:
            take(end, far[end], seconds, waiting)
        while waiting and waiting[0][0] <= time.monotonic():
            _, end, frame = waiting.popleft()
            try:
                end.send(frame)
            except OSError:
                pass  # As on a real cable: what does not fit is lost.


def take(end, far, seconds, waiting):
    while True:
        try:
            frame, (_, _, kind, *_) = end.recvfrom(LONGEST_FRAME)
        except BlockingIOError:
            return
        # What was sent from here is shown here too.
        if kind != socket.PACKET_OUTGOING:
            waiting.append((time.monotonic() + seconds, far, frame))


if sys.argv[1] == "plain":
    plain(sys.argv[2])
else:
    cable(float(sys.argv[2]) / 1000, end_of(sys.argv[3]), end_of(sys.argv[4]))
