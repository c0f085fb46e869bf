"""A plan in words: its title in numbers, and what else a reader should know. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from growth_admin.roster.identity import Person
from growth_admin.roster.models import CHANGES, Step, StepAction
from growth_admin.roster.seen import World
from growth_admin.roster.wording import listed, people

VERBS: Final[tuple[tuple[StepAction, str], ...]] = (
    ("invite", "invite"),
    ("expired", "invite again"),
    ("add", "add"),
    ("move", "move"),
    ("remove", "remove"),
)


def counts_of(steps: Sequence[Step]) -> dict[StepAction, int]:
    """Return how many steps there are of each action that occurs."""
    return dict(Counter(step.action for step in steps))


def title_of(steps: Sequence[Step], queued: int, world: World) -> str:
    """Return the plan in one sentence: ``Invite 7, add 2 in Participants; 3 wait ...``."""
    counted, team = counts_of(steps), world.team.team.name
    parts = [f"{verb} {counted[action]:,}" for action, verb in VERBS if action in counted]
    others = {step.team for step in steps if step.action in CHANGES} - {world.team.team.slug}
    place = team if not others else f"{team} and {listed(sorted(others))}"
    if not parts:
        here = counted.get("none", 0) + counted.get("pending", 0)
        return f"Nothing to change in {place}: {people(here)} there or invited"
    sentence = ", ".join(parts)
    waits = f"; {queued:,} wait{'s' if queued == 1 else ''} for another day" if queued else ""
    return f"{sentence[0].upper()}{sentence[1:]} in {place}{waits}"


def warnings_of(
    steps: Sequence[Step],
    persons: Sequence[Person],
    doubled: list[str],
    newcomers: frozenset[int],
    world: World,
) -> list[str]:
    """Return what else a reader should know, worst first."""
    warnings = _of_moves(steps, world)
    for action, text in (
        ("unknown", "Not to be found at GitHub, and left out ({n}): {who}."),
        ("blocked", "Blocked by the organization, and left out ({n}): {who}."),
        ("left", "Left the team without us, and left alone ({n}): {who}."),
    ):
        found = [step.target or step.name for step in steps if step.action == action]
        if found:
            warnings.append(text.format(n=len(found), who=listed(found)))
    warnings += [_two_logins(person) for person in persons if person.other]
    warnings += doubled
    if newcomers:
        names = listed([world.team.by_id[number].login for number in sorted(newcomers)])
        warnings.append(
            "Invitations by e-mail are gone and may have been accepted; who accepted them is not "
            f"known. Members whom no entry names are not removed until they are named: {names}."
        )
    stuck = [step.login for step in steps if step.action == "none" and "team below" in step.reason]
    if stuck:
        warnings.append(f"In a team below this one, to be removed there: {listed(stuck)}.")
    renamed = [note for person in persons for note in person.notes]
    if renamed:
        warnings.append(f"Followed by account number: {listed(renamed)}.")
    return warnings + list(world.notes)


def _of_moves(steps: Sequence[Step], world: World) -> list[str]:
    """Return a warning for those who are moved out of a more powerful team."""
    down = [
        step
        for step in steps
        if step.action == "move" and world.rank(step.from_team) < world.rank(step.team)
    ]
    teams = sorted({step.from_team for step in down})
    return [
        f"Moved out of {team}: {listed([step.target for step in down if step.from_team == team])}."
        for team in teams
    ]


def _two_logins(person: Person) -> str:
    assert person.other is not None  # the caller has looked
    return (
        f"{person.entry.email} has two accounts: {person.login} in the list, {person.other.login} "
        "in the roster, which is left as it is."
    )
