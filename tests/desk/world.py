"""People and staff for tests of the desk. Everything lies in 外滩街道, 黄浦区, unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.desk import actions
from jiuye.desk.models import Case
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import Person
from tests.factories import actor
from tests.support import make
from tests.support.database import as_owner

TODAY = date(2026, 11, 25)
ENDED = date(2026, 11, 20)
STREET, DISTRICT, CITY = "310101002", "310101", "31"
BENEFIT, REGISTRATION = "unemployment_benefit", "unemployment_registration"
YES = {"able_to_work": "yes", "wants_work": "yes"}
ACCOUNT = {
    "account.bank_name": "上海银行",
    "account.holder_name": "测试人",
    "account.number": "6222 0000 1111 2223",
}


@dataclass(frozen=True)
class Resident:
    """A person of the register, logged in."""

    id: UUID
    actor: Actor


def resident(
    *,
    months: int = 28,
    reason: str | None = "01",
    ended: date | None = ENDED,
    unit: str = STREET,
    name: str = "王秀英",
    **fields: Any,
) -> Resident:
    """Worked until `ended` and left for `reason`, with `months` contributions that were never used."""
    from jiuye.registry.models import ContributionSpell, EmploymentSpell

    given = {"hukou_code": "310101", "residence_code": "310101", "pension_kind": "none"}
    person = make.person(unit, name=name, **(given | fields))
    employer = make.employer(unit, name="上海晨光食品有限公司")
    last = date(2026, 10, 1)
    first_index = last.year * 12 + last.month - 1 - (months - 1)
    first = date(first_index // 12, first_index % 12 + 1, 1)
    with as_owner():
        EmploymentSpell.objects.create(
            person=person,
            employer=employer,
            unit_code=unit,
            reported_name=name,
            document_tail="0000",
            start=first,
            end=ended,
            contract_type="1",
            separation_reason=reason if ended else None,
            hire_registered_on=first,
            end_registered_on=ended,
            source="employer",
        )
        if months:
            ContributionSpell.objects.create(
                person=person,
                employer=employer,
                unit_code=unit,
                first_month=first,
                last_month=last,
                base_cents=800000,
                place_code="310000",
                closed_on=ended,
            )
    return Resident(person.pk, actor(Role.RESIDENT, person=person.pk, name=name))


def clerk(unit: str = STREET, name: str = "周敏") -> Actor:
    return actor(Role.STREET_CLERK, unit, name=name)


def caseworker(unit: str = DISTRICT, name: str = "吴强") -> Actor:
    return actor(Role.DISTRICT_CASEWORKER, unit, name=name)


def approver(unit: str = DISTRICT, name: str = "郑兰") -> Actor:
    return actor(Role.DISTRICT_APPROVER, unit, name=name)


def submit(
    who: Resident, answers: Mapping[str, Any] | None = None, *, key: UUID | None = None, drain: bool = True
) -> dict[str, Case]:
    """Fill in the form of the bundle and send it; by item. `drain`: the system then does its part."""
    cases = actions.submit_bundle(
        who.actor,
        bundle="unemployed",
        answers={**YES, **ACCOUNT, **(answers or {})},
        request_key=key or new_id(),
        channel="web",
        person_id=who.id,
    )
    if drain:
        outbox.drain()
    return {case.item: fresh(case) for case in cases}


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    with scope.acting(scope.SYSTEM):
        return Case.objects.select_related("person", "about", "about_decision", "receipt").get(pk=case.pk)


def doubtful() -> tuple[Resident, Case]:
    """李国强: his employer reported a resignation, he says it was a dismissal."""
    who = resident(reason="10", name="李国强")
    return who, submit(who, {"not:separation_reason": "06"})[BENEFIT]


def refusable(months: int = 5) -> tuple[Resident, Case]:
    """陈晓东: too few contributions, and he resigned."""
    who = resident(months=months, reason="10", name="陈晓东")
    return who, submit(who)[BENEFIT]


def fresh_person(who: Resident) -> Person:
    """The person as the register has them now."""
    with scope.acting(scope.SYSTEM):
        return Person.objects.get(pk=who.id)
