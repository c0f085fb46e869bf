"""Who we are at a real registry: by password, and by the tokens of a login service."""

from __future__ import annotations

import base64
import datetime
import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from traitlets.config import Config

from growth_admin.core.errors import NotConfigured, RegistryRefused
from growth_admin.core.paths import Paths
from growth_admin.images.builds.pushing import push_order
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.tool import ContainerTool
from growth_admin.images.manager import TagManager
from growth_admin.images.models import PromoteRequest
from growth_admin.images.registry.credential import Login, read_login
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.images.room import build_room
from tests.images.registry import NAME, running_registry

LOGIN = ("robot", "correct horse")
BCRYPT = "$2b$05$nGrck653Q8RyTyo6mKGlDuXwlAVeKeTZeVG5NF4qNdTiOf..Ftzua"


def room(tmp_path: Path, image: str, credential: str, mode: int = 0o640) -> TagManager:
    """Return the room with a file of a login, none if it is empty."""
    config = Config()
    config.ImageRegistry.image = image
    if credential:
        path = tmp_path / "login"
        path.write_text(credential)
        path.chmod(mode)
        config.ImageRegistry.credential_file = str(path)
    (tmp_path / "admin").mkdir(exist_ok=True)
    paths = Paths(tmp_path / "admin", tmp_path / "nfs")
    return build_room(paths, user="ada", running=None, config=config).tags


def promote(server: TagManager) -> str:
    plan = server.plan("git-1")
    asked = PromoteRequest(plan_id=plan.id, digest=plan.to_digest, reason="r", force_reason="f")
    return server.promote(asked, author="ada").move.to_digest


def docker_json(host: str) -> str:
    coded = base64.b64encode(":".join(LOGIN).encode()).decode()
    return json.dumps(
        {"auths": {"other.example": {"auth": "eDp5"}, f"https://{host}/v2/": {"auth": coded}}}
    )


@pytest.mark.parametrize("kind", ["line", "docker"])
def test_registry_with_passwords_when_the_file_holds_the_login_then_it_is_used(
    tmp_path: Path, kind: str
) -> None:
    (tmp_path / "passwords").write_text(f"robot:{BCRYPT}\n")
    auth = f"auth:\n  htpasswd:\n    realm: school\n    path: {tmp_path / 'passwords'}\n"
    with running_registry(tmp_path / "registry", auth=auth, login=LOGIN) as registry:
        digest = registry.push("git-1")
        text = f"{LOGIN[0]}:{LOGIN[1]}\n" if kind == "line" else docker_json(registry.host)
        assert promote(room(tmp_path, registry.image, text)) == digest
        assert registry.digest("deploy") == digest
        with pytest.raises(RegistryRefused, match="does not take our login") as refused:
            room(tmp_path, registry.image, "robot:wrong horse").list_images()
        assert "horse" not in refused.value.detail
        with pytest.raises(RegistryRefused, match="does not take our login"):
            room(tmp_path, registry.image, "").list_images()


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("robot:x", 0o644, "open to everybody"),
        ("no colon", 0o600, "holds no login"),
        ('{"auths": {"elsewhere.example": {"auth": "eDp5"}}}', 0o600, "holds no login"),
        ('{"auths": 3}', 0o600, "not the JSON"),
        ("robot:x\nsecond:y", 0o600, "holds no login"),
    ],
)
def test_login_when_its_file_is_unusable_then_it_is_said_what_to_mend(
    tmp_path: Path, text: str, mode: int, said: str
) -> None:
    with pytest.raises(NotConfigured, match=said) as refused:
        room(tmp_path, f"127.0.0.1:1/{NAME}", text, mode).require_configured()
    assert refused.value.hint


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("", "is not set"),
        ("school/notebook", "in which registry"),
        ("registry.example/UPPER", "in which registry"),
    ],
)
def test_image_when_its_registry_is_not_named_then_it_is_said(
    tmp_path: Path, image: str, said: str
) -> None:
    with pytest.raises(NotConfigured, match=said):
        room(tmp_path, image, "").require_configured()


CODED = base64.b64encode(":".join(LOGIN).encode()).decode()


@pytest.mark.parametrize(
    ("name", "host", "is_known"),
    [
        ("https://index.docker.io/v1/", "docker.io", True),
        ("docker.io", "docker.io", True),
        ("https://index.docker.io/v1/", "registry.example", False),
        ("https://index.registry.example/v1/", "registry.example", False),
    ],
)
def test_docker_hub_when_its_login_is_kept_as_docker_does_then_it_is_found_for_it_alone(
    tmp_path: Path, name: str, host: str, is_known: bool
) -> None:
    path = tmp_path / "login"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"auths": {name: {"auth": CODED}}}))
    if is_known:
        assert read_login(str(path), host) == Login(*LOGIN)
    else:
        with pytest.raises(NotConfigured, match="holds no login"):
            read_login(str(path), host)


def test_docker_hub_when_an_image_is_there_then_its_api_is_asked_where_it_is() -> None:
    place = ImageRegistry(image="docker.io/school/notebook:old").repository
    assert (place.url, place.full_name) == (
        "https://registry-1.docker.io", "docker.io/school/notebook",
    )  # fmt: skip
    other = ImageRegistry(image="docker.io/school/notebook", api_url="https://mirror.example")
    assert other.repository.url == "https://mirror.example"


@pytest.mark.parametrize(
    ("program", "key"), [("docker", "https://index.docker.io/v1/"), ("podman", "docker.io")]
)
def test_docker_hub_when_pushed_to_then_each_tool_finds_the_login(
    tmp_path: Path, program: str, key: str
) -> None:
    (tmp_path / program).touch(mode=0o755)
    tool = ContainerTool(ImageBuilder(program=str(tmp_path / program)))
    order = push_order(
        tool, "docker.io/school/notebook:r1-b1", tmp_path, login=Login(*LOGIN), is_plain=False
    )
    [file] = tmp_path.glob("*.json")
    assert json.loads(file.read_text())["auths"] == {key: {"auth": CODED}}
    assert str(tmp_path if program == "docker" else file) in order.words


class TokenService:
    """A login service as registries have it: a token for whoever knows the password."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login service")])
        at = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(at - datetime.timedelta(days=1))
            .not_valid_after(at + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.bundle = folder / "bundle.pem"
        self.bundle.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        self.chain = [base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()]
        self.key = key
        self.scopes: list[str] = []
        self.life_s = 60
        self.url = ""

    def answer(self, query: dict[str, list[str]], authorization: str) -> tuple[int, Any]:
        known = "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode()
        scope = query["scope"][0]
        self.scopes.append(scope)
        if authorization not in ("", known):
            return 401, {"errors": [{"code": "UNAUTHORIZED", "message": authorization}]}
        kind, name, actions = scope.split(":")
        wanted = actions.split(",") if authorization else []
        at = int(time.time())
        token = jwt.encode(
            {
                "iss": "school",
                "sub": "robot",
                "aud": query["service"][0],
                "exp": at + self.life_s,
                "nbf": at - 10,
                "iat": at,
                "jti": str(len(self.scopes)),
                "access": [{"type": kind, "name": name, "actions": wanted}],
            },
            self.key,
            algorithm="ES256",
            headers={"x5c": self.chain},
        )
        return 200, {"token": token, "expires_in": self.life_s}


@contextmanager
def running_service(folder: Path) -> Iterator[TokenService]:
    service = TokenService(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Keep no log."""

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            status, reply = service.answer(query, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode())

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}/token"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def test_registry_with_tokens_when_the_login_is_good_then_one_token_serves_until_it_is_old(
    tmp_path: Path,
) -> None:
    with running_service(tmp_path) as service:
        auth = (
            f"auth:\n  token:\n    realm: {service.url}\n    service: registry\n"
            f"    issuer: school\n    rootcertbundle: {service.bundle}\n"
        )
        with running_registry(tmp_path / "plain") as plain:
            digest, port = plain.push("git-1"), plain.port
        with running_registry(tmp_path / "plain", auth=auth, port=port) as registry:
            server = room(tmp_path, registry.image, ":".join(LOGIN))
            assert promote(server) == digest
            assert service.scopes == [f"repository:{NAME}:pull,push"], "one token for all of it"
            service.life_s = 6  # is taken for old after a second
            again = room(tmp_path, registry.image, ":".join(LOGIN))
            again.list_images()
            time.sleep(1.2)
            assert again.list_images().digest == digest
            assert len(service.scopes) > 2
            with pytest.raises(RegistryRefused, match="does not take our login") as refused:
                room(tmp_path, registry.image, "robot:wrong").list_images()
            assert "wrong" not in refused.value.detail
            assert base64.b64encode(b"robot:wrong").decode() not in refused.value.detail
