"""How packages are tried."""

from __future__ import annotations

from traitlets import Float, Int, Unicode
from traitlets.config import LoggingConfigurable


class TryOuts(LoggingConfigurable):
    """Tries of packages in an organiser's own server; they last as long as the server."""

    folder = Unicode(
        "",
        help="Folder on the server's own disk for tries. Empty: the system's folder for temporary "
        "files. Not in the home, which lasts.",
    ).tag(config=True)
    timeout_s = Float(900.0, min=1, help="Seconds that an installation may take.").tag(config=True)
    min_free_bytes = Int(
        1_000_000_000,
        min=0,
        help="Bytes that have to be free on that disk before a try begins.",
    ).tag(config=True)
    at_once = Int(5, min=1, help="How many tries one server may have at a time.").tag(config=True)
