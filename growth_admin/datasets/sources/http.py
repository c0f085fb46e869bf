"""Any file on the web: plain servers, archives of observatories, object stores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from traitlets import Bool, Float, Unicode
from traitlets.config import LoggingConfigurable

from growth_admin.core.schema import to_rfc3339
from growth_admin.datasets.facts import Control, Listing, RemoteFile, SourceProblem
from growth_admin.datasets.sources.addresses import AddressGuard
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.checksums import checksum_of
from growth_admin.datasets.sources.links import clean_link, has_secret, shown_url, split_url
from growth_admin.datasets.sources.names import disposition_name, is_attachment, safe_top_name
from growth_admin.datasets.sources.patience import patiently
from growth_admin.datasets.sources.ranges import OpenedBody, open_at, total_of, validator_of
from growth_admin.datasets.sources.replies import require_file
from growth_admin.datasets.sources.transport import Transport, require_web_address

_GITHUB_PAGE: Final = re.compile(r"(/[^/]+/[^/]+)/blob/(.+)")
PAGE_SUFFIXES: Final = (".html", ".htm", ".xhtml")


class HttpSource(LoggingConfigurable):
    """Files at ``https://`` (and, with a warning, ``http://``) addresses."""

    kind = "http"

    allow_private_addresses = Bool(
        False,
        help="Whether links may lead to private, loopback and link-local addresses. Off, nobody "
        "who may paste a link can read what only this machine reaches (the cloud's metadata "
        "service, other servers of the cluster). Switch it on only if the data lies on such a "
        "server and everybody with the datasets scope may read all of that network.",
    ).tag(config=True)
    proxy = Unicode(
        "",
        help="Proxy for all sources, for example http://proxy.example.org:3128. Proxies from the "
        "environment are not used. With a proxy it is the proxy that resolves names and must "
        "refuse private addresses; those that are known here are refused before.",
    ).tag(config=True)
    timeout_s = Float(
        30.0,
        help="Seconds to wait for a server's answer, and between two pieces of a file, before the "
        "connection counts as cut and the download is resumed.",
    ).tag(config=True)
    user_agent = Unicode(
        "Mozilla/5.0 (compatible; growth-admin; dataset ingest of a JupyterHub)",
        help="How requests name themselves. Some servers refuse what does not look like a browser.",
    ).tag(config=True)

    def transport(
        self, trusted: Sequence[str] = (), *, timeout_s: float | None = None
    ) -> Transport:
        """Return what sends requests under these settings.

        ``trusted`` are base addresses that an admin configured; they may be private.
        """
        guard = AddressGuard(allow_private=self.allow_private_addresses, trusted=trusted)
        return Transport(
            guard,
            timeout_s=timeout_s or self.timeout_s,
            user_agent=self.user_agent,
            proxy=self.proxy,
        )

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)
        self._transport = self.transport()

    def recognises(self, link: str) -> bool:
        """Return whether it is a web address."""
        return split_url(clean_link(link)).scheme.lower() in ("http", "https")

    def list_files(self, link: str, *, limit_s: float, control: Control) -> Listing:
        """Return the one file at the address, asked for without fetching it."""
        url = direct_address(clean_link(link))
        require_web_address(url)
        answer, total = patiently(
            lambda: self._probe(url, min(limit_s, self.timeout_s)), limit_s=limit_s, control=control
        )
        headers = answer.headers
        name = file_name_of(answer, url)
        require_data(answer, name)
        file = RemoteFile(
            path=name,
            locator={"url": url},
            size_bytes=total,
            checksum=checksum_of(headers, is_whole=answer.status == 200),
            validator=validator_of(headers),
        )
        return Listing(
            kind=self.kind,
            title=f"{name} at {urlsplit(url).hostname}",
            name=name,
            link=shown_url(url),
            files=(file,),
            modified=moment_of(headers.get("Last-Modified", "")),
            warnings=_warnings(url, file),
        )

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> OpenedBody:
        """See ``Source.open``."""
        url = str(file.locator["url"])

        def ask(headers: dict[str, str]) -> Answer:
            answer = self._transport.send("GET", url, headers=headers)
            if answer.status != 416:
                require_file(answer)
                require_data(answer, file.path)
            return answer

        return open_at(ask, start=start, end=end, validator=validator, name=file.path)

    def _probe(self, url: str, timeout_s: float) -> tuple[Answer, int | None]:
        """Return a reply that tells of the file, its body closed, and the file's size if known.

        A ``HEAD``; where that is refused or says too little, a ``GET`` of the first byte.
        """
        answer = self._transport.send("HEAD", url, timeout_s=timeout_s)
        answer.close()
        total = total_of(answer)
        if answer.status == 200 and total is not None:
            return answer, total
        answer = self._transport.send(
            "GET", url, headers={"Range": "bytes=0-0"}, timeout_s=timeout_s
        )
        answer.close()
        total = total_of(answer)
        if not (answer.status == 416 and total == 0):
            require_file(answer)
        return answer, total


def direct_address(url: str) -> str:
    """Return the address of the file behind a well-known page about it (GitHub, Dropbox)."""
    parts = split_url(url)
    blob = _GITHUB_PAGE.fullmatch(parts.path) if parts.netloc == "github.com" else None
    if blob:
        return urlunsplit(parts._replace(path=f"{blob[1]}/raw/{blob[2]}", query="", fragment=""))
    if parts.netloc in ("dropbox.com", "www.dropbox.com"):
        kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("dl=")]
        return urlunsplit(parts._replace(query="&".join([*kept, "dl=1"]), fragment=""))
    return url


def file_name_of(answer: Answer, asked: str) -> str:
    """Return the name that a file gets: what the server says, else the end of the address."""
    said = disposition_name(answer.headers.get("Content-Disposition", ""))
    ends = [PurePosixPath(unquote(urlsplit(url).path)).name for url in (asked, answer.url)]
    with_suffix = [end for end in ends if "." in end.strip(".")]
    found = next((name for name in (said, *with_suffix, *ends) if name), "")
    return safe_top_name(found, otherwise="download")


def require_data(answer: Answer, name: str) -> None:
    """Return unless the reply is a page for people. Raises ``SourceProblem`` (``web_page``)."""
    is_offered = is_attachment(answer.headers.get("Content-Disposition", ""))
    if not answer.is_web_page or is_offered or name.lower().endswith(PAGE_SUFFIXES):
        return
    answer.close()
    raise SourceProblem(
        "web_page",
        f"The link opens a web page of {urlsplit(answer.url).hostname}, not a file.",
        hint="Open the page, right-click its download button, choose Copy link address, and use "
        "that. A file behind a login cannot be fetched: upload it instead.",
    )


def _warnings(url: str, file: RemoteFile) -> tuple[str, ...]:
    found = []
    if urlsplit(url).scheme == "http":
        found.append("The link is http://: what comes could be changed on the way.")
    if not file.validator:
        found.append("The server offers no ETag and no date: a cut download starts from zero.")
    if has_secret(url):
        found.append("The link carries an access token; it may expire, and a later retry fail.")
    return tuple(found)


def moment_of(date: str) -> str:
    """Return an HTTP date as RFC 3339 text; empty if it is none."""
    try:
        return to_rfc3339(parsedate_to_datetime(date))
    except (TypeError, ValueError):
        return ""
