"""Objects in JSON files, with a digest as the last key of what we write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from regssl.errors import DataError
from regssl.io.atomic import write_text
from regssl.io.files import reading
from regssl.io.text import shorten

DIGEST = "sha256"
"""Key of the digest of all other keys and values, in their order, however they are spaced."""


def json_text(values: Mapping[str, Any], indent: int | None = 2) -> str:
    """Return an object as the text of a JSON file, with its digest; on one line without `indent`."""
    whole = json.loads(json.dumps(values))  # as it will be read: texts as keys, lists
    return json.dumps({**whole, DIGEST: _digest(whole)}, indent=indent) + "\n"


def write_json_object(path: str | Path, values: Mapping[str, Any]) -> None:
    """Write an object as a JSON file with its digest, whole or not at all."""
    write_text(path, json_text(values))


def read_json_object(path: str | Path, required: Collection[str] = ()) -> dict[str, Any]:
    """Read the object in a JSON file; its digest, if it has one, is checked and left out.

    Args:
        path: the file.
        required: keys that it must have.

    Raises:
        DataError: no such file, not a JSON object, not as it was written, or a missing key; names the file.
    """
    try:
        with reading(path):
            value = json.loads(Path(path).read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}", "make it again") from None
    if not isinstance(value, dict):
        raise DataError(f"{path}: not a JSON object", "make it again")
    if DIGEST in value and value.pop(DIGEST) != _digest(value):
        raise DataError(
            f"{path}: not as it was written: its digest is wrong",
            f"delete it and run again; if you changed it on purpose, delete its key {DIGEST}",
        )
    if missing := [key for key in required if key not in value]:
        raise DataError(f"{path}: has no key {missing[0]!r}", f"keys: {shorten(', '.join(value), 500)}")
    return value


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
