"""The help desk: gathers what is known of one user, finds what is wrong, lets organisers in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, TypeVar

from growth_admin.core.errors import Conflict, Forbidden, GrowthError, NotFound
from growth_admin.core.permissions import PERMISSIONS
from growth_admin.core.schema import now
from growth_admin.servers.facts import FactsCache, StartSource
from growth_admin.servers.help.access import access_to
from growth_admin.servers.help.case import BAD_STARTS, Case
from growth_admin.servers.help.diagnosis import diagnose
from growth_admin.servers.help.discreet import discreet
from growth_admin.servers.help.facts import HelpSource, Standing, StartsOfUser
from growth_admin.servers.help.models import (
    Access,
    HelpServer,
    HomeUse,
    LogTail,
    Opening,
    PastStart,
    UserHelp,
)
from growth_admin.servers.hub import HubClient, label
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.models import Target
from growth_admin.servers.snapshot import HubSnapshot

T = TypeVar("T")
EVENT_LIMIT_S: Final = 2.0
"""The hub writes what it has to say at once, and then an empty line every 8 s."""
FOR_ORGANISERS: Final = (
    "Start records, logs and the home are for organisers (custom:growth:startup): ask one."
)


@dataclass
class _Beside:
    """What was learnt beside the hub, and what could not be."""

    starts: StartsOfUser | None = None
    home: HomeUse | None = None
    standing: Standing | None = None
    failures: tuple[int, int] | None = None
    notes: list[str] = field(default_factory=list)

    def ask(self, work: Callable[[], T], what: str) -> T | None:
        """Return what ``work`` returns; a refusal becomes a note."""
        try:
            return work()
        except GrowthError as e:
            self.notes.append(f"{what} not known. {e.detail} {e.hint}".strip())
            return None


class HelpDesk:
    """Help for one user at a time.

    ``browser_scopes`` is what the owner of this server may do at the hub in the browser, as the
    hub's configuration tells; ``starts`` is what other rooms know of everybody's last start.
    """

    def __init__(
        self,
        hub: HubClient,
        source: HelpSource,
        *,
        own: Target,
        browser_scopes: Collection[str] = (),
        snapshot: HubSnapshot | None = None,
        starts: StartSource | None = None,
    ) -> None:
        self._hub = hub
        self._source = source
        self._own = own
        self._browser_scopes = frozenset(browser_scopes)
        self._snapshot = snapshot
        self._facts = FactsCache(starts)

    def get_help(self, user: str, server_name: str = "", *, scopes: Collection[str]) -> UserHelp:
        """Return what is known of a user's server, and what is wrong with it.

        ``scopes`` are those of whoever asks: start records, logs and the home come only for those
        who may read starts. Somebody whom the hub does not know is an answer too. Raises
        ``HubUnavailable`` or ``HubRefused``, and ``NotFound`` when neither the hub nor the roster
        nor a start knows such a user.
        """
        known = self._find(user)
        at = now()
        found = known or HubUser(user)
        servers = self._servers(found, server_name)
        server = next(one for one in servers if one.server_name == server_name)
        beside = self._look_beside(found, server, scopes, is_known=known is not None)
        if known is None and beside.standing is None and not (beside.starts or _NO_STARTS).starts:
            raise NotFound(
                f"Nobody is known by the name {user[:80]}.",
                hint="Give the name at the hub: their GitHub login in small letters.",
            )
        starts = beside.starts or _NO_STARTS
        case = Case(
            user=user,
            server=server,
            at=at,
            is_known=known is not None,
            groups=found.groups,
            starts=beside.starts.starts if beside.starts else None,
            home=beside.home,
            standing=beside.standing,
            failures=beside.failures,
        )
        return UserHelp(
            user=user,
            server_name=server_name,
            is_known=known is not None,
            groups=found.groups,
            last_activity=found.last_activity,
            standing=_spell(beside.standing),
            servers=servers,
            access=self._access(found, server_name, scopes),
            findings=diagnose(case),
            starts=starts.starts,
            logs=starts.logs,
            home=beside.home,
            notes=tuple(beside.notes),
            as_of=at,
        )

    def open_server(self, user: str, server_name: str = "", *, scopes: Collection[str]) -> Opening:
        """Return where a server is opened; whoever goes there acts as that user.

        Raises ``Forbidden`` with what is missing, ``NotFound`` for a user whom the hub does not
        know, and ``Conflict`` while the server is not ready.
        """
        found = self._find(user)
        if found is None:
            raise NotFound(
                f"The hub does not know a user {user[:80]}.",
                hint="The user may have been deleted. Look at the list again.",
            )
        access = self._access(found, server_name, scopes)
        if not access.is_open:
            raise Forbidden(access.detail, hint=access.hint)
        if access.url is None:
            raise Conflict(
                f"{label(user, server_name)} is not ready: there is nothing to open.",
                hint="Start it first.",
            )
        return Opening(user=user, server_name=server_name, url=access.url, detail=access.detail)

    # -- the hub

    def _find(self, name: str) -> HubUser | None:
        try:
            user = self._hub.get_user(name)
        except NotFound:
            user = None
        if self._snapshot:
            self._snapshot.note(name, user)
        return user

    def _servers(self, user: HubUser, server_name: str) -> tuple[HelpServer, ...]:
        """Return the servers, with what the hub says of those that do not just run."""
        names = sorted({"", server_name, *user.servers})
        return tuple(self._server(user, user.server(name)) for name in names)

    def _server(self, user: HubUser, server: HubServer) -> HelpServer:
        event = None
        if server.state in ("spawning", "stopped"):
            event = self._hub.find_last_event(user.name, server.name, limit_s=EVENT_LIMIT_S)
        is_failed = bool(event and event.is_failed)
        return HelpServer(
            server_name=server.name,
            state=server.state,
            started=server.started,
            last_activity=server.last_activity or (None if server.name else user.last_activity),
            said=discreet(event.message) if event and not event.is_ready else "",
            is_failed=is_failed,
        )

    def _access(self, user: HubUser, server_name: str, scopes: Collection[str]) -> Access:
        server = user.server(server_name)
        return access_to(
            {*scopes, *self._browser_scopes},
            user.name,
            server_name,
            user.groups,
            is_own=(user.name, server_name) == (self._own.user, self._own.server_name),
            url=server.url if server.state == "ready" and server.url else None,
        )

    # -- beside the hub

    def _look_beside(
        self, user: HubUser, server: HelpServer, scopes: Collection[str], *, is_known: bool
    ) -> _Beside:
        beside = _Beside()
        if not PERMISSIONS["startup.starts:read"].is_held_by(scopes):
            beside.notes.append(FOR_ORGANISERS)
            return beside
        name, source = user.name, self._source
        read = beside.ask(lambda: source.read_starts(name, server.server_name), "Starts are")
        if read is not None:
            beside.starts = _discreet(read)
            beside.notes += read.notes
        if is_known:
            measured = beside.ask(lambda: source.measure_home(name), "The home's use is")
            beside.home = measured or (read.home if read else None)
            if measured is None and beside.home is not None:
                beside.notes.pop()  # the last start has told it
            beside.failures = self._failures()
        may_ask = PERMISSIONS["roster.people:read"].is_held_by(scopes)
        if may_ask and not (is_known and user.groups):
            beside.standing = beside.ask(
                lambda: source.find_standing(name), "How they stand in the roster is"
            )
        return beside

    def _failures(self) -> tuple[int, int]:
        results = [fact.result for fact in self._facts.get().facts.values() if fact.result]
        return sum(result in BAD_STARTS for result in results), len(results)


_NO_STARTS: Final = StartsOfUser()


def _spell(standing: Standing | None) -> str:
    if standing is None:
        return ""
    return f"{standing.state}: {standing.detail}" if standing.detail else standing.state


def _discreet(read: StartsOfUser) -> StartsOfUser:
    """Return the same without what looks like a secret in it."""
    return StartsOfUser(
        starts=tuple(_discreet_start(start) for start in read.starts),
        logs=tuple(_discreet_log(one) for one in read.logs),
        home=read.home,
        notes=read.notes,
    )


def _discreet_start(start: PastStart) -> PastStart:
    scripts = tuple(
        script.model_copy(update={"error": discreet(script.error)}) for script in start.scripts
    )
    said = {"error": discreet(start.error), "scripts": scripts}
    return start.model_copy(update={**said, "notes": tuple(map(discreet, start.notes))})


def _discreet_log(tail: LogTail) -> LogTail:
    return tail.model_copy(update={"text": discreet(tail.text)})
