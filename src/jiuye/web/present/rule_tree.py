"""The conditions of a rule as a nested list in words, and its text as the machine reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jiuye.policy.parts import ConditionText, Rule
from jiuye.web import words
from jiuye.web.present.expression import Sentence
from jiuye.web.present.rules import Reading

Data = dict[str, Any]


def tree(reading: Reading, text: ConditionText | None) -> Data | None:
    """{quantifier, parts: [{label, clause, said, link, remedy, quantifier, parts}]} for c-rule-tree."""
    if text is None:
        return None
    say = reading.sentence()
    if text.when is None:
        return {
            "quantifier": quantifier(text.quantifier),
            "parts": [_condition(reading, say, part) for part in text.parts],
        }
    return _said(reading, say, text.when.body) | {"label": ""}


def quantifier(kind: str) -> str:
    return _("符合其中一条就可以") if kind == "any" else _("每一条都要符合")


def _condition(reading: Reading, say: Sentence, text: ConditionText) -> Data:
    shown: Data = {
        "label": words.pick(text.label),
        "clause": words.said(text.basis),
        "remedy": words.pick(text.remedy),
        "parts": [],
        "quantifier": "",
    }
    if text.when is None:
        parts = [_condition(reading, say, part) for part in text.parts]
        return shown | {"quantifier": quantifier(text.quantifier), "parts": parts}
    return shown | _said(reading, say, text.when.body, shown["label"])


def _said(reading: Reading, say: Sentence, body: Any, label: str = "") -> Data:
    """An expression: “and” and “or” become lists, a rule's name a link, a mere fact nothing more.

    said: in words, "" when the label says the same.
    """
    if isinstance(body, ast.BoolOp):
        kind = "all" if isinstance(body.op, ast.And) else "any"
        parts = [_said(reading, say, item) | {"label": ""} for item in body.values]
        return {"quantifier": quantifier(kind), "parts": parts, "said": "", "link": None}
    name = body.id if isinstance(body, ast.Name) else ""
    if name in reading.book.law.rules:
        return {"said": "", "link": reading.link(name), "quantifier": "", "parts": []}
    said = say.say(body)
    same = bool(name) and bool(label) and name in reading.book.law.facts
    return {"said": "" if same else said, "link": None, "quantifier": "", "parts": []}


def worked_out(reading: Reading, rule: Rule) -> list[Data]:
    """How a value or the months of a rule arise: [{label, said}]; a rule that is only a name is a link."""
    say, codes = reading.sentence(), rule.type.codes
    rows: list[tuple[str, Any]] = []
    if rule.given is not None:
        rows.append((_("前提"), rule.given))
    if rule.value is not None:
        rows.append((_("结果"), rule.value))
    if rule.schedule is not None:
        rows += [
            (_("从哪个月起"), rule.schedule.first),
            (_("几个月"), rule.schedule.count),
            (_("每个月"), rule.schedule.value),
        ]
    if rule.otherwise is not None:
        rows.append((_("不符合前提时"), rule.otherwise))
    shown = [{"label": label, "said": say.say(item.body, codes)} for label, item in rows]
    for name, item in rule.schedule.bind.items() if rule.schedule is not None else ():
        if item.text != "index":  # which month it is goes without saying
            table = reading.book.law.facts[name].codes if name in reading.book.law.facts else None
            label = _("其中%(what)s按") % {"what": reading.title(name)}
            shown.append({"label": label, "said": say.say(item.body, table)})
    return shown


def text(rule: Rule) -> str:
    """The rule as the machine reads it."""
    return "\n".join(_lines(rule))


def _lines(rule: Rule) -> Iterator[str]:
    yield f"rule: {rule.name}"
    if rule.entity != "person":
        yield f"for: {rule.entity}"
    if rule.first != date.min:
        yield f"from: {rule.first}"
    if rule.last is not None:
        yield f"until: {rule.last}"
    if rule.given is not None:
        yield f"given: {rule.given.text}"
    if rule.condition is not None:
        yield from _group(rule.condition, "", named=False)
    if rule.value is not None:
        yield f"value: {rule.value.text}"
    if rule.otherwise is not None:
        yield f"otherwise: {rule.otherwise.text}"
    if rule.schedule is not None:
        yield "schedule:"
        yield f"  first: {rule.schedule.first.text}"
        yield f"  count: {rule.schedule.count.text}"
        yield f"  value: {rule.schedule.value.text}"
        if rule.schedule.bind:
            yield "  bind:"
            yield from (f"    {name}: {item.text}" for name, item in rule.schedule.bind.items())
    if rule.excludes:
        yield f"excludes: [{', '.join(rule.excludes)}]"
    if rule.goes_on is not None:
        yield "goes_on_for:"
        yield from _group(rule.goes_on, "  ", named=False)


def _group(text: ConditionText, indent: str, named: bool = True) -> Iterator[str]:
    if text.when is not None:
        yield f"{indent}{text.name}: {text.when.text}" if named else f"{indent}when: {text.when.text}"
        return
    if named:
        yield f"{indent}{text.name}:"
        indent += "  "
    yield f"{indent}{text.quantifier}:"
    for part in text.parts:
        yield from _group(part, indent + "  ")
