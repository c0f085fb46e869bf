"""Which digest each server's pod runs, from Kubernetes itself, where the school lets us look.

The node says in the pod's status what it pulled. Needed is one role in the school's namespace
(list pods) and its token in a file for organisers only; ``growth-admin deploy render`` makes both
when the answers say so. Sources: Kubernetes API 1.33, "list pods" and ``ContainerStatus.imageID``;
API concepts, "Retrieving large results sets in chunks"; KubeSpawner 7, ``get_pod_manifest``.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from traitlets import Float, Unicode
from traitlets.config import LoggingConfigurable

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import read_bytes
from growth_admin.core.hosts import is_loopback

USER: Final = "hub.jupyter.org/username"
SERVER: Final = "hub.jupyter.org/servername"
CONTAINER: Final = "notebook"
"""How KubeSpawner calls the container that is the server."""
PULLED: Final = re.compile(r".+@(sha256:[0-9a-f]{64})")
"""An imageID with what was pulled. Without a name it is an id of the node's own store."""
PAGE: Final = 250
PODS_LIMIT: Final = 20_000
PAGE_LIMIT_BYTES: Final = 64 * 1024**2
TRIES: Final = 3
FRESH_S: Final = 10.0
SILENT_S: Final = 30.0
"""How long a failure is remembered: whoever looks again at once is not kept waiting again."""


class PodStatus(LoggingConfigurable):
    """Kubernetes, if it may be asked what servers run. Nothing here is secret itself."""

    api_url = Unicode(
        "",
        help="Where Kubernetes' API is, for example https://kubernetes.default.svc. Empty: pods "
        "are not asked; which image a server runs is then told by the record of its start.",
    ).tag(config=True)
    namespace = Unicode("", help="Namespace of the school's servers.").tag(config=True)
    token_file = Unicode(
        "",
        help="File with the token of an account that may list the pods of that namespace, and "
        "nothing else. Readable for admins only.",
    ).tag(config=True)
    ca_file = Unicode(
        "", help="File with the certificate authority of the cluster (PEM). Empty: the system's."
    ).tag(config=True)
    selector = Unicode(
        "component=singleuser-server", help="Labels of servers' pods, as kubectl takes them."
    ).tag(config=True)
    timeout_s = Float(5.0, min=0.1, help="Seconds to wait for each answer.").tag(config=True)


@dataclass(frozen=True)
class PodImages:
    """The digests by user and server name; ``problem`` says why they are not known."""

    digests: Mapping[tuple[str, str], str] = field(default_factory=dict)
    problem: str = ""


class _Silence(Exception):
    """No usable answer; the text is a sentence for organisers."""


class _TokenExpired(Exception):
    """The place in a long list is forgotten: the list is begun anew (HTTP 410)."""


class PodDigests:
    """Asks for the pods of one namespace, at most every few seconds. Safe for several threads."""

    def __init__(self, settings: PodStatus) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._last = PodImages()
        self._until = 0.0

    def __call__(self) -> PodImages:
        """Return what pods run; nothing, and no problem, where it is not set up. Never raises."""
        if not self._settings.api_url:
            return PodImages()
        with self._lock:
            if time.monotonic() < self._until:
                return self._last
            try:
                self._last = PodImages(dict(self._look()))
            except _Silence as e:
                self._last = PodImages(problem=f"{e} Digests are told by servers' starts.")
            self._until = time.monotonic() + (SILENT_S if self._last.problem else FRESH_S)
            return self._last

    def _look(self) -> Iterator[tuple[tuple[str, str], str]]:
        for left in reversed(range(TRIES)):
            try:
                pods = list(self._pods())
                break
            except _TokenExpired:
                if not left:
                    raise _Silence("Kubernetes forgets the list of pods as we read.") from None
        # oldest first: of two pods of one server the new one counts
        pods.sort(key=lambda pod: str(_map(pod, "metadata").get("creationTimestamp", "")))
        for pod in pods:
            if found := digest_of(pod):
                yield found

    def _pods(self) -> Iterator[dict[str, Any]]:
        token, page, count = self._token(), "", 0
        with requests.Session() as session:
            session.trust_env = False  # no proxy sees the token, and no .netrc is used for it
            session.headers.update(Authorization=f"Bearer {token}", Accept="application/json")
            session.verify = self._settings.ca_file or True
            while True:
                listed = self._page(session, page)
                items = listed.get("items")
                rows = [row for row in items or () if isinstance(row, dict)]
                yield from rows
                count += len(rows)
                page = str(_map(listed, "metadata").get("continue") or "")
                if not page:
                    return
                if count >= PODS_LIMIT:
                    raise _Silence(f"There are more than {PODS_LIMIT:,} pods in the namespace.")

    def _page(self, session: requests.Session, page: str) -> dict[str, Any]:
        """Return one page of the list. Raises ``_TokenExpired`` or ``_Silence``."""
        place = f"{self._url()}/api/v1/namespaces/{self._settings.namespace}/pods"
        query = {"labelSelector": self._settings.selector, "limit": str(PAGE)}
        if page:
            query["continue"] = page
        try:
            with session.get(
                place,
                params=query,
                timeout=self._settings.timeout_s,
                allow_redirects=False,
                stream=True,
            ) as reply:
                if reply.status_code == 410:
                    raise _TokenExpired
                if reply.status_code != 200:
                    raise _Silence(_refusal(reply.status_code, self._settings.namespace))
                found = json.loads(_body(reply))
        except (requests.RequestException, OSError):
            raise _Silence("Kubernetes does not answer.") from None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _Silence("Kubernetes sent something that is no list of pods.")
        return found

    def _url(self) -> str:
        url = self._settings.api_url.rstrip("/")
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise _Silence("PodStatus.api_url must begin with https://: a token goes there.")
        if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", self._settings.namespace):
            raise _Silence("PodStatus.namespace is not the name of a namespace.")
        return url

    def _token(self) -> str:
        """Return the token, read anew each time: whoever replaces the file need not restart."""
        path = Path(self._settings.token_file)
        try:
            text = read_bytes(path, limit_bytes=16_384).decode("ascii").strip()
        except (GrowthError, UnicodeDecodeError):
            text = ""
        if not re.fullmatch(r"[\x21-\x7e]+", text):
            raise _Silence(f"{path} holds no token for Kubernetes.")
        return text


def digest_of(pod: Mapping[str, Any]) -> tuple[tuple[str, str], str] | None:
    """Return whose server a pod is and the digest that it runs, nothing if it does not say so.

    A pod that is going, and a container that does not run, count for nothing.
    """
    metadata = _map(pod, "metadata")
    notes = _map(metadata, "annotations")
    user = notes.get(USER)
    if not user or metadata.get("deletionTimestamp"):
        return None
    for container in _map(pod, "status").get("containerStatuses") or ():
        if not isinstance(container, dict) or container.get("name") != CONTAINER:
            continue
        pulled = PULLED.fullmatch(str(container.get("imageID", "")))
        if pulled and "running" in _map(container, "state"):
            return (str(user), str(notes.get(SERVER, ""))), pulled[1]
    return None


def _map(within: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an inner object, an empty one for anything else."""
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def _body(reply: requests.Response) -> bytes:
    found = bytearray()
    for part in reply.iter_content(1 << 16):
        found += part
        if len(found) > PAGE_LIMIT_BYTES:
            raise ValueError("too long")
    return bytes(found)


def _refusal(status: int, namespace: str) -> str:
    if status == 401:
        return "Kubernetes does not take our token (401)."
    if status == 403:
        return f"We may not list the pods of {namespace} (403): the role is missing there."
    return f"Kubernetes answers {status}."
