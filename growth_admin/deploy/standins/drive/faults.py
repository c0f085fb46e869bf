"""The stand-in's failures: switched on from outside, off again the same way; and its log.

A fault says what goes wrong (`kind`), for which requests (`item`, `where`), and how often: the
first `after` matching requests are spared, the next `times` are hit (0: all), each with
`probability`. Of several faults all that match are hit; of two that answer instead, the first.

=================  =================================================================================
kind               what a hit request gets
=================  =================================================================================
quota              the quota page (web), 403 downloadQuotaExceeded (API)
sorry              429 and the page about automated queries (web), 403 rateLimitExceeded (API)
api_error          the API's error for `reason`, with `status` if given
status             `status` with a short page or the API's backendError
sign_in            a redirect to the sign-in page
need_access        the page "You need access"
abusive            the page about an infected file (web), 403 cannotDownloadAbusiveFile (API)
gone               404; the item stays, see `remove`
remove             the item is deleted, then 404
redirect           302 to `location`
change             the content is replaced before answering: another ETag, other bytes, same size
no_checksums       no checksum fields (or only those not in `reason`, a comma-separated list)
virus_always       the virus-scan form, whatever the size, until confirmed
virus_never        no virus-scan form
virus_strict       `confirm=t` alone is not enough: all hidden inputs of the form must come back
virus_unparsable   a virus-scan page without a form
cut                the connection is reset after `at_byte` bytes of the body
truncated          the connection is closed after `at_byte` bytes of the body, headers right
short              a whole, valid reply of only `at_byte` bytes
stall              nothing more after `at_byte` bytes of the body
drip               the body at `bytes_per_s` per connection
delay              `delay_s` before the reply
wrong_range        Content-Range begins one byte later than the body does
no_range           Range is ignored: 200 and all of it
no_etag            no ETag, only Last-Modified
no_validator       neither of them
gzip               the body gzip-encoded, and so declared
chunked            no Content-Length
corrupt            the byte at `at_byte` of the file is another one
no_disposition     no Content-Disposition
=================  =================================================================================
"""

import random
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

LOG_LENGTH = 50_000
DATA = ("download", "export", "media", "index")
VIRUS = {"virus_always", "virus_never", "virus_strict", "virus_unparsable"}
BODY = {
    *("cut", "truncated", "short", "stall", "drip", "wrong_range", "no_range", "no_etag"),
    *("no_validator", "gzip", "chunked", "corrupt", "no_disposition", "change"),
}
"""Met when a body is about to be delivered; the virus-scan form before it does not count."""
INSTEAD = {"quota", "abusive"}
ANYWHERE = {
    *("sorry", "api_error", "status", "sign_in", "need_access", "gone", "remove", "redirect"),
    *("no_checksums", "delay"),
}
RANGED = {"wrong_range", "no_range"}
KINDS = VIRUS | BODY | INSTEAD | ANYWHERE


@dataclass
class Fault:
    """See the table above. `where` is one of page, uc, folder, download, export, metadata, list,
    media, token, index; empty: wherever that kind makes sense. `item`: an id; empty: any.
    """

    kind: str
    item: str = ""
    where: str = ""
    after: int = 0
    times: int = 0
    probability: float = 1.0
    at_byte: int = 0
    bytes_per_s: int = 0
    delay_s: float = 0.0
    status: int = 0
    location: str = ""
    reason: str = ""
    seen: int = 0
    hits: int = 0
    id: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not a kind of fault: {', '.join(sorted(KINDS))}")

    def matches(self, item: str, where: str, *, is_ranged: bool) -> bool:
        """Whether it is about such a request."""
        if self.item and self.item != item:
            return False
        if self.kind in RANGED and not is_ranged:
            return False
        if self.where:
            return where == self.where
        if self.kind in VIRUS:
            return where == "download"
        return self.kind not in BODY | INSTEAD or where in DATA


@dataclass
class Hit:
    """The faults that one request meets, by kind."""

    faults: dict[str, Fault] = field(default_factory=dict)

    def __contains__(self, kind: str) -> bool:
        return kind in self.faults

    def get(self, *kinds: str) -> Fault | None:
        """The first of these kinds that was hit, in the order in which faults were added."""
        return next((fault for kind, fault in self.faults.items() if kind in kinds), None)


NO_HIT = Hit()


class Faults:
    """The faults that are on, and the last requests that were answered."""

    def __init__(self, seed: int = 1) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._random = random.Random(seed)
        self._last_id = 0
        self.requests: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def add(self, kind: str, **facts: Any) -> Fault:
        """Switch a fault on. Raises ValueError for an unknown kind, TypeError for unknown facts."""
        fault = Fault(kind, **facts)
        with self._lock:
            self._last_id += 1
            fault.id = self._last_id
            self._faults = [*self._faults, fault]
        return fault

    def remove(self, fault: Fault) -> None:
        """Switch it off."""
        with self._lock:
            self._faults = [other for other in self._faults if other is not fault]

    def clear(self) -> None:
        """Fair weather."""
        self._faults = []

    def as_data(self) -> list[dict[str, Any]]:
        """All that are on, with how often each was seen and hit."""
        return [asdict(fault) for fault in self._faults]

    def hit(self, item: str, where: str, *, is_ranged: bool = False, is_body: bool = False) -> Hit:
        """What this request meets, before it is answered or (`is_body`) in its body; counts it."""
        if not self._faults:
            return NO_HIT
        with self._lock:
            faults = [fault for fault in self._faults if (fault.kind in BODY) == is_body]
            return Hit({f.kind: f for f in self._due(faults, item, where, is_ranged)})

    def _due(
        self, faults: Iterable[Fault], item: str, where: str, is_ranged: bool
    ) -> Iterable[Fault]:
        for fault in faults:
            if not fault.matches(item, where, is_ranged=is_ranged):
                continue
            fault.seen += 1
            is_spared = fault.seen <= fault.after or (fault.times and fault.hits >= fault.times)
            if is_spared or self._random.random() >= fault.probability:
                continue
            fault.hits += 1
            yield fault
