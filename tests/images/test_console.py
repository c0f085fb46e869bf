"""Images over HTTP, through the client and in a terminal, against a real registry."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.cli import main
from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    NotConfigured,
    RegistryUnavailable,
)
from tests.console import Console, running_console
from tests.images.registry import RealRegistry, running_registry

SECRET = "pass-phrase-that-nobody-may-see"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as started:
        yield started


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, registry: RealRegistry) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("console")
    login = root / "login"
    login.write_text(f"robot:{SECRET}\n")
    login.chmod(0o600)
    with running_console(
        root,
        "--GrowthAdmin.standalone=True",
        f"--ImageRegistry.credential_file={login}",
        "--ImageRegistry.timeout_s=2",
        env={"GROWTH_IMAGE_NAME": registry.image},
    ) as started:
        yield started


def test_image_when_promoted_and_taken_back_over_http_then_the_trail_has_both(
    console: Console, registry: RealRegistry
) -> None:
    old, new = registry.push("deploy", "one"), registry.push("git-2", "two")
    images = console.client.images
    assert {row.name for row in images.list_images().tags} == {"deploy", "git-2"}
    plan = images.plan_promotion("git-2")
    with pytest.raises(ConfirmationNeeded) as refused:
        images.promote(plan, reason="new term")
    assert "checks" in refused.value.hint
    for check in ("smoke", "canary"):
        images.add_result(new, check, is_passed=True, detail="all imports")
    assert images.get_image("git-2").gate.state == "passed"
    plan = images.plan_promotion("git-2")
    moved = images.promote(plan, reason="new term")
    assert registry.digest("deploy") == new
    undo = moved.receipt.undo
    assert undo is not None
    assert console.ask(undo.method, undo.path, json=undo.body).status_code == 201
    assert registry.digest("deploy") == old
    with pytest.raises(Conflict, match="already") as twice:
        images.roll_back(reason="it broke")
    assert "growth-admin images rollback DIGEST" in twice.value.hint
    assert images.roll_back(new, reason="it was another thing").move.to_digest == new
    timeline = images.get_timeline()
    assert [m.action for m in timeline.moves] == ["roll-back", "roll-back", "promote", "found"]
    assert [bool(note) for note in timeline.notes] == [True], "no hub: nobody knows who runs what"
    trail = console.client.audit.list_entries(area="images").entries
    told = [(e.permission, e.result, e.after[:7]) for e in trail if "tags" in e.permission]
    done, refusal = ("images.tags:move", "done", "sha256:"), ("images.tags:move", "refused", "")
    assert told == [done, refusal, done, done, refusal]
    assert trail[0].undo is not None


def test_login_of_the_registry_when_used_everywhere_then_it_is_written_nowhere(
    console: Console, registry: RealRegistry
) -> None:
    registry.push("deploy", "one")
    told = [console.ask("GET", path).text for path in ("images", "images/timeline", "me")]
    told.append(console.log())
    kept = [p for p in (console.root / "admin").rglob("*") if p.is_file()]
    assert kept
    told += [p.read_text() for p in kept]
    assert not any(SECRET in text for text in told)


def test_console_when_no_image_is_set_then_what_is_missing_is_said(tmp_path: Path) -> None:
    with running_console(tmp_path) as started:
        with pytest.raises(NotConfigured) as refused:
            started.client.images.list_images()
        assert "ImageRegistry.image" in refused.value.hint
        told = [m.what for m in started.client.get_me().missing if m.area == "images"]
        assert any("not set" in what for what in told), told
    with running_console(tmp_path, env={"GROWTH_IMAGE_NAME": "127.0.0.1:1/a/b"}) as started:
        with pytest.raises(RegistryUnavailable) as silent:
            started.client.images.list_images()
        assert "Servers that run go on" in silent.value.hint


def test_terminal_when_images_are_promoted_and_taken_back_then_it_says_what_it_did(
    registry: RealRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "GROWTH_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "admin").mkdir()
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(tmp_path / "admin"))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(tmp_path / "nfs"))
    monkeypatch.setenv("GROWTH_IMAGE_NAME", registry.image)
    monkeypatch.setenv("USER", "ada")
    old, new = registry.push("deploy", "four"), registry.push("git-5", "five")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["images", *arguments])
        return code, *capsys.readouterr()

    code, out, _ = run("list")
    assert code == 0
    assert f"* deploy{' ' * 22} {old[:19]}" in out
    code, out, err = run("promote", "git-5", "--plan")
    assert (code, "were not run" in err) == (0, True)
    assert run("promote", "git-5", "--reason", "term")[0] == 1
    assert registry.digest("deploy") == old
    for check in ("smoke", "canary"):
        assert run("record", "git-5", check, "passed")[0] == 0
    code, out, _ = run("promote", "git-5", "--reason", "term")
    assert code == 0
    assert f"rollback {old}" in out
    assert registry.digest("deploy") == new
    assert "gate: Smoke and canary passed." in run("show", new[:17])[1]
    code, out, _ = run("rollback", "--reason", "it broke", "--json")
    assert json.loads(out)["move"]["to_digest"] == old
    assert registry.digest("deploy") == old
    code, out, _ = run("timeline")
    assert [line.split()[2] for line in out.splitlines()] == ["roll-back", "promote", "found"]
    assert run("rollback", "sha256:00", "--reason", "x")[0] == 1
