"""The bank's answer: a CSV, or ISO 20022 CustomerPaymentStatusReport (pain.002). Read, judged line by line.

CSV headings: 批次号 流水号 金额 结果 (成功/失败) 原因代码 入账日期, UTF-8 or GB 18030. What can't be read is
a
problem with its line; the other lines count.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from jiuye.funds.money import cents

HEADINGS = ("批次号", "流水号", "金额", "结果", "原因代码", "入账日期")
WORDS = {"成功": True, "失败": False}
PAID = {"ACSC", "ACCC"}  # settled at the payer's bank, at the payee's bank
REJECTED = {"RJCT", "CANC"}
MOST_BYTES = 200_000_000


class UnreadableError(ValueError):
    """The file as a whole is no answer; the message says why, in words for staff."""


@dataclass(frozen=True)
class Line:
    """One answered transfer. `number`: line of the file or number of the entry, from 1."""

    number: int
    reference: str
    paid: bool
    amount_cents: int | None
    reason: str
    settled_on: date | None


@dataclass(frozen=True)
class Problem:
    number: int
    reference: str
    message: str


@dataclass
class Answer:
    """`whole`: the bank answered for the whole order at once (True paid, False rejected)."""

    order: str | None = None
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: bool | None = None
    whole_reason: str = ""
    on: date | None = None


def read(content: bytes) -> Answer:
    """UnreadableError when it is neither format."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(_("文件过大"))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_xml(content)
    return _read_csv(content)


def _read_csv(content: bytes) -> Answer:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise UnreadableError(_("文件编码不是 UTF-8 或 GB 18030")) from None
    if "\0" in text:
        raise UnreadableError(_("文件不是文本"))
    try:
        return _read_rows(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        raise UnreadableError(_("文件不是 CSV")) from None


def _read_rows(rows: Any) -> Answer:
    heading = [cell.strip() for cell in next(rows, [])]
    missing = [name for name in HEADINGS if name not in heading]
    if missing:
        raise UnreadableError(_("缺少列：%(names)s") % {"names": "、".join(missing)})
    answer, orders = Answer(), set()
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        cell = dict(zip(heading, (item.strip() for item in row), strict=False))
        if cell.get("批次号") == "合计":
            continue
        orders.add(cell.get("批次号", ""))
        _csv_line(answer, rows.line_num, cell)
    if len(orders) > 1:
        raise UnreadableError(_("文件中有多个批次号：%(numbers)s") % {"numbers": "、".join(sorted(orders))})
    answer.order = orders.pop() if orders else None
    return answer


def _csv_line(answer: Answer, number: int, cell: dict[str, str]) -> None:
    reference = cell.get("流水号", "")
    wrong = []
    if not reference:
        wrong.append(_("没有流水号"))
    paid = WORDS.get(cell.get("结果", ""))
    if paid is None:
        wrong.append(_("结果应为“成功”或“失败”，实际为“%(value)s”") % {"value": cell.get("结果", "")})
    amount = settled = None
    try:
        amount = cents(cell.get("金额", "").replace(",", ""))
    except ValueError:
        wrong.append(_("金额不正确：%(value)s") % {"value": cell.get("金额", "")})
    try:
        settled = date.fromisoformat(cell["入账日期"]) if cell.get("入账日期") else None
    except ValueError:
        wrong.append(_("入账日期不正确：%(value)s") % {"value": cell["入账日期"]})
    if wrong or paid is None:
        answer.problems.append(Problem(number, reference, "；".join(wrong)))
    else:
        answer.lines.append(Line(number, reference, paid, amount, cell.get("原因代码", ""), settled))


def _read_xml(content: bytes) -> Answer:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # no entity of ours or of others is ever expanded
        raise UnreadableError(_("文件含有不允许的声明（DOCTYPE）"))
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - no document type, see above
    except (ElementTree.ParseError, ValueError):
        raise UnreadableError(_("不是完整的 XML 文件")) from None
    report = _child(root, "CstmrPmtStsRpt")
    if report is None:
        raise UnreadableError(_("不是 pain.002 回执（CstmrPmtStsRpt）"))
    answer = Answer(on=_day(_value(report, "GrpHdr", "CreDtTm")))
    answer.order = _value(report, "OrgnlGrpInfAndSts", "OrgnlMsgId") or None
    entries = [
        entry for block in _children(report, "OrgnlPmtInfAndSts") for entry in _children(block, "TxInfAndSts")
    ]
    for number, entry in enumerate(entries, 1):
        _xml_line(answer, number, entry)
    status = _value(report, "OrgnlGrpInfAndSts", "GrpSts")
    if not entries and (status in PAID or status in REJECTED):
        answer.whole = status in PAID
        answer.whole_reason = _value(report, "OrgnlGrpInfAndSts", "StsRsnInf", "Rsn", "Cd")
    return answer


def _xml_line(answer: Answer, number: int, entry: ElementTree.Element) -> None:
    reference, status = _value(entry, "OrgnlEndToEndId"), _value(entry, "TxSts")
    if status not in PAID and status not in REJECTED:
        if status not in ("ACTC", "ACSP", "ACWC", "PDNG", "RCVD"):  # under way: the bank will answer again
            answer.problems.append(Problem(number, reference, _("未知状态：%(value)s") % {"value": status}))
        return
    amount = None
    text = _value(entry, "OrgnlTxRef", "Amt", "InstdAmt")
    try:
        amount = cents(text) if text else None
    except ValueError:
        answer.problems.append(Problem(number, reference, _("金额不正确：%(value)s") % {"value": text}))
        return
    if not reference:
        answer.problems.append(Problem(number, "", _("没有流水号（OrgnlEndToEndId）")))
        return
    settled = _day(_value(entry, "AccptncDtTm")) or answer.on
    reason = _value(entry, "StsRsnInf", "Rsn", "Cd")
    answer.lines.append(Line(number, reference, status in PAID, amount, reason, settled))


def _local(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _children(element: ElementTree.Element, name: str) -> Iterable[ElementTree.Element]:
    return (item for item in element if _local(item) == name)


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next(iter(_children(element, name)), None)


def _value(element: ElementTree.Element, *path: str) -> str:
    found: ElementTree.Element | None = element
    for name in path:
        if found is None:
            return ""
        found = _child(found, name)
    return (found.text or "").strip() if found is not None else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
