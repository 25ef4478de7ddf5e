"""The whole law of Shanghai by every reader: one case, columns, and printed for DuckDB, PostgreSQL and Spark.

Generated households with employers, with many facts missing, and every case that the tests and examples of
the law put to it: all rules about people and all about employers, on one day.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from jiuye.cities.city import city
from jiuye.cli.main import app
from jiuye.policy import Case, FactError, Law, Month, NotColumnar, State
from jiuye.policy.columns.layout import scale_of, scaled
from jiuye.policy.values import Type, Value
from tests.cities import mutation_cases
from tests.policy.sql_engines import Answer, DuckDB, Engine, PostgreSQL, Spark, as_printed

ON = date(2026, 11, 25)
HOUSEHOLDS, FIRMS = 110, 60
# Schedules are asked month by month, and a text that is put together is no column.
ONE_BY_ONE = {
    "ui_schedule", "ui_extension_schedule", "older_pension_refund", "graduate_insurance_schedule",
    "ui_place_hukou_elsewhere",
}  # fmt: skip
Facts = dict[str, Any]


@dataclass
class World:
    """People (facts, household, place among the employers), employers, and what one case says of each."""

    people: list[tuple[Facts, int | None, int | None]] = field(default_factory=list)
    firms: list[Facts] = field(default_factory=list)
    of_people: list[dict[str, Answer]] = field(default_factory=list)
    of_firms: list[dict[str, Answer]] = field(default_factory=list)


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


def somebody(draw: random.Random, law: Law, entity: str) -> Facts:
    unknown = draw.choice([0.05, 0.3, 0.7])
    return {
        name: value(draw, law, fact.type)
        for name, fact in law.facts.items()
        if fact.entity == entity and draw.random() > unknown
    }


def worked_cases(law: Law) -> list[tuple[Facts, Any, Any]]:
    """Facts, other members and employer of every case that a test or an example puts to the law."""
    found: dict[str, tuple[Facts, Any, Any]] = {}
    begin = Case.__init__

    def noted(
        self: Case, law: Law, facts: Any, members: Any = None, employer: Any = None, **more: Any
    ) -> None:
        begin(self, law, facts, members, employer, **more)
        if not more:  # a case of its own; a case may state rules, which tables can't
            own, firm = (
                {name: value for name, value in (of or {}).items() if value is not None and name in law.facts}
                for of in (facts, employer)
            )
            found.setdefault(repr((sorted(own.items()), members, sorted(firm.items()))), (own, members, firm))

    Case.__init__ = noted  # type: ignore[method-assign,assignment]
    try:
        mutation_cases.collected(city())
    finally:
        Case.__init__ = begin  # type: ignore[method-assign]
    return [
        case for case in found.values() if all(lies_in_columns(law, facts) for facts in (case[0], case[2]))
    ]


def lies_in_columns(law: Law, facts: Facts) -> bool:
    """Some examples name parts of a fen, which no register holds."""
    try:
        for name, value in facts.items():
            if law.facts[name].type.kind == "number":
                scaled(value, scale_of(law.facts[name].type))
    except FactError:
        return False
    return True


def rules_of(law: Law, entity: str) -> list[str]:
    return [n for n, versions in law.rules.items() if versions[-1].entity == entity and n not in ONE_BY_ONE]


def said(case: Case, rules: Sequence[str], brief: bool) -> dict[str, Answer]:
    """What one case says; `brief`: worked out without the words about it, which take most of the time."""
    return {name: as_printed(_Brief(case, name) if brief else case.outcome(name, ON)) for name in rules}


class _Brief:
    def __init__(self, case: Case, name: str) -> None:
        found = case.rule(name, ON).value
        rule = case.law.rule_at(name, ON)
        self.value: Value = None if rule is None or rule.condition else found
        self.state = State.UNKNOWN if rule is None else State.of(found)
        if rule is not None and not rule.condition:
            self.state = State.UNKNOWN if found is None else State.MET
            if rule.given is not None and case.evaluate(rule.given.body, ON).value is False:
                self.state = State.NOT_MET


@pytest.fixture(scope="module")
def law() -> Law:
    return city("shanghai").law


@pytest.fixture(scope="module")
def world(law: Law) -> World:
    draw = random.Random(20261125)
    made = World()
    made.firms = [somebody(draw, law, "employer") for _ in range(FIRMS)]
    of_people, of_firms = rules_of(law, "person"), rules_of(law, "employer")
    for home in range(HOUSEHOLDS):
        people = [somebody(draw, law, "person") for _ in range(draw.choice([1, 2, 3, 4]))]
        places = [draw.choice([None, *range(FIRMS)]) for _ in people]
        known = home % 10 > 0
        for row, (facts, place) in enumerate(zip(people, places, strict=True)):
            others = [
                people[other] | {"employer": {} if places[other] is None else made.firms[places[other] or 0]}
                for other in range(len(people))
                if other != row
            ]
            case = law.case(facts, others if known else None, None if place is None else made.firms[place])
            made.people.append((facts, home if known else None, place))
            made.of_people.append(said(case, of_people, brief=home > 30))
    made.of_firms = [said(law.case(facts), of_firms, brief=False) for facts in made.firms]
    for number, (facts, members, employer) in enumerate(worked_cases(law)):
        if any(law.facts[name].entity == "employer" for name in facts):
            made.firms.append(facts)
            made.of_firms.append(said(law.case(facts), of_firms, brief=True))
        elif not members:
            place = None
            if employer:
                place = len(made.firms)
                made.firms.append(employer)
                made.of_firms.append(said(law.case(employer), of_firms, brief=True))
            made.people.append((facts, None if members is None else HOUSEHOLDS + number, place))
            made.of_people.append(said(law.case(facts, members, employer), of_people, brief=True))
    assert len(made.people) > 1000
    assert len(made.firms) > 100
    return made


def compared(found: Sequence[dict[str, Answer]], expected: Sequence[dict[str, Answer]], rules: Any) -> None:
    assert len(found) == len(expected)
    for row, (got, want) in enumerate(zip(found, expected, strict=True)):
        for name in rules:
            assert got[name] == want[name], (name, row)


def check(engine: Engine, law: Law, world: World) -> None:
    rules = rules_of(law, "person")
    rows = [facts | {"household": home, "employer": place} for facts, home, place in world.people]
    compared(engine.answers(law, rules, ON, rows, world.firms), world.of_people, rules)
    rules = rules_of(law, "employer")
    compared(engine.answers(law, rules, ON, world.firms), world.of_firms, rules)


def test_columns(law: Law, world: World) -> None:
    rules = rules_of(law, "person")
    program = law.columns(rules, ON)
    facts = [facts for facts, _, _ in world.people]
    results = program.run(
        {name: program.encode(name, [row.get(name) for row in facts]) for name in program.facts},
        len(facts),
        household=np.array([-1 if home is None else home for _, home, _ in world.people], np.int32),
        employer=np.array([-1 if place is None else place for *_, place in world.people], np.int32),
        employers={
            name: program.encode(name, [row.get(name) for row in world.firms])
            for name in program.employer_facts
        },
    )
    found = [{name: results[name].at(row) for name in rules} for row in range(len(facts))]
    compared(found, world.of_people, rules)
    rules = rules_of(law, "employer")
    program = law.columns(rules, ON)
    results = program.run(
        {name: program.encode(name, [row.get(name) for row in world.firms]) for name in program.facts}
    )
    found = [{name: results[name].at(row) for name in rules} for row in range(len(world.firms))]
    compared(found, world.of_firms, rules)


def test_duckdb(law: Law, world: World) -> None:
    check(DuckDB(), law, world)


@pytest.mark.django_db
def test_postgresql(law: Law, world: World) -> None:
    check(PostgreSQL(), law, world)


@pytest.fixture
def spark() -> Iterator[Spark]:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("Spark isn't installed")
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    yield Spark(session)
    session.stop()


def test_spark(spark: Spark, law: Law, world: World) -> None:
    check(spark, law, world)


@pytest.mark.parametrize("name", sorted(ONE_BY_ONE))
def test_what_is_asked_one_by_one_says_so(law: Law, name: str) -> None:
    with pytest.raises(NotColumnar):
        law.sql([name], ON, "postgresql")


def test_ages_and_deadlines_are_compared_with_literals(law: Law) -> None:
    """What rests on one date of a person leaves no arithmetic with dates to the engine."""
    text = law.sql(["labour_age", "past_statutory_age"], ON, "postgresql").text
    assert "< DATE '2010-11-26'" in text  # sixteen
    assert "< DATE '1966-" in text  # men who retire this month
    assert "EXTRACT" not in text
    assert "1970-01-01" not in text


def test_the_command_prints_a_statement() -> None:
    made = CliRunner().invoke(
        app, ["law", "sql", "--rules", "zero_household_member_counts", "--on", "2026-11-25"]
    )
    assert made.exit_code == 0, made.output
    assert made.output.startswith("-- best with jit = off\nWITH facts AS (")
    assert '"zero_household_member_counts_state"' in made.output
    made = CliRunner().invoke(app, ["law", "sql", "--rules", "nothing_like_it"])
    assert made.exit_code != 0
