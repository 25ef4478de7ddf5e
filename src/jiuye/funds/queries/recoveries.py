"""Claims: for the district that decides them and for the person who repays."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from jiuye.foundation import clock, scope
from jiuye.foundation.scope import Actor
from jiuye.funds import overpayments
from jiuye.funds.models import Instalment, Overpayment
from jiuye.funds.plans import Part, options

STATES = (
    overpayments.FOUND,
    overpayments.PREPARED,
    overpayments.DECIDED,
    overpayments.AGREED,
    overpayments.REPAID,
    overpayments.DROPPED,
)


@dataclass(frozen=True)
class Claim:
    """One claim as its person sees it. `options`: the plans to choose from, empty when there is nothing to
    choose.
    """

    overpayment: Overpayment
    rest_cents: int
    options: tuple[tuple[Part, ...], ...]
    instalments: tuple[Instalment, ...]
    next_instalment: Instalment | None


def recoveries(actor: Actor, *, state: str = "") -> QuerySet[Overpayment]:
    """Claims of the actor's unit, undecided ones first, newest first; persons, signatures and plans are read
    along.
    """
    rows = scope.within(Overpayment.objects.exclude(state=overpayments.DROPPED))
    if state:
        rows = rows.filter(state=state)
    return (
        rows.select_related("person", "award", "decision__prepared_by", "decision__approved_by", "plan")
        .prefetch_related(Prefetch("plan__instalments", Instalment.objects.order_by("number")))
        .order_by("-found_at", "-id")
    )


def my_claims(person_id: UUID) -> list[Claim]:
    """The claims against a person, newest first."""
    rows = (
        Overpayment.objects.filter(person_id=person_id)
        .exclude(state=overpayments.DROPPED)
        .select_related("award", "decision", "plan")
        .prefetch_related(Prefetch("plan__instalments", Instalment.objects.order_by("number")))
        .order_by("-found_at", "-id")
    )
    return [_claim(row) for row in rows]


def _claim(row: Overpayment) -> Claim:
    plan = getattr(row, "plan", None)
    instalments = tuple(plan.instalments.all()) if plan else ()
    choose = row.state == overpayments.DECIDED and plan is None
    return Claim(
        overpayment=row,
        rest_cents=row.amount_cents - row.repaid_cents,
        options=tuple(tuple(parts) for parts in options(row.amount_cents, clock.today())) if choose else (),
        instalments=instalments,
        next_instalment=next((item for item in instalments if item.paid_cents < item.amount_cents), None),
    )
