"""What was seen while unpacking and is worth a line in the job's log."""

from __future__ import annotations

from growth_admin.datasets.archive.naming import shown
from growth_admin.datasets.facts import Control


class Notes:
    """Counts, each with the first example."""

    def __init__(self) -> None:
        self._set_id: list[str] = []
        self._guessed: list[str] = []
        self._counts = [0, 0]

    def see(self, name: str, *, has_set_id: bool, is_guessed: bool) -> None:
        """Note what is special about a member."""
        for at, (is_so, examples) in enumerate(
            ((has_set_id, self._set_id), (is_guessed, self._guessed))
        ):
            if is_so:
                self._counts[at] += 1
                examples[:] = examples or [name]

    def log(self, control: Control, *, left_out: int) -> None:
        """Write what was noted."""
        if self._set_id:
            control.log(
                f"{self._counts[0]:,} files had set-user-id or set-group-id bits, which were "
                f"dropped, such as {shown(self._set_id[0])}."
            )
        if self._guessed:
            control.log(
                f"{self._counts[1]:,} names say no encoding and were read as old systems wrote "
                f"them, such as {shown(self._guessed[0])}."
            )
        if left_out:
            control.log(f"{left_out:,} entries that macOS adds for itself were left out.")
