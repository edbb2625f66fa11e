"""A sequence as a 2bit file stores it, packed letter by letter, and the text of a genome."""

from __future__ import annotations

import numpy as np

from regssl.sequences.encoding import decode, true_runs
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import TwoBitRecord

BITS = {"T": "00", "C": "01", "A": "10", "G": "11", "N": "00"}


def packed(name: str, text: str) -> TwoBitRecord:
    """Pack a text of A, C, G, T and N, soft-masked where it is in lower case."""
    bits = "".join(BITS[letter] for letter in text.upper())
    bits += "0" * (-len(bits) % 8)
    is_n, is_masked = [[test(letter) for letter in text] for test in (lambda x: x in "Nn", str.islower)]
    whole = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return TwoBitRecord(name, len(text), true_runs(np.array(is_n)), true_runs(np.array(is_masked)), whole)


def letters(genome: Genome, name: str, start: int = 0, end: int | None = None, minus: bool = False) -> str:
    """Bases [start, end) of a sequence, to its end by default, as upper-case text."""
    stop = genome.sizes[name] if end is None else end
    return decode(genome.windows([name], [start], stop - start, [minus])[0])
