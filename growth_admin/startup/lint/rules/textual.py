"""What is wrong with the file as a file: its first line, its line ends, its execute bit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.rules.found import finding

BOM = b"\xef\xbb\xbf"
_KNOWN = re.compile(
    r"^#!\s*(/bin/|/usr/bin/|/usr/local/bin/|/opt/conda/bin/)(env\s+)?"
    r"(bash|sh|dash|python[0-9.]*)\b"
)


def check_bytes(text: bytes, *, mode: int | None, is_sourced: bool) -> Iterator[Finding]:
    """Yield the faults that show before the text is read as a script."""
    if not text.removeprefix(BOM).strip():
        yield finding(
            1,
            "warning",
            "empty",
            "The file is empty, so a start does nothing.",
            "Write the script, or delete the file.",
        )
        return
    if text.startswith(BOM):
        yield finding(
            1,
            "error",
            "bom",
            "The file begins with an invisible mark (BOM) that some Windows editors write; the"
            " first line is then not understood and the script may not run at all.",
            "Save it as UTF-8 without BOM.",
        )
    first_cr = text.find(b"\r\n")
    if first_cr >= 0:
        yield finding(
            text.count(b"\n", 0, first_cr) + 1,
            "error",
            "crlf",
            "Lines end as in Windows (CRLF); Linux looks for a program called 'bash\\r', does not"
            " find it, and the script does not run. Its log stays empty.",
            "Save with Unix line ends (LF); in a terminal: sed -i 's/\\r$//' FILE",
        )
    if b"\0" in text:
        yield finding(
            1,
            "error",
            "binary",
            "The file holds binary data; it is no script.",
            "Put the text of a shell script here.",
        )
    if mode is not None and not mode & 0o111 and not is_sourced:
        yield finding(
            1,
            "error",
            "not-executable",
            "The file is not executable, so the start skips it and the log stays empty.",
            "chmod +x FILE (saving it in the panel does this by itself).",
        )


def check_shebang(text: str, *, is_sourced: bool) -> Iterator[Finding]:
    """Yield a missing or broken first line."""
    if is_sourced or not text.strip():
        return
    first = text.split("\n", 1)[0].rstrip("\r")
    if not first.startswith("#!"):
        moved = next((i for i, line in enumerate(text.splitlines(), 1) if line.startswith("#!")), 0)
        place = f" There is one in line {moved}, where it is only a comment." if moved else ""
        yield finding(
            1,
            "error",
            "missing-shebang",
            "The first line does not say which shell runs the script; then it is sh, which does"
            f" not know bash's [[ ]], arrays and source.{place}",
            "Make the very first line: #!/bin/bash",
        )
        return
    if not _KNOWN.match(first):
        yield finding(
            1,
            "error",
            "bad-shebang",
            f"The first line names a program that the image may not have: {first[:80]}",
            "Make the very first line: #!/bin/bash",
        )
    elif re.match(r"^#!\s*\S*env\s+(?!-S)\S+\s+\S", first):
        yield finding(
            1,
            "error",
            "bad-shebang",
            "env takes all that follows for one program name, options included, and finds none.",
            "Write #!/bin/bash and put the option into a line of its own: set -e",
        )
