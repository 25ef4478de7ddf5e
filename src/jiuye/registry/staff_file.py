"""A staff file as employers write it: CSV with Chinese headings, UTF-8 or GB 18030. Checks each cell.

Knows nothing of the registers; what it can't say from the file alone is said by `actions.uploads`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.translation import gettext as _

from jiuye.foundation import clock, names
from jiuye.foundation.errors import UserError
from jiuye.policy import Month
from jiuye.registry import codes, documents
from jiuye.registry.documents import Document

NAME, TYPE, NUMBER, PHONE = "姓名", "证件类型", "证件号码", "手机号码"
CONTRACT, START, UNTIL, OCCUPATION = "合同类型", "合同开始日期", "合同到期日期", "职业代码"
END, REASON = "终止日期", "终止原因"
FROM_MONTH, TO_MONTH, BASE = "缴费起始月", "缴费截止月", "缴费基数"
#: In the order of the example file.
COLUMNS: Final = (
    NAME, TYPE, NUMBER, PHONE, CONTRACT, START, UNTIL, OCCUPATION, END, REASON, FROM_MONTH, TO_MONTH, BASE
)  # fmt: skip
REQUIRED: Final = (NAME, TYPE, NUMBER, START)
#: Other headings that are in use.
ALIASES: Final = {
    "手机": PHONE,
    "联系电话": PHONE,
    "证件号": NUMBER,
    "身份证号": NUMBER,
    "身份证号码": NUMBER,
    "入职日期": START,
    "合同结束日期": UNTIL,
    "离职日期": END,
    "合同终止日期": END,
    "离职原因": REASON,
    "合同终止原因": REASON,
}
_DATE: Final = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))", re.ASCII)
_PHONE: Final = re.compile(r"1\d{10}", re.ASCII)
_MOST_ROWS: Final = 100_000


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell. `value` is what was typed, a document number masked."""

    row: int
    column: str
    value: str
    message: str


@dataclass
class Row:
    """One line of the file; `line` counts from the heading, which is 1. Only good cells are filled."""

    line: int
    name: str = ""
    document: Document | None = None
    phone: str | None = None
    contract_type: str | None = None
    start: date | None = None
    until: date | None = None
    occupation: str | None = None
    end: date | None = None
    reason: str | None = None
    first_month: date | None = None
    last_month: date | None = None
    base_cents: int | None = None
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, value: str, message: str) -> None:
        """Note what is wrong in a cell."""
        shown = documents.mask_typed(value) if column == NUMBER else value
        self.problems.append(Problem(self.line, column, shown[:200], message[:300]))


def read(content: bytes) -> list[Row]:
    """All rows, blank ones left out. UserError (field `file`) where it isn't such a file at all."""
    lines = csv.reader(io.StringIO(_text(content)))
    try:
        heading = [_heading(cell) for cell in next(lines, [])]
        missing = [column for column in REQUIRED if column not in heading]
        if missing:
            raise UserError(
                _("第一行应当是列名，还缺少：%(columns)s") % {"columns": "、".join(missing)}, field="file"
            )
        twice = {column for column in heading if column and heading.count(column) > 1}
        if twice:
            raise UserError(_("列名重复：%(columns)s") % {"columns": "、".join(sorted(twice))}, field="file")
        rows = list(_rows(lines, heading))
    except csv.Error as error:
        raise UserError(_("文件内容无法读取，请另存为CSV后再传"), field="file") from error
    if not rows:
        raise UserError(_("文件里没有人员"), field="file")
    _mark_repeated(rows)
    return rows


def _text(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UserError(_("这是Excel文件，请另存为CSV后再传"), field="file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError(_("文件的文字编码无法识别，请用UTF-8或GB 18030保存"), field="file")


def _heading(cell: str) -> str:
    word = names.normalise(cell.lstrip("\ufeff")).rstrip("*")
    word = re.sub(r"[(（].*[)）]$", "", word)
    return ALIASES.get(word, word)


def _rows(lines: Iterator[list[str]], heading: list[str]) -> Iterator[Row]:
    for count, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if count > _MOST_ROWS:
            raise UserError(_("文件超过%(rows)s行，请分成几个再传") % {"rows": _MOST_ROWS}, field="file")
        given = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
        yield _Reader(Row(count), given).row()


class _Reader:
    """Reads the cells of one row."""

    def __init__(self, row: Row, given: dict[str, str]) -> None:
        self.it, self.given = row, given

    def cell(self, column: str) -> str:
        # A leading apostrophe keeps a spreadsheet from making a number of a document number.
        return self.given.get(column, "").lstrip("'").strip()

    def row(self) -> Row:
        it = self.it
        self._person()
        it.start = self._date(START, required=True)
        it.until, it.end = self._date(UNTIL), self._date(END)
        it.contract_type = self._code(CONTRACT, "contract_type")
        it.occupation = self.cell(OCCUPATION)[:16] or None
        it.reason = self._code(REASON, "separation_reason")
        it.first_month, it.last_month = self._month(FROM_MONTH), self._month(TO_MONTH)
        self._base()
        if not it.problems:
            self._together()
        return it

    def _person(self) -> None:
        it, name = self.it, names.normalise(self.cell(NAME))
        strange = names.unsupported(name)
        if not name:
            it.wrong(NAME, "", _("没有填姓名"))
        elif strange:
            it.wrong(NAME, name, _("姓名中有无法识别的字符：%(list)s") % {"list": "、".join(strange)})
        elif len(name) > 200:
            it.wrong(NAME, name, _("姓名太长"))
        it.name = name
        kind = self._code(TYPE, "id_type", required=True)
        number = self.cell(NUMBER)
        if re.fullmatch(r"\d(\.\d+)?E\+\d+", number, re.ASCII):
            it.wrong(NUMBER, number, _("号码被表格软件改成了科学计数，请把该列设为文本后重填"))
        elif kind:
            found = documents.read(kind, number)
            if found.check.acceptable:
                it.document = found
            else:
                it.wrong(NUMBER, number, found.check.zh)
        phone = re.sub(r"[\s-]", "", self.cell(PHONE))
        if phone and not _PHONE.fullmatch(phone):
            it.wrong(PHONE, phone, _("手机号码应为1开头的11位数字"))
        it.phone = phone or None

    def _code(self, column: str, table: str, required: bool = False) -> str | None:
        """A code, or its words."""
        cell = self.cell(column)
        if not cell:
            if required:
                self.it.wrong(column, "", _("没有填%(column)s") % {"column": column})
            return None
        padded = cell.zfill(2) if cell.isdigit() and not codes.known(table, cell) else cell.upper()
        if codes.known(table, padded):
            return padded
        code = codes.words(table).get(cell) or (documents.CODES.get(cell) if table == "id_type" else None)
        code = code or _one_that_begins(codes.words(table), cell)
        if code is None:
            self.it.wrong(column, cell, _("没有这种%(column)s，请按列表填写代码或名称") % {"column": column})
        return code

    def _date(self, column: str, required: bool = False) -> date | None:
        cell = self.cell(column)
        if not cell:
            if required:
                self.it.wrong(column, "", _("没有填%(column)s") % {"column": column})
            return None
        found = _DATE.fullmatch(cell.split(" ")[0])
        try:
            if found is None:
                raise ValueError(cell)
            year, month, day = found[1], found[2] or found[4], found[3] or found[5]
            return date(int(year), int(month), int(day))
        except ValueError:
            self.it.wrong(column, cell, _("不是有效的日期，请写成2026-03-01这样"))
            return None

    def _month(self, column: str) -> date | None:
        """The first day of the month."""
        cell = self.cell(column)
        if not cell:
            return None
        found = _MONTH.fullmatch(cell)
        try:
            if found is None:
                raise ValueError(cell)
            return Month.parse(f"{found[1]}-{found[2] or found[3]}").first_day
        except ValueError:
            self.it.wrong(column, cell, _("不是有效的月份，请写成2026-03这样"))
            return None

    def _base(self) -> None:
        cell = self.cell(BASE).replace(",", "").replace("，", "").lstrip("¥￥")
        if not cell:
            return
        try:
            yuan = Decimal(cell)
        except InvalidOperation:
            self.it.wrong(BASE, cell, _("缴费基数应为金额（元），如12000"))
            return
        if not yuan.is_finite() or yuan <= 0 or yuan * 100 != int(yuan * 100) or yuan >= 10**9:
            self.it.wrong(BASE, cell, _("缴费基数应为大于0、最多两位小数的金额（元）"))
            return
        self.it.base_cents = int(yuan * 100)

    def _together(self) -> None:
        """What only two cells together show."""
        it, today = self.it, clock.today()
        assert it.start is not None
        birth = it.document.check.birth if it.document else None
        if it.start > today:
            it.wrong(START, it.start.isoformat(), _("合同开始日期不能晚于今天"))
        elif birth is not None and it.start <= birth:
            it.wrong(START, it.start.isoformat(), _("合同开始日期早于此人的出生日期"))
        if it.until is not None and it.until < it.start:
            it.wrong(UNTIL, it.until.isoformat(), _("合同到期日期早于合同开始日期"))
        if it.end is not None and it.end < it.start:
            it.wrong(END, it.end.isoformat(), _("终止日期早于合同开始日期"))
        elif it.end is not None and it.end > today:
            it.wrong(END, it.end.isoformat(), _("终止日期不能晚于今天"))
        if it.end is not None and it.reason is None:
            it.wrong(REASON, "", _("填了终止日期，还要填终止原因"))
        if it.end is None and it.reason is not None:
            it.wrong(END, "", _("填了终止原因，还要填终止日期"))
        self._months_together(today)

    def _months_together(self, today: date) -> None:
        it = self.it
        if it.first_month is None and it.last_month is None:
            return
        if it.first_month is None:
            it.wrong(FROM_MONTH, "", _("填了缴费截止月，还要填缴费起始月"))
        elif it.last_month is None:
            it.wrong(TO_MONTH, "", _("填了缴费起始月，还要填缴费截止月"))
        elif it.last_month < it.first_month:
            it.wrong(TO_MONTH, f"{it.last_month:%Y-%m}", _("缴费截止月早于缴费起始月"))
        elif it.last_month > today:
            it.wrong(TO_MONTH, f"{it.last_month:%Y-%m}", _("缴费截止月不能晚于本月"))


def _mark_repeated(rows: list[Row]) -> None:
    """One number twice: every row after the first is wrong, for the file doesn't say which one counts."""
    first: dict[str, int] = {}
    for row in rows:
        if row.document is None:
            continue
        earlier = first.setdefault(row.document.number, row.line)
        if earlier != row.line:
            row.wrong(
                NUMBER,
                row.document.number,
                _("与第%(row)s行的证件号码相同，同一人只填一行") % {"row": earlier},
            )


def _one_that_begins(words: dict[str, str], cell: str) -> str | None:
    """The code whose words, apart from the clause in brackets, are these."""
    found = {code for word, code in words.items() if re.split(r"[(（]", word)[0] == cell}
    return found.pop() if len(found) == 1 else None
