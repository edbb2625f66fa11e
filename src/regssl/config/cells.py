"""Cells of the tables: their types, and the checks of what they hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from regssl.config.validators import check_path
from regssl.data.sequence_settings import check_alike, parse_sequence_file
from regssl.download.sources import check_url, is_url
from regssl.io.text import check_name
from regssl.settings import Distinct


def split_list(value: Any) -> Any:
    """Split a cell at its semicolons."""
    return [part.strip() for part in value.split(";") if part.strip()] if isinstance(value, str) else value


def check_path_or_url(place: str) -> str:
    """Check that a cell is a path, or a URL that can be fetched and kept under the downloads folder.

    Raises:
        ValueError: it is not.
    """
    check_path(place)
    return check_url(place) if "://" in place else place


def check_fallback_url(place: str) -> str:
    """Check that a cell is a path, or a URL without a checksum: that of the first URL applies to its fallback.

    Raises:
        ValueError: it is not.
    """
    if is_url(check_path_or_url(place)) and "#" in place:
        raise ValueError("the checksum belongs to the first URL, not to its fallback")
    return place


def check_sequence_files(cells: list[str]) -> list[str]:
    """Check cells that name files of sequences: paths or URLs, each after its split or label or neither.

    Raises:
        ValueError: one is no path or URL, or only some name a split or label.
    """
    files = [parse_sequence_file(cell) for cell in cells]
    for file in files:
        check_path_or_url(file.place)
    check_alike(files)
    return cells


def _one_each(value: list[str], info: ValidationInfo) -> list[str]:
    peaks = info.data.get("peaks", [])
    if value and len(value) != len(peaks):
        raise ValueError(f"{len(value)} given, but `peaks` has {len(peaks)}")
    return value


PathOrUrl = Annotated[str, AfterValidator(check_path_or_url)]
Name = Annotated[str, AfterValidator(check_name)]
FallbackUrl = Annotated[str, AfterValidator(check_fallback_url)]
PeakFiles = Annotated[Distinct[PathOrUrl], BeforeValidator(split_list)]
SequenceFiles = Annotated[Distinct[str], BeforeValidator(split_list), AfterValidator(check_sequence_files)]
FallbackUrls = Annotated[list[FallbackUrl], BeforeValidator(split_list), AfterValidator(_one_each)]
"""One each for the files of `peaks`, a field before."""
