"""The help desk on a hub that answers as JupyterHub does; what is beside the hub is held here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from growth_admin.core.errors import (
    Conflict,
    Forbidden,
    HubRefused,
    NotConfigured,
    NotFound,
    StorageUnavailable,
)
from growth_admin.servers.help.facts import Standing, StartsOfUser
from growth_admin.servers.help.manager import EVENT_LIMIT_S, HelpDesk
from growth_admin.servers.help.models import HomeUse, LogTail, PastScript, PastStart
from growth_admin.servers.hub import HubClient
from growth_admin.servers.models import Target
from tests.unit.servers.stand_in_hub import TOKEN, Spawned, StandInHub

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "planted-6b1f0c9a"
ORGANISER = ("custom:growth:admin",)
TA = ("custom:growth:datasets", "custom:growth:servers")
BROWSER = ("access:servers", "admin-ui")
HOME = HomeUse(disk_used_bytes=99, disk_size_bytes=100, as_of=AT, source="start")
FAILED = PastStart(
    id="1",
    state="failed",
    started=AT,
    script="as-user.sh",
    error=f"line 20: token={SECRET} refused",
    scripts=(PastScript(name="as-user.sh", state="failed", error=f"token={SECRET}"),),
    notes=(f"password: {SECRET}",),
)
LOG = LogTail(
    script="as-user.sh",
    name="jane-as-user.log",
    text=f"+ export GITHUB_TOKEN={SECRET}\n<b>done</b>\n",
    size_bytes=50,
    is_truncated=False,
    written=AT,
)

KNOWN = StartsOfUser(starts=(FAILED,), logs=(LOG,), home=HOME)


@dataclass
class Beside:
    """What is known beside the hub; ``asked`` counts."""

    starts: StartsOfUser = KNOWN
    standing: Standing | None = None
    is_sick: bool = False
    asked: list[str] = field(default_factory=list)

    def read_starts(self, user: str, server_name: str) -> StartsOfUser:
        """Return what is held here."""
        self.asked.append("starts")
        if self.is_sick:
            raise StorageUnavailable("The logs folder does not answer.", hint="Check the server.")
        return self.starts

    def measure_home(self, user: str) -> HomeUse:
        """Refuse, as where homes are not mounted."""
        self.asked.append("home")
        raise NotConfigured("Homes cannot be reached.", hint="Set homes_root.")

    def find_standing(self, user: str) -> Standing | None:
        """Return what is held here."""
        self.asked.append("standing")
        return self.standing


@pytest.fixture
def beside() -> Beside:
    """A failed start with secrets in it."""
    return Beside()


@pytest.fixture
def desk(client: HubClient, beside: Beside) -> HelpDesk:
    """An organiser's."""
    return HelpDesk(client, beside, own=Target(user="ada"), browser_scopes=BROWSER)


def test_help_when_an_organiser_asks_then_hub_starts_logs_home_and_diagnosis(
    hub: StandInHub, desk: HelpDesk
) -> None:
    hub.add("jane", "")
    told = desk.get_help("jane", scopes=ORGANISER)
    assert [(s.server_name, s.state) for s in told.servers] == [("", "ready")]
    assert told.access.is_open and told.access.url == "/user/jane/"
    assert (told.starts[0].id, told.logs[0].name, told.home) == ("1", "jane-as-user.log", HOME)
    assert {found.id for found in told.findings} >= {"bad-start", "home-full"}
    assert told.notes == ()


def test_help_when_texts_hold_secrets_then_none_is_shown(hub: StandInHub, desk: HelpDesk) -> None:
    hub.add("jane", "")
    told = desk.get_help("jane", scopes=ORGANISER).model_dump_json()
    assert SECRET not in told
    assert "<b>done</b>" in told


def test_help_when_a_ta_asks_then_the_hub_only_and_a_note(
    hub: StandInHub, client: HubClient, beside: Beside
) -> None:
    hub.add("jane", "")
    desk = HelpDesk(client, beside, own=Target(user="tom"))
    told = desk.get_help("jane", scopes=TA)
    assert beside.asked == []
    assert (told.starts, told.logs, told.home, told.standing) == ((), (), None, "")
    assert "for organisers" in told.notes[0]
    assert told.servers[0].state == "ready"
    assert not told.access.is_open and told.access.url is None
    assert [found.id for found in told.findings] == ["runs"]


def test_help_when_the_logs_folder_is_sick_then_the_rest_comes_with_a_note(
    hub: StandInHub, desk: HelpDesk, beside: Beside
) -> None:
    hub.add("jane", "")
    beside.is_sick = True
    told = desk.get_help("jane", scopes=ORGANISER)
    assert told.servers[0].state == "ready"
    assert "Starts are not known. The logs folder does not answer. Check the server." in told.notes
    assert any("homes_root" in note for note in told.notes)


def test_help_when_the_hub_knows_nobody_but_the_roster_does_then_the_invitation_is_told(
    hub: StandInHub, desk: HelpDesk, beside: Beside
) -> None:
    beside.starts, beside.standing = StartsOfUser(), Standing("invited", "5 days left")
    told = desk.get_help("new-one", scopes=ORGANISER)
    assert (told.is_known, told.standing) == (False, "invited: 5 days left")
    assert told.findings[0].id == "standing"


def test_help_when_nobody_knows_the_name_then_not_found(desk: HelpDesk, beside: Beside) -> None:
    beside.starts = StartsOfUser()
    with pytest.raises(NotFound, match="nobody-here"):
        desk.get_help("nobody-here", scopes=ORGANISER)


def test_help_when_the_last_spawn_failed_then_the_hubs_own_words(
    hub: StandInHub, desk: HelpDesk
) -> None:
    hub.add("jane").servers[""] = Spawned(failed="The image could not be pulled")
    told = desk.get_help("jane", scopes=ORGANISER)
    assert told.servers[0].is_failed
    assert "The image could not be pulled" in told.servers[0].said
    assert "failed-spawn" in {found.id for found in told.findings}


def test_help_when_a_spawn_hangs_then_comes_soon_with_what_the_hub_said_so_far(
    hub: StandInHub, desk: HelpDesk
) -> None:
    hub.add("jane").servers[""] = Spawned(pending="spawn", until_s=float("inf"))
    began_s = time.monotonic()
    told = desk.get_help("jane", scopes=ORGANISER)
    assert time.monotonic() - began_s < EVENT_LIMIT_S + 2
    assert told.servers[0].state == "spawning" and not told.servers[0].is_failed


def test_help_when_a_named_server_is_asked_for_then_both_are_told(
    hub: StandInHub, desk: HelpDesk
) -> None:
    hub.add("ada", "canary", groups=("admins",))
    told = desk.get_help("ada", "canary", scopes=ORGANISER)
    assert [(s.server_name, s.state) for s in told.servers] == [
        ("", "stopped"),
        ("canary", "ready"),
    ]
    assert told.access.url == "/user/ada/canary/"


def test_open_when_allowed_then_the_address_and_in_whose_name(
    hub: StandInHub, desk: HelpDesk
) -> None:
    hub.add("jane", "")
    opening = desk.open_server("jane", scopes=ORGANISER)
    assert opening.url == "/user/jane/" and "as jane" in opening.detail


def test_open_when_the_scope_is_missing_then_forbidden_with_what_to_do(
    hub: StandInHub, client: HubClient, beside: Beside
) -> None:
    hub.add("jane", "")
    desk = HelpDesk(client, beside, own=Target(user="tom"))
    with pytest.raises(Forbidden) as e:
        desk.open_server("jane", scopes=TA)
    assert "access:servers" in e.value.detail and "ADMIN_BROWSER" in e.value.hint


def test_open_when_the_server_is_stopped_then_conflict(hub: StandInHub, desk: HelpDesk) -> None:
    hub.add("jane")
    with pytest.raises(Conflict, match="not ready"):
        desk.open_server("jane", scopes=ORGANISER)
    with pytest.raises(NotFound):
        desk.open_server("nobody", scopes=ORGANISER)


def test_client_when_the_token_is_refused_then_nothing_is_told(
    hub: StandInHub, beside: Beside
) -> None:
    hub.add("jane", "")
    desk = HelpDesk(HubClient(hub.url, f"not-{TOKEN}"), beside, own=Target(user="ada"))
    with pytest.raises(HubRefused):
        desk.get_help("jane", scopes=ORGANISER)
