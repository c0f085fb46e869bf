"""Invitations into an organization: open, accepted, cancelled, failed; and the mails about them."""

from dataclasses import dataclass, field

from growth_admin.deploy.standins.github.clock import DAY_S
from growth_admin.deploy.standins.github.people import Person

LIFE_S = 7 * DAY_S
PENDING, ACCEPTED, CANCELLED, FAILED = "pending", "accepted", "cancelled", "failed"


@dataclass
class Invitation:
    """Of an account (`person`) or of an address (`email`); `teams`: roles by team number.

    `state` is pending, accepted, cancelled (also declined) or failed (also expired). `dismissed` is
    a failed one that an owner took off the list.
    """

    id: int
    inviter: int
    created_s: float
    person: int = 0
    email: str = ""
    role: str = "direct_member"
    teams: dict[int, str] = field(default_factory=dict)
    state: str = PENDING
    failed_s: float = 0.0
    failed_reason: str = ""
    is_dismissed: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether it can be accepted."""
        return self.state == PENDING

    @property
    def is_listed_failure(self) -> bool:
        """Whether it stands in the list of failed invitations."""
        return self.state == FAILED and not self.is_dismissed

    @property
    def member_role(self) -> str:
        """The role in the organization once accepted."""
        return "admin" if self.role == "admin" else "member"

    def is_for(self, person: Person) -> bool:
        """Whether the person can accept it: invited by account, or has the address."""
        return self.person == person.id or bool(self.email and person.has_address(self.email))

    def fail(self, reason: str, at_s: float) -> None:
        """It failed."""
        self.state, self.failed_reason, self.failed_s = FAILED, reason, at_s


@dataclass
class Mail:
    """An invitation mail that went out. `is_repeat`: this invitation had been sent before."""

    at: str
    invitation: int
    login: str
    email: str
    is_repeat: bool = False
