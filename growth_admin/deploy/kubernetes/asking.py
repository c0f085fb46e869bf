"""Asks for a school's answers, one question after the other; a wrong one is asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from growth_admin.core.errors import InvalidInput
from growth_admin.deploy.kubernetes.answers import (
    Answers,
    as_given,
    clash_with,
    make_answers,
    sentence_for,
)

Ask = Callable[[str], str]
Tell = Callable[[str], None]


def ask_for_answers(given: Mapping[str, Any], ask: Ask, tell: Tell) -> Answers:
    """Return the answers: what is ``given`` as it is, the rest as somebody types it.

    Raises ``InvalidInput`` for what is given and wrong, when the typing ends too early, and for
    answers that contradict each other.
    """
    wrong = [(name, said) for name, value in given.items() if (said := sentence_for(name, value))]
    if wrong:
        raise InvalidInput(" ".join(f"{name}: {said}" for name, said in wrong), fields=wrong)
    answered = dict(given)
    for name in Answers.model_fields:
        if name not in answered and _concerns(name, answered):
            answered |= _asked(name, answered, ask, tell)
    return make_answers(answered)


def _concerns(name: str, answered: Mapping[str, Any]) -> bool:
    """Return whether a question makes sense after the answers before it."""
    if name in ("home_claims", "moved"):  # whoever moves a school writes it into the file
        return False
    https = answered.get("https", Answers.model_fields["https"].default)
    return name != "contact_email" or https == "letsencrypt"


def _asked(name: str, answered: Mapping[str, Any], ask: Ask, tell: Tell) -> dict[str, Any]:
    """Return the answer to one question, or nothing for what its default is.

    What contradicts an earlier answer is told and asked anew at once, not after the last question.
    """
    field = Answers.model_fields[name]
    default = "" if field.is_required() else _shown(field.default)
    while True:
        try:
            typed = ask(f"{field.description}{f' [{default}]' if default else ''}: ").strip()
        except (EOFError, KeyboardInterrupt):
            raise InvalidInput(
                f"The questions ended before {name} was answered; nothing is written.",
                hint="Answer them at a terminal, or give a file with --answers.",
            ) from None
        needed = field.is_required() or name == "contact_email"
        given = {name: as_given(name, typed)} if typed else {}
        said = "This answer is needed." if needed and not typed else ""
        said = said or (sentence_for(name, given[name]) if given else "")
        said = said or clash_with(name, {**answered, **given})
        if not said:
            return given
        tell(said)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
