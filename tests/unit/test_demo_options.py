"""What the demo says to options that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from growth_admin.deploy.demo.content import bring_image_source
from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.deploy.demo.main import main


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", ""])
def test_port_when_nobody_can_listen_on_it_then_it_is_refused_with_a_sentence(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--port={port}"])
    assert ended.value.code == 2
    assert "is no port; choose one from 1024 to 65535" in capsys.readouterr().err


def test_image_source_when_brought_twice_then_an_edited_list_stays(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    bring_image_source(folder)
    listed = folder.admin / "image" / "packages" / "pip.txt"
    assert "astropy==" in listed.read_text()
    listed.write_text("stars==1.0\n")
    bring_image_source(folder)
    assert listed.read_text() == "stars==1.0\n"
    assert not list(folder.admin.glob("image/**/*.whl"))
