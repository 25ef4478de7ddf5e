"""Applications of employers in words, for their agents and for the district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import assess, catalogue, city, employers, inputs, values
from jiuye.desk.catalogue import Item
from jiuye.desk.employers import Asked
from jiuye.desk.models import EmployerCase, EmployerMonth
from jiuye.desk.models.employer_case import EmployerCaseState as State
from jiuye.desk.values import from_json
from jiuye.foundation import city as calendars
from jiuye.foundation import clock
from jiuye.policy import Fact
from jiuye.web import words
from jiuye.web.errors import Wrong
from jiuye.web.present import forms

Data = dict[str, Any]
SIGNS = {
    State.SUBMITTED: "waiting",
    State.PREPARED: "waiting",
    State.GRANTED: "good",
    State.REFUSED: "not_met",
    State.WITHDRAWN: "neutral",
}


def title(case: EmployerCase) -> str:
    text = words.pick(catalogue.title(case.item))
    return _("%(item)s：%(name)s") % {"item": text, "name": case.worker_name} if case.worker_name else text


def line(case: EmployerCase) -> Data:
    """One application for a list."""
    due_on = case.promised_due or case.statutory_due or clock.today()
    return {
        "url": reverse("employer:claim", args=[case.pk]),
        "number": case.number,
        "title": title(case),
        "sign": SIGNS[State(case.state)],
        "word": words.said(str(State(case.state).label)),
        "when": words.moment(case.submitted_at),
        "due": _("最晚 %(day)s 告诉您结果") % {"day": words.short_day(due_on)}
        if case.ended_at is None
        else _("%(day)s 办结") % {"day": words.day(case.ended_at)},
    }


def told(case: EmployerCase) -> list[Data]:
    """What the employer itself said, for the employer."""
    facts = city.law().facts
    rows = [{"label": _("为谁申请"), "value": case.worker_name}] if case.worker_name else []
    return rows + [
        {
            "label": words.pick(facts[name].label),
            "value": values.words(facts[name], from_json(facts[name], raw)),
        }
        for name, raw in case.said.items()
        if name in facts
    ]


def known(asked: Asked) -> list[Data]:
    """What registers know of the employer and the rules look at."""
    facts = city.law().facts
    names = assess.facts_behind(asked.item.rules, asked.on)
    return [
        {"label": words.pick(facts[name].label), "value": values.words(facts[name], asked.own[name])}
        for name in names
        if facts[name].entity == employers.EMPLOYER and asked.own.get(name) is not None
    ]


def fields(asked: Iterable[Fact], kept: Mapping[str, str], wrong: Wrong) -> list[Data]:
    """Inputs for facts, with what was typed so far."""
    return [
        {
            "name": fact.name,
            "label": words.pick(fact.question) or words.pick(fact.label),
            "hint": words.pick(fact.hint) or _evidence(fact),
            "type": forms.kind(inputs.widget(fact), inputs.options(fact)),
            "options": forms.choices(inputs.widget(fact), inputs.options(fact)),
            "value": kept.get(fact.name, ""),
            "error": wrong.fields[fact.name],
        }
        for fact in asked
    ]


def _evidence(fact: Fact) -> str:
    text = words.pick(fact.evidence)
    return _("看%(paper)s") % {"paper": text} if text else ""


def months(rows: Iterable[EmployerMonth]) -> list[Data]:
    """For c-schedule-bars."""
    return [
        {
            "label": words.month(row.month),
            "amount": row.amount_cents,
            "text": words.money(row.amount_cents),
            "note": "",
        }
        for row in rows
    ]


def scheduled(asked: Asked) -> list[Data]:
    """What a grant would give, month by month."""
    return [
        {
            "label": words.month(line.month.first_day),
            "amount": line.amount_cents,
            "text": words.money(line.amount_cents),
            "note": "",
        }
        for line in asked.finding.lines
    ]


def due(item: Item) -> date:
    """When the answer is promised for an application of today."""
    today = clock.today()
    assert item.promised_days, f"{item.code} has no time limit"
    return calendars.calendar().add_working_days(today, city.whole(item.promised_days, today)).date
