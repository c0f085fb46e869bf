"""What looks like a secret does not leave the log."""

from __future__ import annotations

import pytest

from growth_admin.servers.help.discreet import LEFT_OUT, discreet

SECRET = "planted-6b1f0c9a"
HEX32 = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "line",
    [
        f"+ export GITHUB_TOKEN={SECRET}",
        f'declare -x JUPYTERHUB_API_TOKEN="{SECRET}"',
        f"my_api_key: '{SECRET}'",
        f'{{"password": "{SECRET}"}}',
        f"DB_PASSWD={SECRET};next",
        f"curl -H 'Authorization: Bearer {SECRET}' x",
        f"> authorization: token {SECRET}",
        f"wget --password {SECRET} ftp://x",
        f"fatal: unable to access 'https://jane:{SECRET}@git.example.org/x'",
        f"https://{SECRET}@host/repo.git",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET} and no end",
    ],
)
def test_discreet_when_a_line_names_a_secret_then_its_value_is_gone(line: str) -> None:
    shown = discreet(line)
    assert SECRET not in shown
    assert LEFT_OUT in shown


@pytest.mark.parametrize(
    "token", ["ghp_" + "a1B2" * 9, "github_pat_" + "a1B2_" * 9, "AIza" + "Sy_-" * 9, HEX32]
)
def test_discreet_when_a_token_stands_alone_then_it_is_gone(token: str) -> None:
    assert token not in discreet(f"got {token}!")


@pytest.mark.parametrize(
    "line",
    [
        "line 20: gitpuller: could not resolve host github.com",
        "https://github.com/growth-school/notes.git",
        "tokenizer loaded; passwordless login; secretary: none",
        "3 of 12 files, sha256 " + "ab" * 32,
    ],
)
def test_discreet_when_a_line_is_harmless_then_it_stays(line: str) -> None:
    assert discreet(line) == line
