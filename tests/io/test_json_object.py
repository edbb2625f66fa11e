"""Objects in JSON files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regssl.errors import DataError
from regssl.io.json_object import read_json_object


def test_an_object_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    assert read_json_object(tmp_path / "x.json", ["a"]) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.json: No such file"),
        (b"{", "x.json: not JSON"),
        (b"\xff", "x.json: not JSON"),
        (b"[" * 100_000, "x.json: not JSON"),
        (b"[1]", "x.json: not a JSON object"),
        (b'{"b": 1}', r"x.json: has no key 'a' \(keys: b\)"),
    ],
)
def test_what_is_no_such_object_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_json_object(tmp_path / "x.json", ["a"])


def test_no_message_shows_what_a_terminal_would_obey_nor_all_keys(tmp_path: Path) -> None:
    values = {"\x1b[2J\x07": 1} | {f"key{i}": i for i in range(10_000)}
    (tmp_path / "x.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match=r"x\.json: has no key 'aupr' \(keys: \\x1b") as caught:
        read_json_object(tmp_path / "x.json", ["aupr"])
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1000
    assert DataError("a\x1b[2Jb\tc", "é\nd\u202e").args == ("a\\x1b[2Jb\\tc (é\nd\\u202e)",)
