"""Credentials: read when used, from files that admins only read; an App's token is renewed."""

from __future__ import annotations

import json
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github.Auth import AppAuth
from traitlets.config import Config

from growth_admin.core.errors import GitHubRefused, GrowthError, NotConfigured
from growth_admin.core.github.credential import InstallationAuth, InstallationToken
from growth_admin.core.github.settings import GitHub
from growth_admin.roster.github.school import GitHubSchool, build_school
from tests import github
from tests.unit.roster.github.conftest import TOKEN, Make, secret_file
from tests.unit.roster.github.odd_server import Asked, OddServer, Told

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
).decode()
MINTED = "ghs_MintedSecret{n}OfTheTest0123456789"


class AppGitHub:
    """GitHub as an App sees it: looks at signatures and gives out numbered tokens."""

    def __init__(self, odd: OddServer) -> None:
        self.given = 0
        self.good = ""
        self.life = timedelta(hours=1)
        odd.script = self.answer

    def answer(self, asked: Asked) -> Told:
        scheme, _, value = asked.headers["authorization"].partition(" ")
        if asked.path.endswith(("/installation", "/access_tokens")):
            assert scheme == "Bearer"
            claims = jwt.decode(value, PRIVATE.public_key(), algorithms=["RS256"])
            assert claims["iss"] == "42" and claims["exp"] - claims["iat"] <= 600
            if asked.method == "GET":
                return Told(200, {"id": 7, "app_id": 42})
            assert asked.path == "/app/installations/7/access_tokens"
            self.given += 1
            self.good = MINTED.format(n=self.given)
            ends = datetime.now(UTC) + self.life
            body = {"token": self.good, "expires_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
            return Told(201, {**body, "permissions": {"members": "write"}})
        if value != self.good:
            return Told(401, {"message": "Bad credentials"})
        return Told(200, [{"id": 1, "login": "owner", "type": "User"}])


@pytest.fixture
def app_school(odd: OddServer, tmp_path: Path) -> Iterator[GitHubSchool]:
    config = Config()
    config.GitHub.api_url = odd.url
    config.GitHub.organization = "school"
    config.GitHub.app_id = 42
    config.GitHub.app_key_file = str(secret_file(tmp_path / "key.pem", PEM))
    yield build_school(config, tmp_path / "cache", wait=lambda _: None)


def test_app_when_used_then_one_token_for_many_calls(
    odd: OddServer, app_school: GitHubSchool
) -> None:
    app = AppGitHub(odd)
    for _ in range(3):
        assert app_school.list_owners()[0].login == "owner"
    assert app.given == 1
    assert app_school.get_self() is None
    assert app_school.client.credential().permissions() == {"members": "write"}


def test_app_when_token_is_no_longer_taken_then_renewed_and_sent_again(
    odd: OddServer, app_school: GitHubSchool
) -> None:
    app = AppGitHub(odd)
    app_school.list_owners()
    app.good = "revoked elsewhere"
    assert app_school.list_owners()[0].login == "owner"
    assert app.given == 2


def test_app_when_token_is_refused_twice_then_error(
    odd: OddServer, app_school: GitHubSchool
) -> None:
    app = AppGitHub(odd)
    answer = app.answer

    def never(asked: Asked) -> Told:
        is_token = asked.path.endswith(("/installation", "/access_tokens"))
        return answer(asked) if is_token else Told(401, {"message": "Bad credentials"})

    odd.script = never
    with pytest.raises(GitHubRefused) as caught:
        app_school.list_owners()
    assert caught.value.context["reason"] == "credential"
    assert app.given == 2


def test_app_when_token_ends_soon_then_renewed_before() -> None:
    minted: list[str] = []

    def mint(_: object) -> InstallationToken:
        minted.append(f"ghs_{len(minted)}")
        ends = datetime.now(UTC) - timedelta(seconds=30)  # as if this clock were far ahead
        return InstallationToken(minted[-1], ends, {})

    auth = InstallationAuth(AppAuth("42", PEM), mint, shortest_life_s=0.2)
    assert auth.token == auth.token == "ghs_0"
    time.sleep(0.25)
    assert auth.token == "ghs_1"
    auth.forget("ghs_0")  # another thread's late complaint
    assert auth.token == "ghs_1"


def test_app_when_many_threads_find_no_token_then_asked_once(
    odd: OddServer, app_school: GitHubSchool
) -> None:
    app = AppGitHub(odd)
    threads = [threading.Thread(target=app_school.list_owners) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app.given == 1


def test_app_when_not_installed_then_says_where(hub: github.StandIn, tmp_path: Path) -> None:
    app = hub.app({"members": "write"})
    path = secret_file(tmp_path / "key.pem", app.private_key)
    other = GitHub(
        api_url=hub.api_url, organization="elsewhere", app_id=str(app.id), app_key_file=str(path)
    )
    with pytest.raises(NotConfigured) as caught:
        GitHubSchool(other).list_owners()
    assert "not installed in elsewhere" in caught.value.detail
    assert "/organizations/elsewhere/settings/apps" in caught.value.hint


def test_app_when_key_is_another_ones_then_refused(hub: github.StandIn, tmp_path: Path) -> None:
    app = hub.app({"members": "write"}, name="Other key")
    path = secret_file(tmp_path / "key.pem", PEM)
    settings = GitHub(
        api_url=hub.api_url,
        organization=hub.organization,
        app_id=str(app.id),
        app_key_file=str(path),
    )
    with pytest.raises(GitHubRefused) as caught:
        GitHubSchool(settings).list_owners()
    assert "key" in caught.value.detail and str(path) in caught.value.detail
    assert "GitHub.app_key_file" in caught.value.hint


def test_app_at_standin_when_it_may_write_then_invites(hub: github.StandIn, tmp_path: Path) -> None:
    app = hub.app({"members": "write"}, name="Invites")
    path = secret_file(tmp_path / "key.pem", app.private_key)
    settings = GitHub(
        api_url=hub.api_url,
        organization=hub.organization,
        app_id=app.client_id,
        app_key_file=str(path),
        app_installation_id=app.installation_id,
    )
    school = GitHubSchool(settings, wait=lambda _: None)
    hub.team("students")
    hub.person("by-app-1")
    assert school.put_membership("students", "by-app-1") == "pending"
    with pytest.raises(GitHubRefused) as caught:
        school.list_blocked()
    assert "Blocking users: read-only" in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no credential"),
        ({"app_id": "42"}, "GitHub.app_key_file"),
        ({"app_key_file": "/x/key.pem"}, "GitHub.app_id"),
        ({"token_file": "/nowhere/token"}, "/nowhere/token"),
        ({"token_file": "/"}, "it is no file"),
        ({"token_file": "/dev/zero"}, "it is no file"),
    ],
)
def test_credential_when_missing_then_says_what_to_set(settings: dict[str, str], said: str) -> None:
    school = GitHubSchool(GitHub(organization="school", **settings))
    with pytest.raises(NotConfigured) as caught:
        school.list_owners()
    assert said in caught.value.detail and caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["", "\n", "two words", "tök", PEM, "x\x00y", "\udcff".encode("utf-8", "surrogateescape")],
)
def test_token_file_when_it_holds_no_token_then_said_and_not_echoed(
    tmp_path: Path, text: str | bytes
) -> None:
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    school = GitHubSchool(GitHub(organization="school", token_file=str(path)))
    with pytest.raises(NotConfigured) as caught:
        school.list_owners()
    assert str(path) in caught.value.detail
    assert "PRIVATE" not in caught.value.detail and "words" not in caught.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "0123456789abcdef0123456789abcdef01234567",
        PRIVATE.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        PRIVATE.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"x"),
        ).decode(),
        PEM[:300],
    ],
)
def test_key_file_when_it_holds_no_key_then_said(tmp_path: Path, text: str) -> None:
    path = secret_file(tmp_path / "key.pem", text)
    school = GitHubSchool(GitHub(organization="school", app_id="42", app_key_file=str(path)))
    with pytest.raises(NotConfigured, match="no private key"):
        school.list_owners()


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o666])
def test_token_file_when_open_to_all_then_not_used(
    school: GitHubSchool, hub: github.StandIn, mode: int
) -> None:
    path = Path(school.settings.token_file)
    path.chmod(mode)
    with pytest.raises(NotConfigured, match="open to everybody") as caught:
        school.list_owners()
    assert f"chmod 640 {path}" in caught.value.hint
    assert hub.count("GET") == 0
    path.chmod(0o640)
    assert school.list_owners()


def test_token_file_when_replaced_then_used_at_once(
    hub: github.StandIn, make: Make, tmp_path: Path
) -> None:
    school = make("ghp_wrong")
    with pytest.raises(GitHubRefused, match="expired"):
        school.list_owners()
    secret_file(tmp_path / "token", hub.token() + "\n")
    assert school.list_owners()


def test_organization_when_not_set_then_says_so(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROWTH_ORG", raising=False)
    with pytest.raises(NotConfigured, match="organization"):
        make(organization="").list_owners()
    monkeypatch.setenv("GROWTH_ORG", "from-the-hub")
    assert GitHub().organization == "from-the-hub"


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.github.com/", "https://github.com"),
        ("https://git.example.org/api/v3/", "https://git.example.org"),
        ("https://api.school.ghe.com", "https://school.ghe.com"),
        ("http://127.0.0.1:8000/api/v3", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://github:8000/api/v3", "http://github:8000"),
    ],
)
def test_web_address_when_derived_then_of_the_same_github(api: str, web: str) -> None:
    settings = GitHub(api_url=api)
    assert settings.web == web
    assert not settings.api.endswith("/")
    assert GitHub(api_url=api, web_url="https://x.example/").web == "https://x.example"


@pytest.mark.parametrize(
    "url",
    ["", "github.com", "ftp://x", "https://", "https://h:x/", "http://git.example.org/api/v3",
     "http://8.8.8.8", "https://user:secret@git.example.org"],
)  # fmt: skip
def test_api_address_when_unusable_or_unencrypted_then_said(url: str) -> None:
    with pytest.raises(NotConfigured, match=r"GitHub\.api_url") as caught:
        GitHubSchool(GitHub(api_url=url, organization="school")).list_owners()
    assert "secret" not in caught.value.detail


def test_secrets_when_everything_goes_wrong_then_in_no_text(
    odd: OddServer, app_school: GitHubSchool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Planted tokens are looked for in logs at their loudest, errors, reprs and cache files."""
    caplog.set_level(logging.DEBUG)
    token_path = secret_file(tmp_path / "token", TOKEN)
    settings = GitHub(api_url=odd.url, organization="school", token_file=str(token_path))
    by_token = GitHubSchool(settings, tmp_path / "cache", wait=lambda _: None)
    app = AppGitHub(odd)
    texts: list[str] = []

    def collect(school: GitHubSchool, told: Told, is_echoed: bool) -> None:
        answer = app.answer

        def script(asked: Asked) -> Told:
            if is_echoed:
                sent = asked.headers["authorization"]
                return Told(told.status, {"message": f"you sent {sent}", "errors": [sent]})
            is_token = asked.path.endswith(("/installation", "/access_tokens"))
            return answer(asked) if is_token else told

        odd.script = script
        for act in (school.list_owners, lambda: school.put_membership("students", "x")):
            try:
                act()
            except GrowthError as e:
                texts.extend(traceback.format_exception(e))
                texts.append(f"{e!r} {vars(e)} {e.__context__!r} {e.__cause__!r}")
        held = school.client
        for thing in (school, held, held.credential(), held.credential().auth, vars(held)):
            texts.append(repr(thing))

    echoes = [Told(status) for status in (401, 403, 404, 422, 429, 500)]
    for school in (by_token, app_school):
        for told in (
            Told(200, [{"id": 1, "login": "a", "type": "User"}], {"ETag": '"x"'}),
            Told(200, raw=TOKEN.encode()),
            Told(cut=True),
            *echoes,
        ):
            collect(school, told, told in echoes)
        school.close()
    texts += [record.getMessage() for record in caplog.records]
    texts += [path.read_text() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    found = "\n".join(texts)
    assert "list_owners" in found and '"replies"' in found and caplog.records
    for secret in (TOKEN, "MintedSecret", "PRIVATE KEY", PEM.splitlines()[5]):
        assert secret not in found
    for record in caplog.records:
        assert "eyJ" not in record.getMessage(), "a signed JWT"


def test_cache_file_when_written_then_private_and_without_names_of_credentials(
    hub: github.StandIn, make: Make, tmp_path: Path
) -> None:
    hub.people(1, prefix="c-", teams=["students"])
    school = make()
    school.list_members("students")
    (path,) = (tmp_path / "cache").iterdir()
    assert path.stat().st_mode & 0o007 == 0
    assert (tmp_path / "cache").stat().st_mode & 0o007 == 0
    kept = json.loads(path.read_text())["replies"]
    assert all(key.startswith("token http://127.0.0.1:") for key in kept)
