"""Work for the desk of a city, beyond what the demonstration has: as much as its population brings along.

Written by the owner of the tables in a few statements. The clerk who is measured has the same number of cases
waiting in a city of every size; everything around grows with the city.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg import sql

from benchmarks.city import ON

DISTRICT = "310104"
STREET = "310104011"  # of the demonstration's clerk
LONG_STREET = "310104003"  # its clerk has far too much to do, in a large city
WAITING = 150  # cases in the clerk's queue
LONG = 2_000  # cases in the other clerk's queue, if so many people live there
PER_WAITING, PER_ENDED, PER_READ = 90, 10, 2  # one such row for so many people

MARK: Final = "BENCH"
BENEFIT, HIRE = "unemployment_benefit", "employment_registration"

_CASES: Final = """
INSERT INTO desk_case (id, number, person_id, unit_code, item, item_version, bundle, request_key, channel,
    state, handled_by, words, submitted_at, ended_at, started_on, promised_days, statutory_days, promised_due,
    statutory_due, pause_reason, paused_days, closed_on)
SELECT gen_random_uuid(), %(mark)s || '-' || %(kind)s || '-' || n, id, unit_code, item, 'bench', '',
    gen_random_uuid(), 'web', CASE WHEN %(open)s THEN 'street' ELSE 'closed' END,
    CASE WHEN %(open)s THEN left(unit_code, 9) END, '', day, CASE WHEN NOT %(open)s THEN day END,
    day, 5, 10, day + 7, day + 14, '', 0, CASE WHEN NOT %(open)s THEN day END
FROM (SELECT p.id, p.unit_code, i.item, row_number() OVER (ORDER BY md5(p.id::text), i.item) AS n,
             %(on)s::date - abs(hashtext(p.id::text)) %% 20 AS day
        FROM registry_person p, unnest(%(items)s::text[]) i(item)
       WHERE length(p.unit_code) = 12 AND p.merged_into_id IS NULL
         AND starts_with(p.unit_code, %(unit)s) AND NOT starts_with(p.unit_code, %(without)s)
         AND (NOT %(open)s OR NOT EXISTS (SELECT FROM desk_case c WHERE c.person_id = p.id
                                          AND c.item = i.item AND c.ended_at IS NULL))
       ORDER BY n LIMIT %(count)s) chosen"""
_DOUBTS: Final = """
INSERT INTO desk_doubt (id, case_id, person_id, unit_code, kind, about, detail, owner_role, due_on,
    closes_itself, opened_at, resolution)
SELECT gen_random_uuid(), id, person_id, unit_code, 'contradiction', 'separation_reason',
    '{"register": "10", "person": "06"}', 'street_clerk', promised_due, false, submitted_at, ''
FROM desk_case WHERE starts_with(number, %(mark)s) AND ended_at IS NULL"""
_EVENTS: Final = """
INSERT INTO desk_caseevent (id, case_id, person_id, unit_code, at, kind, from_state, to_state, text,
    user_name, role)
SELECT gen_random_uuid(), id, person_id, unit_code, submitted_at, kind, '', '', '', '', 'system'
FROM desk_case, unnest(ARRAY['submitted', 'sent_to_street']) kind WHERE starts_with(number, %(mark)s)"""
_READS: Final = """
INSERT INTO foundation_readlogentry
    (id, person_id, unit_code, user_id, user_name, role, purpose, what, reason, at)
SELECT gen_random_uuid(), id, unit_code, 1, '', 'street_clerk', 'service', 'person', '', %(on)s::date
FROM registry_person WHERE abs(hashtext(id::text)) %% %(every)s = 0"""
_WAITING: Final = "SELECT count(*) FROM desk_case WHERE handled_by = %s AND ended_at IS NULL"


def fill(url: str, people: int) -> dict[str, int]:
    """Bring the city's desk to that amount, once; how many cases there are: in the queues, in all."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        if not _one(cursor, "SELECT count(*) FROM desk_case WHERE starts_with(number, %s)", MARK):
            cursor.execute("SELECT set_config('jiuye.maintenance', 'on', true)")
            for street, wanted in ((STREET, WAITING), (LONG_STREET, LONG)):
                missing = max(wanted - _one(cursor, _WAITING, street), 0)
                _cases(cursor, street, "-", missing, BENEFIT, HIRE)
            _cases(cursor, "31", DISTRICT, people // PER_WAITING, BENEFIT)
            _cases(cursor, "31", "-", people // PER_ENDED, BENEFIT, waiting=False)
            cursor.execute(_DOUBTS, {"mark": MARK})
            cursor.execute(_EVENTS, {"mark": MARK})
            cursor.execute(_READS, {"on": ON, "every": PER_READ})
            for table in ("desk_case", "desk_doubt", "desk_caseevent", "foundation_readlogentry"):
                cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
        return {
            "waiting in the clerk's queue": _one(cursor, _WAITING, STREET),
            "waiting in the long queue": _one(cursor, _WAITING, LONG_STREET),
            "waiting in the city": _one(cursor, "SELECT count(*) FROM desk_case WHERE ended_at IS NULL"),
            "cases in the city": _one(cursor, "SELECT count(*) FROM desk_case"),
            "people in the clerk's street": _one(
                cursor, "SELECT count(*) FROM registry_person WHERE starts_with(unit_code, %s)", STREET
            ),
        }


def _cases(
    cursor: psycopg.Cursor[Any], unit: str, without: str, count: int, *items: str, waiting: bool = True
) -> None:
    values = {
        "mark": MARK, "kind": f"{unit}-{'open' if waiting else 'ended'}", "open": waiting, "on": ON,
        "items": list(items), "unit": unit, "without": without, "count": count,
    }  # fmt: skip
    cursor.execute(_CASES, values)


def _one(cursor: psycopg.Cursor[Any], query: str, *values: object) -> int:
    row = cursor.execute(query.encode(), values or None).fetchone()
    assert row is not None
    return int(row[0])
