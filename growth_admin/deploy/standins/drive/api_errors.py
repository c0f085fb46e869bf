"""Errors of Drive API v3: their reasons, statuses and bodies (after the guide "Resolve errors")."""

import json
from typing import Any

from growth_admin.deploy.standins.drive.wire import Reply

JSON = "application/json; charset=UTF-8"
MESSAGES = {
    "dailyLimitExceededUnreg": (
        403,
        "Daily Limit for Unauthenticated Use Exceeded. Continued use requires signup.",
        "usageLimits",
    ),
    "rateLimitExceeded": (403, "Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": (403, "User Rate Limit Exceeded", "usageLimits"),
    "downloadQuotaExceeded": (
        403,
        "The download quota for this file has been exceeded.",
        "global",
    ),
    "cannotDownloadAbusiveFile": (
        403,
        "This file has been identified as malware or spam and cannot be downloaded.",
        "global",
    ),
    "fileNotDownloadable": (
        403,
        "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
        "global",
    ),
    "fileNotExportable": (403, "Export only supports Docs Editors files.", "global"),
    "insufficientFilePermissions": (
        403,
        "The user does not have sufficient permissions for this file.",
        "global",
    ),
    "authError": (401, "Invalid Credentials", "global"),
    "badRequest": (400, "API key not valid. Please pass a valid API key.", "global"),
    "invalid": (400, "Invalid Value", "global"),
    "invalidParameter": (400, "Invalid field selection", "global"),
    "notFound": (404, "File not found: {}.", "global"),
    "backendError": (503, "Backend Error", "global"),
    "internalError": (500, "Internal Error", "global"),
}
"""Reasons of errors: status, message, domain."""


class Refused(Exception):
    """The API answers with an error: a reason of MESSAGES."""

    def __init__(self, reason: str, *, location: str = "", detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.location = location
        self.detail = detail


def error_reply(reason: str, *, status: int = 0, location: str = "", detail: str = "") -> Reply:
    """Google's error body."""
    usual, message, domain = MESSAGES.get(reason, (400, reason, "global"))
    status = status or usual
    message = message.format(detail or ".") if "{}" in message else message
    if reason == "invalidParameter":
        message = f"{message} {detail}"
    error: dict[str, str] = {"message": message, "domain": domain, "reason": reason}
    if location:
        error |= {"location": location, "locationType": "parameter"}
    return json_reply({"error": {"code": status, "message": message, "errors": [error]}}, status)


def json_reply(body: Any, status: int = 200) -> Reply:
    """A reply of JSON."""
    headers = [("Content-Type", JSON), ("Cache-Control", "private, max-age=0")]
    return Reply(status, headers, json.dumps(body, ensure_ascii=False).encode())
