"""What the audit pages read. Every query keeps to the auditor's unit; sealed values are never opened here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from jiuye.desk.casefacts import MEMBERS
from jiuye.desk.models import Evidence
from jiuye.foundation import scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.models import HistoryEntry, ReadLogEntry, User
from jiuye.foundation.readlog import record_read
from jiuye.foundation.scope import Actor
from jiuye.funds.models import ControlSample, Payment
from jiuye.registry.models import Person
from jiuye.web import words
from jiuye.web.present import law
from jiuye.web.present.money import payment_word

PAGE = 50
LOOKS = 30  # reads and changes shown beside a sample
LONGEST = 120  # characters of a value shown


@dataclass(frozen=True)
class Read:
    at: datetime
    user_id: int | None  # None: the system
    user_name: str
    role: str
    person_id: UUID
    person_name: str
    what: str
    reason: str


@dataclass(frozen=True)
class Change:
    """`fields`: [{name, before, after}], sealed values hidden."""

    at: datetime
    user_name: str
    role: str
    person_id: UUID | None
    person_name: str
    table: str
    operation: str
    action: str
    reason: str
    fields: list[dict[str, str]]


@dataclass(frozen=True)
class SampleFile:
    sample: ControlSample
    person: Person
    evidence: list[Evidence]
    payments: list[dict[str, str]]
    reads: list[Read]
    history: list[Change]


def sample_counts(actor: Actor) -> Counter[str]:
    rows = scope.within(ControlSample.objects.all()).values_list("state").annotate(n=Count("id"))
    return Counter(dict(rows))


def samples(actor: Actor, state: str, after: str) -> tuple[list[ControlSample], str]:
    """A page of samples in a state, and the mark from which the next page goes on ('' on the last)."""
    found = scope.within(ControlSample.objects.filter(state=state)).select_related("decision__case")
    if after:
        found = found.filter(pk__gt=_uuid(after))
    rows = list(found.order_by("pk")[: PAGE + 1])
    return rows[:PAGE], str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""


def sample_file(actor: Actor, sample_id: UUID) -> SampleFile:
    """NotFound outside the auditor's unit. Looking at it is recorded as a read of the file."""
    sample = ControlSample.objects.select_related("decision__case", "person").filter(pk=sample_id).first()
    if sample is None:
        raise NotFound
    record_read(actor, sample.person_id, "sample", unit_code=sample.unit_code)
    case = sample.decision.case_id
    payments = Payment.objects.filter(award_month__award__decision=sample.decision).order_by(
        "award_month__month"
    )
    return SampleFile(
        sample=sample,
        person=sample.person,
        evidence=list(Evidence.objects.filter(case_id=case).order_by("recorded_at")) if case else [],
        payments=[
            {
                "month": words.month(row.award_month.month),
                "amount": words.money(row.amount_cents),
                "state": payment_word(row.state),
            }
            for row in payments.select_related("award_month")
        ],
        reads=_reads(ReadLogEntry.objects.filter(person_id=sample.person_id)[:LOOKS]),
        history=_changes(HistoryEntry.objects.filter(person_id=sample.person_id)[:LOOKS]),
    )


def fact_rows(facts: dict[str, Any]) -> list[dict[str, str]]:
    """The facts of a decision with their sources, for c-check-answers. Unknown ones are left out."""
    rows = []
    for name, fact in facts.items():
        value, source = (fact.get("value"), fact.get("source")) if isinstance(fact, dict) else (fact, "")
        if value is None:
            continue
        shown = source.get("label", "") if isinstance(source, dict) else source
        if name == MEMBERS:
            rows.append({"label": _("同户其他成员"), "value": _("%(n)s 人") % {"n": value}, "source": ""})
            continue
        whose, _dot, name = name.rpartition(".")
        if whose:
            shown = _("所在单位") if whose == "employer" else _("同户成员")
        rows.append({"label": law.label(name), "value": law.text(name, value), "source": words.pick(shown)})
    return rows


def reads(actor: Actor, user: str, person: str, after: str) -> tuple[list[Read], str]:
    found = scope.within(ReadLogEntry.objects.all())
    if user.isdigit():
        found = found.filter(user_id=int(user))
    if person:
        found = found.filter(person_id=_uuid(person))
    if after:
        found = found.filter(pk__lt=_uuid(after))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return _reads(rows[:PAGE]), str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""


def history(actor: Actor, person: str, after: str) -> tuple[list[Change], str]:
    found = scope.within(HistoryEntry.objects.filter(person_id__isnull=False))
    if person:
        found = found.filter(person_id=_uuid(person))
    if after.isdigit():
        found = found.filter(pk__lt=int(after))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return _changes(rows[:PAGE]), str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""


def user_name(user: str) -> str:
    if not user.isdigit():
        return ""
    return User.objects.filter(pk=int(user)).values_list("display_name", flat=True).first() or ""


def person_name(actor: Actor, person: str) -> str:
    if not person:
        return ""
    return Person.objects.filter(pk=_uuid(person)).values_list("name", flat=True).first() or ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def _names(ids: set[UUID]) -> dict[UUID, str]:
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))


def _reads(found: Any) -> list[Read]:
    rows = list(found)
    names = _names({row.person_id for row in rows})
    return [
        Read(
            row.at, row.user_id, row.user_name, row.role, row.person_id, names.get(row.person_id, "–"),
            row.what, row.reason,
        )
        for row in rows
    ]  # fmt: skip


def _changes(found: Any) -> list[Change]:
    rows = list(found)
    names = _names({row.person_id for row in rows if row.person_id})
    users = dict(User.objects.filter(pk__in={row.user_id for row in rows}).values_list("pk", "display_name"))
    return [
        Change(
            row.at, users.get(row.user_id, ""), row.role, row.person_id, names.get(row.person_id, ""),
            row.table_name, row.operation, row.action, row.reason, _fields(row.before, row.after),
        )
        for row in rows
    ]  # fmt: skip


def _fields(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[dict[str, str]]:
    names = sorted({*(before or {}), *(after or {})})
    return [
        {"name": name, "before": _shown((before or {}).get(name)), "after": _shown((after or {}).get(name))}
        for name in names
    ]


def _shown(value: Any) -> str:
    """A value in one line; of a nested one only that it is there, its content stands in the row itself."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return _("（结构化内容，%d 项）") % len(value)
    text = str(value)
    if text.startswith("\\x"):  # a sealed value or a blind index
        return _("（加密）")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
