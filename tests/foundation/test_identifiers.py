"""Document numbers: the published samples, every reason, and that a slip of the pen never passes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.foundation import identifiers
from jiuye.foundation.identifiers import Check, check_digit, mask, normalise, uscc_check, validate

ON = date(2026, 11, 22)
SAMPLE = "11010519491231002X"  # GB 11643-1999, the standard's own example
USCC = "91350100M000100Y43"  # GB 32100-2015, the standard's own example


def numbered(body: str) -> str:
    return body + check_digit(body)


def ask(number: str, doc_type: str = "居民身份证", demonstration: bool = False) -> Check:
    return validate(doc_type, number, ON, demonstration)


def test_the_standards_own_example() -> None:
    check = ask(SAMPLE)
    assert (check.status, check.reason, check.acceptable) == ("valid", "", True)
    assert (check.birth, check.sex, check.region) == (date(1949, 12, 31), "2", "110105")


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002ｘ",
    ],
)
def test_what_people_type_is_normalised(typed: str) -> None:
    check = ask(typed)
    assert check.status == "valid"
    assert check.normalised == SAMPLE


@pytest.mark.parametrize(
    ("number", "status", "reason"),
    [
        ("", "wrong", "empty"),
        ("110105491231002", "wrong", "format"),
        (SAMPLE[:-1], "wrong", "format"),
        ("1101051949123100AX", "wrong", "charset"),
        ("1101051949123100²Y", "wrong", "charset"),
        ("110105194912310021", "wrong", "check_digit"),
        (numbered("11010519490230002"), "wrong", "date"),
        (numbered("11010518490101002"), "wrong", "date"),
        (numbered("11010500000101002"), "wrong", "date"),
        (numbered("11010520261123002"), "wrong", "future"),
        (numbered("99010519900101002"), "suspect", "area"),
        (numbered("11000019900101002"), "suspect", "area"),
        (numbered("31999919900101002"), "wrong", "area"),
        (numbered("81000019900101002"), "wrong", "area"),
    ],
)
def test_every_reason_has_words(number: str, status: str, reason: str) -> None:
    check = ask(number)
    assert (check.status, check.reason) == (status, reason)
    assert check.zh
    assert check.en


def test_the_day_of_birth_itself_is_not_in_the_future() -> None:
    assert ask(numbered("11010520261122002")).status == "valid"


def test_demonstration_numbers_only_in_a_demonstration() -> None:
    number = numbered("31999919900101003")
    assert ask(number, demonstration=True).sex == "1"
    assert not ask(number).acceptable


@pytest.mark.parametrize(
    ("doc_type", "number", "status", "reason"),
    [
        ("港澳台居民居住证", numbered("81000019900101002"), "valid", ""),
        ("hmt_residence", numbered("82000019900101002"), "valid", ""),
        ("港澳台居民居住证", numbered("83000019900101002"), "valid", ""),
        ("港澳台居民居住证", SAMPLE, "wrong", "area"),
        ("港澳居民来往内地通行证", "H12345678", "valid", ""),
        ("港澳居民来往内地通行证", "m1234567890", "valid", ""),
        ("港澳居民来往内地通行证", "H1234567", "wrong", "format"),
        ("港澳居民来往内地通行证", "K12345678", "wrong", "format"),
        ("台湾居民来往大陆通行证", "12345678", "valid", ""),
        ("taiwan_permit", "1234567890", "valid", ""),
        ("台湾居民来往大陆通行证", "123456789", "wrong", "format"),
        ("统一社会信用代码", USCC, "valid", ""),
        ("uscc", USCC[:-1] + "4", "suspect", "check_digit"),
        ("uscc", "91310000MA1FS0000N", "wrong", "charset"),
        ("uscc", USCC[:-1], "wrong", "format"),
        ("uscc", "91A50100M000100Y43", "wrong", "format"),
        ("社会保障卡", SAMPLE, "valid", ""),
        ("社会保障卡", "A12345678", "suspect", "not_checkable"),
        ("外国人永久居留身份证", "USA310012345678", "valid", ""),
        ("外国人永久居留身份证", numbered("91133119900101003"), "valid", ""),
        ("外国人永久居留身份证", "911331199001010031", "wrong", "check_digit"),
        ("外国人永久居留身份证", numbered("91133119901301003"), "wrong", "date"),
        ("外国人永久居留身份证", numbered("91133120270101003"), "wrong", "future"),
        ("外国人永久居留身份证", "812345678901234567", "wrong", "format"),
        ("护照", "E12345678", "suspect", "not_checkable"),
        ("护照", "E1", "wrong", "format"),
        ("驾驶证", "123", "wrong", "doc_type"),
    ],
)
def test_the_other_documents(doc_type: str, number: str, status: str, reason: str) -> None:
    check = ask(number, doc_type)
    assert (check.status, check.reason) == (status, reason)


def test_a_suspect_organisation_code_says_what_was_expected() -> None:
    check = ask(USCC[:-1] + "4", "uscc")
    assert "“3”" in check.zh
    assert "“3”" in check.en
    assert check.acceptable


@pytest.mark.parametrize(
    ("doc_type", "number", "shown"),
    [
        ("居民身份证", SAMPLE, "110***********002X"),
        ("hk_macao_permit", "H12345678", "H******78"),
        ("uscc", USCC, USCC),
        ("护照", "E1", "**"),
    ],
)
def test_masks(doc_type: str, number: str, shown: str) -> None:
    assert mask(doc_type, number) == shown


def test_check_digits_refuse_other_lengths() -> None:
    with pytest.raises(ValueError, match="17"):
        check_digit("123")
    with pytest.raises(ValueError, match="17"):
        uscc_check(USCC)


births = st.dates(date(1900, 1, 1), ON)
bodies = st.builds(
    lambda province, rest, birth, sequence: f"{province}{rest:04}{birth:%Y%m%d}{sequence:03}",
    st.sampled_from(sorted(identifiers.PROVINCES)),
    st.integers(101, 9998),
    births,
    st.integers(0, 999),
)


@given(bodies)
def test_a_made_number_is_valid_and_read_back(body: str) -> None:
    check = ask(numbered(body))
    assert check.status == "valid"
    assert check.birth is not None
    assert f"{check.birth:%Y%m%d}" == body[6:14]
    assert check.sex == ("1" if int(body[16]) % 2 else "2")


@given(bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_wrong_character_is_caught(body: str, place: int, other: str) -> None:
    number = numbered(body)
    slip = number[:place] + other + number[place + 1 :]
    assert (ask(slip).status == "valid") == (slip == number)


@given(bodies, st.integers(0, 16))
def test_swapped_neighbours_are_caught(body: str, place: int) -> None:
    number = numbered(body)
    slip = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (ask(slip).status == "valid") == (slip == number)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.integers(0, 17))
def test_organisation_codes(body: str, place: int) -> None:
    body = body[:2] + "310101" + body[8:]
    code = body + uscc_check(body)
    assert ask(code, "uscc").status == "valid"
    slip = code[:place] + ("1" if code[place] == "0" else "0") + code[place + 1 :]
    assert ask(slip, "uscc").status != "valid"


@given(st.sampled_from([*identifiers.DOC_TYPES, *identifiers.DOC_TYPES.values()]), st.text())
def test_nothing_typed_raises(doc_type: str, number: str) -> None:
    check = ask(number, doc_type)
    assert check.status in {"valid", "suspect", "wrong"}
    assert normalise(check.normalised) == check.normalised
    mask(doc_type, number)
