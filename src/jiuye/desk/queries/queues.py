"""The queue of a unit: what waits there, most urgent first. It costs one page, whatever the population.

Pages are found by key (due date and id of the last row), so page 900 costs as much as page 1. Every filter
starts from the unit's own part of the index `case_queue`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from jiuye.desk import catalogue, covering, doubts
from jiuye.desk.models import Case, Decision, Doubt
from jiuye.desk.models.case import CaseState
from jiuye.desk.values import pick
from jiuye.foundation import clock, deadlines
from jiuye.foundation.models import User
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

PAGE = 50
MOST = 1000  # beyond, a counter says "1000 and more"
FILTERS = ("all", "mine", "overdue", "doubts", "free", "sign", "asked", "parked")
SORTS = ("due", "-due", "submitted", "-submitted")
_COLUMN = {"due": "promised_due", "submitted": "submitted_at"}


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    case: Case
    item: str
    person: str
    clock: str  # running, paused, overdue, closed
    days_left: int | None
    doubts: tuple[str, ...]
    assigned: str
    mine: bool


@dataclass(frozen=True)
class Page:
    """`after`: key of the next page, '' on the last."""

    rows: list[Row]
    filter: str
    sort: str
    after: str


def queue(actor: Actor, *, filter: str = "all", sort: str = "due", page: str = "", size: int = PAGE) -> Page:
    """One page of what waits in the actor's unit. `page`: the `after` of the page before. Five queries.

    Raises LookupError for a filter or sort that there isn't.
    """
    rows = _filtered(actor, filter)
    name = sort.removeprefix("-")
    if name not in _COLUMN:
        raise LookupError(f"no sort {sort!r}")
    column, down = _COLUMN[name], sort.startswith("-")
    if page:
        rows = rows.filter(_beyond(column, down, page))
    order = [F(column).desc() if down else F(column).asc(), "-id" if down else "id"]
    # Persons are joined to the page alone: in one statement they would be to all that waits, then sorted.
    shown_ids = rows.order_by(*order).values("pk")[: size + 1]
    cases = list(Case.objects.filter(pk__in=shown_ids).select_related("person").order_by(*order))
    shown = cases[:size]
    after = _key(column, shown[-1]) if len(cases) > size else ""
    return Page(_lines(actor, shown), filter, sort, after)


def counts(actor: Actor) -> dict[str, int]:
    """How many each filter has, up to MOST. One query, over the unit's open cases only."""
    today = clock.today()
    part = _mine(actor).order_by()[:MOST]
    found = Case.objects.filter(pk__in=part.values("pk")).aggregate(
        all=Count("pk"),
        mine=Count("pk", filter=Q(assigned_to_id__in=covering.stands_for(actor)) & _back(today)),
        free=Count("pk", filter=Q(assigned_to_id__isnull=True)),
        overdue=Count("pk", filter=Q(promised_due__lt=today, paused_on__isnull=True)),
        asked=Count("pk", filter=Q(state=CaseState.ASKED)),
        sign=Count("pk", filter=Q(state=CaseState.PREPARED)),
        parked=Count("pk", filter=Q(parked_until__gt=today)),
        doubts=Count("pk", filter=Q(_doubtful())),
    )
    return {name: int(found[name]) for name in FILTERS}


def _mine(actor: Actor) -> QuerySet[Case]:
    """Open cases in the queue of the actor's unit; nothing for who has no queue."""
    if actor.role not in (Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER):
        return Case.objects.none()
    return Case.objects.filter(handled_by=actor.prefix, ended_at__isnull=True)


def _filtered(actor: Actor, name: str) -> QuerySet[Case]:
    rows = _mine(actor)
    match name:
        case "all":
            return rows
        case "mine":
            back = _back(clock.today())
            return rows.filter(back, assigned_to_id__in=covering.stands_for(actor))
        case "parked":
            return rows.filter(parked_until__gt=clock.today())
        case "free":
            return rows.filter(assigned_to_id__isnull=True)
        case "overdue":
            return rows.filter(promised_due__lt=clock.today(), paused_on__isnull=True)
        case "asked":
            return rows.filter(state=CaseState.ASKED)
        case "sign":
            own = Decision.objects.filter(
                case=OuterRef("pk"), withdrawn_at__isnull=True, prepared_by_id=actor.user_id
            )
            return rows.filter(~Exists(own), state=CaseState.PREPARED)
        case "doubts":
            return rows.filter(_doubtful())
    raise LookupError(f"no filter {name!r}")


def _back(today: date) -> Q:
    """Not put aside, or its day has come."""
    return Q(parked_until__isnull=True) | Q(parked_until__lte=today)


def _doubtful() -> Exists:
    return Exists(Doubt.objects.filter(case=OuterRef("pk"), closed_at__isnull=True))


def _beyond(column: str, down: bool, page: str) -> Q:
    """Rows after the key "value|id"."""
    value, _bar, key = page.rpartition("|")
    sign = "lt" if down else "gt"
    try:
        last = UUID(key)
    except ValueError as error:
        raise LookupError(f"no page {page!r}") from error
    # the first part is what the index can look up
    return Q(**{f"{column}__{sign}e": value}) & (
        Q(**{f"{column}__{sign}": value}) | Q(**{f"id__{sign}": last})
    )


def _key(column: str, case: Case) -> str:
    value = getattr(case, column)
    return f"{value.isoformat()}|{case.pk}"


def _lines(actor: Actor, cases: list[Case]) -> list[Row]:
    today = clock.today()
    open_doubts: dict[Any, list[str]] = {}
    ids = [case.pk for case in cases]
    for doubt in Doubt.objects.filter(case__in=ids, closed_at__isnull=True).order_by("opened_at"):
        label = f"{doubts.KINDS[doubt.kind].label}"
        open_doubts.setdefault(doubt.case_id, []).append(label)
    users = {case.assigned_to_id for case in cases if case.assigned_to_id is not None}
    names = dict(User.objects.filter(pk__in=users).values_list("pk", "display_name"))
    return [
        Row(
            case,
            pick(catalogue.title(case.item)),
            case.person.name,
            deadlines.state(case, today),
            deadlines.days_left(case, today),
            tuple(open_doubts.get(case.pk, ())),
            names.get(case.assigned_to_id or 0, ""),
            case.assigned_to_id is not None and case.assigned_to_id == actor.user_id,
        )
        for case in cases
    ]
