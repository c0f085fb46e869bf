"""Accounts of people."""

from dataclasses import dataclass, field

from growth_admin.deploy.standins.github.refusals import not_found


@dataclass
class Person:
    """An account. `label` is what the login page says beside the name.

    `email` is the primary address, `emails` are further ones; all are verified.
    """

    id: int
    login: str
    name: str
    email: str
    label: str = ""
    email_is_public: bool = False
    created_at: str = ""
    updated_at: str = ""
    emails: list[str] = field(default_factory=list)
    two_factor: bool = True

    def has_address(self, email: str) -> bool:
        """Whether the address is one of the person's."""
        return email.lower() in {address.lower() for address in (self.email, *self.emails)}


class People(dict[int, Person]):
    """All accounts by number, and found by login in any case."""

    def __init__(self) -> None:
        super().__init__()
        self._by_login: dict[str, int] = {}

    def find(self, login: str) -> Person:
        """The account called `login`. Raises Refused 404."""
        number = self._by_login.get(login.lower())
        if number is None:
            raise not_found()
        return self[number]

    def with_address(self, email: str) -> Person | None:
        """The account that has this address, if there is one."""
        return next((person for person in self.values() if person.has_address(email)), None)

    def add(self, person: Person) -> None:
        """Take in an account."""
        self[person.id] = person
        self._by_login[person.login.lower()] = person.id

    def rename(self, person: Person, login: str) -> None:
        """Call the account `login`; the old login is free then."""
        self._by_login.pop(person.login.lower(), None)
        person.login = login
        self._by_login[login.lower()] = person.id

    def remove(self, person: Person) -> None:
        """Delete the account."""
        self._by_login.pop(person.login.lower(), None)
        del self[person.id]

    def is_taken(self, login: str) -> bool:
        """Whether an account has this login."""
        return login.lower() in self._by_login
