"""bgzip by the SAM specification, section 4.1, with zlib alone."""

from __future__ import annotations

import struct
import zlib


def bgzip(text: bytes, size: int = 65280) -> bytes:
    """Compress in blocks of `size` bytes; the last one is empty."""
    blocks = []
    for part in [*(text[first : first + size] for first in range(0, len(text), size)), b""]:
        deflate = zlib.compressobj(wbits=-15)
        data = deflate.compress(part) + deflate.flush()
        header = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(data) + 25)
        blocks.append(header + data + struct.pack("<II", zlib.crc32(part), len(part)))
    return b"".join(blocks)
