"""Who has to be looked at tonight. Plain SQL over the running awards only: its cost follows them, not the
city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from jiuye.funds.city import month_after

_EVENTS = """
WITH running AS (
    SELECT DISTINCT ON (a.person_id) a.person_id, d."on" AS since,
        (a.first_month + make_interval(months => a.months))::date AS ends
    FROM funds_award a JOIN desk_decision d ON d.id = a.decision_id
    WHERE a.benefit = 'unemployment_benefit' AND a.stopped_from IS NULL
      AND (a.first_month + make_interval(months => a.months))::date > %(today)s
    ORDER BY a.person_id, a.first_month DESC
)
SELECT r.person_id, 'reemployed', s.start, s."end" FROM running r JOIN registry_employmentspell s USING
(person_id)
    WHERE s.start <= %(today)s AND (s."end" IS NULL OR s."end" >= r.since)
UNION ALL
SELECT r.person_id, e.kind, e.start, e."end" FROM running r JOIN registry_personevent e USING (person_id)
    WHERE e.start <= %(today)s AND (e."end" IS NULL OR e."end" >= r.since)
UNION ALL
SELECT r.person_id, 'pension', p.pension_since, NULL FROM running r JOIN registry_person p ON p.id =
r.person_id
    WHERE p.pension_since <= %(today)s AND p.pension_kind <> 'none'
UNION ALL
SELECT r.person_id, 'deceased', p.died_on, NULL FROM running r JOIN registry_person p ON p.id = r.person_id
    WHERE p.died_on <= %(today)s
ORDER BY 1, 3
"""


@dataclass(frozen=True)
class Event:
    """One event of a life; `end` is its last day, None while it goes on."""

    person_id: UUID
    kind: str
    start: date
    end: date | None


def events_to_look_at(today: date) -> list[Event]:
    """Events in the life of running awards."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"today": today})
        return [Event(*row) for row in cursor.fetchall()]


def due_for_extension(today: date) -> list[UUID]:
    """Ordinary awards that ended this month or within the last two, not stopped and with nothing after
    them.
    """
    earliest = month_after(today.replace(day=1), -2)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id FROM funds_award a
            WHERE a.benefit = 'unemployment_benefit' AND a.stage = 'ordinary' AND a.stopped_from IS NULL
              AND (a.first_month + make_interval(months => a.months - 1))::date BETWEEN %s AND %s
              AND NOT EXISTS (SELECT FROM funds_award b
                              WHERE b.person_id = a.person_id AND b.benefit = a.benefit
                                AND b.first_month > a.first_month)
            ORDER BY a.id
            """,
            [earliest, today.replace(day=1)],
        )
        return [row[0] for row in cursor.fetchall()]
