"""Credentials: API keys, service accounts with their key files, and the OAuth token endpoint.

A service account's key file is what Google's console hands out (`google.oauth2.service_account`
reads it); its JWT (RFC 7523) is verified with the public half of the key in that file.
"""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from growth_admin.deploy.standins.drive.world import PROJECT, service_email

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = {
    "https://www.googleapis.com/auth/drive",
    "https://www.googleapis.com/auth/drive.readonly",
}
TOKEN_LIFE_S = 3599
GOOGLES_ENDPOINT = "https://oauth2.googleapis.com/token"  # what google-auth signs for, always


@dataclass
class ServiceAccount:
    """An account and the key file that it has."""

    email: str
    key_file: dict[str, str]
    public_key: str


class Refusal(Exception):
    """The token endpoint refuses: `error` and `description` of its reply (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Accounts:
    """Everything that can be a credential, and the tokens that were given out."""

    def __init__(self) -> None:
        self.api_keys: set[str] = set()
        self.services: dict[str, ServiceAccount] = {}
        self.tokens: dict[str, tuple[str, float]] = {}

    def add_api_key(self, key: str = "") -> str:
        """Accept this key, or a new one; returns it."""
        key = key or "AIza" + secrets.token_urlsafe(26)[:35]
        self.api_keys.add(key)
        return key

    def add_service_account(self, name: str, token_uri: str) -> ServiceAccount:
        """A new account with a new key; the key file points at `token_uri`."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return self.add_key_file(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": secrets.token_hex(20),
                "private_key": private.decode(),
                "client_email": service_email(name),
                "client_id": str(secrets.randbelow(10**21)),
                "auth_uri": "https://accounts.google.com/o/oauth2/auth",
                "token_uri": token_uri,
                "universe_domain": "googleapis.com",
            }
        )

    def add_key_file(self, key_file: dict[str, str]) -> ServiceAccount:
        """An account whose key file exists already."""
        private = serialization.load_pem_private_key(key_file["private_key"].encode(), None)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        account = ServiceAccount(key_file["client_email"], key_file, public.decode())
        self.services[account.email] = account
        return account

    def reader_of(self, token: str) -> str | None:
        """Whose token it is; None when unknown or too old."""
        email, expires = self.tokens.get(token, ("", 0.0))
        return email if expires > time.time() else None

    def expire_tokens(self) -> None:
        """No token is good any more."""
        self.tokens.clear()

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        """The token for a signed assertion. Raises Refusal."""
        if form.get("grant_type") != GRANT:
            raise Refusal("unsupported_grant_type", "Invalid grant_type")
        assertion = form.get("assertion", "")
        account = self._signer(assertion)
        try:
            claims = _decode(
                assertion,
                certs=account.public_key,
                audience=[account.key_file["token_uri"], GOOGLES_ENDPOINT],
            )
        except ValueError as error:
            raise Refusal("invalid_grant", f"Invalid JWT: {error}"[:200]) from error
        if not SCOPES & set(str(claims.get("scope", "")).split()):
            raise Refusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = "ya29.c." + secrets.token_urlsafe(60)
        self.tokens[token] = (account.email, time.time() + TOKEN_LIFE_S)
        return {"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer"}

    def _signer(self, assertion: str) -> ServiceAccount:
        try:
            claims = _decode(assertion, verify=False)
        except ValueError as error:
            raise Refusal("invalid_grant", "Invalid JWT Signature.") from error
        account = self.services.get(str(claims.get("iss", "")))
        if not account:
            raise Refusal("invalid_grant", "Invalid grant: account not found")
        return account


def _decode(assertion: str, **options: Any) -> dict[str, Any]:
    """The claims of a JWT. Raises ValueError."""
    decode: Any = jwt.decode  # google-auth has no types here
    claims: dict[str, Any] = decode(assertion, **options)
    return claims


def token_body(problem: Refusal) -> bytes:
    """The reply of a refusal."""
    return json.dumps({"error": problem.error, "error_description": problem.description}).encode()
