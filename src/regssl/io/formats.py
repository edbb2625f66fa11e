"""Formats known by their first bytes, so that a file which is not read as text is named as what it is."""

from __future__ import annotations

from typing import NamedTuple

HEAD_BYTES = 512
"""Bytes at the beginning of a file that `identify` looks at."""
UTF8_MARK = b"\xef\xbb\xbf"
INDEX_OF_CHAINS = "an index of chains"
SAFETENSORS = "safetensors"
_COMPRESSED = "decompress it, or compress it with gzip"
_ARCHIVE = "take the file out of it"


class Format(NamedTuple):
    """A format: its name as in "is NAME", its first bytes (from `offset` on), and what to do with a file of it."""

    name: str
    magic: bytes
    hint: str
    offset: int = 0


FORMATS = (
    Format("bzip2", b"BZh", _COMPRESSED),
    Format("xz", b"\xfd7zXZ\0", _COMPRESSED),
    Format("LZMA", b"]\0\0", _COMPRESSED),
    Format("lzip", b"LZIP\x01", _COMPRESSED),
    Format("Zstandard (zst)", b"\x28\xb5\x2f\xfd", _COMPRESSED),
    *(Format("Zstandard (zst)", bytes([0x50 + i]) + b"\x2a\x4d\x18", _COMPRESSED) for i in range(16)),
    Format("LZ4", b"\x04\x22\x4d\x18", _COMPRESSED),
    Format("compress (Z)", b"\x1f\x9d", _COMPRESSED),
    Format("gzip", b"\x1f\x8b", "it is compressed twice: decompress it once"),
    *(Format("zip", b"PK" + bytes(kind), _ARCHIVE) for kind in ((3, 4), (5, 6), (7, 8))),
    Format("7z", b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    Format("RAR", b"Rar!\x1a\x07", _ARCHIVE),
    Format("tar", b"ustar", _ARCHIVE, 257),
    Format("BCF", b"BCF", "make a VCF file of it: bcftools view"),
    Format("BAM", b"BAM\1", "it holds reads, not intervals"),
    Format("CRAM", b"CRAM", "it holds reads, not intervals"),
    *(
        Format(f"an index ({name})", magic, "name the file that it is the index of")
        for name, magic in (("tbi", b"TBI\1"), ("csi", b"CSI\1"), ("bai", b"BAI\1"))
    ),
    *(
        Format("bigBed", magic, "make a BED file of it: bigBedToBed")
        for magic in (b"\x87\x89\xf2\xeb", b"\xeb\xf2\x89\x87")
    ),
    *(Format("bigWig", magic, "") for magic in (b"\x88\x8f\xfc\x26", b"\x26\xfc\x8f\x88")),
    *(Format("2bit", magic, "") for magic in (b"\x43\x27\x41\x1a", b"\x1a\x41\x27\x43")),
    Format(INDEX_OF_CHAINS, b"\x93regssl chains\n", "name the chain file"),
    Format("Parquet", b"PAR1", ""),
    Format("HDF5", b"\x89HDF\r\n", ""),
    Format("NumPy", b"\x93NUMPY", ""),
    Format(SAFETENSORS, b'{"', "it holds weights", 8),
    Format("PDF", b"%PDF-", ""),
    Format("an old Excel workbook", b"\xd0\xcf\x11\xe0", "save it as tab-separated text"),
    Format("UTF-32", b"\xff\xfe\0\0", "save it as UTF-8"),
    Format("UTF-32", b"\0\0\xfe\xff", "save it as UTF-8"),
    Format("UTF-16", b"\xff\xfe", "save it as UTF-8"),
    Format("UTF-16", b"\xfe\xff", "save it as UTF-8"),
)
"""Sources: the specifications of the formats; bzip2, BCF and safetensors are looked at further by `identify`."""

RANDOM_ACCESS = ("2bit", INDEX_OF_CHAINS, SAFETENSORS, "zip")
"""Formats that are read here and there, or mapped into memory."""


def identify(head: bytes) -> Format | None:
    """Find the format that a file begins with; None for what may be the text of this package's formats.

    Args:
        head: the first HEAD_BYTES bytes, or all there are.
    """
    head = head.removeprefix(UTF8_MARK)
    for known in FORMATS:
        if head.startswith(known.magic, known.offset) and _is_certain(known.name, head):
            return known
    if head.lstrip()[:9].lower().startswith((b"<!doctype", b"<!--", b"<html", b"<?xml")):
        return Format("an HTML or XML page", b"", "an error page of a server? download it again")
    if b"\0" in head and (encoding := _wide_encoding(head)):
        return Format(encoding, b"", "save it as UTF-8")
    return None


def _is_certain(name: str, head: bytes) -> bool:
    """Check where the magic alone could begin a text: a chromosome called `BZh1`, say."""
    if name == "bzip2":
        return head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
    if name == "BCF":
        return len(head) > 4 and head[3] in (2, 4)
    if name == SAFETENSORS:  # the size of what follows, up to 100 MB, in eight bytes
        return head[4:8] == bytes(4)
    return True


def _wide_encoding(head: bytes) -> str:
    """Recognise ASCII characters in two or four bytes each, without a byte-order mark."""
    for width, name in ((4, "UTF-32"), (2, "UTF-16")):
        places = [head[place : len(head) // width * width : width] for place in range(width)]
        zero = [not any(bytes_) for bytes_ in places]
        if sum(zero) == width - 1 and (not zero[0] or not zero[-1]) and 0 not in places[zero.index(False)]:
            return name
    return ""
