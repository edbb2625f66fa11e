"""The door for every input: opened once, read from front to back, compressed or not, and whole or an error.

`open_input` gives bytes, `read_blocks` and `read_lines` text. Compression: RFC 1952 (gzip, with any number of members);
the SAM specification, section 4.1 (bgzip: a gzip file in blocks, the last of which is empty).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from regssl.errors import DataError, RegsslError
from regssl.io.formats import RANDOM_ACCESS, UTF8_MARK, identify
from regssl.progress import Progress

GZIP_MAGIC = b"\x1f\x8b"
MAX_LINE_BYTES = 1 << 26
"""Longest line of a text file, 64 MiB: a row of a VCF of a million samples is shorter."""
BUFFER_BYTES = 1 << 17
BLOCK_BYTES = 1 << 20
NEVER_EMPTY = (".gz", ".bgz", ".bgzf", ".zip", ".bb", ".bigbed", ".2bit", ".idx")
_DESCRIPTOR = re.compile(r"/dev/stdin|/(?:dev|proc/self)/fd/([0-9]+)")
_NAMELESS = re.compile(r"(pipe|socket):\[")
_pipes_read: set[tuple[int, int]] = set()


@contextmanager
def reading(path: str | Path, error: type[RegsslError] = DataError) -> Iterator[None]:
    """Turn what goes wrong while a file is read into an error that names the file.

    Args:
        path: the file, for the message.
        error: class of the error raised.

    Raises:
        RegsslError: of class `error`, in place of an OSError of the block or of damaged gzip data.
    """
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise error(f"{path}: truncated or damaged gzip: {problem}", "download it again") from problem
    except OSError as problem:
        raise error(f"{path}: {problem.strerror or problem}", "check the path") from problem


class Input(io.BufferedReader):
    """The content of an input, from `open_input`; to be read from front to back.

    Attributes:
        path: the input, for messages.
        error: class of the errors.
        compressed: whether it is compressed where it comes from.
        size: bytes of the file; None of a pipe, or of a member of an archive.
    """

    def __init__(self, file: IO[bytes], path: str | Path, error: type[RegsslError]) -> None:
        self.path, self.error, self._file = str(path), error, file
        self.size = _size(file)
        with reading(path, error):
            head = file.read(BUFFER_BYTES)
        self.compressed = head.startswith(GZIP_MAGIC)
        chunks = _gunzip(file, head) if self.compressed else _chunks(file, head)
        super().__init__(_Stream(file, _guarded(chunks, self.path, error)), BUFFER_BYTES)

    def position(self) -> int:
        """Return how many bytes of a file of known size were read, as they are on the disk."""
        return self._file.tell()


def open_input(path: str | Path, error: type[RegsslError] = DataError, *, accept: Collection[str] = ()) -> Input:
    """Open an input for reading once, from front to back: a file, a pipe, `/dev/stdin`.

    What is compressed by gzip or bgzip is decompressed, and a byte-order mark of UTF-8 is dropped. The content decides,
    never the name. At the beginning `peek` gives at least `formats.HEAD_BYTES` bytes, or all there are.

    Args:
        path: the input.
        error: class of the errors.
        accept: names, as in `formats.FORMATS`, of what the caller reads if `identify(file.peek())` finds it. Those in
            `formats.RANDOM_ACCESS` are then opened by path, so they are refused if they are a pipe, or compressed.

    Returns:
        The content. Whatever goes wrong while it is read is a RegsslError that names the file.

    Raises:
        RegsslError: of class `error`: the input cannot be opened, is damaged, or is of another format.
    """
    with reading(path, error):
        return open_stream(_open(path, error), path, error, accept=accept)


def open_stream(
    file: IO[bytes], path: str | Path, error: type[RegsslError] = DataError, *, accept: Collection[str] = ()
) -> Input:
    """Open what an open file holds, as `open_input`; `file` is closed with it, `path` is for messages."""
    try:
        stream = Input(file, path, error)
        head = stream.peek()
        if found := identify(head):
            if found.name not in accept:
                within = " (within gzip)" if stream.compressed else ""
                raise error(f"{path}: is {found.name}{within}, which is not read here", found.hint)
            if found.name in RANDOM_ACCESS and (reason := _why_not(file, stream.compressed)):
                raise error(f"{path}: is {found.name}{reason}")
        if not head.strip() and not stream.compressed and Path(path).suffix.lower() in NEVER_EMPTY:
            raise error(f"{path}: is empty", "download it, or make it, again")
    except BaseException:
        file.close()
        raise
    stream.read(len(UTF8_MARK) if head.startswith(UTF8_MARK) else 0)
    return stream


def read_blocks(file: Input, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Read text in blocks of whole lines.

    Every line end (LF, CR LF, CR) is a newline in the blocks; the last line has none if it had none.

    Args:
        file: from `open_input`.
        size: bytes to read at a time.

    Raises:
        RegsslError: as `open_input`; or the text holds a NUL, is not UTF-8, or has a line of over MAX_LINE_BYTES.
    """
    line, rest = 1, list[bytes]()
    with Progress(f"reading {Path(file.path).name}", file.size, unit="B") as progress:
        for piece in read_pieces(file, size):
            whole = piece.rfind(b"\n") + 1
            rest.append(piece[: whole or None])
            if whole or sum(map(len, rest)) > MAX_LINE_BYTES:
                text = b"".join(rest)
                rest = [piece[whole:]]
                _check_text(file, text, line)
                line += text.count(b"\n")
                yield text
            if file.size is None:
                progress.advance(len(piece))
            else:
                progress.reach(file.position())
    if text := b"".join(rest):
        _check_text(file, text, line)
        yield text


def read_pieces(file: Input, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Read text in pieces, of lines of any length, in which every line end (LF, CR LF, CR) is a newline."""
    held = b""
    while piece := file.read(size):
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""  # a newline may follow
        piece = piece[: len(piece) - len(held)]
        yield piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece
    if held:
        yield b"\n"


def read_lines(source: str | Path | Input, error: type[RegsslError] = DataError) -> Iterator[tuple[int, str]]:
    """Read the lines of a text, each with its number, from 1, and without its end.

    Args:
        source: a path, or what `open_input` gave for it, which is closed at the end.
        error: class of the errors of opening a path.

    Raises:
        RegsslError: as `open_input` and `read_blocks`.
    """
    number = 0
    with source if isinstance(source, Input) else open_input(source, error) as file:
        for block in read_blocks(file):
            lines = block.decode().removesuffix("\n").split("\n")
            yield from enumerate(lines, start=number + 1)
            number += len(lines)


def sha256(path: str | Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Stream(io.RawIOBase):
    """Chunks of bytes as a stream, of which every read but the last one is full."""

    def __init__(self, file: IO[bytes], chunks: Iterator[bytes]) -> None:
        self._file, self._chunks, self._rest = file, chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as there are bytes; return how many."""
        filled = 0
        while filled < len(buffer):
            self._rest = self._rest or memoryview(next(self._chunks, b""))
            if not self._rest:
                break
            n = min(len(buffer) - filled, len(self._rest))
            buffer[filled : filled + n], self._rest = self._rest[:n], self._rest[n:]
            filled += n
        return filled

    def readall(self) -> bytes:
        rest, self._rest = self._rest, memoryview(b"")
        return b"".join([rest, *self._chunks])

    def close(self) -> None:
        self._file.close()
        super().close()


def _open(path: str | Path, error: type[RegsslError]) -> IO[bytes]:
    """Open a path; of a pipe without a name (`/dev/stdin`, `<(…)`) what was read is gone, so it is opened once only."""
    named = _DESCRIPTOR.fullmatch(str(path))
    if not (named or _NAMELESS.match(os.path.basename(os.path.realpath(path)))) or Path(path).is_file():  # noqa: PTH119
        return Path(path).open("rb")
    number = os.dup(int(named[1] or 0)) if named else os.open(path, os.O_RDONLY)  # a socket can only be duplicated
    file = os.fdopen(number, "rb")
    found = os.fstat(number)
    if stat.S_ISFIFO(found.st_mode) or stat.S_ISSOCK(found.st_mode):
        if (found.st_dev, found.st_ino) in _pipes_read:
            file.close()
            raise error(f"{path}: was read already, and can be read once only", "name it once, or save it to a file")
        _pipes_read.add((found.st_dev, found.st_ino))
    os.set_blocking(number, True)  # else a slow writer looks like the end
    return file


def _size(file: IO[bytes]) -> int | None:
    """Return the size of a file; None of what has no descriptor, or is not a regular file."""
    with suppress(OSError, AttributeError):  # a member of an archive has no `fileno`
        status = os.fstat(file.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None


def _why_not(file: IO[bytes], compressed: bool) -> str:
    """Say why a file cannot be read at random; empty if it can."""
    if compressed:
        return ", compressed with gzip: decompress it"
    return "" if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else ", which cannot be read from a pipe: save it first"


def _guarded(chunks: Iterator[bytes], name: str, error: type[RegsslError]) -> Iterator[bytes]:
    with reading(name, error):
        yield from chunks


def _chunks(file: IO[bytes], chunk: bytes) -> Iterator[bytes]:
    while chunk:
        yield chunk
        chunk = file.read(BUFFER_BYTES)


def _gunzip(file: IO[bytes], data: bytes) -> Iterator[bytes]:
    """Decompress the members of a gzip file, of which `data` was read already.

    Zeros may follow a member, as gzip allows.

    Raises:
        EOFError: the file ends within a member, or bgzip without its empty last block.
        gzip.BadGzipFile: something else than gzip follows a member.
        zlib.error: damaged.
    """
    unfinished = False  # after a block of bgzip that is not empty
    while data:
        is_bgzf = bool(data[3] & 4) and data[12:14] == b"BC" if len(data) > 14 else False
        if unfinished and not is_bgzf:
            break
        member, size = zlib.decompressobj(wbits=31), 0
        while not member.eof:
            text = member.decompress(data, BLOCK_BYTES)
            size += len(text)
            data = member.unused_data if member.eof else member.unconsumed_tail or file.read(BUFFER_BYTES)
            if not (data or text or member.eof):
                raise EOFError("it ends within compressed data")
            if text:
                yield text
        unfinished = is_bgzf and size > 0
        data = data.lstrip(b"\0")
        while len(data) < 16 and (more := file.read(BUFFER_BYTES)):
            data = (data + more).lstrip(b"\0")
        if data and not data.startswith(GZIP_MAGIC):
            raise gzip.BadGzipFile("after the end of its compressed data something else follows")
    if unfinished:
        raise EOFError("bgzip without its end marker, an empty block")


def _check_text(file: Input, text: bytes, line: int) -> None:
    """Refuse what is no text; `line` is the number of its first line."""
    hint = "is it a text file?"
    if len(text) > MAX_LINE_BYTES and (at := _long_line(text)) >= 0:
        problem = f"over {MAX_LINE_BYTES:,} bytes long"
    elif (at := text.find(b"\0")) >= 0:
        problem = "holds a NUL byte"
    else:
        try:
            text.isascii() or text.decode()
            return
        except UnicodeDecodeError as error:
            at = error.start
            problem, hint = f"byte 0x{text[at]:02x} is not UTF-8", "damaged, or another encoding? save it as UTF-8"
    line += text.count(b"\n", 0, at)
    raise file.error(f"{file.path}: line {line}: {problem}", hint)


def _long_line(text: bytes) -> int:
    """Return where the first line begins that is too long; -1 if none is."""
    at = 0
    while at + MAX_LINE_BYTES < len(text):
        end = text.find(b"\n", at)
        if (len(text) if end < 0 else end) - at > MAX_LINE_BYTES:
            return at
        at = end + 1
    return -1
