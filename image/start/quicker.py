"""Make servers of this image start quicker: `python quicker.py`, once, when the image is built.

A server start spends most of its time on one import: `rfc3987_syntax`, by which jsonschema checks
the format of internationalised addresses, builds 37 grammars at once, which nobody needs before
an address is checked. Here it is told to build each when it is first asked for. Nothing is taken
away: the checks are the same, and `pip check` finds everything in place.

Only a text that is known is changed; another version of the package is left as it is, and that is
said. Ends with 0 in both cases.
"""

from __future__ import annotations

import compileall
import importlib.util
import sys
from pathlib import Path

PACKAGE = "rfc3987_syntax"
CHANGES = (
    (
        "from lark import Lark, ParseTree, exceptions\n",
        "from __future__ import annotations\n\nimport functools\n",
    ),
    (
        "syntax_parser = Lark(grammar, start="
        '["iri", "iri_reference", "absolute_iri"], parser=RFC3987_SYNTAX_PARSER_TYPE)\n',
        "# growth-admin: built when first asked for, since it takes a tenth of a second or more\n"
        "@functools.cache\n"
        "def _parser(*start):\n"
        "    from lark import Lark\n\n"
        "    return Lark(grammar, start=list(start), parser=RFC3987_SYNTAX_PARSER_TYPE)\n\n\n"
        "def __getattr__(name):\n"
        '    if name == "syntax_parser":\n'
        '        return _parser("iri", "iri_reference", "absolute_iri")\n'
        "    if name in {'Lark', 'ParseTree', 'exceptions'}:\n"
        "        import lark\n\n"
        "        return getattr(lark, name)\n"
        "    raise AttributeError(name)\n",
    ),
    (
        "    return syntax_parser.parse(value, start=term)\n",
        '    return _parser("iri", "iri_reference", "absolute_iri").parse(value, start=term)\n',
    ),
    (
        "def is_valid_syntax(term: str, value: str):\n    try:\n",
        "def is_valid_syntax(term: str, value: str):\n"
        "    from lark import exceptions\n\n    try:\n",
    ),
    ("    parser = Lark(grammar, start=rule_name, parser=RFC3987_SYNTAX_PARSER_TYPE)\n\n", ""),
    (
        "    def syntax_validator(text):\n        try:\n            parser.parse(text)\n",
        "    def syntax_validator(text):\n        from lark import exceptions\n\n"
        "        try:\n            _parser(rule_name).parse(text)\n",
    ),
)
DOOR = "from .syntax_helpers import __getattr__  # growth-admin: what is built when asked for\n"


def lazy(text: str) -> str | None:
    """The package's module with grammars built on demand; None if it is not the known text."""
    for known, wanted in CHANGES:
        if text.count(known) != 1:
            return None
        text = text.replace(known, wanted)
    return text


def main() -> int:
    """Change the installed package and compile it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        print(f"{PACKAGE} is not in this image: nothing to do")
        return 0
    module = Path(found.origin).with_name("syntax_helpers.py")
    text = module.read_text(encoding="utf-8")
    changed = lazy(text)
    if changed is None:
        is_done = "growth-admin: built when first asked for" in text
        print(f"{module}: {'done before' if is_done else 'another version, left as it is'}")
        return 0
    door = Path(found.origin)  # it passes on all that the module has, with a star
    for path, wanted in ((module, changed), (door, door.read_text(encoding="utf-8") + DOOR)):
        path.write_text(wanted, encoding="utf-8")
        compileall.compile_file(path, quiet=1, force=True)
    print(f"{module}: grammars are built on demand")
    return 0


if __name__ == "__main__":
    sys.exit(main())
