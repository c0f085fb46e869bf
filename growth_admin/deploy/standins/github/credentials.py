"""What one logs in with: OAuth applications, GitHub Apps with installations, tokens, codes."""

from dataclasses import dataclass, field

CLASSIC, OAUTH, FINE_GRAINED, INSTALLATION = "classic", "oauth", "fine_grained", "installation"
PREFIXES = {CLASSIC: "ghp_", OAUTH: "gho_", FINE_GRAINED: "github_pat_", INSTALLATION: "ghs_"}
BOT_OFFSET = 1_000_000_000
"""An App's bot account has the App's number and this."""


@dataclass
class Application:
    """An OAuth application. Redirects must begin with `callback_url`.

    `owner`, an organization's login: its own applications are never restricted there.
    """

    client_id: str
    client_secret: str
    name: str
    callback_url: str
    owner: str = ""


@dataclass
class Token:
    """An access token.

    Classic and OAuth tokens (`client_id`) belong to a `person` and have `scopes`. Fine-grained ones
    and those of an `installation` have `permissions` in one `organization`, all by number.
    `sso` are the organizations for which the token was authorized. `expires_s` is by the machine's
    clock; 0 is never.
    """

    value: str
    person: int
    scopes: list[str]
    client_id: str = ""
    kind: str = ""
    permissions: dict[str, str] = field(default_factory=dict)
    organization: int = 0
    installation: int = 0
    expires_s: float = 0.0
    sso: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Tokens kept before there were kinds."""
        self.kind = self.kind or (OAUTH if self.client_id else CLASSIC)

    @property
    def has_scopes(self) -> bool:
        """Whether scopes say what it may do; permissions do for the others."""
        return self.kind in (CLASSIC, OAUTH)


@dataclass
class Code:
    """A code of the OAuth flow, good for one exchange within ten minutes."""

    person: int
    client_id: str
    redirect_uri: str
    scopes: list[str]
    challenge: str
    expires: float


@dataclass
class App:
    """A GitHub App; `public_key` (PEM) checks what its private key signed."""

    id: int
    slug: str
    name: str
    client_id: str
    owner: str
    public_key: str
    permissions: dict[str, str]
    created_at: str


@dataclass
class Installation:
    """An App in an organization, with the permissions that an owner granted."""

    id: int
    app: int
    organization: int
    permissions: dict[str, str]
    created_at: str
    is_suspended: bool = False


def allows(permissions: dict[str, str], wanted: str, level: str) -> bool:
    """Whether the permission `wanted` is there at `level`, read or write."""
    return permissions.get(wanted) in (("write",) if level == "write" else ("read", "write"))
