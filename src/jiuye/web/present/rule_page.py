"""One rule as a page: for whom, its conditions, amounts, history, what it reads, examples that run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.cities import worked
from jiuye.cities.book import Book, Stands, fingerprint, reads
from jiuye.cities.worked import Answer, Worked
from jiuye.desk import city, menu_data
from jiuye.desk.menu_data import Entry
from jiuye.policy.parts import OF_EMPLOYER, Rule
from jiuye.web import words
from jiuye.web.present import law as words_of
from jiuye.web.present import rule_tree
from jiuye.web.present.rules import (
    Reading,
    address,
    parameter,
    period,
    source_link,
    sources,
    standing,
)

Data = dict[str, Any]
OPEN_EXAMPLES = 1  # the others are folded


def page(reading: Reading, name: str) -> Data:
    """Context of rules/rule.html."""
    book, law = reading.book, reading.book.law
    rule, stands = book.shown(name, reading.on), book.stands(name, reading.on)
    if not rule.in_force(reading.on):  # its own last day, or its first: then it has numbers
        reading = replace(reading, at=rule.first if rule.first > reading.on else rule.last)
    topic, file = book.topic_of(name)
    entry, part = of_menu(name)
    used = [other for other in reads(rule) if other != name]
    stop = f"{name}_stop"
    return {
        "name": name,
        "id": rule.id,
        "title": words_of.title(rule, law),
        "topic": words.pick(topic.words),
        "file": words.pick(topic.files[file]),
        "topic_url": f"{reading.url('index')}#{topic.code}",
        "plain": words.pick(entry.plain) if entry and part == "rule" else "",
        "kind": kind(rule),
        "whom": whom(rule, entry, book),
        "stands": standing(stands, law.rules[name], reading.on),
        "in_force": stands in (Stands.NOW, Stands.ENDING),
        "shown_period": period(rule.first, rule.last),
        "basis": words.said(rule.basis),
        "sources": rule_sources(reading, rule),
        "note": reading.note(rule.note),
        "open": book.open(name, reading.on),
        "recalled": [
            reading.link(other) for other in law.parameters if other in book.recalled(name, reading.day)
        ],
        "values_on": words.day(reading.day) if reading.at else "",
        "tree": rule_tree.tree(reading, rule.condition),
        "worked_out": rule_tree.worked_out(reading, rule),
        "code": rule_tree.text(rule),
        "stops": stops(reading, stop) if stop in law.rules else None,
        "stop_of": reading.link(rule.stop_of) if rule.stop_of else None,
        "excluded": [reading.link(other) for other in law.excluded(name)],
        "prefer": words.pick(rule.prefer),
        "goes_on": [
            {"period": period(old.first, old.last), "last": words.day(old.last), "tree": whole(reading, old)}
            for old in law.rules[name]
            if old.goes_on is not None and old.first <= reading.on
        ],
        "parameters": [parameter(reading, other) for other in used if other in law.parameters],
        "facts": facts(reading, used),
        "reads": [reading.link(other) for other in used if other in law.rules],
        "readers": [reading.link(other) for other in book.readers.get(name, ())],
        "beside": [reading.link(other) for other in book.files[file] if other != name],
        "part_of": part_of(reading, entry, part, name),
        "parts": menu_parts(reading, entry) if entry and part == "rule" else [],
        "entry": entry,
        "versions": versions(reading, name, rule),
        "fingerprint": fingerprint(rule)[:12],
    }


def kind(rule: Rule) -> str:
    if rule.kind == "condition":
        return _("条件")
    if rule.kind == "schedule":
        return _("每个月的金额")
    return {
        "number": _("金额") if rule.type.unit == "yuan" else _("数值"),
        "date": _("日期"),
        "month": _("月份"),
        "bool": _("条件"),
    }.get(rule.type.kind, _("结果"))


def whom(rule: Rule, entry: Entry | None, book: Book) -> str:
    if rule.entity == OF_EMPLOYER:
        return _("用人单位")
    if entry is not None and entry.about_worker:
        return _("用人单位（逐个看每名职工）")
    household = any(item.of_household for item in rule.expressions())
    return _("个人（要看全家的情况）") if household else _("个人")


def whole(reading: Reading, old: Rule) -> Data | None:
    return rule_tree.tree(reading, old.goes_on)


def rule_sources(reading: Reading, rule: Rule) -> Data:
    """Where the clause was read; if nothing names it, where the numbers it uses were."""
    book = reading.book
    found = book.sources_of(rule.basis)
    if found:
        return {"of": "clause", "rows": [source_link(reading, source) for source in found]}
    keys: dict[str, None] = {}
    for name in reads(rule):
        value = book.law.parameter(name, reading.day) if name in book.law.parameters else None
        for key in (value.source if value else "").split(";"):
            if book.source(key) is not None:
                keys[key] = None
    return {"of": "numbers", "rows": sources(reading, ";".join(keys))}


def stops(reading: Reading, name: str) -> Data:
    rule = reading.book.shown(name, reading.day)
    return {**reading.link(name), "tree": rule_tree.tree(reading, rule.condition)}


def facts(reading: Reading, used: Iterable[str]) -> list[Data]:
    """What has to be known, and where it comes from."""
    law = reading.book.law
    said = {
        "register": _("登记里查得到"),
        "person": _("本人说"),
        "document": _("要看材料"),
        "staff": _("工作人员核实"),
    }
    return [
        {
            "name": name,
            "label": words.pick(fact.label),
            "supplier": said[fact.supplier],
            "evidence": words.pick(fact.evidence),
            "about": _("单位的情况") if fact.entity == OF_EMPLOYER else "",
        }
        for name in used
        if (fact := law.facts.get(name)) is not None
    ]


# -- the menu ----------------------------------------------------------------------------------------------


def of_menu(name: str) -> tuple[Entry | None, str]:
    """The benefit of the menu that a rule belongs to, and as which of its parts."""
    for part in ("rule", "amount", "schedule", "months", "deadline"):
        for entry in menu_data.current().entries:
            if getattr(entry, part) == name:
                return entry, part
    return None, ""


def menu_parts(reading: Reading, entry: Entry) -> list[Data]:
    """Amount, months and last day of a benefit, each with how it is worked out."""
    said = {
        "amount": {"month": _("每月多少"), "once": _("一次多少"), "year": _("每年多少")}.get(
            entry.per or "", ""
        ),
        "schedule": _("每个月多少"),
        "months": _("领几个月"),
        "deadline": _("最晚什么时候申请"),
    }
    found = []
    for part, label in said.items():
        name = getattr(entry, part)
        if name and name in reading.book.law.rules and name != entry.rule:
            rule = reading.book.shown(name, reading.day)
            found.append(
                {**reading.link(name), "label": label, "worked_out": rule_tree.worked_out(reading, rule)}
            )
    return found


def part_of(reading: Reading, entry: Entry | None, part: str, name: str) -> Data | None:
    """Of an amount or a last day: the benefit it belongs to."""
    if entry is None or part == "rule" or entry.rule not in reading.book.law.rules:
        return None
    return reading.link(entry.rule)


def try_url(entry: Entry | None, portal: str) -> str:
    """Where one may try it out with one's own situation; staff have none of their own here."""
    if entry is None:
        return ""
    own = "employer" if entry.audience == menu_data.EMPLOYER else "resident"
    return reverse(f"{own}:what_if") if portal in ("", own) else ""


# -- versions and examples ---------------------------------------------------------------------------------


def versions(reading: Reading, name: str, shown: Rule) -> list[Data]:
    """Newest first. Each is opened on its first day that the calendar knows."""
    found = []
    for rule in reversed(reading.book.law.rules[name]):
        on = max(rule.first, date(1990, 1, 1)) if rule.first != date.min else None
        if on is None and rule.last is not None:
            on = rule.last
        found.append(
            {
                "period": period(rule.first, rule.last),
                "basis": words.said(rule.basis),
                "fingerprint": fingerprint(rule)[:12],
                "gap": reading.note(rule.gap_before),
                "shown": rule is shown,
                "url": address("rule", on, reading.version, name=name),
            }
        )
    return found


def changed(reading: Reading, name: str) -> str:
    """Whether a rule of an archived law still says the same in the law in force here."""
    now = city.law().rules.get(name)
    if now is None:
        return "gone"
    then = [fingerprint(rule) for rule in reading.book.law.rules[name]]
    return "same" if then == [fingerprint(rule) for rule in now] else "changed"


def examples(reading: Reading, name: str) -> Data:
    """The public cases put to this law at this moment; of rules that read it when it has none of its own."""
    all_cases, law = worked.examples(city.folder()), reading.book.law
    found = all_cases.run(name, law)
    others = [] if found else [other for other in reading.book.readers.get(name, ()) if other in all_cases.of]
    rows = [_example(reading, case, name, number) for number, case in enumerate(found)]
    same = sum(case.good for case in found)
    return {
        "rows": rows,
        "same": same,
        "differ": len(found) - same,
        "others": [reading.link(other) for other in others[:6]],
    }


def _example(reading: Reading, case: Worked, name: str, number: int) -> Data:
    mark = (
        ("good", _("相同"))
        if case.good
        else ("attention", _("不同，原文这里不清楚"))
        if case.open
        else ("stop", _("不同"))
    )
    answers = [_answer(reading, answer, name) for answer in case.answers]
    return {
        "id": case.id,
        "title": words.said(case.title),
        "on": words.day(case.on),
        "given": _stated(reading, case.given),
        "presumed": _stated(reading, case.presumed),
        "answers": sorted(answers, key=lambda row: not row["own"]),
        "state": mark[0],
        "word": mark[1],
        "published": case.published,
        "unfolded": number < OPEN_EXAMPLES,
    }


def _stated(reading: Reading, stated: Mapping[str, Any]) -> list[Data]:
    law = reading.book.law
    return [
        {"label": reading.title(name), "value": words_of.text(name, value, of=law)}
        for name, value in stated.items()
    ]


def _answer(reading: Reading, answer: Answer, name: str) -> Data:
    law = reading.book.law
    about = name if name in answer.names else answer.names[0]
    take = {"months": _("月数"), "total": _("合计"), "segments": _("分段"), "first_amount": _("首月")}.get(
        answer.take, ""
    )
    title = reading.title(about)

    def said(value: Any) -> str:
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            return _("；").join(_segment(one) for one in value)
        if answer.take == "months" and value is not None:
            return words_of.number(value, "month")
        if answer.take in ("total", "first_amount") and value is not None:
            return words_of.number(value, "yuan")
        try:
            return words_of.text(about, value, of=law)
        except (ValueError, TypeError, AttributeError):
            return str(value)

    return {
        "label": f"{title} · {take}" if take else title,
        "own": name in answer.names,
        "expected": said(answer.expected),
        "got": said(answer.got),
        "same": answer.same,
    }


def _segment(row: Mapping[str, Any]) -> str:
    """A stretch of months with one amount."""
    first, last = (words.month_of_text(str(row[key])) for key in ("from_month", "to_month"))
    return _("%(months)s 每月 %(amount)s") % {
        "months": words.months(first, last),
        "amount": words.yuan(row["yuan_per_month"]),
    }
