"""Document numbers: is this number well formed, and what does it say about its holder.

One validator for every document a resident or an employer may show. It answers *valid*, *suspect* (take it,
but have somebody look) or *wrong* (can't be such a number) and says why in plain words. A correct number is
necessary, never sufficient: the register decides who the person is.

Sources: GB 11643-1999 (公民身份号码), ISO 7064 MOD 11-2, GB/T 2260 (province codes),
港澳台居民居住证申领发放办法 (国办发〔2018〕81号), GB 32100-2015 (统一社会信用代码),
社会保险经办条例 6-7条 (社会保障号码); rules R-ID-01 … R-ID-07.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

Status = Literal["valid", "suspect", "wrong"]

#: Short codes used in tables and interfaces, and the words used on paper.
DOC_TYPES: Final[dict[str, str]] = {
    "resident_id": "居民身份证",
    "hmt_residence": "港澳台居民居住证",
    "hk_macao_permit": "港澳居民来往内地通行证",
    "taiwan_permit": "台湾居民来往大陆通行证",
    "uscc": "统一社会信用代码",
    "ss_card": "社会保障卡",
    "foreign_pr": "外国人永久居留身份证",
    "passport": "护照",
}
_CODE_OF: Final[dict[str, str]] = {word: code for code, word in DOC_TYPES.items()}

#: GB/T 2260 province-level codes, without Hong Kong, Macao and Taiwan, which have their own document.
PROVINCES: Final[frozenset[str]] = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)),
    )
)
#: 国办发〔2018〕81号: the area part of a residence permit for residents of Hong Kong, Macao and Taiwan.
HMT_AREAS: Final[dict[str, str]] = {"810000": "香港", "820000": "澳门", "830000": "台湾"}
#: Never issued; numbers of the synthetic demonstration city carry it so that none can be a real person's.
DEMONSTRATION_AREA: Final = "319999"
#: Nobody born before this is alive; an earlier year is a slip of the pen.
EARLIEST_BIRTH: Final = date(1850, 1, 1)

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK: Final = "10X98765432"
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_VALUE: Final = {letter: value for value, letter in enumerate(_USCC_ALPHABET)}
_FULL_WIDTH: Final = {0xFEE0 + plain: plain for plain in range(0x21, 0x7F)}
_CAPITALS: Final = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}
_TO_PLAIN: Final = _CAPITALS | {wide: _CAPITALS.get(plain, plain) for wide, plain in _FULL_WIDTH.items()}
_BLANKS_AND_DASHES: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff·.\-‐-―]+")
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Check:
    """What a number says. `reason` is '' when valid, else a code; `zh` and `en` say it in plain words."""

    status: Status
    reason: str
    zh: str
    en: str
    normalised: str
    birth: date | None = None
    sex: str | None = None  # GB/T 2261.1: '1' 男, '2' 女
    region: str | None = None  # GB/T 2260, six digits, of the first registration

    @property
    def acceptable(self) -> bool:
        """May be recorded: valid, or suspect and to be looked at."""
        return self.status != "wrong"


def doc_type_code(doc_type: str) -> str:
    """The short code of a document type given as code or as Chinese words; KeyError when unknown."""
    return doc_type if doc_type in DOC_TYPES else _CODE_OF[doc_type]


def normalise(number: str) -> str:
    """Full-width to half-width, capitals, no blanks or dashes: ' 31０101-…x' -> '310101…X'."""
    return _BLANKS_AND_DASHES.sub("", number.translate(_TO_PLAIN))


def check_digit(first17: str) -> str:
    """The 18th character of a citizen identity number (GB 11643, ISO 7064 MOD 11-2)."""
    if len(first17) != 17 or not _DIGITS.fullmatch(first17):
        raise ValueError("17 digits expected")
    return _ID_CHECK[sum(w * int(c) for w, c in zip(_ID_WEIGHTS, first17, strict=True)) % 11]


def uscc_check(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015, MOD 31-3)."""
    if len(first17) != 17 or any(c not in _USCC_VALUE for c in first17):
        raise ValueError("17 characters of 0-9 A-Y without I O S V Z expected")
    total = sum(w * _USCC_VALUE[c] for w, c in zip(_USCC_WEIGHTS, first17, strict=True))
    return _USCC_ALPHABET[-total % 31]


def mask(doc_type: str, number: str) -> str:
    """What a screen shows of a number. Codes of organisations are public and stay whole."""
    number = normalise(number)
    if doc_type in ("uscc", DOC_TYPES.get("uscc")):
        return number
    head, tail = (3, 4) if len(number) >= 15 else (1, 2)
    if len(number) <= head + tail:
        return "*" * len(number)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]


def validate(doc_type: str, number: str, on: date | None = None, demonstration: bool = False) -> Check:
    """Check `number` as a document of `doc_type` (code or Chinese words) as of `on` (default: today).

    Never raises for a bad number; an unknown document type is wrong with reason 'doc_type'.
    """
    text = normalise(number)
    today = on or datetime.now(_SHANGHAI).date()
    try:
        code = doc_type_code(doc_type)
    except KeyError:
        return _wrong("doc_type", f"不认识的证件类型：{doc_type}", f"Unknown document type: {doc_type}", text)
    if not text:
        return _wrong("empty", "请填写证件号码", "Please enter the document number", text)
    if code == "resident_id":
        return _identity(text, today, demonstration)
    if code == "hmt_residence":
        return _identity(text, today, demonstration, hmt=True)
    if code == "ss_card":
        return _social_security(text, today, demonstration)
    if code == "hk_macao_permit":
        return _hk_macao(text)
    if code == "taiwan_permit":
        return _taiwan(text)
    if code == "uscc":
        return _uscc(text)
    if code == "foreign_pr":
        return _foreign(text, today)
    return _passport(text)


def _valid(text: str, birth: date | None = None, sex: str | None = None, region: str | None = None) -> Check:
    return Check("valid", "", "号码格式正确", "The number is well formed", text, birth, sex, region)


def _wrong(reason: str, zh: str, en: str, text: str) -> Check:
    return Check("wrong", reason, zh, en, text)


def _suspect(reason: str, zh: str, en: str, text: str) -> Check:
    return Check("suspect", reason, zh, en, text)


def _real_date(eight: str) -> date | None:
    try:
        return date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None


def _identity(text: str, today: date, demonstration: bool, hmt: bool = False) -> Check:
    """R-ID-01 and R-ID-02: area, birth date, sequence (odd = 男), check digit."""
    if len(text) == 15 and _DIGITS.fullmatch(text):
        return _wrong(
            "format",
            "这是15位的旧号码，请填写现在证件上的18位号码",
            "This is an old 15-digit number; please enter the 18-digit number on the present card",
            text,
        )
    if len(text) != 18:
        return _wrong(
            "format",
            f"号码应为18位，现在是{len(text)}位",
            f"The number has 18 characters, this has {len(text)}",
            text,
        )
    if not _DIGITS.fullmatch(text[:17]) or text[17] not in _ID_CHECK:
        return _wrong(
            "charset",
            "前17位应为数字，最后一位应为数字或字母X",
            "The first 17 characters are digits; the last is a digit or X",
            text,
        )
    birth = _real_date(text[6:14])
    if birth is None or birth < EARLIEST_BIRTH:
        return _wrong(
            "date",
            f"第7至14位“{text[6:14]}”不是有效的出生日期",
            f"Characters 7 to 14, “{text[6:14]}”, are not a possible date of birth",
            text,
        )
    if birth > today:
        return _wrong(
            "future",
            f"号码中的出生日期{birth:%Y-%m-%d}晚于今天",
            f"The date of birth in the number, {birth:%Y-%m-%d}, is in the future",
            text,
        )
    if text[17] != check_digit(text[:17]):
        # Which digit is wrong is unknown, so the expected check digit isn't told: it would invite a "repair".
        return _wrong(
            "check_digit",
            "号码的校验位不符，请对照证件检查是否有数字写错",
            "The check digit doesn't match; please compare with the card, a digit is probably wrong",
            text,
        )
    sex = "1" if int(text[16]) % 2 else "2"
    return _area(text, demonstration, hmt) or _valid(text, birth, sex, text[:6])


def _area(text: str, demonstration: bool, hmt: bool) -> Check | None:
    """None when the first six digits fit the document. Everything else of the number is already right."""
    region = text[:6]
    if hmt:
        if region in HMT_AREAS:
            return None
        return _wrong(
            "area",
            "港澳台居民居住证号码以810000、820000或830000开头",
            "A residence permit of this kind begins with 810000, 820000 or 830000",
            text,
        )
    if region in HMT_AREAS:
        return _wrong(
            "area",
            "这是港澳台居民居住证的号码，请改选证件类型",
            "This is the number of a residence permit for residents of Hong Kong, Macao and Taiwan; "
            "please choose that document type",
            text,
        )
    if region == DEMONSTRATION_AREA and not demonstration:
        return _wrong(
            "area",
            "319999开头的号码仅用于演示，从未签发",
            "Numbers beginning with 319999 were never issued and serve for demonstrations only",
            text,
        )
    if region[:2] not in PROVINCES or region[2:] == "0000":
        return _suspect(
            "area",
            f"前6位“{region}”不是有效的行政区划代码",
            f"The first six digits, “{region}”, are not an administrative area",
            text,
        )
    return None


def _social_security(text: str, today: date, demonstration: bool) -> Check:
    """R-ID-06: the 社会保障号码 equals the citizen number. R-ID-07: card numbers have no known pattern."""
    if len(text) == 18 and text[:6] in HMT_AREAS:
        return _identity(text, today, demonstration, hmt=True)
    if len(text) == 18:
        return _identity(text, today, demonstration)
    return _suspect(
        "not_checkable",
        "社会保障卡卡号无法核验，请填写18位社会保障号码（即身份证号码）",
        "The number of the card itself can't be checked; please enter the 18-digit social security number "
        "(it equals the identity number)",
        text,
    )


def _hk_macao(text: str) -> Check:
    """R-ID-03 (a): H or M and 8 digits, or 10 with the older printed issue count."""
    if re.fullmatch(r"[HM](\d{8}|\d{10})", text, re.ASCII):
        return _valid(text)
    return _wrong(
        "format",
        "号码应为字母H或M加8位数字（旧证加10位）",
        "The number is H or M and 8 digits (10 on older permits)",
        text,
    )


def _taiwan(text: str) -> Check:
    """R-ID-03 (b): card 8 digits, older booklet 10."""
    if re.fullmatch(r"\d{8}|\d{10}", text, re.ASCII):
        return _valid(text)
    return _wrong(
        "format", "号码应为8位数字（旧证10位）", "The number is 8 digits (10 in older booklets)", text
    )


def _uscc(text: str) -> Check:
    """R-ID-04. A wrong check digit is only suspect: some lawful early codes have one."""
    if len(text) != 18:
        return _wrong(
            "format",
            f"统一社会信用代码应为18位，现在是{len(text)}位",
            f"A unified social credit code has 18 characters, this has {len(text)}",
            text,
        )
    bad = sorted({c for c in text if c not in _USCC_VALUE})
    if bad:
        return _wrong(
            "charset",
            f"代码中不会出现“{'、'.join(bad)}”（不使用字母I、O、S、V、Z）",
            f"The code never contains “{', '.join(bad)}” (the letters I, O, S, V, Z are not used)",
            text,
        )
    if not _DIGITS.fullmatch(text[2:8]):
        return _wrong(
            "format",
            "第3至8位应为6位登记机关行政区划数字",
            "Characters 3 to 8 are the six digits of the registering authority's area",
            text,
        )
    expected = uscc_check(text[:17])
    if text[17] != expected:
        return _suspect(
            "check_digit",
            f"校验位应为“{expected}”，现为“{text[17]}”；请核对证照，如证照确为此号可继续办理",
            f"The last character should be “{expected}”, it is “{text[17]}”; please compare with the licence "
            "and go on if it says so",
            text,
        )
    return Check("valid", "", "号码格式正确", "The number is well formed", text, region=text[2:8])


def _foreign(text: str, today: date) -> Check:
    """R-ID-05: since 2023-12 18 digits beginning with 9; before, 3 letters and 12 digits."""
    if re.fullmatch(r"[A-Z]{3}\d{12}", text, re.ASCII):
        return _valid(text)
    if not re.fullmatch(r"9\d{16}[\dX]", text, re.ASCII):
        return _wrong(
            "format",
            "号码应为9开头的18位（新证），或3个字母加12位数字（旧证）",
            "The number has 18 digits beginning with 9 (new card), or 3 letters and 12 digits (old card)",
            text,
        )
    birth = _real_date(text[6:14])
    if birth is None or birth < EARLIEST_BIRTH:
        return _wrong("date", "号码中的出生日期无效", "The date of birth in the number is not possible", text)
    if birth > today:
        return _wrong(
            "future", "号码中的出生日期晚于今天", "The date of birth in the number is in the future", text
        )
    if text[17] != check_digit(text[:17]):
        return _wrong(
            "check_digit", "号码的校验位不符，请对照证件检查", "The check digit doesn't match", text
        )
    return _valid(text, birth, "1" if int(text[16]) % 2 else "2")


def _passport(text: str) -> Check:
    """Every state has its own form, so nothing can be said but that it looks like a number at all."""
    if not re.fullmatch(r"[A-Z0-9]{5,20}", text, re.ASCII):
        return _wrong(
            "format",
            "护照号码由5至20位字母或数字组成",
            "A passport number has 5 to 20 letters or digits",
            text,
        )
    return _suspect(
        "not_checkable",
        "护照号码无法自动核验，将由工作人员核对证件",
        "A passport number can't be checked automatically; a member of staff will look at the document",
        text,
    )
