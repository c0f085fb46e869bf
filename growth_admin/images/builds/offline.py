"""Runs a command without a network: nothing but a loopback of its own, as Podman gives it.

For chroot isolation, where buildah takes no ``--network`` but the host's. The engine starts this
file by its path, as a program, so it imports the standard library only.

Sources: unshare(2), network_namespaces(7), netdevice(7).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from typing import Final

CLONE_NEWNET: Final = 0x40000000
SIOCSIFFLAGS: Final = 0x8914
IFF_UP: Final = 0x1
IFREQ: Final = "16sh22x"


def leave_network() -> None:
    """Move this process to a network namespace of its own. Raises ``OSError`` where it may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        # a new loopback is down, and a check may start a server and speak with it
        fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack(IFREQ, b"lo", IFF_UP))


if __name__ == "__main__":
    try:
        leave_network()
    except OSError as e:
        sys.exit(f"The network cannot be taken away here: {e.strerror}.")
    os.execvp(sys.argv[1], sys.argv[1:])
