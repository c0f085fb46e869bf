"""Google Drive: files, folders, shortcuts and documents, with a credential or without."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from traitlets import Float, Instance, Unicode
from traitlets.config import LoggingConfigurable

from growth_admin.core.errors import InvalidInput, NotConfigured
from growth_admin.datasets.express.plain import PlainRequest, PlainWay
from growth_admin.datasets.facts import Control, Listing, RemoteFile, SourceProblem
from growth_admin.datasets.sources.credentials import Credential, read_credential
from growth_admin.datasets.sources.drive_api import DriveApi
from growth_admin.datasets.sources.drive_tree import (
    EXPORTS,
    CredentialProblem,
    Entry,
    Tree,
    export_warning,
    remote_file,
    require_format,
    walk,
)
from growth_admin.datasets.sources.drive_web import DriveWeb
from growth_admin.datasets.sources.http import HttpSource, moment_of
from growth_admin.datasets.sources.links import DriveLink, parse_drive_link
from growth_admin.datasets.sources.names import safe_top_name
from growth_admin.datasets.sources.patience import patiently
from growth_admin.datasets.sources.ranges import OpenedBody
from growth_admin.datasets.sources.transport import Transport

WEB_URL: Final = "https://drive.google.com"
DOCS_URL: Final = "https://docs.google.com"
DOWNLOAD_URL: Final = "https://drive.usercontent.google.com"
API_URL: Final = "https://www.googleapis.com"
DEFAULT_URLS: Final = (WEB_URL, DOCS_URL, DOWNLOAD_URL, API_URL)
NO_CREDENTIAL: Final = (
    "Read without a credential: Drive tells no checksum that way (unverified against source), and "
    "its quota is small. An admin can set a Drive API key or a service account."
)


class DriveSource(LoggingConfigurable):
    """Everything that a link of Google Drive can lead to."""

    kind = "drive"

    web_url = Unicode(
        WEB_URL, help="Where Drive's pages are; another address only for tests and the demo."
    ).tag(config=True)
    docs_url = Unicode(
        DOCS_URL, help="Where Docs, Sheets and Slides are exported; likewise only for tests."
    ).tag(config=True)
    download_url = Unicode(
        DOWNLOAD_URL, help="Where public files are downloaded; likewise only for tests."
    ).tag(config=True)
    api_url = Unicode(
        API_URL, help="Where the Drive API v3 is, without /drive/v3; likewise only for tests."
    ).tag(config=True)
    api_key_file = Unicode(
        "",
        help="File that holds a Google API key, alone on one line. With it sizes and checksums of "
        "link-shared files are known before the download, and Google's quota is far larger. Make "
        "it in the Google console (APIs & Services, Credentials), enable the Drive API and "
        "restrict the key to it. The file must be readable for those who publish data, and for no "
        "student.",
    ).tag(config=True)
    service_account_file = Unicode(
        "",
        help="Key file (JSON) of a Google service account. It reads what an API key reads, and "
        "what was shared with the account's e-mail address: private data needs no public link. "
        "It goes before an API key. Readable for those who publish data, and for no student.",
    ).tag(config=True)
    timeout_s = Float(
        30.0,
        help="Seconds to wait for Google's answer, and between two pieces of a file, before the "
        "connection counts as cut and the download is resumed.",
    ).tag(config=True)
    http = Instance(HttpSource, args=(), help="Whose proxy and user agent are used.")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        bases = (self.web_url, self.docs_url, self.download_url, self.api_url)
        named = [url for url in bases if url.rstrip("/") not in DEFAULT_URLS]
        self._transport = self.http.transport(named, timeout_s=self.timeout_s)
        self._web = DriveWeb(
            self._transport,
            web_url=self.web_url,
            docs_url=self.docs_url,
            download_url=self.download_url,
        )
        self._hosts = [urlsplit(url).netloc for url in named]
        self._lock = threading.Lock()
        self._credential: Credential | None = None

    def recognises(self, link: str) -> bool:
        """Return whether the link leads to Drive, even if it names nothing there."""
        try:
            return parse_drive_link(link, self._hosts) is not None
        except InvalidInput:
            return True

    def list_files(self, link: str, *, limit_s: float, control: Control) -> Listing:
        """See ``Source``. With a credential by the API, else by the pages that anyone may see."""
        wanted = parse_drive_link(link, self._hosts)
        if wanted is None:
            raise InvalidInput("This is no link of Google Drive.", fields=[("link", "not Drive")])
        require_format(wanted.kind, wanted.export_format)
        credential, warning = self._usable_credential()
        if credential is not None:
            try:
                return self._list_by_api(credential, wanted, limit_s, control)
            except CredentialProblem as problem:
                warning = f"{problem.detail} {problem.hint}"
                self._forget_credential()
        try:
            listing = self._list_by_web(wanted, limit_s, control)
        except SourceProblem as problem:
            if warning:
                problem.hint = f"{problem.hint} Beside that: {warning}"
            raise
        return replace(listing, warnings=(warning or NO_CREDENTIAL, *listing.warnings))

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> OpenedBody:
        """See ``Source``. What was listed by the API is fetched by the API.

        Raises ``NotConfigured`` when the credential is gone since then.
        """
        return self._way_of(file).open(file, start=start, end=end, validator=validator)

    def plain_way(self) -> PlainWay | None:
        """See ``PlainSource``."""
        return self._transport.plain_way()

    def plain_request(self, file: RemoteFile) -> PlainRequest | None:
        """See ``PlainSource``."""
        return self._way_of(file).plain_request(file)

    def _way_of(self, file: RemoteFile) -> DriveApi | DriveWeb:
        """Return what a file is fetched by. Raises ``NotConfigured``."""
        if file.locator.get("via") != "api":
            return self._web
        credential = self._read_credential()
        if credential is None:
            raise NotConfigured(
                f"{file.path} was listed with the hub's Google credential, which is not set now.",
                hint="Set DriveSource.api_key_file or service_account_file again, or look at the "
                "link anew.",
            )
        return DriveApi(self._transport, self.api_url, credential)

    def _list_by_api(
        self, credential: Credential, link: DriveLink, limit_s: float, control: Control
    ) -> Listing:
        api = DriveApi(self._transport, self.api_url, credential)
        root = patiently(lambda: api.look(link), limit_s=limit_s, control=control)

        def children(folder: Entry) -> Sequence[Entry]:
            return api.children(folder, limit_s=limit_s, control=control)

        if root.kind == "folder":
            tree = walk(root, children, via="api", limit_s=limit_s, control=control)
            listing = self._of_folder(link, root.name, root.modified)
            return self._filled(listing, tree, credential.kind)
        return self._of_file(link, root, "api", credential.kind)

    def _list_by_web(self, link: DriveLink, limit_s: float, control: Control) -> Listing:
        root = patiently(lambda: self._web.look(link), limit_s=limit_s, control=control)
        if root.kind != "folder":
            return self._of_file(link, root, "web", "none")
        titles: list[str] = []

        def children(folder: Entry) -> Sequence[Entry]:
            title, found = patiently(
                lambda: self._web.read_folder(folder), limit_s=limit_s, control=control
            )
            if folder is root:
                titles.append(title)
            return found

        tree = walk(root, children, via="web", limit_s=limit_s, control=control)
        return self._filled(self._of_folder(link, "".join(titles), ""), tree, "none")

    def _of_folder(self, link: DriveLink, name: str, modified: str) -> Listing:
        plain = replace(link, kind="folder").plain
        title = f"Drive folder {name!r}"
        return Listing(
            self.kind, title, safe_top_name(name), plain, (), is_folder=True, modified=modified
        )

    def _filled(self, listing: Listing, tree: Tree, credential: str) -> Listing:
        if not tree.files and tree.is_complete:
            raise SourceProblem(
                "not_found",
                f"{listing.title} holds no file that can be downloaded. {' '.join(tree.warnings)}",
                hint="Check in Drive that its files are shared too.",
            )
        return replace(
            listing,
            files=tuple(tree.files),
            is_complete=tree.is_complete,
            credential=credential,
            warnings=tuple(tree.warnings),
        )

    def _of_file(self, link: DriveLink, entry: Entry, via: str, credential: str) -> Listing:
        if entry.kind == "other" or entry.why_not:
            raise SourceProblem(
                "native_doc" if entry.kind == "other" else "refused",
                f"{entry.name or 'This'} cannot be downloaded: {entry.why_not}.",
                hint="Ask its owner to export it to a file, or to allow downloads, and share that.",
            )
        name = safe_top_name(entry.file_name)
        kind = "Google document" if entry.kind in EXPORTS else "Drive file"
        file = remote_file(entry, name, via)
        return Listing(
            self.kind,
            f"{kind} {entry.file_name!r}",
            name,
            link.plain,
            (file,),
            modified=_rfc3339(entry.modified),
            credential=credential,
            warnings=(export_warning(1),) if entry.kind in EXPORTS else _unverified(file, via),
        )

    def _usable_credential(self) -> tuple[Credential | None, str]:
        """Return the credential, or why there is none although one is set."""
        try:
            return self._read_credential(), ""
        except NotConfigured as e:
            return None, f"{e.detail} {e.hint} The link is read without a credential."

    def _read_credential(self) -> Credential | None:
        with self._lock:
            if self._credential is None:
                self._credential = read_credential(
                    self.api_key_file, self.service_account_file, self._token_transport
                )
            return self._credential

    def _forget_credential(self) -> None:
        """Read the file anew next time: somebody may have put a good key there."""
        with self._lock:
            self._credential = None

    def _token_transport(self, token_uri: str) -> Transport:
        """Return what asks for tokens at the place that the key file names."""
        return self.http.transport([token_uri], timeout_s=self.timeout_s)


def _unverified(file: RemoteFile, via: str) -> tuple[str, ...]:
    if file.checksum is not None or via == "web":
        return ()
    return ("Drive tells no checksum of this file: unverified against source.",)


def _rfc3339(text: str) -> str:
    return text if text[:4].isdecimal() else moment_of(text)
