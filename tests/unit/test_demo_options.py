"""What the demo says to options that cannot be meant."""

from __future__ import annotations

import pytest

from growth_admin.deploy.demo.main import main


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", ""])
def test_port_when_nobody_can_listen_on_it_then_it_is_refused_with_a_sentence(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--port={port}"])
    assert ended.value.code == 2
    assert "is no port; choose one from 1024 to 65535" in capsys.readouterr().err
