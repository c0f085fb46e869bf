"""Runs code in a kernel over the server's websocket, as Lab does when a cell is run.

Source: "Messaging in Jupyter" (execute_request, status, stream), version 5.3, in the JSON form that
the websocket has when no subprotocol is asked for.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

import websocket

from growth_admin.core.errors import GrowthError

POLL_S: Final = 0.5
OUTPUT_LIMIT: Final = 100_000
LOG_HINT: Final = "The log of the bot's server has the details."


class KernelChannel:
    """A connection to one kernel. ``check`` is called again and again while it is waited for."""

    def __init__(
        self, url: str, token: str, *, timeout_s: float, check: Callable[[], None]
    ) -> None:
        self._check = check
        self._session = secrets.token_hex(8)
        try:
            self._socket = websocket.create_connection(
                url,
                timeout=timeout_s,
                header={"Authorization": f"token {token}"},
                suppress_origin=True,
                http_no_proxy=["*"],
            )
        except websocket.WebSocketBadStatusException as e:
            raise GrowthError(
                f"The kernel's websocket was refused with status {e.status_code}.",
                hint="Look whether what stands before the hub lets websockets through.",
            ) from None
        except (websocket.WebSocketException, OSError) as e:
            raise GrowthError(
                f"The kernel's websocket cannot be opened ({type(e).__name__}).",
                hint="Look whether what stands before the hub lets websockets through.",
            ) from None

    def __enter__(self) -> KernelChannel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close(timeout=1)

    def run(self, code: str, *, limit_s: float) -> str:
        """Run ``code`` and return what it printed.

        Raises ``GrowthError`` when it fails, when the kernel dies, and when it takes too long.
        """
        asked = self._ask(code)
        end_s = time.monotonic() + limit_s
        ran = _Ran()
        while not (ran.is_idle and ran.has_reply):
            self._check()
            if time.monotonic() > end_s:
                raise GrowthError(
                    f"The cell did not end within {limit_s:.0f} s.",
                    hint="The kernel hangs, or the server is short of processor or memory.",
                )
            message = self._receive()
            kind, content = str(message.get("msg_type")), _part(message, "content")
            _require_alive(kind, content)
            if _part(message, "parent_header").get("msg_id") == asked:
                ran.hear(kind, content)
        return ran.printed

    def _ask(self, code: str) -> str:
        """Send the request and return its id."""
        asked = secrets.token_hex(16)
        request = {
            "channel": "shell",
            "header": {
                "msg_id": asked,
                "msg_type": "execute_request",
                "username": "",
                "session": self._session,
                "date": datetime.now(UTC).isoformat(),
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "content": {
                "code": code,
                "silent": False,
                "store_history": False,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
            "buffers": [],
        }
        try:
            self._socket.send(json.dumps(request))
        except (websocket.WebSocketException, OSError) as e:
            raise _cut(e) from None
        return asked

    def _receive(self) -> dict[str, Any]:
        """Return the next message, an empty one when none came for a while."""
        self._socket.settimeout(POLL_S)
        try:
            given = self._socket.recv()
        except websocket.WebSocketTimeoutException:
            return {}
        except (websocket.WebSocketException, OSError) as e:
            raise _cut(e) from None
        try:
            message = json.loads(given)
        except ValueError:  # binary parts and the frame that ends the connection
            message = None
        return message if isinstance(message, dict) else {}


@dataclass
class _Ran:
    """What was heard of a cell so far."""

    printed: str = ""
    is_idle: bool = False
    has_reply: bool = False

    def hear(self, kind: str, content: dict[str, Any]) -> None:
        """Take one message in. Raises ``GrowthError`` for an error and for a flood."""
        if kind == "stream" and content.get("name") == "stdout":
            self.printed += str(content.get("text"))
        elif kind == "error":
            said = f"{content.get('ename')}: {content.get('evalue')}"
            raise GrowthError(f"The cell failed: {said[:300]}.", hint=LOG_HINT)
        elif kind == "status":
            self.is_idle = self.is_idle or content.get("execution_state") == "idle"
        elif kind == "execute_reply":
            self.has_reply = True
        if len(self.printed) > OUTPUT_LIMIT:
            raise GrowthError("The cell printed far more than it should.", hint=LOG_HINT)


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a part of a message, an empty one where it is no object."""
    found = message.get(name)
    return found if isinstance(found, dict) else {}


def _require_alive(kind: str, content: dict[str, Any]) -> None:
    if kind == "status" and content.get("execution_state") in ("dead", "restarting"):
        raise GrowthError(
            "The kernel died.",
            hint="The server may be short of memory, or ipykernel is broken in the image.",
        )


def _cut(error: Exception) -> GrowthError:
    return GrowthError(
        f"The kernel's websocket was cut ({type(error).__name__}).",
        hint="Look at the proxy's log; the bot's server may have ended.",
    )
