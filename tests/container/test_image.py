"""What the image is: labels, what is in it and what is not, what makes servers start quicker."""

from __future__ import annotations

import json

from tests.container.engine import Engine

LAZY = """
import sys
import jupyter_server.serverapp
assert "rfc3987_syntax.syntax_helpers" in sys.modules, "the module that is changed is not imported"
assert "lark" not in sys.modules, "grammars are built at the start"
from jsonschema import FormatChecker
check = FormatChecker()
words = {"iri": ["https://example.org/ä", "no iri"], "iri-reference": ["../ä", "\\\\\\\\"]}
print({name: [check.conforms(word, name) for word in found] for name, found in words.items()})
from rfc3987_syntax import is_valid_syntax, is_valid_syntax_port, parse, syntax_parser
assert syntax_parser is not None and is_valid_syntax("iri", "https://example.org/")
assert is_valid_syntax_port("80") and not is_valid_syntax_port("x") and parse("iri", "a:b")
"""
EAGER = LAZY[LAZY.index("from jsonschema") : LAZY.index("from rfc3987")]


def test_quicker_start_when_a_server_is_imported_then_no_grammar_is_built_and_checks_are_the_same(
    engine: Engine, image: str, base: str
) -> None:
    ran = engine.run(image, "python", "-c", LAZY)
    assert ran.code == 0, ran.text
    plain = engine.run(base, "python", "-c", EAGER)
    assert plain.code == 0 and ran.out == plain.out, (ran.text, plain.text)


def test_image_when_inspected_then_labels_say_what_it_was_made_of(
    engine: Engine, image: str
) -> None:
    told = engine.call("podman", "image", "inspect", "--format", "{{json .Config}}", image).stdout
    config = json.loads(told)
    assert config["Labels"]["org.opencontainers.image.revision"] == "tests"
    assert config["Labels"]["org.growth-admin.conda"] == "0"
    assert config["User"] == "1000"


def test_image_when_looked_into_then_lists_are_there_and_nothing_of_the_build_is_left(
    engine: Engine, image: str
) -> None:
    listed = engine.run(image, "cat", "/usr/local/share/growth-image/installed.txt").out
    assert "astropy==8.0.2\n" in listed and "growth-admin @" not in listed, listed
    left = engine.run(
        image, "sh", "-c",
        "command -v gcc make cmake; ls /tmp/*; "
        "find /var/lib/apt/lists /var/cache/growth-pip ~/.cache/pip -type f",
    )  # fmt: skip
    assert left.out.strip() == "", left.out


def test_image_when_a_student_installs_something_then_it_works_until_the_server_stops(
    engine: Engine, image: str
) -> None:
    tried = (
        "mkdir -p /opt/conda/lib/mine && touch /opt/conda/lib/mine/x && rm -r /opt/conda/lib/mine"
    )
    assert engine.run(image, "bash", "-c", tried).code == 0
