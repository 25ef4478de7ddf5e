"""explain, columns and a naive oracle give the same state and value for random rules, people and dates."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from jiuye.policy import Law, LawError, Month, State, contradictions
from jiuye.policy.columns import tables
from tests.policy import random_laws
from tests.policy.oracle import Oracle

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module", autouse=True)
def short_tables() -> Iterator[None]:
    """Tables of few years, so that they are quickly made and people often fall outside."""
    first, last = date(1999, 1, 1), date(2004, 12, 31)
    before = dict(tables.RANGES)
    tables.RANGES["date"] = ((first - date(1970, 1, 1)).days, (last - date(1970, 1, 1)).days)
    tables.RANGES["month"] = (int(Month.of_date(first)), int(Month.of_date(last)))
    yield
    tables.RANGES.update(before)


@pytest.fixture(scope="module", autouse=True)
def nonsense_is_let_through() -> Iterator[None]:
    """Random conditions contradict themselves all the time; the readers must agree on them all the same."""
    before = contradictions.find
    contradictions.find = lambda law: None
    yield
    contradictions.find = before


def loaded(rules: random_laws.Rules) -> Law:
    """The rules as law. Random sums of years and months are refused, rightly."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return rules.law(Path(folder))
        except LawError as error:
            if all("units" in problem for problem in error.problems):
                reject()
            raise


@FEW
@given(
    random_laws.rules(), st.lists(random_laws.PERSON, min_size=8, max_size=8), st.sampled_from(random_laws.ON)
)
def test_three_readings(rules: random_laws.Rules, people: list[dict[str, Any]], on: date) -> None:
    law = loaded(rules)
    program = law.columns(list(rules.versions), on)
    columns = {name: program.encode(name, [person[name] for person in people]) for name in program.facts}
    try:
        results = program.run(columns, len(people))
    except OverflowError:  # refused rather than wrong
        reject()
    for row, person in enumerate(people):
        oracle = Oracle(rules.versions, random_laws.PARAMETERS, person, on)
        for name in rules.versions:
            outcome = law.explain(name, person, on)
            assert (outcome.state.name, outcome.value) == oracle.answer(name), (name, person)
            assert results[name].at(row) == (outcome.state, outcome.value), (name, person)


@FEW
@given(random_laws.rules(), random_laws.PERSON, random_laws.WHOLE_PERSON, st.data())
def test_filling_in_a_fact_never_turns_a_decided_answer(
    rules: random_laws.Rules, person: dict[str, Any], whole: dict[str, Any], data: st.DataObject
) -> None:
    law = loaded(rules)
    on = data.draw(st.sampled_from(random_laws.ON))
    filled = {name for name in person if person[name] is None and data.draw(st.booleans())}
    fuller = person | {name: whole[name] for name in filled}
    for name in rules.versions:
        before, after = law.explain(name, person, on), law.explain(name, fuller, on)
        if before.state != State.UNKNOWN:
            assert after.state == before.state
            if before.value is not None:
                assert after.value == before.value


@FEW
@given(random_laws.rules(), random_laws.PERSON, random_laws.WHOLE_PERSON, st.sampled_from(random_laws.ON))
def test_what_is_not_asked_cannot_decide_and_what_is_asked_leads_to_an_answer(
    rules: random_laws.Rules, person: dict[str, Any], whole: dict[str, Any], on: date
) -> None:
    law = loaded(rules)
    for name in rules.versions:
        outcome = law.explain(name, person, on)
        if outcome.state != State.UNKNOWN:
            # not due, and what stands otherwise is open: the state is decided all the same
            assert outcome.ask == () or (outcome.state == State.NOT_MET and outcome.value is None)
            continue
        assert all(person[fact] is None for fact in outcome.ask)
        assert outcome.ask or outcome.gaps, "an open answer must say why"
        others = {fact: whole[fact] for fact in person if person[fact] is None and fact not in outcome.ask}
        assert law.explain(name, person | others, on).state == State.UNKNOWN
        known = dict(person)
        while outcome.state == State.UNKNOWN and outcome.ask:  # a form asks until nothing is left to ask
            known |= {fact: whole[fact] for fact in outcome.ask}
            outcome = law.explain(name, known, on)
        assert outcome.state != State.UNKNOWN or outcome.gaps
        suppliers = [random_laws.SUPPLIERS.index(law.facts[fact].supplier) for fact in outcome.ask]
        assert suppliers == sorted(suppliers)
