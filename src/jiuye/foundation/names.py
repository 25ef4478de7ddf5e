"""Names of people and organisations: one spelling, a mask, an order by pinyin, words to search by.

A name is stored as its holder writes it, in Unicode to GB 18030-2022 level 3: rare characters beyond the
basic plane, 买买提·艾力, Latin names. Nothing here drops or replaces a letter of a name; only the typing is
tidied.

Sources: GB 18030-2022 (levels of implementation), GB/T 28039-2011 (中国人名汉语拼音字母拼写规则: readings of
surnames), Unicode NFC; readings of characters from the pypinyin package (MIT).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

MIDDLE_DOT: Final = "·"  # U+00B7, the separator of GB 18030 for names of other nationalities
_DOTS: Final = "·•‧∙⋅・･●˙᛫ꞏ․"
_FULL_WIDTH: Final = {0xFEE0 + plain: plain for plain in range(0x21, 0x7F)}
_TIDY: Final = _FULL_WIDTH | {ord(dot): MIDDLE_DOT for dot in _DOTS} | {0x3000: " ", 0x2019: "'"}
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd〇\u2e80-\u2fdf"
_BLANKS: Final = re.compile(r"\s+")
_AROUND_DOT: Final = re.compile(rf" *{MIDDLE_DOT}[ {MIDDLE_DOT}]*")
_PERIOD_AS_DOT: Final = re.compile(rf"(?<=[{_HAN}])\.(?=[{_HAN}])")
_BLANK_IN_HAN: Final = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
_IS_HAN: Final = re.compile(rf"[{_HAN}]")
_PIECES: Final = re.compile(rf"[{_HAN}]+|[^{_HAN}\W_]+", re.UNICODE)
_PUNCTUATION: Final = frozenset(f" {MIDDLE_DOT}'-.,()（），、&/")

_COMPOUND: Final = """
欧阳 上官 司马 诸葛 皇甫 尉迟 司徒 令狐 公孙 慕容 宇文 长孙 夏侯 东方 独孤 南宫 轩辕 端木 澹台 万俟 百里
呼延 公羊 赫连 钟离 鲜于 闾丘 太叔 申屠 仲孙 公冶 宗政 濮阳 淳于 单于 东郭 南门 西门 拓跋 完颜 纳兰 第五
左丘 梁丘 谷梁 段干 乐正 漆雕 巫马 颛孙 壤驷 公良 耶律 贺兰 贺若
"""
COMPOUND_SURNAMES: Final = frozenset(_COMPOUND.split())
#: Longer Chinese text is an organisation's name, not a person's.
LONGEST_PERSON_NAME: Final = 5
#: Surnames that are read otherwise than the character commonly is (GB/T 28039-2011 and common dictionaries).
SURNAME_READINGS: Final[dict[str, str]] = {
    "单": "shan4", "仇": "qiu2", "查": "zha1", "解": "xie4", "曾": "zeng1", "任": "ren2", "区": "ou1",
    "盖": "ge3", "朴": "piao2", "华": "hua4", "燕": "yan1", "葛": "ge3", "乐": "yue4", "种": "chong2",
    "重": "chong2", "员": "yun4", "贠": "yun4", "翟": "zhai2", "缪": "miao4", "覃": "qin2", "冼": "xian3",
    "洗": "xian3", "繁": "po2", "秘": "bi4", "折": "she2", "召": "shao4", "佴": "nai4", "祭": "zhai4",
    "句": "gou1", "哈": "ha3", "么": "yao1", "都": "du1", "干": "gan1", "尉": "wei4", "车": "che1",
    "晁": "chao2", "朝": "chao2", "隗": "wei3", "乜": "nie4", "谌": "chen2", "应": "ying1", "过": "guo1",
    "那": "na1", "占": "zhan1", "柏": "bai3", "卜": "bu3", "藏": "zang4", "瞿": "qu2", "行": "xing2",
    "薄": "bo2", "宿": "su4", "牟": "mu4", "曲": "qu1", "粘": "nian2", "适": "kuo4", "要": "yao1",
    "黑": "he4", "撒": "sa3", "宁": "ning4", "纪": "ji3", "沈": "shen3", "石": "shi2", "褚": "chu3",
    "殷": "yin1", "贾": "jia3", "盛": "sheng4", "俞": "yu2", "给": "ji3", "参": "shen1", "难": "ning4",
    "令": "ling2", "相": "xiang4", "戴": "dai4", "郇": "xun2", "阚": "kan4", "仉": "zhang3", "眭": "sui1",
    "尉迟": "yu4 chi2", "万俟": "mo4 qi2", "澹台": "tan2 tai2", "长孙": "zhang3 sun1", "令狐": "ling2 hu2",
    "单于": "chan2 yu2", "鲜于": "xian1 yu2", "乐正": "yue4 zheng4", "谷梁": "gu3 liang2",
}  # fmt: skip


def normalise(name: str) -> str:
    """One spelling: NFC, half-width Latin, one middle dot, no stray blanks ('王 秀英' -> '王秀英')."""
    text = unicodedata.normalize("NFC", name).translate(_TIDY)
    text = _BLANKS.sub(" ", text).strip()
    text = _AROUND_DOT.sub(MIDDLE_DOT, _PERIOD_AS_DOT.sub(MIDDLE_DOT, text))
    return unicodedata.normalize("NFC", _BLANK_IN_HAN.sub("", text))


def is_han(character: str) -> bool:
    """Whether a single character is a Chinese one."""
    return _IS_HAN.match(character) is not None


def split_name(name: str) -> tuple[str, str]:
    """(surname, given name) of a normalised Chinese name; ('', name) where there is no Chinese surname."""
    if not 2 <= len(name) <= LONGEST_PERSON_NAME or not all(map(is_han, name)):
        return "", name
    size = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:size], name[size:]


def mask_name(name: str) -> str:
    """What others may see: 王**, 欧阳*, 买**·**, J*** S****."""
    name = normalise(name)
    surname, given = split_name(name)
    if surname:
        return surname + "*" * len(given)
    masked, keep = [], len(name) > 1
    for character in name:
        if character in f"{MIDDLE_DOT} -'":
            masked.append(character)
            # In Latin names each part keeps its initial, as on an envelope.
            keep = not is_han(name[0])
        else:
            masked.append(character if keep else "*")
            keep = False
    return "".join(masked)


def pinyin_key(name: str) -> str:
    """Text that sorts names as a Chinese reader expects, in any collation that knows a to z.

    Per character: reading with tone, then code point, so that all 张 stand before all 章. Characters without
    a known reading come last, by code point. Latin names stand between them as lower-case letters.
    """
    words = []
    for piece, readings in _read(normalise(name)):
        if readings is None:
            words.append(_plain_latin(piece))
        else:
            words += [f"{r or 'zz'}{ord(c):06x}" for c, r in zip(piece, readings, strict=True)]
    return " ".join(words)


def search_tokens(name: str) -> list[str]:
    """Words under which a name is found: the name, its parts, full pinyin without tones, and initials."""
    name = normalise(name)
    pieces = _read(name)
    tokens = {name.lower(), "".join(piece for piece, _ in pieces).lower()}
    tokens |= {piece.lower() for piece, _ in pieces}
    syllables = []
    for piece, readings in pieces:
        if readings is None:
            syllables.append(_plain_latin(piece))
        else:
            syllables += [r.rstrip("012345") for r in readings if r]
    tokens.add("".join(syllables))
    tokens.add("".join(syllable[:1] for syllable in syllables))
    return sorted(tokens - {""})


def unsupported(name: str) -> list[str]:
    """What in a name GB 18030-2022 level 3 has no character for, e.g. ['U+E863', 'U+1F600'].

    Control characters, private use (where rare characters hid before 2022: ask for the real one), emoji and
    other symbols. Every encoded Chinese character and every letter of any script is supported.
    """
    found = dict.fromkeys(c for c in normalise(name) if not _is_supported(c))
    return [f"U+{ord(c):04X}" for c in found]


def _is_supported(character: str) -> bool:
    if character in _PUNCTUATION or is_han(character):
        return True
    if 0xFE00 <= ord(character) <= 0xFE0F:  # presentation selectors; 0xFE0F makes an emoji of a letter
        return False
    return unicodedata.category(character)[0] in "LM" or unicodedata.category(character) == "Nd"


def _read(name: str) -> list[tuple[str, tuple[str, ...] | None]]:
    """The words of a name; Chinese ones with a reading for each character ('' unknown), others with None."""
    surname, given = split_name(name)
    if surname:
        return [(surname, _surname_reading(surname)), (given, _readings(given))]
    return [(word, _readings(word) if is_han(word[0]) else None) for word in _PIECES.findall(name)]


@lru_cache(maxsize=4096)
def _surname_reading(surname: str) -> tuple[str, ...]:
    told = SURNAME_READINGS.get(surname)
    return tuple(told.split()) if told else _readings(surname)


@lru_cache(maxsize=200_000)
def _readings(han: str) -> tuple[str, ...]:
    """Readings in context (重庆 chong2 qing4); where that doesn't give one each, of every character alone."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a while: not at every start

    read = lazy_pinyin(han, style=Style.TONE3, errors="ignore", v_to_u=False, neutral_tone_with_five=True)
    if len(read) != len(han):
        alone = (lazy_pinyin(c, style=Style.TONE3, errors="ignore", neutral_tone_with_five=True) for c in han)
        read = ["".join(r) for r in alone]
    return tuple(read)


def _plain_latin(word: str) -> str:
    """Lower case without accents: 'Zoë' -> 'zoe'."""
    letters = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))
