"""Runs for those who prepare and approve them: sums, steps, and what changed since the last one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from jiuye.foundation.errors import NotFound
from jiuye.foundation.roles import PAYMENT_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.funds.models import BankReturn, LedgerTransaction, LeftOut, PaymentRun
from jiuye.funds.models.run import RunState

SEE = (*PAYMENT_STAFF, Role.CITY_LEAD, Role.AUDITOR, Role.SYSTEM)
SAMPLE = 20


@dataclass(frozen=True)
class Change:
    """Why the sum differs. `kind`: joined, left, more, less, arrears, arrears_before."""

    kind: str
    count: int
    cents: int


@dataclass(frozen=True)
class Difference:
    """To the last monthly run: its sum plus all changes is the sum of this one."""

    before: PaymentRun | None
    count: int
    cents: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class RunLine:
    """One payment, the account masked to its tail."""

    payment_id: UUID
    person_id: UUID
    payee_name: str
    bank_name: str
    account_tail: str
    month: date
    amount_cents: int
    state: str
    failure: str
    change: str  # joined, more, less, arrears or "" (as last month)


@dataclass(frozen=True)
class RunDetail:
    run: PaymentRun
    states: dict[str, tuple[int, int]]  # state -> (count, cents)
    left_out: dict[str, int]  # reason -> count
    left_out_lines: tuple[LeftOut, ...]
    difference: Difference
    lines: tuple[RunLine, ...]
    returns: tuple[BankReturn, ...]
    bookings: tuple[LedgerTransaction, ...]


def runs(actor: Actor) -> QuerySet[PaymentRun]:
    """All runs, newest first; with who signed. NotFound for who has nothing to do with payments."""
    if actor.role not in SEE:
        raise NotFound
    return PaymentRun.objects.select_related("prepared_by", "approved_by", "second_approved_by").order_by(
        "-month", "-sequence"
    )


def run_detail(actor: Actor, run_id: UUID, *, sample: int = SAMPLE) -> RunDetail:
    """One run with what its approver has to see. A fixed number of queries, whatever the size of the run."""
    run = runs(actor).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    states = {
        row["state"]: (row["n"], row["cents"] or 0)
        for row in run.payments.values("state").annotate(n=Count("id"), cents=Sum("amount_cents"))
    }
    left = run.left_out.values("reason").annotate(n=Count("id"))
    return RunDetail(
        run=run,
        states=states,
        left_out={row["reason"]: row["n"] for row in left},
        left_out_lines=tuple(
            run.left_out.select_related("person", "award_month").order_by("reason", "id")[:sample]
        ),
        difference=difference(run),
        lines=tuple(_lines(run, sample)),
        returns=tuple(run.returns.select_related("file").order_by("received_at")),
        bookings=tuple(run.bookings.order_by("booked_at")),
    )


def previous(run: PaymentRun) -> PaymentRun | None:
    """The last monthly run of the benefit that was not sent back, before this month."""
    return (
        PaymentRun.objects.filter(benefit=run.benefit, month__lt=run.month)
        .exclude(state__in=[RunState.DISCARDED, RunState.OPEN])
        .order_by("-month", "sequence")
        .first()
    )


# Per person: the payment for the run's own month in this run and in the last one; other months are arrears.
_DIFFERENCE = """
WITH mine AS (
    SELECT p.person_id, m.month = %(month)s AS own, sum(p.amount_cents) AS cents
    FROM funds_payment p JOIN funds_awardmonth m ON m.id = p.award_month_id
    WHERE p.run_id = %(run)s AND p.state <> 'void' GROUP BY 1, 2
), theirs AS (
    SELECT p.person_id, m.month = %(before_month)s AS own, sum(p.amount_cents) AS cents
    FROM funds_payment p JOIN funds_awardmonth m ON m.id = p.award_month_id
    WHERE p.run_id = %(before)s AND p.state <> 'void' GROUP BY 1, 2
)
SELECT kind, count(*), sum(cents)::bigint FROM (
    SELECT CASE WHEN t.person_id IS NULL THEN 'joined' WHEN m.person_id IS NULL THEN 'left'
                WHEN m.cents > t.cents THEN 'more' WHEN m.cents < t.cents THEN 'less' ELSE 'same' END AS kind,
        coalesce(m.cents, 0) - coalesce(t.cents, 0) AS cents
    FROM (SELECT * FROM mine WHERE own) m FULL JOIN (SELECT * FROM theirs WHERE own) t USING (person_id)
    UNION ALL SELECT 'arrears', cents FROM mine WHERE NOT own
    UNION ALL SELECT 'arrears_before', -cents FROM theirs WHERE NOT own
) changes GROUP BY kind ORDER BY kind
"""


def difference(run: PaymentRun) -> Difference:
    """What makes the sum of this run differ from the last monthly one; complete to the cent."""
    before = previous(run)
    with connection.cursor() as cursor:
        cursor.execute(
            _DIFFERENCE,
            {
                "run": run.pk,
                "month": run.month,
                "before": before.pk if before else None,
                "before_month": before.month if before else None,
            },
        )
        rows = [Change(kind, count, int(cents or 0)) for kind, count, cents in cursor.fetchall()]
    changes = tuple(row for row in rows if row.kind != "same")
    count = run.count - (before.count if before else 0)
    return Difference(before, count, sum(row.cents for row in rows), changes)


_LINES = """
SELECT p.id, p.person_id, p.payee_name, p.bank_name, p.account_tail, m.month, p.amount_cents, p.state,
p.failure,
    CASE WHEN m.month <> %(month)s THEN 'arrears' WHEN b.cents IS NULL THEN 'joined'
         WHEN p.amount_cents > b.cents THEN 'more' WHEN p.amount_cents < b.cents THEN 'less' ELSE '' END AS
         change
FROM funds_payment p JOIN funds_awardmonth m ON m.id = p.award_month_id
LEFT JOIN LATERAL (
    SELECT q.amount_cents AS cents FROM funds_payment q JOIN funds_awardmonth n ON n.id = q.award_month_id
    WHERE q.run_id = %(before)s AND q.person_id = p.person_id AND n.month = %(before_month)s AND q.state <>
    'void'
    LIMIT 1
) b ON true
WHERE p.run_id = %(run)s
ORDER BY (p.state = 'failed') DESC, p.amount_cents DESC, p.id
LIMIT %(limit)s
"""


def _lines(run: PaymentRun, limit: int) -> list[RunLine]:
    """What a second person should look at first: what came back, then the largest amounts."""
    before = previous(run)
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            {
                "run": run.pk,
                "month": run.month,
                "before": before.pk if before else None,
                "before_month": before.month if before else None,
                "limit": limit,
            },
        )
        return [RunLine(*row) for row in cursor.fetchall()]


def count_by_state(actor: Actor) -> Counter[str]:
    """How many runs stand where."""
    return Counter(runs(actor).values_list("state", flat=True))
