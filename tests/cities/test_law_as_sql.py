"""The whole law of Shanghai, printed: random people with many facts missing get the answers of one case."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from jiuye.cities.city import city
from jiuye.cli.main import app
from jiuye.policy import Law, Month, NotColumnar
from jiuye.policy.values import Type
from tests.policy.sql_engines import DuckDB, Engine, PostgreSQL, as_printed

ON = date(2026, 11, 25)
PEOPLE = 60


def value(draw: random.Random, law: Law, of: Type) -> Any:
    match of.kind:
        case "bool":
            return draw.random() < 0.5
        case "number":
            return draw.choice([0, 1, 3, 12, 24, 36, 60, 120, 2000]) + (0 if of.exact else Decimal("0.25"))
        case "date":
            return ON - timedelta(days=int(draw.choice([30, 900, 9000, 24000]) * draw.random()))
        case "month":
            return Month(Month.of_date(ON) - draw.randrange(40))
    words = list(law.codes[of.codes]) if of.codes else ["甲", "it's", "b\\c"]
    return draw.choice(words) if of.kind == "text" else tuple(draw.sample(words, min(2, len(words))))


def somebody(draw: random.Random, law: Law, entity: str) -> dict[str, Any]:
    unknown = draw.choice([0.05, 0.3, 0.7])
    return {
        name: value(draw, law, fact.type)
        for name, fact in law.facts.items()
        if fact.entity == entity and draw.random() > unknown
    }


def printable(law: Law, entity: str) -> list[str]:
    """Rules that have an SQL form; nearly all must."""
    found, refused = [], []
    for name, versions in law.rules.items():
        if versions[-1].entity == entity:
            try:
                law.sql([name], ON, "postgresql")
                found.append(name)
            except NotColumnar:
                refused.append(name)
    assert len(found) > 10 * len(refused), refused
    return found


def check(engine: Engine) -> None:
    law = city("shanghai").law
    draw = random.Random(20261125)
    firms = [somebody(draw, law, "employer") for _ in range(10)]
    people = [somebody(draw, law, "person") for _ in range(PEOPLE)]
    places = [draw.choice([None, *range(len(firms))]) for _ in people]
    homes = [number // 3 for number in range(PEOPLE)]
    rows = [
        facts | {"household": home, "employer": place}
        for facts, home, place in zip(people, homes, places, strict=True)
    ]
    rules = printable(law, "person")
    found = engine.answers(law, rules, ON, rows, firms)
    for row, facts in enumerate(people):
        others = [
            people[other] | {"employer": {} if places[other] is None else firms[places[other]]}
            for other in range(PEOPLE)
            if homes[other] == homes[row] and other != row
        ]
        case = law.case(facts, others, None if places[row] is None else firms[places[row]])
        for name in rules:
            assert found[row][name] == as_printed(case.outcome(name, ON)), (name, row)
    rules = printable(law, "employer")
    for facts, answers in zip(firms, engine.answers(law, rules, ON, firms), strict=True):
        case = law.case(facts)
        for name in rules:
            assert answers[name] == as_printed(case.outcome(name, ON)), name


def test_duckdb() -> None:
    check(DuckDB())


@pytest.mark.django_db
def test_postgresql() -> None:
    check(PostgreSQL())


def test_the_command_prints_a_statement() -> None:
    made = CliRunner().invoke(
        app, ["law", "sql", "--rules", "zero_household_member_counts", "--on", "2026-11-25"]
    )
    assert made.exit_code == 0, made.output
    assert made.output.startswith("-- best with jit = off\nWITH facts AS (")
    assert '"zero_household_member_counts_state"' in made.output
    made = CliRunner().invoke(app, ["law", "sql", "--rules", "nothing_like_it"])
    assert made.exit_code != 0
