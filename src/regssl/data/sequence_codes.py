"""Sequences as text, of any length, to byte codes of one width."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from regssl.sequences.encoding import LETTERS, N, reverse_complement

GAP, OTHER, WRONG = 5, 6, 7
"""Besides the codes of bases: a gap of an alignment, an ambiguous base, and what is no base."""
CHUNK_ROWS = 1 << 16
DIGEST_BYTES = 16
"""With a million million pairs of sequences, two have one digest by chance once in 10^26 times."""
DIGEST_OF_ALL = "digest_of_all"
DIGESTS = ("digest", DIGEST_OF_ALL)
"""Columns of digests, whatever the strand: of a sequence as it is trained on, and as a whole, before it was cropped or
padded. They are two because a sequence and its reverse complement may be cropped to other bases about their centres."""

_CLASS = np.full(256, WRONG, np.uint8)
for _letter, _code in [
    *zip(LETTERS, range(5), strict=True),
    ("-", GAP),
    *((letter, OTHER) for letter in "RYSWKMBDHVX"),
]:
    _CLASS[[ord(_letter), ord(_letter.lower())]] = _code


@dataclass(frozen=True)
class EncodedText:
    """Sequences of several lengths, one after another.

    Attributes:
        codes: uint8 (bases,), without gaps.
        lengths: int64 (n,), bp.
        ambiguous: bool (n,), which had IUPAC codes other than N, all of which are N here.
        gapped: bool (n,), which had gaps.
        wrong: row of the first sequence with a letter that is no base, and the letter; None: there is none.
    """

    codes: np.ndarray
    lengths: np.ndarray
    ambiguous: np.ndarray
    gapped: np.ndarray
    wrong: tuple[int, str] | None

    @classmethod
    def encode(cls, texts: Sequence[str]) -> EncodedText:
        """Encode n sequences, in upper or lower case; gaps (`-`) are dropped."""
        letters = _CLASS[np.frombuffer("".join(texts).encode("ascii", "replace"), np.uint8)]
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        row = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))
        wrong = np.flatnonzero(letters == WRONG)[:1]
        first = int(row[wrong[0]]) if len(wrong) else -1
        kept = letters != GAP
        return cls(
            np.where(letters > N, np.uint8(N), letters)[kept],
            np.bincount(row[kept], minlength=len(texts)),
            np.bincount(row[letters == OTHER], minlength=len(texts)) > 0,
            np.bincount(row[~kept], minlength=len(texts)) > 0,
            (first, texts[first][int(wrong[0] - ends[first])]) if len(wrong) else None,
        )

    def digests(self, resized: np.ndarray) -> dict[str, list[str]]:
        """Return the columns DIGESTS of the sequences, `resized` being what `to_width` returns of them."""
        whole = np.split(self.codes, np.cumsum(self.lengths)[:-1]) if len(self.lengths) else []
        return dict(zip(DIGESTS, (strandless_digests(resized), strandless_digests(whole)), strict=True))

    def to_width(self, width: int) -> np.ndarray:
        """Crop longer sequences and pad shorter ones with N, about their centres: uint8 (n, width)."""
        starts = np.cumsum(self.lengths) - self.lengths
        codes = np.full((len(starts), width), N, np.uint8)
        for first in range(0, len(starts), CHUNK_ROWS):
            part = slice(first, first + CHUNK_ROWS)
            lengths = self.lengths[part, None]
            place = (lengths - width) // 2 + np.arange(width)
            inside = (place >= 0) & (place < lengths)
            codes[part][inside] = self.codes[(starts[part, None] + place)[inside]]
        return codes


def strandless_digests(sequences: Iterable[np.ndarray]) -> list[str]:
    """Return a digest of each sequence, uint8 (bases,), that its reverse complement has too."""
    smaller = (min(codes.tobytes(), reverse_complement(codes).tobytes()) for codes in sequences)
    return [hashlib.blake2b(sequence, digest_size=DIGEST_BYTES).hexdigest() for sequence in smaller]
