"""Text that people read: what a name, or a cell of a table, may hold."""

from __future__ import annotations

import unicodedata
from functools import cache

LONGEST_NAME = 80
"""Letters of a display name at most."""
DRAWN = frozenset({*range(0x20, 0x250), *range(0x391, 0x3CA), *range(0x400, 0x460)})
"""Latin, Greek and Cyrillic letters, which the font of the figures surely has: asking it takes a moment."""
JOINERS = "\u200c\u200d"
"""Invisible letters that scripts and emoji need."""
BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})
UNSEEN = BREAKING | {"Cf", "Co", "Cn"}
"""General categories of Unicode: what breaks lines, terminals or UTF-8; and what besides cannot be seen."""


def find_breaking(text: str) -> str:
    """Return the first control character, line separator or lone surrogate of a text; empty if there is none."""
    return "" if text.isprintable() else next((char for char in text if unicodedata.category(char) in BREAKING), "")


def check_text(text: str) -> str:
    """Check that every character of a text can be seen; no control characters, line breaks, marks of direction …

    Raises:
        ValueError: one cannot.
    """
    if not text.isprintable():
        for char in text:
            if unicodedata.category(char) in UNSEEN and char not in JOINERS:
                raise ValueError(f"holds {_describe(char)}, which cannot be shown")
    return text


def check_name(name: str) -> str:
    """Check that a display name can be shown in tables, pages and figures as it is.

    Raises:
        ValueError: it is empty or too long, or holds what cannot be shown or what the font of the figures lacks.
    """
    if not check_text(name).strip():
        raise ValueError("is empty")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"has {len(name):,} letters, a name has at most {LONGEST_NAME}")
    for char in name:
        if ord(char) not in DRAWN and char not in JOINERS and ord(char) not in _font():
            raise ValueError(f"holds {_describe(char)}, which the font of the figures (DejaVu Sans) lacks")
    return name


def shorten(text: str, longest: int = 60) -> str:
    """Write a text for a message: what cannot be shown as escapes, and no more than its beginning."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:longest])
    return shown if len(text) <= longest else f"{shown}…"


def _describe(char: str) -> str:
    """Such as `'✂' (U+2702, BLACK SCISSORS)`."""
    seen = f"'{char}' " if unicodedata.category(char) not in UNSEEN else ""
    return f"{seen}(U+{ord(char):04X}, {unicodedata.name(char, 'a control character')})"


@cache
def _font() -> frozenset[int]:
    """The characters that the font of the figures has, both upright and bold."""
    from pathlib import Path

    import matplotlib
    from matplotlib.ft2font import FT2Font

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    upright, bold = (set(FT2Font(folder / f"{name}.ttf").get_charmap()) for name in ("DejaVuSans", "DejaVuSans-Bold"))
    return frozenset(upright & bold)
