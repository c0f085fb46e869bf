"""``growth-admin images packages proposals``: changes that wait at GitHub, from a terminal."""

from __future__ import annotations

import argparse
from typing import Any

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_packages import packages_of, show_saved
from growth_admin.core.errors import InvalidInput
from growth_admin.images.packages.models import MergeRequest, Proposal, WithdrawRequest


def add_proposals(inner: Any) -> None:
    """Add the verbs about pull requests to those of the packages."""
    add_verb(inner, "proposals", "list the changes that wait at GitHub as pull requests", _list)
    verb = add_verb(inner, "proposal", "show what a waiting change would change", _show)
    verb.add_argument("number", type=int)
    verb = add_verb(inner, "merge", "make a waiting change part of what is built", _merge)
    verb.add_argument("number", type=int)
    verb.add_argument("--commit", default="", help="merge only if its branch is still this commit")
    verb = add_verb(inner, "withdraw", "give a waiting change up", _withdraw)
    verb.add_argument("number", type=int)
    verb.add_argument("--reason", required=True, help="why; stays in the audit trail")


def _list(asked: argparse.Namespace) -> int:
    found = packages_of(rooms_of(asked)).proposals.list_proposals()
    lines = [_line(one) for one in found.proposals]
    if found.source == "folder":
        lines = ["The source is a folder: a change is saved at once."]
    return show(found, asked, lines or ["No change waits."])


def _line(one: Proposal) -> str:
    why = f": {one.reason.splitlines()[0]}" if one.reason else ""
    return f"#{one.number:<4} {one.state:<7} {one.author:<12} {one.title}{why}  {one.link}"


def _show(asked: argparse.Namespace) -> int:
    found = packages_of(rooms_of(asked)).proposals.get_proposal(asked.number)
    lines = [_line(found.proposal), f"branch {found.proposal.branch}, {found.proposal.commit}"]
    if found.problem:
        lines.append(f"it may not be merged: {found.problem} {found.hint}")
    return show(found, asked, [*lines, *(file.unified.rstrip("\n") for file in found.files)])


def _merge(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    proposals = packages_of(rooms).proposals
    commit = asked.commit or proposals.get_proposal(asked.number).proposal.commit
    wanted = MergeRequest(commit=commit)
    saved = proposals.merge(asked.number, wanted, author=rooms.settings.user)
    return show_saved(rooms, saved, asked)


def _withdraw(asked: argparse.Namespace) -> int:
    if not asked.reason.strip():
        raise InvalidInput("It needs a reason.", hint="Give --reason; it stays.")
    rooms = rooms_of(asked)
    wanted = WithdrawRequest(reason=asked.reason)
    user = rooms.settings.user
    closed = packages_of(rooms).proposals.withdraw(asked.number, wanted, author=user)
    rooms.audit.record(
        user=user,
        permission="images.packages:write",
        area="images",
        action="growth-admin images packages withdraw (terminal)",
        target=f"pull request #{asked.number}",
        after="closed",
        result="done",
        detail=asked.reason,
    )
    return show(closed, asked, [f"#{closed.number} is {closed.state}."])
