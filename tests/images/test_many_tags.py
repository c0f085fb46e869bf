"""A registry with a thousand tags: which are shown, and how many questions that takes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from growth_admin.images.catalogue import LEARNT, SHOWN
from growth_admin.images.manager import TagManager
from growth_admin.images.models import ImageList
from tests.images.conftest import Desk
from tests.images.registry import NAME, digest_of, encode

MANY = 1_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = 3
"""Questions for the names: 500 a page, and a look whether there is another one."""


def fill(desk: Desk, tags: Iterable[str]) -> dict[str, str]:
    """Put images on the registry's own disk, each built an hour after the one before.

    Over its API so many take half a minute. Returns their digests by tag.
    """
    layers = desk.registry.manifest("deploy")["layers"]
    disk = desk.registry.folder / "storage/docker/registry/v2"
    place = disk / "repositories" / NAME

    def blob(data: bytes) -> str:
        digest = digest_of(data)
        number = digest.partition(":")[2]
        folder = disk / "blobs/sha256" / number[:2] / number
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data").write_bytes(data)
        return digest

    def link(path: str, digest: str) -> None:
        (place / path).mkdir(parents=True)
        (place / path / "link").write_text(digest)

    found = {}
    for hour, tag in enumerate(tags):
        created = (FIRST + timedelta(hours=hour)).isoformat()
        config = encode({"created": created, "architecture": "amd64", "os": "linux"})
        part = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": len(config)}
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "layers": layers}
        raw = encode({**manifest, "config": {**part, "digest": blob(config)}})
        found[tag] = blob(raw)
        link(f"_layers/sha256/{digest_of(config)[7:]}", digest_of(config))
        link(f"_manifests/revisions/sha256/{found[tag][7:]}", found[tag])
        link(f"_manifests/tags/{tag}/current", found[tag])
    return found


def looks(desk: Desk, server: TagManager) -> tuple[ImageList, int]:
    """Look at the list once; return it with the number of questions that it took."""
    before = len(desk.proxy.seen)
    return server.list_images(), len(desk.proxy.seen) - before


def a_hash(number: int) -> str:
    return f"git-{hashlib.sha256(str(number).encode()).hexdigest()[:10]}"


@pytest.fixture
def filled(desk: Desk) -> dict[str, str]:
    """A thousand images whose names say nothing of their age; an old one was promoted."""
    desk.registry.push("deploy", "one", created="2025-01-01T08:00:00Z")
    found = fill(desk, map(a_hash, range(MANY)))
    desk.promote(a_hash(3), force="the test wants it")
    desk.promote(a_hash(7), force="the test wants it")
    return found


def test_tags_when_there_are_a_thousand_then_some_looks_later_the_newest_are_shown(
    desk: Desk, filled: dict[str, str], say_at_the_end: Callable[[str], None]
) -> None:
    server = desk.server_of("ada")
    took = []
    while True:
        listed, calls = looks(desk, server)
        took.append(calls)
        live = [row.name for row in listed.tags if row.is_live]
        assert "deploy" in live and listed.digest == filled[a_hash(7)]
        names = {row.name for row in listed.tags}
        assert f"deploy-{filled[a_hash(3)][7:19]}" in names, "what was promoted before is shown"
        assert (len(names), len(names) + listed.left_out) == (SHOWN, MANY + 3)
        if not listed.notes:
            break
        assert "is not known yet" in listed.notes[0] and len(took) < 12
    # ages of all are known: those that must be shown, then the newest and nothing else
    must = {row.name for row in listed.tags if row.digest in {filled[a_hash(3)], listed.digest}}
    assert {a_hash(3), a_hash(7), "deploy"} < must
    newest = [a_hash(number) for number in range(MANY - 1, -1, -1)]
    rest = [row.name for row in listed.tags if row.name.startswith("git-")][: SHOWN - 20]
    assert rest == newest[: SHOWN - 20]
    assert took[0] <= PAGES + 3 * SHOWN + 10
    assert max(took[1:]) <= PAGES + SHOWN + 3 * LEARNT
    assert looks(desk, server)[1] <= PAGES + SHOWN, "what is known is not asked for again"
    say_at_the_end(
        f"{MANY} tags at the registry, {SHOWN} shown: questions per look {took}, then "
        f"{looks(desk, server)[1]}"
    )


def test_tags_when_they_are_those_of_builds_then_the_newest_are_shown_at_once(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    fill(desk, [f"r{number // 3}-b{number}" for number in range(1, MANY + 1)])
    listed, calls = looks(desk, desk.server_of("ada"))
    shown = [row.name for row in listed.tags if row.name != "deploy"]
    assert shown == [f"r{number // 3}-b{number}" for number in range(MANY, MANY - SHOWN + 1, -1)]
    assert calls <= PAGES + 3 * SHOWN


def test_tag_when_it_is_beyond_those_that_are_shown_then_it_is_found_by_name_and_digest(
    desk: Desk,
) -> None:
    desk.registry.push("deploy", "one")
    found = fill(desk, map(a_hash, range(SHOWN + 50)))
    server, target = desk.server_of("ada"), a_hash(0)
    assert server.get_image(target).image.digest == found[target]
    while server.list_images().notes:
        pass
    assert target not in {row.name for row in server.list_images().tags}
    assert target in server.get_image(found[target][:14]).tags


def test_tag_when_its_image_was_deleted_then_the_list_says_nothing_of_it(desk: Desk) -> None:
    desk.registry.push("deploy", "one")
    gone = desk.registry.push("git-2", "two")
    desk.registry.delete_manifest(gone)  # this registry goes on listing the name
    listed = desk.server_of("ada").list_images()
    assert [row.name for row in listed.tags] == ["deploy"] and listed.notes == ()
