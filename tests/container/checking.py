"""An organiser's own server in a container, from whose terminal images are checked and promoted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.container.engine import Ran
from tests.container.machine import GATEWAY, Machine, reachable

ACCOUNT = "ada-okafor"
CHECK_S = 900


@dataclass(frozen=True)
class Terminal:
    """The terminal of ada's server."""

    machine: Machine

    def run(self, *words: str, timeout_s: float = CHECK_S) -> Ran:
        """Run `growth-admin images ...` there, as ada and with the server's environment."""
        box = self.machine.container(ACCOUNT)
        environ = dict(line.split("=", 1) for line in box["Config"]["Env"])
        return self.machine.node.inside(
            box["Id"], "growth-admin", "images", *words,
            user=ACCOUNT, environ=environ | {"HOME": f"/home/{ACCOUNT}"}, timeout_s=timeout_s,
        )  # fmt: skip


@contextmanager
def terminal(machine: Machine) -> Iterator[Terminal]:
    """Let ada's server, which runs, reach the registry and the proxy as it would in a school."""
    registry, hub = machine.registry.port, urlsplit(machine.school.url).port
    assert hub, machine.school.url
    settings = {
        "ImageRegistry": {"api_url": f"http://{GATEWAY}:{registry}"},
        "BotStudent": {"proxy_url": f"http://{GATEWAY}:{hub}"},
        "ImageBuilder": {"program": "none"},
        "PromotionRules": {"checks": ["canary"]},
    }
    write = "mkdir -p ~/.jupyter && cat >~/.jupyter/jupyter_server_config.json <<'END'\n"
    text = f"{write}{json.dumps(settings)}\nEND"
    done = machine.inside(ACCOUNT, ACCOUNT, "sh", "-c", text)
    assert done.code == 0, done.text
    with reachable(registry, hub):
        yield Terminal(machine)
