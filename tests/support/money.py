"""People who are owed money, and those who pay it: made through the actions, as the application's role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.desk import city
from jiuye.desk.models import Decision
from jiuye.foundation import clock, history, outbox, scope
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import actions
from jiuye.funds.city import month_after
from jiuye.funds.models import Award, PaymentRun
from jiuye.funds.standards import Standards
from jiuye.registry.models import PayeeAccount, Person
from tests import factories
from tests.support import make

BENEFIT = "unemployment_benefit"
DECEMBER = date(2026, 12, 1)
STREET = "310101002"


@dataclass
class Payers:
    """The payment officer, the approver, and those of the district."""

    officer: Actor
    approver: Actor
    caseworker: Actor
    district_approver: Actor
    auditor: Actor

    @classmethod
    def make(cls) -> Payers:
        return cls(
            factories.actor(Role.PAYMENT_OFFICER, name="何琳"),
            factories.actor(Role.PAYMENT_APPROVER, name="马涛"),
            factories.actor(Role.DISTRICT_CASEWORKER, factories.HUANGPU, name="赵静"),
            factories.actor(Role.DISTRICT_APPROVER, factories.HUANGPU, name="孙伟"),
            factories.actor(Role.AUDITOR),
        )


def account(person: Person, number: str = "6222020090000012345", bank: str = "演示银行") -> PayeeAccount:
    """The person's account from now on."""
    with scope.acting(scope.SYSTEM), history.context("test"):
        PayeeAccount.objects.filter(person=person, replaced_at__isnull=True).update(replaced_at=clock.now())
        return PayeeAccount.objects.create(
            person=person, unit_code=person.unit_code, bank_name=bank, holder_name=person.name, number=number
        )


def schedule(first: date, months: int, stage: str = "ordinary") -> list[dict[str, Any]]:
    """As desk.assess.effects writes it."""
    standards = Standards(BENEFIT)
    lines = []
    for index in range(1, months + 1):
        month = month_after(first, index - 1)
        cents = standards.amount(month, index, stage)
        assert cents is not None
        lines.append(
            {"month": f"{month:%Y-%m}", "index": index, "value": str(cents / 100), "amount_cents": cents}
        )
    return lines


def decision(
    person: Person, first: date = DECEMBER, months: int = 3, *, on: date | None = None,
    automatic: bool = True, lines: Sequence[dict[str, Any]] | None = None, **fields: Any
) -> Decision:  # fmt: skip
    """A granted decision, not yet an award."""
    listed = list(lines or schedule(first, months))
    with scope.acting(scope.SYSTEM), history.context("test"):
        return Decision.objects.create(
            number=next_number("decision", person.unit_code),
            person=person,
            unit_code=person.unit_code,
            kind="grant",
            rule="ui_eligible",
            law_version=city.law().version,
            on=on or month_after(first, -1).replace(day=20),
            outcome={},
            facts={},
            effects={
                "benefit": BENEFIT,
                "stage": "ordinary",
                "first_month": listed[0]["month"],
                "months": len(listed),
                "months_used": 12,
                "schedule": listed,
            },
            amount_cents=sum(line["amount_cents"] for line in listed),
            automatic=automatic,
            created_at=clock.now(),
            decided_at=fields.pop("decided_at", clock.now()),
            **fields,
        )


def award(person: Person, first: date = DECEMBER, months: int = 3, **fields: Any) -> Award:
    made = actions.make_award(scope.SYSTEM, decision_id=decision(person, first, months, **fields).pk)
    assert made is not None
    return made


def beneficiary(
    name: str = "王秀英", first: date = DECEMBER, months: int = 3, *,
    paid_to: str | None = "6222020090000012345", unit: str = STREET, **fields: Any
) -> tuple[Person, Award]:  # fmt: skip
    """A person with an account (None: without) and an award."""
    person = make.person(unit, name, **fields)
    if paid_to is not None:
        account(person, paid_to)
    return person, award(person, first, months)


def sent(payers: Payers, month: date = DECEMBER) -> PaymentRun:
    """The month's run, at the bank."""
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=month)
    return send(payers, run)


def send(payers: Payers, run: PaymentRun) -> PaymentRun:
    from jiuye.funds.tasks import advance

    actions.lock_run(payers.officer, run_id=run.pk)
    actions.approve_run(payers.approver, run_id=run.pk)
    advance(run.pk)
    return reread(run)


def answered(
    payers: Payers, run: PaymentRun, *, failing: tuple[UUID, ...] = (), failures: int = 0
) -> PaymentRun:
    """Settled as the demonstration bank answers."""
    from jiuye.funds.demo_bank import make_return

    with scope.acting(payers.officer):
        name, content = make_return(payers.officer, run.pk, people=failing, failures=failures)
    actions.take_return(payers.officer, run_id=run.pk, file_name=name, content=content)
    outbox.drain()
    return reread(run)


def reread(run: PaymentRun) -> PaymentRun:
    with scope.acting(scope.SYSTEM):
        return PaymentRun.objects.get(pk=run.pk)


def month_states(awarded: Award) -> list[str]:
    with scope.acting(scope.SYSTEM):
        return list(awarded.schedule.order_by("month").values_list("state", flat=True))


def balance() -> dict[str, int]:
    """Cents by role of the account."""
    from jiuye.funds.city import funds
    from jiuye.funds.ledger import balances

    with scope.acting(scope.SYSTEM):
        found = {item.code: item.balance_cents for item in balances()}
    roles = dict.fromkeys((item.role for item in funds().accounts), 0)
    for item in funds().accounts:  # an expense has an account for every benefit
        roles[item.role] += found[item.code]
    return roles
