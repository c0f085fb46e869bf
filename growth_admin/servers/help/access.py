"""Whether somebody may open a user's server: what the hub's scopes say.

Opening happens in the browser, with what the visitor may do there; the token of the own server
deliberately has no access to others' servers. So the hub's configuration tells this server what its
owner may do in the browser (``GROWTH_BROWSER_SCOPES``). It is told, not granted: the hub decides
again when the server is opened.

Source: JupyterHub, "Available scopes" (``access:servers``) and "Scope conventions" (filters).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from growth_admin.servers.help.models import Access

SCOPE: Final = "access:servers"
ADVICE: Final = (
    "You act there as {user}: what you save, run or delete is done in their name. It is noted in "
    "the audit trail that you went in. The hub may ask once whether you want to go there."
)


def opens(scopes: Collection[str], user: str, server_name: str, groups: Collection[str]) -> bool:
    """Return whether these scopes let somebody into this server."""
    filters = (
        "",
        f"!user={user}",
        f"!server={user}/{server_name}",
        *(f"!group={group}" for group in groups),
    )
    return any(f"{SCOPE}{one}" in scopes for one in filters)


def access_to(
    scopes: Collection[str],
    user: str,
    server_name: str,
    groups: Collection[str],
    *,
    is_own: bool,
    url: str | None,
) -> Access:
    """Return whether the server may be opened, and where; or what is missing and how to get it."""
    if is_own:
        return Access(is_open=True, url=url, detail="It is your own server.")
    if opens(scopes, user, server_name, groups):
        detail = ADVICE.format(user=user) if url else "It can be opened once it is ready."
        return Access(is_open=True, url=url, detail=detail)
    return Access(
        is_open=False,
        detail=f"You may not open servers of {user}: that needs {SCOPE}, filtered or not.",
        hint="Organisers hold it: the role growth-admin in hub_config.py (ADMIN_BROWSER). "
        "A new right takes effect after your server was restarted.",
    )
