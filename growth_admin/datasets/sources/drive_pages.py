"""Google Drive's pages for people, read: the virus-scan form, refusals, the view of a folder.

None of it is documented. Marks seen: the form ``download-form`` (``downloadForm`` until 2022) with
hidden inputs that change now and then, so all of them are sent back; the words of the refusals;
``flip-entry`` in ``embeddedfolderview``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.failures import retry_after_s
from growth_admin.datasets.sources.markup import Tag, read_tags

QUOTA_HINT: Final = (
    "Wait up to 24 hours, or open the file in Drive, choose File, Make a copy, share the copy and "
    "use its link. With a Drive API key or a service account (DriveSource.api_key_file, "
    "service_account_file) Google refuses far later."
)
SHARE_HINT: Final = (
    "In Drive choose Share, General access, Anyone with the link, and try again; or share it with "
    "the hub's service account, if there is one."
)
KEY_HINT: Final = (
    "Check the link in a private window of your browser. Links of before September 2021 need their "
    "resourcekey=...: copy the whole link anew from Share, Copy link. " + SHARE_HINT
)
ABUSE_HINT: Final = (
    "Only the owner can download it. Ask the owner to look at the file, and to upload it here or "
    "to pack it anew if Google is wrong."
)
_ERROR_WORDS: Final = re.compile(r'<p class="uc-error-(?:sub)?caption">([^<]*)')
_QUOTA: Final = re.compile(
    r"quota exceeded|too many users have (?:viewed|downloaded)|download quota", re.IGNORECASE
)
_ABUSE: Final = re.compile(
    r"infected (?:file|with a virus)|malware|violat\w+ (?:of )?(?:our|google)", re.IGNORECASE
)
_ACCESS: Final = re.compile(
    r"you need access|request access|sign in to|- sign[- ]in|: sign[- ]in|servicelogin",
    re.IGNORECASE,
)
_SORRY: Final = re.compile(r"automated queries|unusual traffic", re.IGNORECASE)
_VIRUS: Final = re.compile(r"virus scan warning|scan this file for viruses", re.IGNORECASE)
_TAGS: Final = frozenset({"title", "form", "input", "a"})
"""Those that say something whatever their attributes are."""


@dataclass
class Form:
    """A form of a page: where it leads and its hidden inputs."""

    id: str
    action: str
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass
class FolderEntry:
    """An entry of a folder's view: the address of its page, and its name."""

    address: str
    name: str


class Page:
    """What a page holds of titles, forms and a folder's entries."""

    def __init__(self, text: str) -> None:
        self.title = ""
        self.forms: list[Form] = []
        self.entries: list[FolderEntry] = []
        self.is_folder_view = "flip-" in text
        self._catch = ""
        for tag in read_tags(text):
            if self._catch:
                self._take_text(tag.text)
                if tag.name in ("/title", "/div", "/a"):
                    self._catch = ""
            if tag.name in _TAGS or "flip-entry-title" in tag.written:
                self._take_tag(tag)
        self.title = self.title.strip()

    def _take_tag(self, tag: Tag) -> None:
        if tag.name == "title" and not self.title:
            self._catch = "title"
        elif tag.name == "form":
            facts = tag.attributes
            self.forms.append(Form(facts.get("id", ""), facts.get("action", "")))
        elif tag.name == "input" and self.forms:
            facts = tag.attributes
            if facts.get("type", "").lower() == "hidden":
                self.forms[-1].inputs[facts.get("name", "")] = facts.get("value", "")
        elif tag.name == "a":
            address = tag.attributes.get("href", "")
            if address.startswith(("http://", "https://")):
                self.entries.append(FolderEntry(address, ""))
        elif tag.name[0] != "/" and "flip-entry-title" in tag.classes:
            self._catch = "name"

    def _take_text(self, text: str) -> None:
        if self._catch == "title":
            self.title += text
        elif self.entries:
            self.entries[-1].name += text

    def download_form(self) -> Form | None:
        """Return the form that confirms a download, if there is one."""
        for form in self.forms:
            is_known = form.id in ("download-form", "downloadForm")
            if is_known or (urlsplit(form.action).path == "/download" and "id" in form.inputs):
                return form
        return None


def problem_of_page(answer: Answer, text: str, what: str) -> SourceProblem:
    """Return why a page came in place of ``what`` (a file or folder, named for people)."""
    path = urlsplit(answer.url).path.lower()
    if answer.status == 429 or _SORRY.search(text):
        return client_quota(answer)
    if _QUOTA.search(text):
        return file_quota(what)
    if _ABUSE.search(text):
        return abusive(what)
    is_login = "servicelogin" in path or "/signin" in path or "accounts." in answer.url
    if is_login or answer.status in (401, 403) or _ACCESS.search(text):
        return SourceProblem(
            "not_shared",
            f"{what} is not shared with everybody: Google asks for a sign-in.",
            hint=SHARE_HINT,
        )
    if answer.status in (404, 410):
        return not_found(what)
    if answer.status >= 500:
        return trouble(what, answer.status)
    if _VIRUS.search(text):
        return SourceProblem(
            "virus_page_unparsed",
            f"Google shows its virus-scan page for {what}, in a form that is not known here.",
            hint="Set a Drive API key or a service account (DriveSource.api_key_file): that way "
            "needs no page. Or download the file and upload it. Please report it as a bug.",
        )
    return SourceProblem(
        "web_page",
        f"Google answered with a web page in place of {what}: {words_of(text)!r}.",
        hint="Open the link in a private window of your browser to see it. " + SHARE_HINT,
    )


def words_of(text: str) -> str:
    """Return what a page says, cut: its title and, if it is one, the words of the refusal."""
    title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
    said = _ERROR_WORDS.findall(text)
    words = [title[1].strip() if title else "", *(word.strip() for word in said)]
    return unescape(" - ".join(word for word in words if word))[:300] or "without a title"


def file_quota(what: str) -> SourceProblem:
    """Return the refusal of a file that was downloaded too often."""
    return SourceProblem(
        "quota_file",
        f"Google's download quota for {what} is used up for now.",
        hint=QUOTA_HINT,
        is_waiting=True,
    )


def client_quota(answer: Answer) -> SourceProblem:
    """Return the refusal of an address or a credential that asks too often."""
    return SourceProblem(
        "quota_client",
        "Google asks this hub to send fewer requests.",
        hint="Try again in an hour. With an API key or a service account Google allows far more.",
        is_retryable=True,
        is_waiting=True,
        retry_after_s=retry_after_s(answer.headers),
    )


def abusive(what: str) -> SourceProblem:
    """Return the refusal of what Google takes for malware."""
    return SourceProblem(
        "abusive_file", f"Google takes {what} for malware and gives it to nobody.", hint=ABUSE_HINT
    )


def not_found(what: str, *, seen_by: str = "") -> SourceProblem:
    """Return that something is not there, not shared, or needs its key; Google does not tell."""
    return SourceProblem(
        "not_found_or_key",
        f"Google finds no {what}{f' for the {seen_by}' if seen_by else ''}: it was deleted, is not "
        "shared, or its link lacks the resource key.",
        hint=KEY_HINT,
    )


def trouble(what: str, status: int) -> SourceProblem:
    """Return that Google has a problem of its own."""
    return SourceProblem(
        "unreachable",
        f"Google is in trouble and did not give {what} ({status}).",
        hint="Try again in a few minutes.",
        is_retryable=True,
    )
