"""Printed rules: PostgreSQL, DuckDB (and Spark where it is) say what one case, columns and the oracle say."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from jiuye.policy import contradictions
from tests.policy import random_laws, random_worlds
from tests.policy.oracle import Oracle
from tests.policy.sql_engines import DuckDB, Engine, PostgreSQL, Spark, TooLarge, as_printed
from tests.policy.test_readers_agree import loaded
from tests.policy.test_worlds_agree import by_columns, others
from tests.policy.test_worlds_agree import loaded as world_law

FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def nonsense_is_let_through() -> Iterator[None]:
    before = contradictions.find
    contradictions.find = lambda law: None
    yield
    contradictions.find = before


@pytest.fixture(scope="module")
def duck() -> DuckDB:
    return DuckDB()


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("Spark isn't installed")
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    yield Spark(session)
    session.stop()


def check_laws(engine: Engine, rules: random_laws.Rules, people: list[dict[str, Any]], on: date) -> None:
    law = loaded(rules)
    names = list(rules.versions)
    program = law.columns(names, on)
    columns = {name: program.encode(name, [person[name] for person in people]) for name in program.facts}
    try:
        results = program.run(columns, len(people))
        found = engine.answers(law, names, on, people)
    except (OverflowError, TooLarge):  # refused rather than wrong
        reject()
    for row, person in enumerate(people):
        oracle = Oracle(rules.versions, random_laws.PARAMETERS, person, on)
        for name in names:
            outcome = law.explain(name, person, on)
            assert (outcome.state.name, outcome.value) == oracle.answer(name), (name, person)
            assert results[name].at(row) == (outcome.state, outcome.value), (name, person)
            assert found[row][name] == as_printed(outcome), (name, person)


def check_worlds(
    engine: Engine, world: random_worlds.World, people: list[Any], on: date, known: bool
) -> None:
    law = world_law(world)
    names = [name for name, (firm, _, _) in world.rules.items() if not firm]
    firms = [firm for _, firm in people if firm is not None]
    members = random_worlds.house(world, people, on, known)
    rows, place = [], 0
    for facts, firm in people:
        row = dict(facts) | ({"household": 7} if known else {})
        rows.append(row | ({} if firm is None else {"employer": place}))
        place += firm is not None
    rows.append(dict.fromkeys(random_worlds.PERSON_FACTS))  # somebody who lives with nobody known
    found = engine.answers(law, names, on, rows, firms)
    results = by_columns(law, names, people, on, known)
    for row, (facts, firm) in enumerate(people):
        case = law.case(facts, others(people, row) if known else None, firm)
        for name in names:
            outcome = case.outcome(name, on)
            assert (outcome.state.name, outcome.value) == members[row].answer(name), (name, row)
            assert results[name].at(row) == (outcome.state, outcome.value), (name, row)
            assert found[row][name] == as_printed(outcome), (name, row)
    for name in names:
        assert found[-1][name] == as_printed(law.explain(name, {}, on)), name
    of_firms = [name for name in world.rules if name not in names]
    if firms:
        for firm, answers in zip(firms, engine.answers(law, of_firms, on, firms), strict=True):
            for name in of_firms:
                assert answers[name] == as_printed(law.explain(name, firm, on)), name


LAWS = (
    random_laws.rules(), st.lists(random_laws.PERSON, min_size=8, max_size=8),
    st.sampled_from(random_laws.ON),
)  # fmt: skip
WORLDS = (
    random_worlds.worlds(), random_worlds.HOUSEHOLD, st.sampled_from(random_worlds.ON), st.booleans(),
)  # fmt: skip


@FEW
@given(*LAWS)
def test_random_laws_in_duckdb(
    duck: DuckDB, rules: random_laws.Rules, people: list[dict[str, Any]], on: date
) -> None:
    check_laws(duck, rules, people, on)


@pytest.mark.django_db
@FEW
@given(*LAWS)
def test_random_laws_in_postgresql(rules: random_laws.Rules, people: list[dict[str, Any]], on: date) -> None:
    check_laws(PostgreSQL(), rules, people, on)


@FEW
@given(*WORLDS)
def test_random_households_in_duckdb(
    duck: DuckDB, world: random_worlds.World, people: list[Any], on: date, known: bool
) -> None:
    check_worlds(duck, world, people, on, known)


@pytest.mark.django_db
@FEW
@given(*WORLDS)
def test_random_households_in_postgresql(
    world: random_worlds.World, people: list[Any], on: date, known: bool
) -> None:
    check_worlds(PostgreSQL(), world, people, on, known)


@settings(FEW, max_examples=15)
@given(*LAWS, *WORLDS)
def test_random_laws_and_households_in_spark(
    spark: Spark, rules: random_laws.Rules, people: list[dict[str, Any]], on: date,
    world: random_worlds.World, household: list[Any], day: date, known: bool,
) -> None:  # fmt: skip
    check_worlds(spark, world, household, day, known)
    check_laws(spark, rules, people, on)
