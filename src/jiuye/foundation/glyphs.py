"""Which characters can be printed, and with which font.

The shipped font covers nearly every name. For the rest, fonts are looked for in JIUYE_HOME/fonts and in the
system's folders by reading their character maps (OpenType `cmap`, formats 4 and 12).
"""

from __future__ import annotations

import os
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent / "fonts"
_SYSTEM: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_SUFFIXES: Final = frozenset({".otf", ".ttf", ".ttc", ".otc"})
_INVISIBLE: Final = frozenset("\t\n\r\u200c\u200d\u200e\u200f\ufe0e\ufe0f")

Ranges = list[tuple[int, int]]


def missing(text: str) -> set[str]:
    """The characters of a text the shipped font can't print."""
    return {c for c in set(text) if not _needs_no_glyph(c) and not _within(_shipped(), ord(c))}


def find_fonts(
    characters: Iterable[str], folders: Iterable[Path] | None = None
) -> tuple[set[Path], set[str]]:
    """(font files that together have the characters, characters no font has)."""
    left, files = set(characters), set()
    for path in _font_files(extra_folders() if folders is None else folders):
        if not left:
            break
        stamp = path.stat()
        has = font_ranges(path, stamp.st_mtime_ns)
        found = {c for c in left if _within(has, ord(c))}
        if found:
            files.add(path)
            left -= found
    return files, left


def extra_folders() -> list[Path]:
    """Where fonts are looked for, the installation's own first."""
    own = Path(os.environ.get("JIUYE_HOME", "var")).absolute() / "fonts"
    return [own, *(Path(folder).expanduser() for folder in _SYSTEM)]


def _needs_no_glyph(character: str) -> bool:
    # Ideographic variation selectors choose a form; without it the plain form is printed, which is right.
    return character in _INVISIBLE or 0xE0100 <= ord(character) <= 0xE01EF


@lru_cache(maxsize=1)
def _shipped() -> Ranges:
    ranges = []
    for line in (FONTS / "coverage.txt").read_text(encoding="ascii").split():
        first, _, last = line.partition("-")
        ranges.append((int(first, 16), int(last or first, 16)))
    return ranges


def _within(ranges: Ranges, code: int) -> bool:
    place = bisect_right(ranges, (code, 0x110000)) - 1
    return place >= 0 and ranges[place][0] <= code <= ranges[place][1]


def _font_files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())


@lru_cache(maxsize=512)
def font_ranges(path: Path, _stamp: int = 0) -> Ranges:
    """The code points a font file has (the first face of a collection); none when it can't be read."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
            start = struct.unpack(">I", head[12:16])[0] if head[:4] == b"ttcf" else 0
            file.seek(start)
            count = struct.unpack(">4xH6x", file.read(12))[0]
            tables = file.read(16 * count)
            for at in range(0, len(tables), 16):
                tag, offset, length = struct.unpack(">4s4xII", tables[at : at + 16])
                if tag == b"cmap":
                    file.seek(offset)
                    return _cmap(file.read(length))
    except (OSError, struct.error):
        pass
    return []


def _cmap(table: bytes) -> Ranges:
    """The widest Unicode subtable of a `cmap` table (OpenType specification 1.9)."""
    best: Ranges = []
    for i in range(struct.unpack(">H", table[2:4])[0]):
        platform, encoding, offset = struct.unpack(">HHI", table[4 + 8 * i : 12 + 8 * i])
        if platform != 0 and (platform, encoding) not in {(3, 1), (3, 10)}:
            continue
        form = struct.unpack(">H", table[offset : offset + 2])[0]
        ranges: Ranges = []
        if form == 4:
            segments = struct.unpack(">H", table[offset + 6 : offset + 8])[0] // 2
            ends = struct.unpack(f">{segments}H", table[offset + 14 : offset + 14 + 2 * segments])
            begins = struct.unpack(
                f">{segments}H", table[offset + 16 + 2 * segments : offset + 16 + 4 * segments]
            )
            ranges = [(b, e) for b, e in zip(begins, ends, strict=True) if b != 0xFFFF]
        elif form == 12:
            groups = struct.unpack(">I", table[offset + 12 : offset + 16])[0]
            body = table[offset + 16 : offset + 16 + 12 * groups]
            ranges = [(first, last) for first, last, _ in struct.iter_unpack(">III", body)]
        if sum(last - first for first, last in ranges) > sum(last - first for first, last in best):
            best = ranges
    return sorted(best)


def code_of(character: str) -> str:
    """What is printed for a character no font has: 〔U+2CE93〕."""
    return f"〔U+{ord(character):04X}〕"


def describe(character: str) -> str:
    """A character for a warning: 'U+2CE93 CJK UNIFIED IDEOGRAPH-2CE93'."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
