"""Where the repository is."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def names_in(folder: str | Path = ".") -> list[str]:
    """Names of what is in a folder, hidden ones too, sorted."""
    return sorted(path.name for path in Path(folder).iterdir())
