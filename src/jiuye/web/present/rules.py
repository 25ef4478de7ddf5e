"""The rule book in words: addresses, how things stand, values of parameters and their history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiuye.cities.book import SOON, Book, Source, Stands, ended_on
from jiuye.desk import city
from jiuye.foundation import clock
from jiuye.policy.parts import Parameter, ParameterValue, Rule
from jiuye.web import words
from jiuye.web.present import law as words_of
from jiuye.web.present.expression import Sentence

Data = dict[str, Any]
BARE = re.compile(r"\b([a-z]+(?:_[a-z0-9]+)+)\b", re.ASCII)  # a name of the law within a note
SIGNS = {Stands.NOW: "good", Stands.ENDING: "attention", Stands.ENDED: "neutral", Stands.AHEAD: "waiting"}


@dataclass(frozen=True)
class Reading:
    """A book opened on a day. `version`: the hash in the address, "" for the law in force here.

    at: the day whose values are said, where a text is shown that doesn't stand on the day itself.
    """

    book: Book
    on: date
    today: date
    version: str = ""
    at: date | None = None

    @property
    def day(self) -> date:
        return self.at or self.on

    def url(self, view: str, name: str = "") -> str:
        """Address of a page of this book, on this day."""
        arguments = {"name": name} if name else {}
        return address(view, self.on if self.on != self.today else None, self.version, **arguments)

    def title(self, name: str) -> str:
        return words_of.label(name, self.book.law)

    def link(self, name: str) -> Data:
        """A rule or parameter: its words and its page."""
        view = "parameter" if name in self.book.law.parameters else "rule"
        return {"name": name, "title": self.title(name), "url": self.url(view, name)}

    def sentence(self) -> Sentence:
        """Says expressions; rules and parameters are links, a parameter says its value of the day."""
        return Sentence(self.book, self.named, self.cell)

    def named(self, name: str) -> SafeString:
        law = self.book.law
        if name in law.parameters:
            now = law.parameter(name, self.day)
            shown = short(self.book, law.parameters[name], now) if now is not None else _("这一天没有数值")
            value = format_html('<span class="rule-value">{}</span>', _("（%s）") % shown) if shown else ""
            return format_html("{}{}", self.anchor(name), value)
        if name in law.rules:
            return self.anchor(name)
        return format_html('<span class="rule-fact">{}</span>', self.title(name))

    def cell(self, name: str, key: str) -> SafeString:
        """The value of the day of one part of a table."""
        of = self.book.law.parameters.get(name)
        now = of.at(self.day) if of is not None else None
        value = now.value.get(key) if now is not None and isinstance(now.value, dict) else None
        if of is None or not isinstance(value, int | Decimal):
            return SafeString("")
        return format_html('<span class="rule-value">{}</span>', _("（%s）") % number(value, of.unit))

    def anchor(self, name: str) -> SafeString:
        link = self.link(name)
        return format_html('<a href="{}">{}</a>', link["url"], link["title"])

    def note(self, text: str) -> SafeString:
        """A note in the reader's script; what it calls by its bare name is said in words."""
        law = self.book.law
        shown = []
        for part in BARE.split(words.said(text)):
            if part in law.rules or part in law.parameters:
                shown.append(format_html("“{}”", self.anchor(part)))
            elif part in law.facts:
                shown.append(format_html("“{}”", self.title(part)))
            else:
                shown.append(conditional_escape(part))
        return SafeString("".join(shown))


def note_language() -> str:
    """Of notes and sources, which have no English: Chinese in the reader's script."""
    return get_language() or "zh-hans" if words.chinese() else "zh-hans"


def address(view: str, on: date | None = None, version: str = "", **arguments: str) -> str:
    """Of a page of the rule book; with a version its text stays as it was for good."""
    if version:
        arguments["version"] = version
    found = reverse(f"rules:{view}", kwargs=arguments)
    return f"{found}?on={on.isoformat()}" if on is not None else found


def of_rule(name: str, on: date) -> Data:
    """The page of a rule in force here, for an explanation that isn't a decision."""
    today = clock.today()
    return {
        "url": address("rule", None if on == today else on, name=name),
        "text": _("这条规定的全文"),
        "title": words_of.label(name),
    }


def of_outcome(outcome: Mapping[str, Any], decided: bool = True) -> Data | None:
    """The page of the rule behind an outcome (its JSON), on its day; once decided with the text of then."""
    rule = str(outcome.get("rule") or "")
    if not rule.isidentifier() or not outcome.get("on"):
        return None
    on = date.fromisoformat(str(outcome["on"]))
    version = str(outcome.get("version") or "") if decided else ""
    if not version:
        return of_rule(rule, on) if rule in city.law().rules else None
    return {
        "url": address("rule", on, version, name=rule),
        "text": _("这条规定的全文"),
        "title": words.pick(outcome.get("title")) or rule,
    }


# -- how things stand --------------------------------------------------------------------------------------


def standing(stands: Stands, dated: Sequence[Rule] | Sequence[ParameterValue], on: date) -> Data:
    """Sign and words of a rule or parameter on a day."""
    now = next((item for item in dated if item.in_force(on)), None)
    ended = ended_on(dated, on)
    said = {
        Stands.NOW: _("有效"),
        Stands.ENDING: _("快到期：到 %(date)s 为止，还没有接着的规定")
        % {"date": words.day(now.last if now else None)},
        Stands.ENDED: _("已在 %(date)s 到期") % {"date": words.day(ended)},
        Stands.AHEAD: _("还没有生效：%(date)s 起") % {"date": words.day(dated[0].first) if dated else ""},
    }[stands]
    return {"state": SIGNS[stands], "word": said, "code": stands.value}


def stands_words() -> dict[str, str]:
    return {
        "all": _("全部"),
        Stands.NOW: _("有效"),
        Stands.ENDING: _("%(days)s 天内到期") % {"days": SOON},
        Stands.ENDED: _("已经到期"),
        Stands.AHEAD: _("还没有生效"),
        "doubtful": _("有待核实"),
    }


def period(first: date, last: date | None) -> str:
    if first == date.min:
        return _("到 %(date)s") % {"date": words.day(last)} if last else _("一直有效")
    if last is None:
        return _("%(date)s 起") % {"date": words.day(first)}
    return f"{words.day(first)} – {words.day(last)}"


def sources(reading: Reading, keys: str) -> list[Data]:
    """Sources named as S01;S02; what isn't a key stays as it was written."""
    found = []
    for key in filter(None, (part.strip() for part in keys.split(";"))):
        source = reading.book.source(key)
        if source is None:
            found.append(
                {
                    "key": "",
                    "text": _("凭记忆，没有见到原文") if key == "recalled" else words.said(key),
                    "url": "",
                }
            )
        else:
            found.append(source_link(reading, source))
    return found


def source_link(reading: Reading, source: Source) -> Data:
    return {
        "key": source.key,
        "text": words.said(source.text),
        "url": f"{reading.url('sources')}#{source.key}",
        "seen": source.seen,
    }


def all_sources(reading: Reading) -> list[Data]:
    return [source_link(reading, source) for source in reading.book.sources.values()]


# -- parameters --------------------------------------------------------------------------------------------


COUNTED = {
    "月": "month", "年": "year", "日": "day", "日历日": "day", "工作日": "working day", "周": "week",
    "小时": "hour", "次": "count", "人": "person", "分钟": "minute", "月/年": "month a year",
}  # fmt: skip


def units() -> dict[str, str]:
    """Units of parameters in words, besides those that count something and a share."""
    return {
        "周岁": _("%(number)s 周岁"),
        "岁": _("%(number)s 周岁"),
        "小时/参考周": _("每周 %(number)s 小时"),
        "倍": _("%(number)s 倍"),
        "元": _("%(number)s 元"),
        "元/月": _("每月 %(number)s 元"),
        "元/人月": _("每人每月 %(number)s 元"),
        "元/人": _("每人 %(number)s 元"),
        "元/人次": _("每人次 %(number)s 元"),
        "元/小时": _("每小时 %(number)s 元"),
        "元/年": _("每年 %(number)s 元"),
        "万人": _("%(number)s 万人"),
        "万元": _("%(number)s 万元"),
        "米": _("%(number)s 米"),
        "公里/小时": _("每小时 %(number)s 公里"),
        "百分比": _("%(number)s%%"),
    }


def number(value: int | Decimal, unit: str) -> str:
    """A number with its unit; a share as a percentage, a year without a separator."""
    if unit == "比例":
        return f"{_plain(Decimal(value) * 100)}%"
    if unit == "年份":
        return str(value)
    grouped = f"{Decimal(_plain(Decimal(value))):,f}"
    if unit in COUNTED:
        return words_of.counted(value, COUNTED[unit], grouped)
    template = units().get(unit)
    return template % {"number": grouped} if template else grouped


def _plain(value: Decimal) -> str:
    whole = value.to_integral_value()
    return f"{whole:f}" if value == whole else f"{value.normalize():f}"


def key_words(book: Book, parameter: Parameter, key: str) -> str:
    table = book.codes.get(parameter.name)
    return words_of.code(table, key, book.law) if table else words.pick(book.keys.get(key)) or key


def short(book: Book, parameter: Parameter, item: ParameterValue) -> str:
    """A value on one line; "" for what needs a table."""
    value = item.value
    if value is None:
        return _("没有数值")
    if isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int | Decimal):
        return number(value, parameter.unit)
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, tuple):
        table = book.codes.get(parameter.name)
        return _("、").join(
            words_of.code(table, one, book.law) if table else words.said(one) for one in value
        ) or _("没有")
    return words_of.text(parameter.name, value, of=book.law)


def table(book: Book, parameter: Parameter, item: ParameterValue) -> list[Data]:
    """Rows of a value that is a table."""
    if not isinstance(item.value, dict):
        return []
    return [
        {
            "key": key_words(book, parameter, str(key)),
            "value": number(one, parameter.unit) if isinstance(one, int | Decimal) else words.said(str(one)),
        }
        for key, one in item.value.items()
    ]


def status(item: ParameterValue) -> Data:
    if item.status == "verified":
        return {"state": "good", "word": _("见过原文")}
    share = f"{_plain(item.confidence * 100)}%" if item.confidence is not None else ""
    word = _("待核实（把握 %(share)s）") % {"share": share} if share else _("待核实")
    return {"state": "attention", "word": word}


def parameter(reading: Reading, name: str) -> Data:
    """A parameter with its value of the day and its whole history."""
    book, of = reading.book, reading.book.law.parameters[name]
    now = of.at(reading.day)
    return {
        **reading.link(name),
        "stands": standing(book.stands(name, reading.day), of.values, reading.day),
        "value": short(book, of, now) if now else _("这一天没有数值"),
        "rows": table(book, of, now) if now else [],
        "status": status(now) if now else None,
        "recalled": bool(now and now.status == "recalled"),
        "basis": words.said(of.basis),
        "note": reading.note(of.note),
        "history": [
            {
                "period": period(item.first, item.last),
                "value": short(book, of, item),
                "rows": table(book, of, item),
                "sources": sources(reading, item.source),
                "status": status(item),
                "note": reading.note(item.note),
                "gap": reading.note(item.gap_before),
                "now": item is now,
            }
            for item in reversed(of.values)
        ],
        "chart": chart(reading, of),
    }


WIDTH, HEIGHT, ENOUGH = 100, 40, 3  # of the drawing, in its own units; values from which one is drawn


def chart(reading: Reading, of: Parameter) -> Data | None:
    """Steps over time of a number with enough values. y grows downwards; the lowest line is nought."""
    drawn = [
        item
        for item in of.values
        if isinstance(item.value, int | Decimal) and not isinstance(item.value, bool)
    ]
    if len(drawn) < ENOUGH or len(drawn) != len([item for item in of.values if item.value is not None]):
        return None
    first, last = drawn[0].first, max(drawn[-1].last or reading.today, reading.today, drawn[-1].first)
    span, top = max((last - first).days, 1), max(Decimal(item.value) for item in drawn)  # type: ignore[arg-type]
    if top <= 0 or first == date.min:
        return None

    def across(day: date) -> float:
        return round(WIDTH * (day - first).days / span, 2)

    bars = []
    for item in drawn:
        left, right = across(item.first), across(min(item.last or last, last))
        height = round(float(HEIGHT * Decimal(item.value) / top), 2)  # type: ignore[arg-type]
        bars.append(
            {
                "x": left, "width": max(round(right - left, 2), 0.4), "y": round(HEIGHT - height, 2),
                "height": height, "recalled": item.status == "recalled",
                "now": item.in_force(reading.day),
            }
        )  # fmt: skip
    lowest, highest = drawn[0], drawn[-1]
    return {
        "bars": bars,
        "width": WIDTH,
        "height": HEIGHT,
        "first": str(first.year),
        "last": str(last.year),
        "top": number(top, of.unit),
        "recalled": any(bar["recalled"] for bar in bars),
        "words": _("%(count)s 次数值：从 %(from)s（%(first)s）到 %(to)s（%(last)s）。")
        % {
            "count": len(drawn),
            "from": number(lowest.value, of.unit),  # type: ignore[arg-type]
            "first": words.month(lowest.first),
            "to": number(highest.value, of.unit),  # type: ignore[arg-type]
            "last": words.month(highest.first),
        },
    }
