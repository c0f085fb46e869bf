"""A mount that has fallen sick, in two strengths, as one small FUSE server without a library.

killable     requests wait unread, like a hard NFS mount whose server is long gone: SIGKILL helps.
unkillable   a server took the request and is silent: the caller sits in D state, deaf to SIGKILL.
The mount ends with the process that holds /dev/fuse: then every caller gets an error.
"""

import ctypes
import os
import struct
import threading

_REQUEST_BYTES = 1024 * 1024
# struct fuse_init_out (64 bytes): version 7.31, no read-ahead, no flags, small limits.
_INIT_REPLY = struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 12, 9, 65536, 1, 0, 0, 0)


def mount_sick(target: str, strength: str) -> int:
    """Mount a sick folder over `target`; returns the descriptor that keeps it alive.

    Raises OSError where FUSE cannot be had: these tests need /dev/fuse and the right to mount.
    """
    try:
        device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    except OSError as failed:
        raise OSError(
            failed.errno, "the sick-mount faults need /dev/fuse (as root: mknod)"
        ) from failed
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"sick", target.encode(), b"fuse", 0, options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot mount FUSE on {target}: {os.strerror(number)}")
    if strength == "unkillable":
        threading.Thread(target=_swallow_requests, args=(device,), daemon=True).start()
    return device


def _swallow_requests(device: int) -> None:
    """Answer the first request (FUSE_INIT), take every other one and stay silent."""
    unique = struct.unpack_from("<IIQ", os.read(device, _REQUEST_BYTES))[2]
    os.write(device, struct.pack("<IiQ", 16 + len(_INIT_REPLY), 0, unique) + _INIT_REPLY)
    while os.read(device, _REQUEST_BYTES):
        pass
