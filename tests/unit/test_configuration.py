"""Settings of the terminal: the options, and the files that the server reads too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from traitlets.config import Config

from growth_admin.configuration import read_configuration, split_options, value_of
from growth_admin.core.errors import InvalidInput


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that configuration is read from."""
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    return folder


def test_options_when_anywhere_on_the_line_then_they_are_told_from_the_rest() -> None:
    options, rest = split_options(
        [
            "datasets",
            "--DriveSource.web_url=http://127.0.0.1:1/",
            "add",
            "--name",
            "x",
            "--sha256=a",
        ]
    )
    assert options == ["--DriveSource.web_url=http://127.0.0.1:1/"]
    assert rest == ["datasets", "add", "--name", "x", "--sha256=a"]


def test_configuration_when_file_and_option_disagree_then_the_option_wins(jupyter: Path) -> None:
    (jupyter / "jupyter_server_config.py").write_text(
        "c.GrowthAdmin.shared_root = '/from-file'\nc.DatasetManager.keep_versions = 7\n"
    )
    config = read_configuration(["--GrowthAdmin.shared_root=/from-option"])
    assert value_of(config, "GrowthAdmin", "shared_root", Path("/nfs")) == Path("/from-option")
    assert config.DatasetManager.keep_versions == 7


def test_configuration_when_a_json_file_and_a_named_file_are_there_then_both_count(
    jupyter: Path, tmp_path: Path
) -> None:
    (jupyter / "jupyter_server_config.json").write_text(json.dumps({"GrowthAdmin": {"lease_s": 5}}))
    named = tmp_path / "mine.py"
    named.write_text("c.GrowthAdmin.start_limit_s = 9\n")
    config = read_configuration([], file=str(named))
    assert value_of(config, "GrowthAdmin", "lease_s", 30.0) == 5.0
    assert value_of(config, "GrowthAdmin", "start_limit_s", 60.0) == 9.0


def test_configuration_when_a_file_is_broken_or_missing_then_it_is_named(jupyter: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        read_configuration([], file="/nowhere/config.py")
    (jupyter / "jupyter_server_config.py").write_text("c.GrowthAdmin.shared_root = \n")
    with pytest.raises(InvalidInput, match="jupyter_server_config"):
        read_configuration([])


def test_value_when_nobody_sets_it_then_it_is_the_other_one() -> None:
    assert value_of(Config(), "GrowthAdmin", "lease_s", 30.0) == 30.0
