"""Employment registrations (就业登记) follow the spells: one period while there is work, for whomever.

Opened by the first hire and closed by the last end, with codes employment_form and separation_reason.
Source: 就业服务与就业管理规定 62条.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from jiuye.registry import people
from jiuye.registry.models import EmploymentSpell, Registration
from jiuye.registry.models.registration import RegistrationKind

KIND: Final = RegistrationKind.EMPLOYMENT.value
#: contract_type -> employment_form; every other contract is full-time work for an employer.
FORMS: Final = {"4": "12", "5": "13", "6": "14"}
FULL_TIME: Final = "11"
OTHER_END: Final = "19"  # separation_reason of an end that nobody gave a reason for
_DAY: Final = timedelta(days=1)


@dataclass
class Period:
    """Work without a day between: first day, the day after the last, and the codes of both."""

    opened_on: date
    open_reason: str
    closed_on: date | None
    close_reason: str | None


def periods(spells: Iterable[EmploymentSpell]) -> list[Period]:
    """The periods of work of one person, oldest first."""
    found: list[Period] = []
    for spell in sorted(spells, key=lambda one: (one.start, one.pk)):
        closed = None if spell.end is None else spell.end + _DAY
        reason = None if closed is None else spell.separation_reason or OTHER_END
        last = found[-1] if found else None
        if last is None or (last.closed_on is not None and spell.start > last.closed_on):
            found.append(Period(spell.start, FORMS.get(spell.contract_type or "", FULL_TIME), closed, reason))
        elif last.closed_on is not None and (closed is None or closed > last.closed_on):
            last.closed_on, last.close_reason = closed, reason
    return found


def follow(person_id: UUID) -> None:
    """Bring the registrations of a person in line with their spells. As the system; again changes nothing.

    A hire registered late may join two periods: the first goes on, the other is taken back (kept in history).
    """
    person = people.locked(person_id)
    wanted = periods(EmploymentSpell.objects.filter(person=person))
    standing = list(Registration.objects.filter(person=person, kind=KIND).order_by("opened_on"))
    for period in wanted:
        same = [row for row in standing if _meet(row, period)]
        for other in same[1:]:
            other.delete()
            standing.remove(other)
        row = same[0] if same else Registration(person=person, unit_code=person.unit_code, kind=KIND)
        now = (period.opened_on, period.open_reason, period.closed_on, period.close_reason)
        if not same or now != (row.opened_on, row.open_reason, row.closed_on, row.close_reason):
            row.opened_on, row.open_reason, row.closed_on, row.close_reason = now
            row.save()


def _meet(row: Registration, period: Period) -> bool:
    """Both speak of a common day, or one begins on the day the other ended."""
    return (period.closed_on is None or row.opened_on <= period.closed_on) and (
        row.closed_on is None or row.closed_on >= period.opened_on
    )


# Islands of days for everybody at once; the same periods as above (a test compares them).
_EVERYBODY: Final = """
INSERT INTO registry_registration
    (id, person_id, unit_code, kind, opened_on, open_reason, closed_on, close_reason)
SELECT gen_random_uuid(), i.person_id, p.unit_code, %(kind)s, i.opened_on, i.form, i.closed_on,
       CASE WHEN i.closed_on IS NOT NULL THEN coalesce(i.reason, %(other)s) END
FROM (
    SELECT person_id, island, min(start) AS opened_on,
           (array_agg(form ORDER BY start, id))[1] AS form,
           CASE WHEN bool_or("end" IS NULL) THEN NULL ELSE max("end") + 1 END AS closed_on,
           (array_agg(separation_reason ORDER BY "end" DESC, start, id))[1] AS reason
    FROM (
        SELECT *, sum(begins) OVER (PARTITION BY person_id ORDER BY start, id) AS island
        FROM (
            SELECT id, person_id, start, "end", separation_reason,
                   coalesce(%(forms)s::jsonb ->> contract_type, %(full_time)s) AS form,
                   CASE WHEN start > max(coalesce("end", 'infinity'::date)) OVER (
                            PARTITION BY person_id ORDER BY start, id
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 1
                        THEN 1 ELSE 0 END AS begins
            FROM registry_employmentspell
        ) spells
    ) islands
    GROUP BY person_id, island
) i JOIN registry_person p ON p.id = i.person_id
WHERE NOT EXISTS (
    SELECT FROM registry_registration r WHERE r.person_id = i.person_id AND r.kind = %(kind)s)
"""


def register_everybody() -> int:
    """Registrations of everybody who has none yet, in one statement, after a bulk load; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            _EVERYBODY, {"kind": KIND, "other": OTHER_END, "full_time": FULL_TIME, "forms": json.dumps(FORMS)}
        )
        return int(cursor.rowcount)
