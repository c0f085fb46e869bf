"""How users are told before their servers are stopped or restarted, from a terminal."""

from __future__ import annotations

import argparse

from pydantic import ValidationError

from growth_admin.core.errors import InvalidInput
from growth_admin.servers.models import Courtesy


def add_courtesy(verb: argparse.ArgumentParser) -> None:
    """Add what can be said of it."""
    told = verb.add_argument_group("telling users before, inside their Lab")
    told.add_argument(
        "--warn-min",
        type=int,
        default=0,
        metavar="N",
        help="minutes between the notice and the first server (default 0: nobody is told)",
    )
    told.add_argument("--text", default="", help="what the notice says, plain text")
    told.add_argument(
        "--postpone-min", type=int, default=0, metavar="N", help="minutes more they may ask for"
    )
    told.add_argument(
        "--wait-busy-min",
        type=int,
        default=0,
        metavar="N",
        help="wait so long for busy kernels, at most",
    )
    told.add_argument(
        "--not-before", action="store_true", help="not even for those who are ready before"
    )
    told.add_argument("--link", default="", metavar="URL", help="where to read more, https only")


def courtesy_of(asked: argparse.Namespace) -> Courtesy:
    """Return what was asked for. Raises ``InvalidInput`` for what makes no sense."""
    if "warn_min" not in asked:  # a start
        return Courtesy()
    try:
        return Courtesy(
            warn_min=asked.warn_min,
            text=asked.text,
            may_postpone_min=asked.postpone_min,
            may_go_now=not asked.not_before,
            wait_for_busy_min=asked.wait_busy_min,
            link=asked.link,
        )
    except ValidationError as e:
        faults = [
            (" ".join(map(str, error["loc"])), error["msg"].removeprefix("Value error, "))
            for error in e.errors()
        ]
        said = "; ".join(f"{where}: {what}" if where else what for where, what in faults)
        raise InvalidInput(
            f"{said[:1].upper()}{said[1:]}.",
            hint="For example --warn-min 5 --postpone-min 10 --wait-busy-min 15.",
        ) from e
