"""What a script printed: stdout and stderr in one log, bounded, with stderr's lines marked."""

from __future__ import annotations

HEAD_BYTES = 128 * 1024
TAIL_BYTES = 128 * 1024
SPAN_LIMIT = 100
ERROR_LIMIT = 300
OUT, ERR, OURS = 0, 1, 2


class Output:
    """Collects chunks in the order of arrival: the beginning and the end are kept.

    The end, because that is where a script says why it failed. The two streams come through two
    pipes, so what was written to both within one instant is put stdout first.
    """

    def __init__(self) -> None:
        self.sizes = [0, 0, 0]
        self._head: list[tuple[int, bytes]] = []
        self._tail: list[tuple[int, bytes]] = []
        self._head_left = HEAD_BYTES
        self._tail_size = 0
        self.dropped_bytes = 0

    def add(self, stream: int, data: bytes) -> None:
        """Take a chunk that was read from `stream` (OUT, ERR, or OURS for the chain's words)."""
        self.sizes[stream] += len(data)
        if self._head_left > 0:
            self._head.append((stream, data[: self._head_left]))
            data, self._head_left = data[self._head_left :], self._head_left - len(data)
        if data:
            self._tail.append((stream, data))
            self._tail_size += len(data)
            self._trim()

    def say(self, text: str) -> None:
        """Add a line of the chain's own."""
        self.add(OURS, b"[growth-admin] " + text.encode("utf-8", "replace") + b"\n")

    def _trim(self) -> None:
        """Drop the oldest chunks of the tail beyond its bound (whole ones, then a part)."""
        while self._tail_size > TAIL_BYTES:
            surplus = self._tail_size - TAIL_BYTES
            stream, data = self._tail[0]
            if len(data) <= surplus:
                del self._tail[0]
            else:
                self._tail[0] = (stream, data[surplus:])
            lost = min(len(data), surplus)
            self._tail_size -= lost
            self.dropped_bytes += lost

    def render(self) -> Log:
        """The log: each change of stream begins on a line of its own."""
        log = Log()
        for stream, data in self._head:
            log.append(stream, data)
        if self.dropped_bytes:
            log.append(OURS, b"[growth-admin] %d bytes left out\n" % self.dropped_bytes)
        for stream, data in self._tail:
            log.append(stream, data)
        return log


class Log:
    """The text of a log, which of its lines (1-based, inclusive spans) are stderr's, the last."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.stderr_spans: list[list[int]] = []
        self._line = 1
        self._last_stream = OUT
        self._stderr_tail = b""

    def append(self, stream: int, data: bytes) -> None:
        """Add a chunk; begins a new line first if another stream left one unfinished."""
        if not data:
            return
        if stream != self._last_stream and self.text and not self.text.endswith(b"\n"):
            self.text += b"\n"
            self._line += 1
        self._last_stream = stream
        first = self._line
        self.text += data
        self._line += data.count(b"\n")
        if stream == ERR:
            last = self._line - 1 if data.endswith(b"\n") else self._line
            self._mark(first, last)
            self._stderr_tail = (self._stderr_tail + data)[-4 * ERROR_LIMIT - 4096 :]

    def _mark(self, first: int, last: int) -> None:
        if self.stderr_spans and first <= self.stderr_spans[-1][1] + 1:
            self.stderr_spans[-1][1] = max(last, self.stderr_spans[-1][1])
        elif len(self.stderr_spans) < SPAN_LIMIT:
            self.stderr_spans.append([first, last])

    def last_error(self) -> str:
        """The last line on stderr that says something, at most 300 characters, printable."""
        for line in reversed(self._stderr_tail.splitlines()):
            text = line.decode("utf-8", "replace").strip()
            if text:
                shown = "".join(letter if letter.isprintable() else "?" for letter in text)
                return shown[:ERROR_LIMIT]
        return ""
