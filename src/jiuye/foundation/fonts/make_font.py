"""Make the shipped subset of Noto Sans CJK SC: python make_font.py NotoSansCJK-Regular.ttc (needs fonttools).

Characters: GB 2312, Big5 level 1 (for Traditional), the characters of the words pypinyin knows, those that
occur in given names (name_characters.txt), all Chinese characters beyond the basic plane the font has, Latin,
Greek, Cyrillic and punctuation. Layout features for vertical text and other regions are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection
from pypinyin.constants import PHRASES_DICT

FACE = "Noto Sans CJK SC"
FAMILY = "Jiuye Sans SC"  # a subset gets its own name, so that it never stands in for the full font
HERE = Path(__file__).parent


def decoded(codec: str, first: Iterable[int], second: Iterable[int]) -> set[int]:
    """What the two-byte codes of a legacy character set stand for."""
    found = set()
    rows = list(second)
    for lead in first:
        for trail in rows:
            text = bytes([lead, trail]).decode(codec, errors="ignore")
            if len(text) == 1:
                found.add(ord(text))
    return found


def wanted(cmap: set[int]) -> set[int]:
    """The code points to keep, of those the font has."""
    keep = set(range(0x20, 0x530)) | set(range(0x1E00, 0x1F00)) | set(range(0x2000, 0x2800))
    keep |= set(range(0x3000, 0x3100)) | set(range(0x3105, 0x3130)) | set(range(0x3200, 0x3400))
    keep |= set(range(0xFF00, 0x10000))
    keep |= decoded("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
    keep |= decoded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    keep |= {ord(character) for phrase in PHRASES_DICT for character in phrase}
    keep |= {ord(character) for character in (HERE / "name_characters.txt").read_text().replace("\n", "")}
    keep |= {code for code in cmap if 0x20000 <= code < 0x40000}
    return keep & cmap


def main(collection: Path) -> None:
    """Write JiuyeSansSC-Regular.otf and coverage.txt beside this script."""
    font = next(f for f in TTCollection(str(collection)).fonts if f["name"].getDebugName(4) == FACE)
    codes = wanted(set(font.getBestCmap()))
    options = subset.Options()
    options.layout_features = ["kern", "liga", "ccmp", "mark", "mkmk"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    names = {1: FAMILY, 3: f"{FAMILY} of {FACE} 2.004", 4: FAMILY, 6: FAMILY.replace(" ", "") + "-Regular"}
    for name_id, value in names.items():
        font["name"].setName(value, name_id, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [names[6]]
    font.save(HERE / "JiuyeSansSC-Regular.otf")
    (HERE / "coverage.txt").write_text("\n".join(ranges(set(font.getBestCmap()))) + "\n")


def ranges(codes: set[int]) -> Iterable[str]:
    """'4e00-4e05' for runs, '4e07' for single ones."""
    start = previous = -2
    for code in [*sorted(codes), -1]:
        if code != previous + 1:
            if start >= 0:
                yield f"{start:x}-{previous:x}" if previous > start else f"{start:x}"
            start = code
        previous = code


if __name__ == "__main__":
    main(Path(sys.argv[1]))
