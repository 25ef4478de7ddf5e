"""What registers of others deliver about the synthetic city: made up, the same on every machine.

Which fact comes from whom stands in the city's feeds.yaml; a city without that feed gets none of it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.conf import settings
from django.db import connection

from jiuye.registry.facts import feeds

#: A number from 0 to 999 that belongs to a row and a matter, for shares.
_DICE: Final = "(('x' || substr(md5({id}::text || '{of}'), 1, 7))::bit(28)::integer %% 1000)"
#: Feed -> fact -> (whom, which of them, value as JSON, since when). Shares are orders of magnitude.
_PEOPLE: Final[dict[str, dict[str, tuple[str, str, str]]]] = {
    # Left school in the summer after the 22nd birthday; GB/T 4658: 20 bachelor, 30 college.
    "graduates": {
        "graduate": ("{young} AND {dice:without_a_job} < 300", "true", "{left}"),
        "graduated_on": ("{young}", "to_jsonb({left})", "{left}"),
        "graduate_cohort": ("{young}", "to_jsonb(extract(year FROM {left})::integer)", "{left}"),
        "degree_kind": (
            "{young}",
            "to_jsonb(CASE p.education WHEN '20' THEN 'bachelor' ELSE 'college' END)",
            "{left}",
        ),
    },
    "disability": {
        "disability_degree": (
            "{dice:disability} < 14",
            "to_jsonb((ARRAY['mild', 'moderate', 'severe'])[1 + {dice:degree} %% 3])",
            "p.birth_date + 7300",
        ),
    },
    "low_income": {
        "minimum_living_household": (
            "p.household_id IS NOT NULL AND {dice_home:low} < 8",
            "true",
            "{long_ago}",
        ),
    },
    "certificates": {
        "certificate_in_register": ("{certified}", "true", "{lately}"),
        "certificate_without_level": ("{certified}", "to_jsonb({dice:level} < 100)", "{lately}"),
        "certificate_urgent": ("{certified}", "to_jsonb({dice:urgent} < 150)", "{lately}"),
        "certificate_level": ("{certified}", "to_jsonb((3 + {dice:which} %% 3)::text)", "{lately}"),
        "certificate_on": ("{certified}", "to_jsonb({lately})", "{lately}"),
    },
    "training_paid": {
        "certificate_grant_had": ("{certified} AND {dice:had} < 400", "true", "{lately}"),
    },
    "tax": {
        "contributions_paid_in_full": (
            "EXISTS (SELECT FROM registry_contributionspell c"
            " WHERE c.person_id = p.id AND c.closed_on IS NULL)"
            " OR EXISTS (SELECT FROM registry_registration g"
            " WHERE g.person_id = p.id AND g.kind = 'flexible' AND g.closed_on IS NULL)",
            "to_jsonb({dice:arrears} >= 30)",
            "{long_ago}",
        ),
    },
}
_EMPLOYERS: Final[dict[str, dict[str, tuple[str, str, str]]]] = {
    "market": {
        "org_registered_on": ("true", "to_jsonb({founded})", "{founded}"),
        "size_by_annual_report": (
            "{dice:report} < 900",
            "to_jsonb((ARRAY['micro', 'micro', 'small', 'small', 'medium'])[1 + {dice:size} %% 5])",
            "{founded}",
        ),
    },
    "start_ups": {
        "founder_proof": (
            "{dice:founder} < 300",
            "to_jsonb(CASE WHEN {dice:proof} < 700 THEN 'local_household' ELSE 'residence_permit' END)",
            "{founded}",
        ),
    },
    "credit": {"org_untrustworthy": ("{dice:trust} < 6", "true", "{long_ago}")},
}
#: Of those with a certificate of disability who are of working age half were recognised as hard to place.
_RECOGNISED: Final = """
    INSERT INTO registry_registration (id, person_id, unit_code, kind, opened_on, open_reason)
    SELECT md5(p.id::text || 'hardship')::uuid, p.id, p.unit_code, 'hardship',
           %(on)s::date - 20 - {dice:recognised}, '90'
      FROM registry_person p JOIN registry_feedrecord r ON r.person_id = p.id AND r.fact = 'disability_degree'
     WHERE age(%(on)s::date, p.birth_date) BETWEEN interval '18 years' AND interval '55 years'
       AND p.pension_kind = 'none' AND {dice:hardship} < 500"""
_ALWAYS: Final = ("subsidies_paid",)  # delivered, and silent about everybody
_WORDS: Final = {
    "{young}": "p.education IN ('20', '30')"
    " AND age(%(on)s::date, p.birth_date) >= interval '22 years 7 months'"
    " AND age(%(on)s::date, p.birth_date) < interval '28 years'",
    "{left}": "make_date(extract(year FROM p.birth_date)::integer + 22, 7, 1)",
    "{certified}": "age(%(on)s::date, p.birth_date) BETWEEN interval '20 years' AND interval '55 years'"
    " AND {dice:certificate} < 20",
    "{lately}": "(%(on)s::date - 30 - {dice:day} %% 300)",
    "{long_ago}": "(%(on)s::date - 900)",
    "{founded}": "(%(on)s::date - 200 - {dice:age} * {dice:age2} / 100)",
}


def load(today: date) -> None:
    """Records and the note that each feed has delivered, within the caller's transaction."""
    known = feeds.current(settings.CITY).feeds
    with connection.cursor() as cursor:
        for table, facts, subject in (
            ("registry_person p", _PEOPLE, "person_id"),
            ("registry_employer p", _EMPLOYERS, "employer_id"),
        ):
            for code in facts:
                for fact, row in facts[code].items() if code in known else ():
                    if fact in known[code].silence:
                        cursor.execute(_statement(table, subject, code, fact, row), {"on": today})
        cursor.execute(_written(_RECOGNISED), {"on": today})
        for code in {*_PEOPLE, *_EMPLOYERS, *_ALWAYS} & set(known):
            cursor.execute(
                "INSERT INTO registry_feed (code, as_of) VALUES (%s, %s::date - 3650)", [code, today]
            )
        cursor.execute("ANALYZE registry_feedrecord")


def _statement(table: str, subject: str, code: str, fact: str, row: tuple[str, str, str]) -> str:
    which, value, since = (_written(part) for part in row)
    return (
        f"INSERT INTO registry_feedrecord (id, {subject}, unit_code, feed, fact, value, as_of)"  # noqa: S608
        f" SELECT md5(p.id::text || '{fact}')::uuid, p.id, p.unit_code, '{code}', '{fact}',"
        f" to_jsonb({value}), {since} FROM {table} WHERE {which}"
    )


def _written(text: str) -> str:
    for word, meaning in _WORDS.items():
        text = text.replace(word, meaning)
    while "{dice" in text:
        before, _mark, rest = text.partition("{dice")
        kind, _mark, rest = rest.partition(":")
        of, _mark, rest = rest.partition("}")
        key = "p.household_id" if kind == "_home" else "p.id"
        text = f"{before}{_DICE.replace('{id}', key).replace('{of}', of)}{rest}"
    return text
