"""Faults of single requests, arranged from outside.

A fault meets the requests that it matches: after the first `after_n` of them, `times` times (0 is
until it is removed). It fails them before anything is done, or, with `after_change`, once the
change is made and kept: then the caller cannot know.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from growth_admin.deploy.standins.github.limits import SECONDARY
from growth_admin.deploy.standins.github.refusals import OVER_LIMIT, Refused

SSO_PAGE = "https://github.com/orgs/ORG/sso?authorization_request=AZSCKtL4U8yX1H3sCQIV"
SEAT = "You must purchase at least one more seat to add this user as a member."


@dataclass
class Fault:
    """Which requests it meets, and what becomes of them.

    - `method` a regular expression for the whole method, `path` one to be found in the path,
      `login` whose requests (an account's login, or an App's slug); empty matches all.
    - `status` with `message`, `body` (instead of the usual one) and `headers`; 0 is no failure.
    - `is_cut`: the connection is closed without an answer.
    - `delay_s` comes before anything else.
    - `exhausts`: the headers say that the primary limit is used up.
    """

    name: str = ""
    method: str = ""
    path: str = ""
    login: str = ""
    times: int = 1
    after_n: int = 0
    status: int = 0
    message: str = "Server Error"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay_s: float = 0.0
    is_cut: bool = False
    after_change: bool = False
    exhausts: bool = False
    matched: int = 0
    met: int = 0

    def meets(self, method: str, path: str, login: str) -> bool:
        """Whether this request is one of its; counts it."""
        if self.method and not re.fullmatch(self.method, method, re.IGNORECASE):
            return False
        if not re.search(self.path, path) or (self.login and self.login.lower() != login.lower()):
            return False
        self.matched += 1
        if self.matched <= self.after_n or (self.times and self.met >= self.times):
            return False
        self.met += 1
        return True


def _over_limit() -> dict[str, Any]:
    error = {"resource": "OrganizationInvitation", "code": "unprocessable", "field": "data"}
    return {"message": "Validation Failed", "errors": [{**error, "message": OVER_LIMIT}]}


KINDS: dict[str, dict[str, Any]] = {
    "secondary": {"status": 403, "message": SECONDARY, "headers": {"Retry-After": "60"}},
    "secondary_429": {"status": 429, "message": SECONDARY, "headers": {"Retry-After": "60"}},
    "secondary_silent": {"status": 403, "message": SECONDARY},
    "secondary_429_silent": {"status": 429, "message": SECONDARY},
    "primary": {"status": 403, "message": "API rate limit exceeded for user.", "exhausts": True},
    "outage": {
        "status": 503,
        "message": "No server is currently available to service your request.",
    },
    "bad_gateway": {"status": 502, "message": "Server Error"},
    "error": {"status": 500, "message": "Server Error"},
    "lost_answer": {"status": 502, "message": "Server Error", "after_change": True},
    "cut_before": {"is_cut": True},
    "cut_after": {"is_cut": True, "after_change": True},
    "slow": {"delay_s": 5.0},
    "over_limit": {"status": 422, "body": _over_limit()},
    "no_seat": {
        "status": 422,
        "body": {"message": SEAT, "errors": [{"code": "no_seat", "field": "user"}]},
    },
    "blocked": {"status": 403, "message": "Blocked"},
    "unprocessable": {"status": 422, "message": "The request could not be processed."},
    "sso": {
        "status": 403,
        "message": "Resource protected by organization SAML enforcement. You must grant your "
        "Personal Access token access to this organization.",
        "headers": {"X-GitHub-SSO": f"required; url={SSO_PAGE}"},
    },
    "forbidden": {"status": 403, "message": "Resource not accessible by integration"},
    "unauthorized": {"status": 401, "message": "Bad credentials"},
    "not_found": {"status": 404, "message": "Not Found"},
}
"""Faults with a name: `{"name": "cut_after", "path": "memberships", "after_n": 3}`."""


def make(**values: Any) -> Fault:
    """A fault from its values; those given go before those of its name. Raises Refused 422."""
    name = values.get("name", "")
    if name and name not in KINDS:
        raise Refused(422, f"No fault is called {name}; there are {', '.join(sorted(KINDS))}")
    try:
        fault = Fault(**{**KINDS.get(name, {}), **values})
        re.compile(fault.method)
        re.compile(fault.path)
    except (TypeError, re.error) as error:
        raise Refused(422, f"This is no fault: {error}") from error
    return fault
