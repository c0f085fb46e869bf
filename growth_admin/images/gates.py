"""What checks found about each digest: immutable files, one per result.

gates/<hex of the digest>/<time>-<random>.json
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from growth_admin.core.errors import StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes
from growth_admin.core.schema import now
from growth_admin.images.models import Check, CheckRequest, CheckResult, Gate
from growth_admin.images.registry.settings import require_digest


class GateBook:
    """The results of one school. ``checks`` are those that a promotion asks for."""

    def __init__(self, folder: Path, checks: Sequence[Check]) -> None:
        self._folder = folder
        self._checks = tuple(checks)

    def add(self, digest: str, asked: CheckRequest, *, author: str) -> CheckResult:
        """Keep a result and return it. Raises ``StorageFull`` or ``StorageUnavailable``."""
        moment = now()
        result = CheckResult(
            id=f"{moment:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}",
            digest=require_digest(digest),
            time=moment,
            author=author,
            **dict(asked),
        )
        create_exclusive(
            self._of(digest) / f"{result.id}.json", result.model_dump_json(indent=1).encode()
        )
        return result

    def list_results(self, digest: str) -> list[CheckResult]:
        """Return what is known about a digest, newest first. Raises ``StorageUnavailable``."""
        names = (n for n in list_names(self._of(digest)) if n.endswith(".json") and n[0] != ".")
        return [_read(self._of(digest) / name) for name in sorted(names, reverse=True)]

    def get_gate(self, digest: str) -> Gate:
        """Return how the gate of a digest stands. Raises ``StorageUnavailable``."""
        newest: dict[Check, CheckResult] = {}
        for result in self.list_results(digest):
            newest.setdefault(result.check, result)
        missing = tuple(check for check in self._checks if check not in newest)
        failed = tuple(c for c in self._checks if c in newest and not newest[c].is_passed)
        if failed:
            said = " ".join(f"{c} failed: {newest[c].detail or 'no detail'}." for c in failed)
            return Gate(state="failed", missing=missing, failed=failed, sentence=_sentence(said))
        if missing:
            verb = "was" if len(missing) == 1 else "were"
            said = f"{' and '.join(missing)} {verb} not run."
            return Gate(state="missing", missing=missing, sentence=_sentence(said))
        passed = " and ".join(self._checks)
        said = f"{passed} passed." if passed else "No check is asked for."
        return Gate(state="passed", sentence=_sentence(said))

    def _of(self, digest: str) -> Path:
        return self._folder / require_digest(digest).partition(":")[2]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].replace("..", ".")


def _read(path: Path) -> CheckResult:
    try:
        return CheckResult.from_record_json(read_bytes(path))
    except ValidationError as e:
        raise StorageUnavailable(
            f"{path} cannot be read as the result of a check.",
            hint="It was changed by hand. Move it away, and run the check again.",
        ) from e
