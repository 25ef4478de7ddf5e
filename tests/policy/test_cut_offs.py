"""What rests on one date is folded to cut-offs; on both sides of each one case says the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuye.cities.city import city
from jiuye.policy import Case, Law, Month, contradictions
from jiuye.policy.columns.compiler import Compiler, words_of
from jiuye.policy.folding import Folding, Steps
from jiuye.policy.spans import EPOCH, LIMITS
from jiuye.policy.values import Type
from jiuye.policy.working_days import WorkingCalendar
from tests.policy import random_laws
from tests.policy.law_text import law, rule
from tests.policy.test_readers_agree import loaded

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
ON = date(2026, 11, 25)


@pytest.fixture(scope="module", autouse=True)
def nonsense_is_let_through() -> Iterator[None]:
    before = contradictions.find
    contradictions.find = lambda law: None
    yield
    contradictions.find = before


def type_of(node: Any) -> Type:
    found: Type = node.t
    return found


def truths(law: Law) -> Iterator[Any]:
    """Every comparison and choice of the law that is true or false."""
    for versions in law.rules.values():
        for found in versions:
            for expression in found.expressions():
                for node in ast.walk(expression.body):
                    pair = isinstance(node, ast.Compare) and len(node.ops) == 1
                    if pair or (isinstance(node, ast.IfExp) and type_of(node).kind == "bool"):
                        yield node


def checked(law: Law, steps: Steps, node: Any, on: date, days: list[int]) -> None:
    """The steps against one case: at their ends, on more days, and with the day unknown."""
    shape = steps.shape
    first, last = LIMITS[shape.kind]
    for codes, (unknown, row) in zip(Folding(law, on).combinations(shape), steps.rows, strict=True):
        states = {None: unknown}
        for (start, state), end in zip(row, [*(start for start, _ in row[1:]), last + 1], strict=True):
            within = {start, end - 1, *(day for day in days if start <= day < end)}
            states |= dict.fromkeys(within, state)
        assert row[0][0] == first
        for day, state in states.items():
            value = (
                None if day is None else Month(day) if shape.kind == "month" else EPOCH + timedelta(days=day)
            )
            found = Case(law, codes | {shape.fact: value}).evaluate(node, on).value
            assert (1 if found is None else 2 * found) == state, (ast.unparse(node), codes, value)


def shared(law: Law, on: date, node: Any) -> Steps | None:
    """The same read off the table of the column reader, which only knows the days of some generations."""
    reader = Compiler(law, on, words_of(law))
    return Folding(law, on).steps(node, lambda: reader.days(node))


@FEW
@given(random_laws.rules(), st.sampled_from(random_laws.ON), st.lists(random_laws.DATES, max_size=5))
def test_random_laws(rules: random_laws.Rules, on: date, days: list[date]) -> None:
    made = loaded(rules)
    folding = Folding(made, on)
    for node in truths(made):
        steps = folding.steps(node)
        assert steps == shared(made, on, node)
        if steps is not None:
            months = steps.shape.kind == "month"
            checked(
                made, steps, node, on, [int(Month.of_date(d)) if months else (d - EPOCH).days for d in days]
            )


def test_the_law_of_shanghai() -> None:
    """All that rests on one date there is folded, a deadline in working days too."""
    made = city("shanghai").law
    folding = Folding(made, ON)
    count = 0
    for node in truths(made):
        if not folding.facts_in(node) or folding.shape(node) is None:
            continue
        steps = folding.steps(node)
        assert steps is not None, ast.unparse(node)
        assert steps == shared(made, ON, node)
        checked(made, steps, node, ON, [])
        count += 1
    assert count > 40


@pytest.mark.parametrize(
    ("condition", "steps"),
    [
        ("years_between(born, on) >= 16", [("0001-01-01", 2), ("2010-11-26", 0)]),
        ("add_months(born, 12) <= on", [("0001-01-01", 2), ("2025-11-26", 0), ("9999-01-01", 1)]),
        ("on > add_working_days(born, 3)", [("0001-01-01", 2), ("2026-11-20", 0), ("9999-12-29", 1)]),
        ("days_between(born, on) == 10",
         [("0001-01-01", 0), ("2026-11-15", 2), ("2026-11-16", 0)]),
        ("months_between(born, on) // 12 == 2", [("0001-01-01", 0), ("2023-11-26", 2), ("2024-11-26", 0)]),
    ],
)  # fmt: skip
def test_in_words(tmp_path: Path, condition: str, steps: list[tuple[str, int]]) -> None:
    made = law(tmp_path, rule("r", f"when: {condition}"), WorkingCalendar({}))
    node = made.rules["r"][0].condition.when.body  # type: ignore[union-attr]
    found = Folding(made, ON).steps(node)
    assert found is not None
    assert found.rows[0][0] == 1
    assert [
        ((EPOCH + timedelta(days=start)).isoformat(), state) for start, state in found.rows[0][1]
    ] == steps


def test_what_changes_too_often_is_left_to_the_engine(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "when: days_between(born, on) // 7 * 7 == days_between(born, on)"))
    node = made.rules["r"][0].condition.when.body  # type: ignore[union-attr]
    assert Folding(made, ON).steps(node) is None
