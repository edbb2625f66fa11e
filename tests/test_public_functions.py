"""What `regssl` offers at its top: imported only when asked for, and its documented examples run."""

from __future__ import annotations

import doctest
import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import regssl
from helpers.paths import ROOT
from regssl.models import build
from regssl.models.serialization import save
from regssl.sequences.encoding import encode

CHAIN = """\
chain 1000 chr22 50818468 + 20000000 20001000 chr15 104043685 + 80000000 80001000 1
1000
"""
PARAMS = {"filters": 4, "hidden": 2}
METADATA = {"architecture": "deepbind", "params": PARAMS, "width": 200, "reverse_complement": True}
FUNCTIONS = [name for name in regssl.__all__ if not name.startswith("_")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the examples, with the files that they name."""
    (tmp_path / "hg38ToMm10.over.chain.gz").write_bytes(gzip.compress(CHAIN.encode()))
    (tmp_path / "genome.fa").write_text(">chr1\n" + "ACGT" * 100 + "\n")
    (tmp_path / "variants.vcf").write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t201\trs1\tA\tG\n")
    network = build("deepbind", 200, PARAMS)
    save(network, METADATA, tmp_path / "model.safetensors")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_examples_run(folder: Path, name: str) -> None:
    function = getattr(regssl, name)
    known = {"regssl": regssl, "np": np, "torch": torch, "encode": encode, name: function}
    known["chains"] = regssl.read_chains(folder / "hg38ToMm10.over.chain.gz")
    found = doctest.DocTestFinder(recurse=False).find(function, name, globs=known)
    assert sum(len(test.examples) for test in found) >= 2
    assert all(doctest.DocTestRunner().run(test).failed == 0 for test in found)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_document_arguments_and_errors(name: str) -> None:
    text = getattr(regssl, name).__doc__
    assert "Examples:" in text and ("Raises:" in text or name in {"predict", "as_one_hot"})


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, regssl; sys.exit(any(name in sys.modules for name in ('torch', 'numba', 'pandas', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        _ = regssl.train


def test_the_version_to_cite_is_that_of_the_package() -> None:
    assert f"\nversion: {regssl.__version__}\n" in (ROOT / "CITATION.cff").read_text()
