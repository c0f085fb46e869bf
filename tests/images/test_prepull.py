"""What a receipt says of nodes that should have the image before the class starts."""

from __future__ import annotations

from growth_admin.images.prepull import fetching

NAME, DIGEST = "registry.example.org/school/notebook", f"sha256:{'a' * 64}"
KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "GROWTH_IMAGES_RUN": "yes"}


def test_receipt_when_on_kubernetes_then_the_command_names_the_digest_and_nothing_is_claimed() -> (
    None
):
    """By the tag the puller would leave nodes alone that have an older image of that tag."""
    for was_on_canary in (True, False):
        item = fetching(NAME, DIGEST, was_on_canary=was_on_canary, environ=KUBERNETES)
        assert item is not None and item.result == "skipped"
        assert f"image-pull-singleuser={NAME}@{DIGEST}" in item.detail
        assert ("canary" in item.detail) is was_on_canary


def test_receipt_when_on_one_machine_with_containers_then_the_canary_has_fetched_it() -> None:
    environ = {"GROWTH_IMAGES_RUN": "yes"}
    item = fetching(NAME, DIGEST, was_on_canary=True, environ=environ)
    assert item is not None and item.result == "done" and "canary" in item.detail
    item = fetching(NAME, DIGEST, was_on_canary=False, environ=environ)
    assert item is not None and item.result == "skipped" and "images check" in item.detail


def test_receipt_when_the_hub_starts_processes_or_is_older_then_nothing_is_said() -> None:
    assert fetching(NAME, DIGEST, was_on_canary=True, environ={"GROWTH_IMAGES_RUN": "no"}) is None
    assert fetching(NAME, DIGEST, was_on_canary=True, environ={}) is None
