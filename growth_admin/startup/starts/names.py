"""Whose files these are: a file name is ``<NB_USER>`` or ``<NB_USER>--<server>``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from growth_admin.startup.starts.models import HubUserHint, StoredStart
from growth_admin.startup.starts.reader import shown


@dataclass
class Names:
    """The hub's users; ``users`` is None where the hub was not asked or did not answer."""

    users: Mapping[str, HubUserHint] | None
    _by_file: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the users by the names that their files may have.

        The old hook wrote a login as it was typed, the hub's names are in lower case.
        """
        for name, hint in (self.users or {}).items():
            self._by_file.setdefault(name.casefold(), name)
            if hint.nb_user:
                self._by_file[hint.nb_user.casefold()] = name

    def owner_of(self, stem: str, record: StoredStart | None) -> tuple[str, str]:
        """Return hub user and server name; what the record says comes first.

        Without record and hub, ``a--b`` is taken for server ``b`` of ``a``.
        """
        if record is not None:
            return record.hub_user or self._hub_name(record.user), record.server_name
        if (name := self._by_file.get(stem.casefold())) is not None:
            return name, ""
        parts = stem.split("--")
        for cut in range(len(parts) - 1, 0, -1):
            name = self._by_file.get("--".join(parts[:cut]).casefold())
            if name is not None:
                return name, shown("--".join(parts[cut:]))
        user, mark, server = stem.rpartition("--")
        return (shown(user), shown(server)) if mark and user and server else (shown(stem), "")

    def _hub_name(self, nb_user: str) -> str:
        return self._by_file.get(nb_user.casefold(), nb_user)

    def is_hub_user(self, user: str) -> bool | None:
        """Return whether the hub has this user; None if that is not known."""
        return None if self.users is None else user in self.users

    def hint(self, user: str) -> HubUserHint:
        """Return what the hub knows of a user."""
        return (self.users or {}).get(user, _NOTHING)


_NOTHING = HubUserHint()
