"""``growth-admin deploy move`` and ``homes``: a school that was there before."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from growth_admin.cli_areas import add_verb
from growth_admin.core.errors import InvalidInput, NotFound

SHOWN = 20


def add_moving(verbs: Any, shares_of: Any) -> None:
    """Add the verbs. ``shares_of`` returns the exports that an invocation is about."""
    verb = add_verb(
        verbs, "move", "take over the folders of an older school; without an option: the plan",
        lambda asked: _move(asked, shares_of(asked)),
    )  # fmt: skip
    what = verb.add_mutually_exclusive_group()
    what.add_argument("--plan", action="store_true", help="say what would change (the default)")
    what.add_argument("--apply", metavar="ID", help="do the plan, or go on with it")
    what.add_argument("--undo", action="store_true", help="take the move back")
    what.add_argument("--inventory", type=Path, metavar="FILE", help="write down all there is")
    what.add_argument("--compare", type=Path, metavar="FILE", help="with such an inventory")
    verb.add_argument("--no-hashes", action="store_true", help="sizes and times only; quicker")
    verb.add_argument("--admin-gid", type=int, default=3001)
    verb.add_argument("--data-gid", type=int, default=3000)
    verb = add_verb(
        verbs, "homes", "say whose home each claim of an older cluster is", _homes
    )  # fmt: skip
    verb.add_argument("answers", type=Path)
    verb.add_argument("claims", type=Path, help="what `kubectl get pvc -o json` printed")


def _move(asked: argparse.Namespace, shares: Any) -> int:
    _require_exports(shares)
    if asked.inventory:
        from growth_admin.deploy.moving.applying import write_inventory

        number = write_inventory(shares, asked.inventory)
        print(f"{asked.inventory} lists {number:,} files, folders and links.")
        return 0
    if asked.compare:
        return _compare(asked, shares)
    if asked.apply or asked.undo:
        return _change(asked, shares)
    return _plan(asked, shares)


def _require_exports(shares: Any) -> None:
    for root in (shares.admin_root, shares.shared_root):
        if not root.exists():
            raise NotFound(
                f"{root} does not exist.",
                hint="Run this where both exports are mounted, as in the pod growth-move "
                "(MOVING.md, 2), or say where they are: --GrowthAdmin.admin_root=FOLDER "
                "--GrowthAdmin.shared_root=FOLDER.",
            )


def _plan(asked: argparse.Namespace, shares: Any) -> int:
    from growth_admin.deploy.moving.planning import plan_move
    from growth_admin.deploy.moving.record import Record

    state = Record(shares.admin_root).state() if _is_root() else None
    move = plan_move(shares)
    if asked.json:
        print(json.dumps({**move.plan.as_json(), "blockers": move.blockers}, indent=1))
        return 1 if move.blockers else 0
    print(move.plan.title)
    for warning in move.plan.warnings:
        print(f"  ! {warning}")
    for item in move.plan.items:
        print(f"  {item.action:6} {item.target}: {item.detail}")
    if move.blockers:
        print("growth-admin: this cannot be moved as it is.", file=sys.stderr)
        return 1
    if state and state.phase not in ("none", "undone"):
        print(f"A move is {state.phase} here: plan {state.plan_id}.")
    else:
        print(f"Next: growth-admin deploy move --apply {move.plan.id}")
    return 0


def _is_root() -> bool:
    import os

    return os.geteuid() == 0


def _change(asked: argparse.Namespace, shares: Any) -> int:
    from growth_admin.deploy.moving.applying import Mover

    mover = Mover(
        shares,
        tell=lambda said: print(f"  {said} ...", file=sys.stderr, flush=True),
        with_hashes=not asked.no_hashes,
    )
    done = mover.undo() if asked.undo else mover.apply(asked.apply)
    if asked.json:
        print(json.dumps(done.as_json(), indent=1))
    else:
        checked = "sizes and times" if asked.no_hashes else "content by SHA-256"
        verb = "moved" if done.phase == "applied" else "taken back"
        print(f"The school is {verb}: {done.changed:,} changes, {done.files:,} files looked at.")
        for said in done.told:
            print(f"  {said}")
        for said in done.surprises[:SHOWN]:
            print(f"  ! {said}")
        if not done.surprises:
            print(f"Nothing is missing and nothing else changed ({checked}, links, owners, modes).")
        print(f"The record is in {done.record}.")
    if done.surprises:
        print(f"growth-admin: {len(done.surprises)} things differ.", file=sys.stderr)
    return 1 if done.surprises else 0


def _compare(asked: argparse.Namespace, shares: Any) -> int:
    from growth_admin.deploy.moving.applying import compare_with
    from growth_admin.deploy.moving.record import read_inventory

    before = read_inventory(asked.compare)
    if not before:
        raise InvalidInput(f"{asked.compare} lists nothing.")
    found = list(compare_with(shares, before))
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        print("\n".join([*found, f"{len(before):,} compared, {len(found):,} differ."]))
    return 1 if found else 0


def _homes(asked: argparse.Namespace) -> int:
    from growth_admin.deploy.kubernetes.answers import read_answers
    from growth_admin.deploy.moving.homes import read_homes

    homes = read_homes(asked.claims, read_answers(asked.answers))
    lost = [home for home in homes if home.problem]
    if asked.json:
        print(json.dumps([home.as_json() for home in homes], indent=1))
    else:
        for home in homes:
            where = home.problem or f"found again, as /home/{home.account}"
            print(f"{'FAIL' if home.problem else 'ok  '} {home.claim} ({home.person}): {where}")
        print(f"{len(homes)} homes, {len(homes) - len(lost)} found again.")
    return 1 if lost or not homes else 0
