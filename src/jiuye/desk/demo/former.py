"""Finished cases behind what the registers show: hires, registrations, awards, refusals; their ratings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db.models import F

from jiuye.desk import assess, catalogue, city
from jiuye.desk.demo.common import BATCH, MOST, Maker
from jiuye.desk.models import Case, CaseEvent, Decision, Rating, Task
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.decision import DecisionKind
from jiuye.foundation import clock
from jiuye.foundation.roles import Role
from jiuye.policy.values import Month, Value
from jiuye.registry.demo import personas, source
from jiuye.registry.models import BenefitPeriod, EmploymentSpell, Registration

STORY: Final = source.story()
REGISTRATION, BENEFIT, HIRE = STORY.registration, STORY.benefit, STORY.hire
STATES: Final[dict[DecisionKind | None, CaseState]] = {
    DecisionKind.GRANT: CaseState.GRANTED,
    DecisionKind.REFUSAL: CaseState.REFUSED,
    None: CaseState.CLOSED,
}
BACK: Final = timedelta(days=400)  # how far the cases go back
RATED: Final = 0.4
SCORES: Final = (5, 4, 3, 2, 1)
SCORE_WEIGHTS: Final = (60, 27, 8, 3, 2)
DAYS: Final = (0, 1, 2, 3, 4, 5, 6, 8)  # working days to a decision
DAYS_WEIGHTS: Final = (55, 12, 10, 8, 7, 4, 3, 1)
RESIGNED: Final = "24"  # 失业原因: left by themselves
APPLIED_ALL_THE_SAME: Final = 0.35  # of those who resigned


@dataclass(frozen=True)
class Past:
    """Something the registers show: who, where, when; with the months that were awarded.

    `kind` None: entered, not decided (a hire that the employer registered, on `closed`).
    """

    person: UUID
    unit: str
    on: date
    item: str
    kind: DecisionKind | None
    period: BenefitPeriod | None = None
    registration: UUID | None = None
    closed: date | None = None


class Former(Maker):
    """Loads them in one go; `load` is called once."""

    def __init__(self) -> None:
        super().__init__(1)

    def load(self) -> None:
        past = self.past()
        units = [one.unit for one in past]
        numbers = self.numbers(units)
        decided = self.numbers(units)
        cases: list[Case] = []
        events: list[CaseEvent] = []
        decisions: list[Decision] = []
        ratings: list[Rating] = []
        for one, number, decision_number in zip(past, numbers, decided, strict=True):
            case = self.ended(one, number)
            cases.append(case)
            if one.kind is not None:
                decisions.append(self.decision(one, case, one.kind, decision_number))
            events += self.story(case)
            if rating := self.rating(case):
                ratings.append(rating)
                events.append(self.event(case, rating.rated_at, "rated", role=Role.RESIDENT))
        Case.objects.bulk_create(cases, batch_size=BATCH)
        Decision.objects.bulk_create(decisions, batch_size=BATCH)
        Rating.objects.bulk_create(ratings, batch_size=BATCH)
        tasks, answers = self.answered({case.pk: case for case in cases}, ratings)
        CaseEvent.objects.bulk_create([*events, *answers], batch_size=BATCH)
        Task.objects.bulk_create(tasks, batch_size=BATCH)
        self.link(past, cases)

    def past(self) -> list[Past]:
        since = self.today - BACK
        registered = Registration.objects.filter(kind="unemployment", opened_on__range=(since, self.today))
        found = [
            Past(row.person_id, row.unit_code, row.opened_on, REGISTRATION, DecisionKind.GRANT, None, row.pk)
            for row in registered.order_by("-opened_on", "id")[:MOST]
        ]
        awarded = BenefitPeriod.objects.filter(
            benefit=BENEFIT, stage="ordinary", assessed_on__range=(since, self.today)
        )
        periods = list(awarded.order_by("-assessed_on", "id")[:MOST])
        found += [
            Past(row.person_id, row.unit_code, row.assessed_on, BENEFIT, DecisionKind.GRANT, row)
            for row in periods
        ]
        paid = {row.person_id for row in periods}
        quiet = self.today - timedelta(days=30)  # later ones still wait: see `waiting`
        found += [
            Past(row.person_id, row.unit_code, row.opened_on, BENEFIT, DecisionKind.REFUSAL)
            for row in registered.filter(open_reason=RESIGNED, opened_on__lt=quiet).order_by("id")[:MOST]
            if row.person_id not in paid and self.dice.random() < APPLIED_ALL_THE_SAME
        ]
        return found + self.hires(since)

    def hires(self, since: date) -> list[Past]:
        """Employers register a hire; it is taken in, and the person may rate that too."""
        spells = EmploymentSpell.objects.filter(
            start__gte=since, hire_registered_on__lte=self.today, hire_registered_on__gte=F("start")
        )
        rows = spells.exclude(person__in=[one.id for one in personas.residents(self.today)])
        return [
            Past(person, unit, start, HIRE, None, closed=registered)
            for person, unit, start, registered in rows.order_by("-start", "id").values_list(
                "person_id", "unit_code", "start", "hire_registered_on"
            )[:MOST]
            if registered is not None
        ]

    def ended(self, one: Past, number: str) -> Case:
        grant = one.kind is DecisionKind.GRANT
        days = self.dice.choices(DAYS, DAYS_WEIGHTS)[0] if grant else self.dice.randint(3, 6)
        case = self.case(one.person, one.unit, one.item, one.on, number, state=STATES[one.kind])
        closed = one.closed or min(self.working_days_after(one.on, days), self.today)
        if one.kind is None:
            case.bundle, case.channel = "", "system"
        case.closed_on = closed
        later = self.moment(closed)
        case.ended_at = max(later, case.submitted_at + timedelta(minutes=2))
        if closed == self.today:
            case.ended_at = min(case.ended_at, max(clock.now(), case.submitted_at))
        return case

    def decision(self, one: Past, case: Case, kind: DecisionKind, number: str) -> Decision:
        assert case.ended_at is not None
        effects = self.effects(one)
        grant = kind is DecisionKind.GRANT
        item = catalogue.item(one.item)
        return Decision(
            id=self.key(case.ended_at),
            number=number,
            case=case,
            person_id=one.person,
            unit_code=one.unit,
            kind=kind,
            rule=item.rule or "",
            law_version="",
            on=one.on,
            outcome={"rule": item.rule, "state": "met" if grant else "not_met", "conditions": []},
            facts={},
            effects=effects,
            amount_cents=effects.get("total_cents", 0),
            automatic=False,
            former=True,
            reason="由原系统办理" if grant else "由原系统办理；非因本人意愿中断就业的条件不满足",
            created_at=case.ended_at,
            decided_at=case.ended_at,
        )

    def effects(self, one: Past) -> dict[str, Any]:
        """Of an award: the months of the register's benefit period, at the law's amounts of those months."""
        period = one.period
        if period is None:
            return {}
        first, last = Month.of_date(period.first_month), Month.of_date(period.last_month)
        lines: list[dict[str, Any]] = []
        for index in range(1, last - first + 2):
            month = Month(first + index - 1)
            amount = amount_of(month, index)
            if amount is None:
                break
            lines.append(
                {"month": str(month), "index": index, "value": f"{amount / 100:.2f}", "amount_cents": amount}
            )
        return {
            "benefit": BENEFIT,
            "stage": "ordinary",
            "first_month": str(first),
            "months": len(lines),
            "months_used": period.months_used,
            "total_cents": sum(int(line["amount_cents"]) for line in lines),
            "schedule": lines,
            "award_id": str(period.award_id),
        }

    def story(self, case: Case) -> list[CaseEvent]:
        assert case.ended_at is not None
        if case.state == CaseState.CLOSED:
            return [
                self.event(case, case.submitted_at, "submitted", role=Role.EMPLOYER_AGENT),
                self.event(case, case.ended_at, "closed", before="submitted"),
            ]
        event = "granted" if case.state == CaseState.GRANTED else "refused"
        return [
            self.event(case, case.submitted_at, "submitted", role=Role.RESIDENT),
            self.event(case, case.ended_at, event, before="prepared", role=Role.DISTRICT_APPROVER),
        ]

    def rating(self, case: Case) -> Rating | None:
        assert case.ended_at is not None
        if self.dice.random() > RATED:
            return None
        refused = case.state == CaseState.REFUSED
        score = self.dice.choices(SCORES, SCORE_WEIGHTS[::-1] if refused else SCORE_WEIGHTS)[0]
        at = min(case.ended_at + timedelta(hours=self.dice.randrange(1, 72)), clock.now())
        return Rating(
            id=self.key(at),
            case=case,
            person_id=case.person_id,
            unit_code=case.unit_code,
            score=score,
            rated_at=max(at, case.ended_at),
        )

    def answered(self, cases: dict[UUID, Case], ratings: list[Rating]) -> tuple[list[Task], list[CaseEvent]]:
        """A task for every bad rating; those older than a few days were answered."""
        tasks: list[Task] = []
        events: list[CaseEvent] = []
        days = city.whole("rating_answer_working_days", self.today)
        for rating in ratings:
            if rating.score > 2:
                continue
            case = cases[rating.case_id]
            due = self.working_days_after(rating.rated_at.date(), days)
            done = self.moment(due) if due < self.today and self.dice.random() > 0.02 else None
            tasks.append(
                Task(
                    id=self.key(rating.rated_at),
                    kind="answer_rating",
                    key=f"rating:{rating.pk}",
                    case=case,
                    person_id=case.person_id,
                    unit_code=case.unit_code,
                    handled_by=case.unit_code[:6],
                    owner_role=Role.DISTRICT_CASEWORKER.value,
                    title=f"答复差评：{catalogue.item(case.item).title['zh']} {case.number}",
                    detail={"score": rating.score, "comment": rating.comment, "rating": str(rating.pk)},
                    opened_at=rating.rated_at,
                    due_on=due,
                    done_at=done,
                    answer="已电话联系本人，说明情况并道歉" if done else "",
                )
            )
            if done:
                events.append(self.event(case, done, "rating_answered", role=Role.DISTRICT_CASEWORKER))
        return tasks, events

    def link(self, past: list[Past], cases: list[Case]) -> None:
        """Registrations say which case opened them."""
        rows = [
            Registration(id=one.registration, case_id=case.pk)
            for one, case in zip(past, cases, strict=True)
            if one.registration is not None
        ]
        Registration.objects.bulk_update(rows, ["case_id"], batch_size=BATCH)


@lru_cache(maxsize=4096)
def amount_of(month: Month, index: int) -> int | None:
    """Cents of the `index`-th month of an ordinary award; None where the law has no standard for it."""
    facts: dict[str, Value] = {"ui_month_index": index, "ui_stage": "ordinary"}
    value = city.law().explain("ui_rate", facts, month.first_day).value
    return assess.cents(value) if isinstance(value, int | Decimal) else None
