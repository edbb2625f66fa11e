"""The examples of the docstrings of `regssl.read_chains` and `regssl.lift`, run."""

from __future__ import annotations

import doctest
import gzip
from pathlib import Path

import pytest

from regssl.liftover.chain_file import read_chains
from regssl.liftover.lift import lift

CHAIN = """\
chain 1000 chr22 50818468 + 20000000 20001000 chr15 104043685 + 80000000 80001000 1
1000
"""


def test_examples_of_docstrings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hg38ToMm10.over.chain.gz").write_bytes(gzip.compress(CHAIN.encode()))
    chains = read_chains("hg38ToMm10.over.chain.gz")
    for function in (read_chains, lift):
        tests = doctest.DocTestFinder(recurse=False).find(
            function, globs={function.__name__: function, "chains": chains}
        )
        assert sum(len(test.examples) for test in tests) == 2
        for test in tests:
            assert doctest.DocTestRunner().run(test).failed == 0
