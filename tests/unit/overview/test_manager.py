"""All lines at once: a slow, failing or forbidden one costs its own line only."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection

import pytest

from growth_admin.core.errors import GrowthError, HubUnavailable, NotConfigured
from growth_admin.overview.manager import OverviewManager, Probe
from growth_admin.overview.models import Line, LineState

HELD = ("overview", "startup")


def line(name: str, state: LineState = "ok") -> Line:
    return Line(id=name, title=name, state=state, sentence=f"{name} is {state}.")


def good(name: str, state: LineState = "ok", area: str = "") -> Probe:
    return Probe(name, name, lambda held: line(name, state), area)


def test_overview_when_asked_then_the_worst_lines_come_first_and_are_counted() -> None:
    states: tuple[LineState, ...] = ("ok", "warning", "error", "unknown", "ok")
    manager = OverviewManager([good(str(n), state) for n, state in enumerate(states)])
    found = manager.get_overview(HELD)
    assert [one.state for one in found.lines] == ["error", "warning", "unknown", "ok", "ok"]
    assert [one.id for one in found.lines][-2:] == ["0", "4"]
    assert found.counts == {"ok": 2, "warning": 1, "error": 1, "unknown": 1}


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (HubUnavailable("The hub gave no answer."), "The hub gave no answer.", "Nothing was"),
        (NotConfigured("no credential.", hint="Make one."), "no credential.", "Make one."),
        (RuntimeError("secret text"), "an unexpected RuntimeError", "log"),
        (KeyError("x"), "an unexpected KeyError", "log"),
        (GrowthError("plain."), "plain.", ""),
    ],
)
def test_overview_when_one_fact_fails_then_only_its_line_is_unknown(
    error: Exception, said: str, hint: str
) -> None:
    def fail(held: Collection[str]) -> Line:
        raise error

    found = OverviewManager([Probe("bad", "Bad", fail, panel="servers"), good("fine")])
    bad, fine = found.get_overview(HELD).lines
    assert (bad.state, fine.state) == ("unknown", "ok")
    assert said in bad.sentence and hint in bad.hint and "secret" not in bad.sentence
    assert bad.mend and bad.mend.panel == "servers"


def test_overview_when_a_fact_hangs_then_the_page_comes_and_it_is_not_asked_twice() -> None:
    release, asked = threading.Event(), []

    def hang(held: Collection[str]) -> Line:
        asked.append(1)
        release.wait(10)
        return line("slow")

    slow = Probe("slow", "Slow", hang, waits_for="the hub", limit_s=0.2)
    manager = OverviewManager([slow, good("fine")])
    began_s = time.monotonic()
    for _ in range(3):
        first, second = manager.get_overview(HELD).lines
        assert (first.state, second.state) == ("unknown", "ok")
        assert "the hub has not answered" in first.sentence
    assert time.monotonic() - began_s < 2
    assert len(asked) == 1
    release.set()
    assert manager.get_overview(HELD, limit_s=5).counts["ok"] == 2


def test_overview_when_several_hang_then_they_are_waited_for_together() -> None:
    release = threading.Event()

    def hang(held: Collection[str]) -> Line:
        release.wait(10)
        return line("slow")

    probes = [Probe(str(n), str(n), hang, limit_s=0.3) for n in range(10)]
    began_s = time.monotonic()
    assert OverviewManager(probes).get_overview(HELD).counts["unknown"] == 10
    assert time.monotonic() - began_s < 1.5
    release.set()


def test_overview_when_asked_within_seconds_then_facts_are_asked_once() -> None:
    asked: list[int] = []

    def ask(held: Collection[str]) -> Line:
        asked.append(1)
        return line("one")

    manager = OverviewManager([Probe("one", "One", ask)], fresh_s=0.3)
    threads = [threading.Thread(target=manager.get_overview, args=(HELD,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
    time.sleep(0.35)
    manager.get_overview(HELD)
    assert len(asked) == 2


def test_overview_when_an_area_is_closed_then_nothing_is_asked_and_the_scope_is_named() -> None:
    asked: list[int] = []

    def ask(held: Collection[str]) -> Line:
        asked.append(1)
        return line("people")

    probe = Probe("people", "Invitations", ask, "roster", "roster")
    closed = OverviewManager([probe]).get_overview(HELD).lines[0]
    assert (closed.state, closed.lacks, closed.mend) == ("unknown", "custom:growth:roster", None)
    assert not asked


def test_overview_when_asked_with_other_areas_then_their_answers_are_not_mixed() -> None:
    def ask(held: Collection[str]) -> Line:
        return Line(id="jobs", title="Jobs", state="ok", sentence=",".join(sorted(held)))

    manager = OverviewManager([Probe("jobs", "Jobs", ask)])
    assert manager.get_overview(("overview",)).lines[0].sentence == "overview"
    assert manager.get_overview(HELD).lines[0].sentence == "overview,startup"
