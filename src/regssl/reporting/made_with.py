"""What a page of results was made with: versions, hardware, configuration, files and their checksums."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

import regssl
from regssl.io.files import sha256
from regssl.reporting.document import Block, Facts, Listing, make_cells
from regssl.reporting.format import MISSING

INPUTS = (
    "Files that the results were made from. Origin: the URL, or the user's own file. SHA-256: of downloads as they "
    "were fetched, in the lock file; of own files as they are."
)
TABLES = "Tables of this page. SHA-256: two runs whose tables have the same one have the same results."


def run_facts(records: Sequence[Mapping[str, Any]]) -> Facts:
    """List the versions and the hardware that runs were trained with; several of a kind where they differ.

    Args:
        records: the run.json of each run.
    """
    found: dict[str, dict[str, None]] = {}
    for record in records:
        for name, value in {**record.get("versions", {}), **record.get("hardware", {})}.items():
            found.setdefault(str(name), {})[str(value)] = None
    return Facts(items=[("Runs", f"{len(records):,}"), *((name, ", ".join(values)) for name, values in found.items())])


def describe_inputs(inputs: Mapping[str, str], checksums: Mapping[str, str]) -> list[Block]:
    """List the files that results were made from: nothing where there are none.

    Args:
        inputs: the URL of each by its path; of the user's own files an empty text.
        checksums: SHA-256 by path, as far as known.
    """
    rows = [(path, url or "own file", checksums.get(path) or MISSING) for path, url in inputs.items()]
    frame = pd.DataFrame(rows, columns=["File", "Origin", "SHA-256"])
    return [make_cells(frame, INPUTS, folded=f"{len(rows)} files of data, with checksums")] if rows else []


def describe_tables(blocks: Sequence[Block], folder: str | Path) -> Block:
    """List the tables for programs that blocks name, with their checksums; paths are relative to a folder."""
    paths = dict.fromkeys(path for block in blocks if (path := getattr(block, "data", "")))
    rows = [(os.path.relpath(path, folder), sha256(path)) for path in paths]
    frame = pd.DataFrame(rows, columns=["Table", "SHA-256"])
    return make_cells(frame, TABLES, folded=f"{len(rows)} tables of this page, with checksums")


def list_configuration(config: Mapping[str, Any]) -> Listing:
    """List a configuration as YAML: every key, with the defaults."""
    return Listing(
        title="The configuration: every key, as it was used",
        text=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=100),
    )


def commit() -> str:
    """Return the commit of the code that runs, `-dirty` if it was changed since; empty where it is in no repository."""
    source = Path(regssl.__file__)
    git = ["git", "-C", str(source.parent)]
    try:
        subprocess.run([*git, "ls-files", "--error-unmatch", source.name], check=True, capture_output=True)
        found = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            check=True, capture_output=True, encoding="utf-8",
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()
