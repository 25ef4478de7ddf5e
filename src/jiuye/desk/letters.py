"""Receipts and decision letters: data of a case put into the shipped templates, kept as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation

from jiuye.desk import catalogue, city, story
from jiuye.desk.assess import Finding
from jiuye.desk.catalogue import Item
from jiuye.desk.models import Case, Decision, EmployerCase, EmployerDecision
from jiuye.desk.models.decision import DecisionKind
from jiuye.desk.values import words
from jiuye.foundation import city as calendars
from jiuye.foundation import clock
from jiuye.foundation.documents import render_pdf
from jiuye.foundation.files import store_file
from jiuye.foundation.models import OrgUnit, StoredFile
from jiuye.policy import Condition, State
from jiuye.policy.lines import read_yaml
from jiuye.registry.models import Person

Words = dict[str, str]
OUTCOMES = {
    DecisionKind.GRANT: "grant",
    DecisionKind.REFUSAL: "refuse",
    DecisionKind.STOP: "stop",
    DecisionKind.RECOVERY: "recover",
}
PDF = "application/pdf"


def receipt(cases: Iterable[Case], person: Person) -> StoredFile:
    """One receipt for everything applied for at once: numbers, promised dates, what happens next."""
    listed = list(cases)
    first = listed[0]
    text = _texts()
    calendar = calendars.calendar()
    data = {
        "number": first.number,
        "date": clock.today(),
        "name": person.name,
        "office": _office(first.unit_code),
        "submitted_at": first.submitted_at.date(),
        "items": [_receipt_line(case, calendar.is_provisional) for case in listed],
        "contact": dict(text["contact"]),
        "note": dict(text["next"]),
        "language": _language(person),
    }
    pdf = render_pdf("receipt", data)
    return _store(first, "receipt", f"受理回执-{first.number}.pdf", pdf)


def decision_letter(decision: Decision, finding: Finding | None, item_title: Mapping[str, str]) -> StoredFile:
    """The letter of a decision being made. Against a person: every unmet condition and how to appeal."""
    data = decision_data(decision, finding, item_title)
    pdf = render_pdf("decision_letter", data)
    return _store(decision, "decision_letter", f"决定书-{decision.number}.pdf", pdf)


def result_letter(case: Case, item: Item, text: str) -> StoredFile:
    """What people say at the end of a case that no rule decides: an answer, a certificate, what was done."""
    person = case.person
    data: dict[str, Any] = {
        "number": case.number,
        "date": clock.today(),
        "name": person.name,
        "office": _office(case.unit_code),
        "item": dict(item.title),
        "kind": item.result.kind if item.result else "service",
        "words": text,
        "applied_on": case.submitted_at.date(),
        "contact": dict(_texts()["contact"]),
        "language": _language(person),
    }
    if item.result:
        data["result"] = dict(item.result.words)
    if case.words:
        data["asked"] = case.words
    return _store(case, "result_letter", f"办理结果-{case.number}.pdf", render_pdf("result_letter", data))


def decision_data(
    decision: Decision, finding: Finding | None, item_title: Mapping[str, str]
) -> dict[str, Any]:
    """What the template `decision_letter` wants."""
    person, case = decision.person, decision.case
    data: dict[str, Any] = {
        "number": decision.number,
        "date": clock.today(),
        "name": person.name,
        "office": _office(decision.unit_code),
        "item": dict(item_title),
        "outcome": OUTCOMES[DecisionKind(decision.kind)],
        "conditions": _conditions(finding, decision.kind),
        "language": _language(person),
        "appeal": appeal_words(decision.unit_code),
    }
    if case is not None:
        data["applied_on"] = case.submitted_at.date()
    if decision.reason:
        data["reason"] = decision.reason  # as it was written, in one language
    if decision.effects.get("schedule"):
        data["months"] = decision.effects["months"]
        data["amount_cents"] = decision.effects["total_cents"]
        data["schedule"] = [
            {"month": line["month"], "amount_cents": line["amount_cents"]}
            for line in decision.effects["schedule"]
        ]
    return data


def employer_letter(case: EmployerCase, decision: EmployerDecision, finding: Finding) -> StoredFile:
    """The letter of a decision on an employer's application: clauses and months, no fact of a worker."""
    lines = _conditions(finding, decision.kind)
    title = catalogue.title(case.item)
    about = {code: f"{text}{_for_whom(case, code)}" for code, text in title.items()}
    data: dict[str, Any] = {
        "number": case.number,
        "date": clock.today(),
        "name": case.employer.name,
        "office": _office(case.unit_code),
        "item": about,
        "outcome": OUTCOMES[DecisionKind(decision.kind)],
        "conditions": [{name: line[name] for name in line if name != "text"} for line in lines],
        "language": "zh",
        "appeal": appeal_words(case.unit_code),
        "applied_on": case.submitted_at.date(),
        "reason": decision.reason,
    }
    if decision.effects.get("schedule"):
        data["months"] = decision.effects["months"]
        data["amount_cents"] = decision.effects["total_cents"]
        data["schedule"] = [
            {"month": line["month"], "amount_cents": line["amount_cents"]}
            for line in decision.effects["schedule"]
        ]
    return store_file(
        content=render_pdf("decision_letter", data),
        name=f"决定书-{case.number}.pdf",
        media_type=PDF,
        kind="decision_letter",
        employer_id=case.employer_id,
        unit_code=case.unit_code,
    )


def _for_whom(case: EmployerCase, code: str) -> str:
    if not case.worker_name:
        return ""
    return f"（{case.worker_name}）" if code == "zh" else f" ({case.worker_name})"


def appeal_words(unit_code: str) -> Words:
    """To whom, within what time, by what clause: words of the city, limits of the law."""
    text, today = _texts()["appeal"], clock.today()
    limits = {name: city.whole(text[name], today) for name in ("review_days", "court_months")}
    district = _district(unit_code)
    return {
        "zh": text["zh"].format(district=district["zh"], **limits),
        "en": text["en"].format(district=district["en"], **limits),
        "basis": text["basis"],
    }


def _receipt_line(case: Case, provisional: Any) -> dict[str, Any]:
    title = catalogue.of_case(case).title
    line: dict[str, Any] = {"zh": f"{title['zh']}（{case.number}）", "en": f"{title['en']} ({case.number})"}
    line["promised_due"] = case.promised_due or case.statutory_due
    if case.started_on and case.promised_due:
        line["provisional"] = provisional(case.started_on, case.promised_due)
    return line


def _conditions(finding: Finding | None, kind: str) -> list[dict[str, Any]]:
    if finding is None:
        return []
    listed = [*finding.unmet, *finding.unknown]
    if kind == DecisionKind.GRANT:
        listed = [c for c in finding.outcome.conditions if c.state is State.MET]
    return [_condition(condition, finding.outcome.basis) for condition in listed]


def _condition(condition: Condition, basis: str) -> dict[str, Any]:
    line: dict[str, Any] = {
        "zh": condition.label.get("zh", ""),
        "en": condition.label.get("en", ""),
        "state": condition.state.name.lower(),
        "basis": condition.basis
        if len(condition.basis) > len("（十）")
        else f"{basis} {condition.basis}".strip(),
    }
    if known := _what_we_know(condition):
        line["text"] = known
    if condition.remedy.get("zh"):
        line["remedy"] = dict(condition.remedy)
    return line


def _what_we_know(condition: Condition) -> Words | None:
    """The facts a condition looked at, in both languages."""
    out: Words = {}
    for code, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            parts = list(_facts_of(condition, code))
        if parts:
            out[code] = ("；" if code == "zh" else "; ").join(parts)
    return out or None


def _facts_of(condition: Condition, code: str) -> Iterable[str]:
    law = city.law()
    seen: set[str] = set()
    todo = [condition]
    while todo:
        part = todo.pop(0)
        todo += part.children
        for name, value in part.inputs.items():
            if name in law.facts and name not in seen:
                seen.add(name)
                label = law.facts[name].label[code]
                yield (
                    f"{label}：{words(law.facts[name], value)}"
                    if code == "zh"
                    else (f"{label}: {words(law.facts[name], value)}")
                )


def _office(unit_code: str) -> Words:
    text, district = _texts()["office"], _district(unit_code)
    return {
        "zh": text["zh"].format(district=district["zh"]),
        "en": text["en"].format(district=district["en"]),
    }


def _district(unit_code: str) -> Words:
    unit = OrgUnit.objects.filter(pk=story.district_of(unit_code)).first()
    if unit is None:
        return {"zh": "", "en": ""}
    return {"zh": unit.name, "en": unit.name_en or unit.name}


def _language(person: Person) -> str:
    return "en" if story.language_of(person.pk).startswith("en") else "zh"


def _store(about: Case | Decision, kind: str, name: str, pdf: bytes) -> StoredFile:
    return store_file(
        content=pdf,
        name=name,
        media_type=PDF,
        kind=kind,
        person_id=about.person_id,
        unit_code=about.unit_code,
    )


def _texts() -> Any:
    return _read(city.folder() / "letters.yaml")


@cache
def _read(path: Path) -> Any:
    return read_yaml(path)
