"""A sequence as a 2bit file stores it, packed letter by letter."""

from __future__ import annotations

import numpy as np

from regssl.sequences.encoding import runs
from regssl.sequences.twobit import Packed

BITS = {"T": "00", "C": "01", "A": "10", "G": "11", "N": "00"}


def packed(name: str, text: str) -> Packed:
    """Pack a text of A, C, G, T and N, soft-masked where it is in lower case."""
    bits = "".join(BITS[letter] for letter in text.upper())
    bits += "0" * (-len(bits) % 8)
    is_n, is_masked = [[test(letter) for letter in text] for test in (lambda x: x in "Nn", str.islower)]
    whole = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return Packed(name, len(text), runs(np.array(is_n)), runs(np.array(is_masked)), whole)
