"""Names: rare characters, 买买提·艾力 and Latin names are first-class."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.foundation.names import mask_name, normalise, pinyin_key, search_tokens, split_name, unsupported


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  王秀英 ", "王秀英"),
        ("王　秀英", "王秀英"),
        ("王 伟", "王伟"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 · 艾力", "买买提·艾力"),
        ("买买提・艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("ＪＯＨＮ　Smith", "JOHN Smith"),
        ("Zoe\u0308  O’Neil", "Zoë O'Neil"),
        ("J. R. Ewing", "J. R. Ewing"),
        ("𠮷野", "𠮷野"),
        ("上海晨光食品（集团）有限公司", "上海晨光食品(集团)有限公司"),
    ],
)
def test_normalise(typed: str, stored: str) -> None:
    assert normalise(typed) == stored


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王秀英", "王**"),
        ("王伟", "王*"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("欧阳娜娜", "欧阳**"),
        ("𠮷野家", "𠮷**"),
        ("买买提·艾力", "买**·**"),
        ("John Smith", "J*** S****"),
        ("Anne-Marie O'Neil", "A***-M**** O'N***"),
        ("王", "*"),
        ("步六孤", "步**"),
        ("", ""),
    ],
)
def test_mask(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("单田芳", "shantianfang"),
        ("仇英", "qiuying"),
        ("查良镛", "zhaliangyong"),
        ("解晓东", "xiexiaodong"),
        ("曾国藩", "zengguofan"),
        ("万俟卨", "moqixie"),
        ("尉迟恭", "yuchigong"),
        ("吕蒙", "lvmeng"),
        ("买买提·艾力", "maimaitiaili"),
        ("Zoë Smith", "zoesmith"),
        ("重庆小面有限公司", "chongqingxiaomianyouxiangongsi"),
    ],
)
def test_readings(name: str, reading: str) -> None:
    assert reading in search_tokens(name)


def test_search_tokens() -> None:
    assert set(search_tokens("王秀英")) >= {"王秀英", "秀英", "wangxiuying", "wxy"}
    assert set(search_tokens("买买提・艾力")) >= {"买买提·艾力", "买买提艾力", "艾力", "mmtal"}
    assert "𠮷野" in search_tokens("𠮷野")
    assert search_tokens("") == []


def test_order_is_by_surname_then_given_name_and_rare_characters_come_last() -> None:
    ordered = ["Ann Lee", "仇英", "单田芳", "王伟", "王秀英", "John Yu", "张伟", "张秀英", "章伟", "查良镛"]
    expected = ["Ann Lee", "John Yu", "仇英", "单田芳", "王伟", "王秀英", "查良镛", "张伟", "张秀英", "章伟"]
    assert sorted([*ordered, "𠮷野", "\U00031000伟"], key=pinyin_key) == [*expected, "𠮷野", "\U00031000伟"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("𠮷野", []),
        ("䶮", []),
        ("\U00030000", []),
        ("买买提·艾力", []),
        ("Zoë O'Neil-Ng", []),
        ("ئەلى", []),
        ("王\x00伟", ["U+0000"]),
        ("王\ue863", ["U+E863"]),
        ("王😀😀伟", ["U+1F600"]),
        ("王\u200b伟", ["U+200B"]),
        ("王\ufe0f", ["U+FE0F"]),
        ("王★", ["U+2605"]),
    ],
)
def test_what_a_name_cannot_contain(name: str, found: list[str]) -> None:
    assert unsupported(name) == found


@given(st.text())
def test_any_text(name: str) -> None:
    once = normalise(name)
    assert normalise(once) == once
    assert len(mask_name(name)) == len(once)
    assert pinyin_key(name) == pinyin_key(once)
    assert "".join(split_name(once)) == once
    search_tokens(name)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6))
def test_keys_of_chinese_names_are_plain_letters_and_tell_names_apart(name: str) -> None:
    key = pinyin_key(name)
    assert key.isascii()
    assert len(key.split()) == len(name)
    for character, word in zip(name, key.split(), strict=True):
        assert word.endswith(f"{ord(character):06x}")
