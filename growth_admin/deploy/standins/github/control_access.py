"""The part of /_control about organizations' settings and credentials. See `control`."""

import secrets
from dataclasses import asdict
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from growth_admin.deploy.standins.github import leaving, seeding
from growth_admin.deploy.standins.github.credentials import (
    CLASSIC,
    FINE_GRAINED,
    Installation,
)
from growth_admin.deploy.standins.github.refusals import not_found
from growth_admin.deploy.standins.github.world import World

KEY_BITS = 2048


class AccessControl:
    """Changes of who may do what."""

    world: World

    def do_patch_organizations(self, name: str, /, **values: Any) -> dict[str, Any]:
        """Change the policy, or when it was created."""
        organization = self.world.organization(name)
        organization.created_at = values.pop("created_at", organization.created_at)
        organization.policy.change(**values)
        self.world.changed()
        return {"created_at": organization.created_at, **asdict(organization.policy)}

    def do_post_teams(
        self, organization: str, /, name: str, parent: str = "", privacy: str = "closed"
    ) -> dict[str, Any]:
        """A new team."""
        found = self.world.organization(organization)
        made = self.world.add_team(found, name, parent, privacy)
        return {"id": made.id, "slug": made.slug}

    def do_put_blocks(self, name: str, login: str) -> None:
        """Block."""
        leaving.block(self.world, self.world.organization(name), self.world.person(login))

    def do_delete_blocks(self, name: str, login: str) -> None:
        """Unblock, or reinstate."""
        leaving.unblock(self.world, self.world.organization(name), self.world.person(login))

    def do_post_tokens(
        self,
        login: str,
        scopes: list[str] | None = None,
        permissions: dict[str, str] | None = None,
        org: str = "",
    ) -> dict[str, str]:
        """A personal access token: a classic one with scopes, or a fine-grained one."""
        person = self.world.person(login).id
        if permissions is None:
            return {"token": self.world.add_token(person, scopes or [], kind=CLASSIC).value}
        number = self.world.organization(org).id
        token = self.world.add_token(
            person, [], kind=FINE_GRAINED, permissions=permissions, organization=number
        )
        return {"token": token.value}

    def do_delete_tokens(self, login: str) -> dict[str, int]:
        """Revoke."""
        return {"revoked": self.world.revoke_tokens(self.world.person(login))}

    def do_post_sso(self, name: str, /, token: str) -> None:
        """Authorize a token for an organization that requires SSO."""
        found = self.world.live_token(token)
        if found is None:
            raise not_found()
        found.sso.append(self.world.organization(name).id)
        self.world.changed()

    def do_post_apps(
        self,
        name: str,
        owner: str,
        permissions: dict[str, str],
        organizations: list[str] | None = None,
    ) -> dict[str, Any]:
        """A GitHub App, installed in `organizations` (or its owner's); its private key, once."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        app = seeding.add_app(
            self.world,
            f"Iv23li{secrets.token_hex(7)}",
            name,
            owner,
            public_key=public.decode(),
            permissions=permissions,
        )
        installations = {}
        for place in [owner] if organizations is None else organizations:
            organization = self.world.organization(place)
            one = seeding.install(self.world, app, organization)
            installations[organization.login] = one.id
        made = {"id": app.id, "slug": app.slug, "client_id": app.client_id}
        return {**made, "private_key": private.decode(), "installations": installations}

    def do_patch_installations(
        self,
        number: str,
        permissions: dict[str, str] | None = None,
        is_suspended: bool | None = None,
    ) -> None:
        """Grant other permissions, or suspend."""
        one = self._installation(number)
        one.permissions = one.permissions if permissions is None else permissions
        one.is_suspended = one.is_suspended if is_suspended is None else is_suspended
        self.world.changed()

    def do_delete_installations(self, number: str) -> None:
        """Uninstall."""
        del self.world.installations[self._installation(number).id]
        self.world.changed()

    def _installation(self, number: str) -> Installation:
        if int(number) not in self.world.installations:
            raise not_found()
        return self.world.installations[int(number)]
