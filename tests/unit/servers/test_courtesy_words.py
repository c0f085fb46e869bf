"""The panel previews and counts by the words of the server: both say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from growth_admin.core.schema import now
from growth_admin.servers.courtesy import RESTART_TEXT, STOP_TEXT, Heard, story

PANEL: Final = Path(__file__).parents[3] / "labextension" / "src" / "servers"
TOLD: Final = Heard(was_told=True, has_seen=True, has_saved=True, documents=2)
STORIES: Final = {
    "saved": TOLD,
    "unsaved": TOLD.model_copy(update={"has_saved": False, "unsaved": 1}),
    "unseen": Heard(was_told=True),
    "silent": Heard(was_told=True, has_seen=True),
    "late": TOLD.model_copy(update={"postponed_min": 10, "restart_at": now()}),
    "busy": TOLD.model_copy(update={"waited_busy_s": 240.0}),
    "early": TOLD.model_copy(update={"documents": 0, "went_early": True}),
}


def panel_stories() -> dict[str, str]:
    """The expressions by which the panel knows what a receipt says."""
    source = (PANEL / "told-receipt.tsx").read_text()
    found = re.findall(r"\{ id: '(\w+)', label: '[^']+', words: /(.+?)/ \}", source)
    return dict(found)


def test_text_when_an_organiser_writes_none_then_the_preview_shows_what_the_notice_says() -> None:
    source = (PANEL / "courtesy.ts").read_text()
    assert f"'{RESTART_TEXT}'" in source
    assert f"'{STOP_TEXT}'" in source


@pytest.mark.parametrize("name", STORIES)
def test_story_when_the_receipt_tells_it_then_the_panel_counts_it(name: str) -> None:
    words = panel_stories()
    assert set(words) == set(STORIES)
    said = story(STORIES[name])
    assert re.search(words[name], said), said
    fate = {"saved", "unsaved", "unseen", "silent"}
    fates = {other for other in fate if re.search(words[other], said)}
    assert fates == ({name} if name in fate else {"saved"}), said
