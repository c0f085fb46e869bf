"""What a conda channel has of a package, and whether a list can be installed from it.

Read with py-rattler, the library under mamba's successors; it knows all forms in which channels
describe themselves (conda documentation, "Repodata"; CEP 16). It is large, and so an extra.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TypeVar

from growth_admin.core.errors import IndexUnavailable, NotFound
from growth_admin.images.packages.models import Resolution
from growth_admin.images.packages.settings import ImageSource

if TYPE_CHECKING:
    from rattler import Gateway, RepoDataRecord

R = TypeVar("R")
PLATFORM: Final = "linux-64"


class CondaChannel:
    """Asks one channel."""

    def __init__(self, settings: ImageSource) -> None:
        self._settings = settings
        self._gateway: Gateway | None = None

    @property
    def why_not(self) -> str:
        """Return why nothing can be asked; empty if it can."""
        if not self._settings.conda_channel:
            return "Packages of conda are not looked up: ImageSource.conda_channel is not set."
        if find_spec("rattler") is None:
            return (
                "Packages of conda are not looked up: py-rattler is not installed here "
                "(pip install 'growth-admin[images]')."
            )
        return ""

    def versions(self, name: str, python_version: str) -> tuple[list[str], int]:
        """Return the versions that fit a Python, newest first, and how many do not.

        Raises ``NotFound`` or ``IndexUnavailable``.
        """
        records = asyncio.run(self._query(name))
        if not records:
            raise NotFound(
                f"The channel of {self._settings.channel_host} has no package {name}.",
                hint="Look for its name at the channel; it may be one of the Python index.",
            )
        fitting = {one.version for one in records if _fits(one, python_version)}
        left_out = {one.version for one in records} - fitting
        return [str(version) for version in sorted(fitting, reverse=True)], len(left_out)

    def resolve(self, specs: Sequence[str], python_version: str, timeout_s: float) -> Resolution:
        """Return whether these lines can be installed together beside that Python."""
        from rattler import VirtualPackage, solve
        from rattler.exceptions import SolverError

        try:
            solving = solve(
                [self._settings.conda_channel],
                [*specs, f"python={python_version}"],
                gateway=self._open(),
                platforms=[PLATFORM, "noarch"],
                virtual_packages=VirtualPackage.detect(),
                timeout=timedelta(seconds=timeout_s),
            )
            records = asyncio.run(_within(timeout_s, solving))  # its own limit is no fetch's
        except SolverError as e:
            return Resolution(
                list="conda",
                state="conflict",
                sentence="The packages of conda cannot be installed together.",
                detail=str(e)[:4000],
                python_version=python_version,
            )
        except TimeoutError:
            return Resolution(
                list="conda",
                state="unknown",
                sentence="Whether conda's packages fit together could not be found out.",
                detail=f"It took longer than {timeout_s:g} s.",
                python_version=python_version,
            )
        except Exception as e:  # noqa: BLE001  # the library raises one class per inner failure
            return Resolution(
                list="conda",
                state="unknown",
                sentence="Whether conda's packages fit together could not be found out.",
                detail=f"{type(e).__name__}: {e}"[:2000],
                python_version=python_version,
            )
        found = {str(one.name.normalized): str(one.version) for one in records}
        return Resolution(
            list="conda",
            state="solved",
            sentence=f"conda would install {len(found)} packages.",
            python_version=python_version,
            packages=dict(sorted(found.items())),
        )

    async def _query(self, name: str) -> list[RepoDataRecord]:
        limit_s = self._settings.resolve_timeout_s  # a channel describes itself in many megabytes
        asking = self._open().query(
            [self._settings.conda_channel], [PLATFORM, "noarch"], [name], recursive=False
        )
        try:
            found = await _within(limit_s, asking)
        except TimeoutError as e:
            raise IndexUnavailable(
                f"The channel of {self._settings.channel_host} did not answer in {limit_s:g} s.",
                context={"is_silent": True},
            ) from e
        except Exception as e:  # the library raises one class per inner failure
            raise IndexUnavailable(
                f"The channel of {self._settings.channel_host} gave no usable answer: "
                f"{type(e).__name__}."
            ) from e
        return [record for part in found for record in part]

    def _open(self) -> Gateway:
        from rattler import Gateway

        self._gateway = self._gateway or Gateway()
        return self._gateway


async def _within(limit_s: float, asked: Awaitable[R]) -> R:
    """Return the answer. Raises ``TimeoutError`` when it takes longer; it is given up then."""
    return await asyncio.wait_for(asked, limit_s)


def _fits(record: Any, python_version: str) -> bool:
    from rattler import MatchSpec, Version, VersionSpec

    for text in record.depends:
        spec = MatchSpec(text)
        if spec.name is not None and spec.name.normalized == "python" and spec.version:
            with suppress(ValueError, TypeError):
                # a bug fix release of the minor version; the newest imaginable fits all
                return bool(VersionSpec(str(spec.version)).matches(Version(f"{python_version}.99")))
    return True
