"""Items for their editors: what is in force, what is being written, what would change for running cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count

from jiuye.desk import catalogue
from jiuye.desk.actions import cataloguing
from jiuye.desk.catalogue import Item
from jiuye.desk.models import Case, EmployerCase, ItemVersion, VersionState
from jiuye.desk.models.catalogue import OPEN
from jiuye.foundation import clock, scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.models import Duty
from jiuye.foundation.scope import Actor


@dataclass(frozen=True)
class Entry:
    """An item in the list: what is in force, what is being written. `running`: open cases."""

    code: str
    published: ItemVersion | None
    draft: ItemVersion | None
    item: Item | None
    running: int
    overdue: bool

    @property
    def review_by(self) -> date | None:
        return self.published.review_by if self.published else None


def entries() -> list[Entry]:
    """Every item that is in force or being written, by code. Four queries, whatever the number."""
    rows = ItemVersion.objects.filter(state__in=[VersionState.PUBLISHED, *OPEN]).select_related("author")
    published = {row.code: row for row in rows if row.state == VersionState.PUBLISHED}
    drafts = {row.code: row for row in rows if row.state in OPEN}
    counted = running()
    today = clock.today()
    return [
        Entry(
            code,
            published.get(code),
            drafts.get(code),
            _item(published.get(code) or drafts[code]),
            sum(counted.get(code, {}).values()),
            code in published and overdue(published[code], today),
        )
        for code in sorted({*published, *drafts})
    ]


def overdue(row: ItemVersion, on: date) -> bool:
    """Nobody confirmed it in time; an item without a review date never was."""
    return row.review_by is None or row.review_by < on


def entry(code: str) -> Entry:
    """NotFound for a code nobody ever used."""
    rows = list(ItemVersion.objects.filter(code=code).select_related("author"))
    if not rows:
        raise NotFound
    published = next((row for row in rows if row.state == VersionState.PUBLISHED), None)
    draft = next((row for row in rows if row.state in OPEN), None)
    shown = published or draft or rows[0]
    counted = sum(running(code).get(code, {}).values())
    late = published is not None and overdue(published, clock.today())
    return Entry(code, published, draft, _item(shown), counted, late)


def history(code: str) -> list[ItemVersion]:
    """Every text that was published or given up, newest first."""
    rows = ItemVersion.objects.filter(code=code).exclude(state__in=OPEN)
    return list(rows.select_related("author", "prepared_by", "approved_by").order_by("-closed_at", "-id"))


def version(version_id: UUID) -> ItemVersion:
    row = (
        ItemVersion.objects.select_related("author", "prepared_by", "approved_by")
        .filter(pk=version_id)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def before(row: ItemVersion) -> ItemVersion | None:
    """The text it takes the place of: for a draft the published one, else the one published before it."""
    rows = ItemVersion.objects.filter(code=row.code, published_at__isnull=False).exclude(pk=row.pk)
    if row.published_at is not None:
        rows = rows.filter(published_at__lt=row.published_at)
    return rows.order_by("-published_at").first()


def running(code: str = "") -> Mapping[str, Mapping[str, int]]:
    """Open cases by item and version. Counts only: an editor sees nobody's case."""
    found: dict[str, Counter[str]] = {}
    with scope.elevated("how many running cases keep the version of an item"):
        for model in (Case, EmployerCase):
            rows = model._default_manager.filter(ended_at__isnull=True)
            if code:
                rows = rows.filter(item=code)
            for item, version_, number in rows.values_list("item", "item_version").annotate(n=Count("pk")):
                found.setdefault(item, Counter())[version_] += number
    return found


def may_publish(actor: Actor, row: ItemVersion) -> bool:
    """Whether the actor wrote none of it, and so may sign as the second."""
    if actor.user_id is None or actor.user_id == row.prepared_by_id:
        return False
    wrote = Duty.objects.filter(
        kind=cataloguing.KIND, duty="prepare", subject_id=row.pk, user_id=actor.user_id
    )
    return not wrote.exists()


def _item(row: ItemVersion) -> Item | None:
    return catalogue.item_of(row.text, row.code)[0]
