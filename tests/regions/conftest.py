"""The published files of the real regions, in the mirror of the reference data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.paths import ROOT
from regssl.config.made_data import SourceRow
from regssl.config.table_files import read_table
from regssl.download.sources import mirror_url

SOURCES = ROOT / "config/encode_regions/sources.tsv"
Published = Callable[..., list[tuple[str, str]]]
"""(name, path) of the files of one role that make a place."""


@pytest.fixture(scope="session")
def published(shared: Path) -> Published:
    rows = read_table(SOURCES, SourceRow)

    def find(role: str, place: str = "", name: str = "") -> list[tuple[str, str]]:
        found = [row for row in rows if row.role == role and place in ("", *row.makes) and name in ("", row.name)]
        return [(row.name, mirror_url(str(shared / "mirror"), row.url)) for row in found]

    return find
