"""What a display name may hold."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from regssl.io.text import DRAWN, LONGEST_NAME, check_name, check_text, find_breaking, shorten

SHOWN = ["CTCF", "$x_1$", "{dataset}", "%s %(x)s", "<b>", "</script>", 'say "hi"', "a & b", r"\n", "=1+1", "-x",
         "_y_", "nan", "naïve", "βeta", "Ж", "שלום", "عربي", "½ → ×", "☺",
         "a\u0301", "x" * LONGEST_NAME, "a\xa0b"]  # fmt: skip
REFUSED = {
    "": "is empty", " ": "is empty", "x" * (LONGEST_NAME + 1): "has 81 letters", "x" * 10_000: "has 10,000 letters",
    "a\nb": r"U\+000A", "a\tb": r"U\+0009", "a\x00b": r"U\+0000", "\x1b[31m": r"U\+001B", "a\u202eb": "RIGHT-TO-LEFT",
    "a\u200bb": "ZERO WIDTH SPACE", "a\u2028b": "LINE SEPARATOR", "\ud800": r"U\+D800", "🧬": "DNA DOUBLE HELIX",
    "肝": "the font of the figures .* lacks",
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_names_that_are_shown_as_they_are(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(("name", "message"), REFUSED.items())
def test_names_that_cannot_be_shown(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        check_name(name)
    assert str(error.value).isprintable() and len(shorten(name)) < 80 and shorten(name).isprintable()


def test_the_font_of_the_figures_has_what_a_name_may_hold() -> None:
    folder = Path(matplotlib.get_data_path()) / "fonts/ttf"
    for style in ("DejaVuSans", "DejaVuSans-Bold"):
        letters = set(TTFont(folder / f"{style}.ttf").getBestCmap())  # an independent reader of fonts
        assert {code for code in DRAWN if unicodedata.category(chr(code)) not in ("Cc", "Cn", "Cf")} <= letters
        assert all(ord(char) in letters for name in SHOWN for char in name)


@given(st.text())
def test_what_breaks_a_line_or_cannot_be_written_is_found(text: str) -> None:
    try:
        whole = len(f"{text}x".splitlines()) == 1 and bool(text.encode()) == bool(text)
    except UnicodeEncodeError:
        whole = False
    if not whole or "\t" in text or "\0" in text:
        assert find_breaking(text)
        with pytest.raises(ValueError, match="cannot be shown"):
            check_text(text)
