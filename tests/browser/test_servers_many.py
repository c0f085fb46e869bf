"""The servers panel with 10,000 users of a real hub: it comes soon, and scrolls smoothly."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bench.synthetic_school import logins, write_school
from tests.browser.desk import NewDesk, take_cookies
from tests.hub.school import School

USERS = 10_000
WITH_STARTS = 2_000
SLOW_PX, SLOW_CPU_MS = 60, 20.0
"""So much of the page's thread a frame may take: 50 frames a second with a core to itself."""
FAST_PX, FAST_CPU_MS = 700, 80.0
"""Every row in sight is another one at every frame: as one pulls the bar."""
ROUNDS = 4
ADD = """
import sys
from jupyterhub import orm
session = orm.new_session_factory(sys.argv[1])()
group = session.query(orm.Group).filter_by(name="students").one()
role = session.query(orm.Role).filter_by(name="user").one()
there = {name for name, in session.query(orm.User.name)}
for name in sys.stdin.read().split():
    if name not in there:
        session.add(orm.User(name=name, groups=[group], roles=[role]))
session.commit()
"""
"""Users through the hub's API take 60 ms each."""
SCROLL = """
async (scroller, step_px) => {
  const frames = [];
  scroller.scrollTop = 0;
  await new Promise(requestAnimationFrame);
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 60; step += 1) {
    scroller.scrollTop += step_px;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return { frames, top: scroller.scrollTop };
}
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of 10,000, of whom 2,000 have started."""
    with School.open(tmp_path_factory.mktemp("many")) as school:
        (database,) = school.folder.root.rglob("jupyterhub.sqlite")
        school.login("Jane-Doe")  # the first student makes the group
        names = "\n".join(login.lower() for login in logins(USERS))
        command = [sys.executable, "-c", ADD, f"sqlite:///{database}"]
        subprocess.run(command, input=names, text=True, check=True)
        write_school(school.folder.admin, students=WITH_STARTS, starts=1)
        yield school


def cpu_of(page: Page) -> Callable[[], float]:
    """Return what tells how many seconds the page's thread has worked: on any machine the same."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    return read


def frame_ms(scroller: Locator, cpu_s: Callable[[], float], step_px: int) -> float:
    """Scroll, and return what a frame cost in the cheapest round, without waiting for anything."""
    costs, rates = [], []
    for _ in range(ROUNDS):
        before_s = cpu_s()
        seen = scroller.evaluate(SCROLL, step_px)
        assert seen["top"] >= 59 * step_px, "the table did not scroll"
        costs.append(1000 * (cpu_s() - before_s) / len(seen["frames"]))
        rates.append(1000 * len(seen["frames"]) / sum(seen["frames"]))
    load = os.getloadavg()[0]
    print(
        f"10,000 rows, {step_px} px a frame: {min(costs):.1f} ms of CPU a frame "
        f"(median {statistics.median(costs):.1f}), {max(rates):.0f} frames/s at load {load:.0f}"
    )
    return min(costs)


@pytest.mark.timeout(600)
def test_servers_when_10000_are_scrolled_then_a_frame_costs_little(
    many: School, new_desk: NewDesk
) -> None:
    session = many.login("Ada-Okafor")
    many.start("ada-okafor")
    desk = new_desk("servers-many")
    take_cookies(desk.page.context, session)
    desk.open_lab(many.server_url("ada-okafor") + "/lab?reset")
    panel = desk.open_area("Servers", "servers")
    expect(panel.locator(".growth-Row").first).to_be_visible()
    grid = panel.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", re.compile(r"^100\d\d$"), timeout=90_000)
    scroller = panel.locator(".growth-Scroller")
    cpu_s = cpu_of(desk.page)
    slow_ms = frame_ms(scroller, cpu_s, SLOW_PX)
    fast_ms = frame_ms(scroller, cpu_s, FAST_PX)
    desk.shoot("scrolled")
    assert panel.locator(".growth-Row").count() < 120, "the table draws rows that nobody sees"
    assert slow_ms <= SLOW_CPU_MS
    assert fast_ms <= FAST_CPU_MS
