"""Links as people paste them, and what the links of Google Drive mean. Asks nobody.

Forms seen: ``drive.google.com/file/d/ID/view`` (edit, preview; also ``/file/u/1/d/ID`` and
``/a/school.edu/file/d/ID``), ``open?id=``, ``uc?id=``, ``uc?export=download&id=``,
``drive.usercontent.google.com/download?id=``, ``/drive/folders/ID``, ``/drive/u/1/folders/ID``,
``/folderview?id=``, ``docs.google.com/{document,spreadsheets,presentation,drawings}/d/ID``
with or without ``/export?format=``, ``www.googleapis.com/drive/v3/files/ID``; ``resourcekey=``
belongs to links of items that were shared before September 2021.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

from growth_admin.core.errors import InvalidInput

DRIVE_HOSTS: Final = frozenset(
    {"drive.google.com", "docs.google.com", "drive.usercontent.google.com", "www.googleapis.com"}
)
DOCUMENT_KINDS: Final = ("document", "spreadsheets", "presentation", "drawings")
UNEXPORTABLE: Final = ("forms", "videos", "maps", "scripts")
SECRET_WORDS: Final = frozenset(
    {
        *("key", "api_key", "apikey", "token", "access_token", "auth", "password", "passwd", "pwd"),
        *("sig", "signature", "x-amz-signature", "x-amz-credential", "x-amz-security-token"),
        *("x-goog-signature", "x-goog-credential", "awsaccesskeyid", "googleaccessid", "at"),
        *("policy", "hmac", "secret", "code", "jwt", "sas", "oauth_token", "private_token"),
    }
)
"""Parameters whose value lets whoever knows it in; never shown."""
HIDDEN: Final = "..."

_ID: Final = re.compile(r"[A-Za-z0-9_-]{10,}")
_PLAIN_FILE: Final = re.compile(
    r"https?://([a-z0-9.-]+(?::[1-9]\d{0,4})?)/file/d/([A-Za-z0-9_-]{10,})/view(?:\?usp=\w*)?"
)
"""How nearly all entries of a folder are written: thousands of them need no further thought."""
_FILE_PATH: Final = re.compile(r"/file(?:/u/\d+)?/d/([^/]*)")
_FOLDER_PATH: Final = re.compile(r"/drive(?:/u/\d+)?(?:/mobile)?/folders/([^/]*)")
_DOCUMENT_PATH: Final = re.compile(rf"/({'|'.join(DOCUMENT_KINDS)})(?:/u/\d+)?/d/([^/]*)(/.*)?")
_API_PATH: Final = re.compile(r"/drive/v[23]/files/([^/]*)")
_DOMAIN: Final = re.compile(r"^(?:/a/[^/]+\.[^/]+)?(?:/u/\d+)?(?=/)")
"""What stands before the path for accounts of a school, and for the second account of a browser."""
_QUERY_PATHS: Final = {
    "/open": "any",
    "/uc": "file",
    "/download": "file",
    "/leaf": "any",
    "/folderview": "folder",
    "/embeddedfolderview": "folder",
}
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\x00]")
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'\]\[]+", re.IGNORECASE)
_BARE_HOST: Final = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_BARE_ID: Final = re.compile(r"[01][A-Za-z0-9_-]{24,60}")


@dataclass(frozen=True)
class DriveLink:
    """What a link of Drive names.

    ``kind``: ``file``, ``folder``, ``any`` (the link does not say which), or one of
    ``DOCUMENT_KINDS``. ``resource_key`` is part of the link, and no secret beside it.
    ``export_format`` is what a link with ``export?format=`` asks for.
    """

    kind: str
    id: str
    resource_key: str = ""
    export_format: str = ""

    @property
    def plain(self) -> str:
        """The link in its plain form, as people may share it."""
        key = f"?resourcekey={self.resource_key}" if self.resource_key else ""
        if self.kind == "folder":
            return f"https://drive.google.com/drive/folders/{self.id}{key}"
        if self.kind in DOCUMENT_KINDS:
            return f"https://docs.google.com/{self.kind}/d/{self.id}/edit{key}"
        if self.kind == "any":
            return f"https://drive.google.com/open?id={self.id}{key.replace('?', '&')}"
        return f"https://drive.google.com/file/d/{self.id}/view{key}"


def split_url(text: str) -> SplitResult:
    """Return the parts of an address; of what is none, everything in ``path``."""
    try:
        parts = urlsplit(text)
        return parts if parts.port != 0 else SplitResult("", "", text, "", "")
    except ValueError:
        return SplitResult("", "", text, "", "")


def clean_link(text: str) -> str:
    """Return the link in what somebody pasted: without brackets, quotes, words around it.

    A link without ``https://`` gets it. A path on the hub stays as it is. Links that mail programs
    and chats wrap (``www.google.com/url?q=``, Outlook's safe links) are unwrapped.
    """
    text = _INVISIBLE.sub("", text).strip().strip("<>\"'“”‘’").strip()
    if text.startswith("/") or re.match(r"(?!https?:)[a-z]+:", text, re.IGNORECASE):
        return text
    found = _WEB_ADDRESS.search(text)
    if found:
        link = found.group().rstrip(".,;!").rstrip(")" if "(" not in found.group() else "")
        if _is_cut(link):
            link = re.sub(r"\s+", "", text[found.start() :])
        return _unwrap(link)
    if _BARE_HOST.fullmatch(text.partition(" ")[0]):
        return "https://" + text.partition(" ")[0]
    return text


def parse_drive_link(text: str, hosts: Iterable[str] = ()) -> DriveLink | None:
    """Return what a pasted link of Drive names, or nothing if it is not one of Drive.

    ``hosts`` are further ``host`` or ``host:port`` that play Drive. Raises ``InvalidInput`` for a
    link that leads to Drive and names no file there.
    """
    return read_drive_link(clean_link(text), DRIVE_HOSTS | {host.lower() for host in hosts})


def read_drive_link(link: str, hosts: Set[str]) -> DriveLink | None:
    """Return the same for an address that nobody pasted, as ``hosts`` (all of them) write it."""
    plain = _PLAIN_FILE.fullmatch(link)
    if plain and plain[1] in hosts:
        return DriveLink("file", plain[2])
    parts = split_url(link)
    if not _is_of(parts, hosts):
        return None
    query = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    kind, found, export = _named(_DOMAIN.sub("", parts.path), query)
    if not kind and parts.hostname not in DRIVE_HOSTS:
        return None
    if not kind and parts.hostname == "www.googleapis.com":
        return None
    if not kind or not _ID.fullmatch(found):
        raise _no_file(link, parts.path)
    return DriveLink(kind, found, query.get("resourcekey", ""), export)


def hint_for(text: str) -> str:
    """Return what to do about a text that is no link of any source."""
    text = text.strip()
    if _BARE_ID.fullmatch(text):
        return (
            "It looks like the id of a Drive file. Paste the link: "
            f"https://drive.google.com/file/d/{text}/view, or /drive/folders/{text}."
        )
    return (
        "Paste a link that begins with https:// (in Drive: Share, Copy link), a Zenodo DOI, or the "
        "path of a file on the hub that begins with /."
    )


def shown_url(url: str) -> str:
    """Return an address as it may be shown and logged: without password and secret parameters."""
    parts = split_url(url)
    host = parts.netloc.rpartition("@")[2]
    pairs = []
    for pair in parts.query.split("&") if parts.query else ():
        key, sign, _ = pair.partition("=")
        pairs.append(f"{key}={HIDDEN}" if sign and unquote(key).lower() in SECRET_WORDS else pair)
    return urlunsplit((parts.scheme, host, parts.path, "&".join(pairs), ""))[:2000]


def has_secret(url: str) -> bool:
    """Return whether an address carries a token or a signature."""
    return shown_url(url) != urlunsplit(split_url(url)._replace(fragment=""))[:2000]


def _named(path: str, query: dict[str, str]) -> tuple[str, str, str]:
    """Return kind, id and wanted format; empty strings where the link says nothing."""
    if found := _FILE_PATH.match(path):
        return "file", found[1], ""
    if found := _FOLDER_PATH.match(path):
        return "folder", found[1], ""
    if found := _DOCUMENT_PATH.match(path):
        is_export = (found[3] or "").startswith("/export")
        last = (found[3] or "").removeprefix("/export").strip("/")
        wanted = query.get("format", query.get("exportformat", last)) if is_export else ""
        return found[1], "" if found[2] == "e" else found[2], wanted
    if found := _API_PATH.match(path):
        return "any", found[1], ""
    kind = _QUERY_PATHS.get(path.rstrip("/"), "")
    return kind, query.get("id", ""), ""


def _no_file(link: str, path: str) -> InvalidInput:
    if path.strip("/").partition("/")[0] in UNEXPORTABLE:
        hint = "Forms, sites and maps cannot be downloaded. Export the data to a file and share it."
    elif "/d/e/" in path:
        hint = "This is a published web page. Use the link of Share, Copy link instead."
    else:
        hint = "In Drive choose Share, Copy link; the link then holds /file/d/ or /folders/."
    return InvalidInput(
        f"This link leads to Google Drive and names no file or folder: {shown_url(link)[:200]}",
        hint=hint,
        fields=[("link", "names no file")],
    )


def _is_of(parts: SplitResult, hosts: Set[str]) -> bool:
    """Return whether an address belongs to one of these hosts (``host`` or ``host:port``)."""
    if parts.scheme.lower() not in ("http", "https"):
        return False
    netloc = parts.netloc.rpartition("@")[2].lower()
    return netloc in hosts or (parts.hostname or "") in hosts


def _is_cut(link: str) -> bool:
    """Return whether a Drive link seems to go on after a space: its id is not there yet."""
    parts = split_url(link)
    if (parts.hostname or "") not in DRIVE_HOSTS:
        return False
    query = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    return not _ID.fullmatch(_named(_DOMAIN.sub("", parts.path), query)[1])


def _unwrap(link: str) -> str:
    parts = split_url(link)
    host, query = (parts.hostname or ""), parse_qs(parts.query)
    inner = ""
    if re.fullmatch(r"www\.google\.[a-z.]+", host) and parts.path == "/url":
        inner = query.get("q", query.get("url", [""]))[0]
    elif host.endswith(".safelinks.protection.outlook.com"):
        inner = query.get("url", [""])[0]
    return inner if inner.startswith(("http://", "https://")) else link
