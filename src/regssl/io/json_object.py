"""Objects in JSON files."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from regssl.errors import DataError
from regssl.io.files import reading


def read_json_object(path: str | Path, required: Collection[str] = ()) -> dict[str, Any]:
    """Read the object in a JSON file.

    Args:
        path: the file.
        required: keys that it must have.

    Raises:
        DataError: no such file, not a JSON object, or a missing key; names the file.
    """
    try:
        with reading(path):
            value = json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}", "make it again") from None
    if not isinstance(value, dict):
        raise DataError(f"{path}: not a JSON object", "make it again")
    if missing := [key for key in required if key not in value]:
        raise DataError(f"{path}: has no key {missing[0]!r}", f"keys: {', '.join(value)}")
    return value
