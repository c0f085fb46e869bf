"""The reply that carries a file: names, validators, ranges (RFC 9110), and what faults do to it."""

import gzip
import re
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

from growth_admin.deploy.standins.drive.content import Content
from growth_admin.deploy.standins.drive.exchange import Exchange
from growth_admin.deploy.standins.drive.faults import Hit
from growth_admin.deploy.standins.drive.wire import Breakage, Reply
from growth_admin.deploy.standins.drive.world import Item

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
SANDBOX = [
    ("Content-Security-Policy", "sandbox"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Accept-Ranges", "bytes"),
]


class CorruptContent:
    """Another content with one byte changed."""

    path: Path | None = None

    def __init__(self, whole: Content, at_byte: int) -> None:
        self.whole = whole
        self.size = whole.size
        self.at_byte = at_byte

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        data = self.whole.read(start, stop)
        if not start <= self.at_byte < start + len(data):
            return data
        changed = bytearray(data)
        changed[self.at_byte - start] ^= 0x5A
        return bytes(changed)


def disposition(name: str) -> str:
    """`Content-Disposition` with both forms of the name, as Google sends it (RFC 6266)."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_reply(exchange: Exchange, item: Item, *, has_disposition: bool = True) -> Reply:
    """The bytes of a stored file, or the part that the request asks for."""
    hit, headers = body_hit(exchange), exchange.request.headers
    if "change" in hit:
        exchange.standing.world.change(item)
    content = item.content
    if corrupt := hit.get("corrupt"):
        content = CorruptContent(content, corrupt.at_byte)
    reply = Reply(200, [("Content-Type", item.kind)], content=content, stop=content.size)
    if has_disposition and "no_disposition" not in hit:
        reply.headers.append(("Content-Disposition", disposition(item.name)))
    reply.headers += SANDBOX
    modified = formatdate(item.modified, usegmt=True)
    etag = "" if "no_etag" in hit or "no_validator" in hit else item.etag
    if etag:
        reply.headers.append(("ETag", etag))
    if "no_validator" not in hit:
        reply.headers.append(("Last-Modified", modified))
    wanted = headers.get("range", "")
    if wanted and "no_range" not in hit and headers.get("if-range") in (None, etag, modified):
        apply_range(reply, wanted, hit)
    break_reply(reply, hit)
    return reply


def bytes_reply(exchange: Exchange, name: str, mime_type: str, data: bytes) -> Reply:
    """Bytes made for this request, of a size that is not announced: an export."""
    headers = [("Content-Type", mime_type), ("Content-Disposition", disposition(name))]
    reply = Reply(200, headers, data, is_chunked=True)
    break_reply(reply, body_hit(exchange))
    return reply


def body_hit(exchange: Exchange) -> Hit:
    """The faults that the body meets."""
    is_ranged = "range" in exchange.request.headers
    faults = exchange.standing.faults
    return faults.hit(exchange.item_id, exchange.where, is_ranged=is_ranged, is_body=True)


def apply_range(reply: Reply, wanted: str, hit: Hit) -> None:
    """Cut the reply down to the range (RFC 9110, 14.2); ignore what is no single range."""
    found = RANGE.fullmatch(wanted.replace(" ", ""))
    if not found or not (found[1] or found[2]):
        return
    size = reply.stop
    if found[1]:
        start, stop = int(found[1]), min(int(found[2] or size) + 1, size)
    else:
        start, stop = max(size - int(found[2]), 0), size
    if start >= stop:
        reply.status, reply.content = 416, None
        reply.headers.append(("Content-Range", f"bytes */{size}"))
        return
    reply.status, reply.start, reply.stop = 206, start, stop
    said = start + 1 if "wrong_range" in hit else start
    reply.headers.append(("Content-Range", f"bytes {said}-{stop - 1}/{size}"))


def break_reply(reply: Reply, hit: Hit) -> None:
    """Let the delivery go wrong as the faults say."""
    if short := hit.get("short"):
        _shorten(reply, short.at_byte)
    if "gzip" in hit:
        reply.body, reply.content = gzip.compress(reply.read(0, reply.length), 1), None
        reply.headers.append(("Content-Encoding", "gzip"))
    reply.is_chunked = reply.is_chunked or "chunked" in hit
    broken = hit.get("cut", "truncated", "stall", "drip")
    if not broken:
        return
    reply.breakage = Breakage()
    if cut := hit.get("cut"):
        reply.breakage.reset_at = cut.at_byte
    if truncated := hit.get("truncated"):
        reply.breakage.close_at = truncated.at_byte
    if stall := hit.get("stall"):
        reply.breakage.stall_at = stall.at_byte
    if drip := hit.get("drip"):
        reply.breakage.bytes_per_s = drip.bytes_per_s


def _shorten(reply: Reply, length: int) -> None:
    if reply.content:
        reply.stop = min(reply.start + length, reply.stop)
        size = reply.content.size
        for index, (name, _) in enumerate(reply.headers):
            if name == "Content-Range" and length:
                said = f"bytes {reply.start}-{reply.stop - 1}/{size}"
                reply.headers[index] = (name, said)
    else:
        reply.body = reply.body[:length]
