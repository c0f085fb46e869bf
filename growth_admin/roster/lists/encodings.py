"""Bytes to text. Which encoding a file has is seen in its bytes; without a mark it is guessed."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSES: Final = {
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "cp1250": "Windows-1250",
}
"""Eight-bit encodings of Excel for Windows and Mac, the likelier first."""
_HARMLESS: Final = frozenset("‘’‚“”„–—…•·°§«»´¡¿€")


@dataclass(frozen=True)
class Decoded:
    """A text; ``guess`` names the encoding when the bytes do not say which it is."""

    text: str
    guess: str = ""


def decode(data: bytes) -> Decoded:
    """Return the text of a file; NUL characters and the byte order mark are left out."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Decoded(_without_nul(data[len(mark) :].decode(name, "replace")))
    if wide := _wide(data):
        return Decoded(_without_nul(data.decode(wide, "replace")))
    try:
        return Decoded(_without_nul(data.decode("utf-8")))
    except UnicodeDecodeError:
        return _guess(data)


def _wide(data: bytes) -> str:
    """Return the UTF-16 that the text has without a mark: every other byte is NUL."""
    sample = data[:4000]
    if len(sample) < 4:
        return ""
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if odd > 0.6 * len(sample) / 2 and even < odd / 4:
        return "utf-16-le"
    if even > 0.6 * len(sample) / 2 and odd < even / 4:
        return "utf-16-be"
    return ""


def _guess(data: bytes) -> Decoded:
    best, best_score = Decoded(""), -(10**9)
    for name, title in _GUESSES.items():
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if (score := _plausibility(text)) > best_score:
            best, best_score = Decoded(_without_nul(text), title), score
    return best


def _plausibility(text: str) -> int:
    """Return how much a text looks like names: letters count, odd signs and capitals inside do not.

    In Mac Roman the e with an acute is what Windows-1252 shows as a capital Z with a caron, so a
    capital after a small letter gives a wrong guess away.
    """
    score, before = 0, " "
    for character in text:
        if not character.isascii():
            if not character.isalpha():
                score -= 0 if character in _HARMLESS else 2
            elif character.isupper() and before.islower():
                score -= 2
            else:
                score += 1
        before = character
    return score


def _without_nul(text: str) -> str:
    return text.replace("\x00", "").removeprefix("\ufeff")
