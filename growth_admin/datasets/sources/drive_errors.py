"""What the Drive API's errors mean, by their ``reason``.

Source: Google Drive API, "Resolve errors"; the general error format of Google's APIs.
"""

from __future__ import annotations

import json
from typing import Any, Final

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.credentials import Credential
from growth_admin.datasets.sources.drive_pages import (
    SHARE_HINT,
    abusive,
    client_quota,
    file_quota,
    not_found,
    trouble,
)
from growth_admin.datasets.sources.drive_tree import CredentialProblem

SLOW_DOWN: Final = frozenset(
    {"userRateLimitExceeded", "rateLimitExceeded", "sharingRateLimitExceeded", "quotaExceeded"}
)
BAD_CREDENTIAL: Final = frozenset(
    {
        *("accessNotConfigured", "SERVICE_DISABLED", "keyInvalid", "keyExpired", "API_KEY_INVALID"),
        *("API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "ipRefererBlocked"),
        *("dailyLimitExceededUnreg", "authError", "insufficientPermissions", "required"),
        *("API_KEY_HTTP_REFERRER_BLOCKED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    }
)
EXPORT_TOO_LARGE: Final = "exportSizeLimitExceeded"


def problem_of_reply(answer: Answer, what: str, credential: Credential) -> SourceProblem:
    """Return what a reply of the API other than success says. Reads and closes it."""
    reasons, message = _read(answer)
    if reasons & BAD_CREDENTIAL or answer.status == 401 or "API key" in message:
        return _bad_credential(credential, sorted(reasons & BAD_CREDENTIAL))
    if answer.status == 429 or reasons & SLOW_DOWN:
        return client_quota(answer)
    if "downloadQuotaExceeded" in reasons:
        return file_quota(what)
    if "cannotDownloadAbusiveFile" in reasons:
        return abusive(what)
    if answer.status == 404:
        return _not_found(what, credential)
    if answer.status >= 500:
        return trouble(what, answer.status)
    if reasons & {"fileNotDownloadable", "fileNotExportable", EXPORT_TOO_LARGE}:
        return _native(what, is_too_large=EXPORT_TOO_LARGE in reasons)
    return SourceProblem(
        "refused",
        f"Google does not let the {credential.title} download {what} "
        f"({', '.join(sorted(reasons)) or answer.status}).",
        hint="The owner may have switched off downloads (Share, settings: viewers can download). "
        + SHARE_HINT,
    )


def _read(answer: Answer) -> tuple[set[str], str]:
    """Return the reasons that an error names, and its message."""
    try:
        error: Any = json.loads(answer.read(200_000)).get("error", {})
        details = [*error.get("errors", ()), *error.get("details", ())]
        reasons = {str(detail["reason"]) for detail in details if "reason" in detail}
        return reasons, str(error.get("message", ""))
    except (ValueError, AttributeError, TypeError):
        return set(), ""


def _bad_credential(credential: Credential, reasons: list[str]) -> SourceProblem:
    return CredentialProblem(
        "refused",
        f"Google refuses the {credential.title}{f' ({reasons[0]})' if reasons else ''}.",
        hint="An admin must look at it in the Google console: the Drive API has to be enabled in "
        "its project, and the key not restricted to other addresses.",
    )


def _not_found(what: str, credential: Credential) -> SourceProblem:
    problem = not_found(what, seen_by=credential.title)
    if credential.kind == "service_account":
        problem.hint = (
            f"Share it with the {credential.title} (as a viewer) or with anyone who has the link. "
            + problem.hint
        )
    return problem


def _native(what: str, *, is_too_large: bool) -> SourceProblem:
    why = (
        "is larger than the 10 MB that Google exports"
        if is_too_large
        else "is a document of Google's own, which has no bytes to download"
    )
    return SourceProblem(
        "native_doc",
        f"{what} {why}.",
        hint="In Drive choose File, Download, and upload the file that you get.",
    )
