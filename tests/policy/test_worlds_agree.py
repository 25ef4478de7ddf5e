"""Households, employers and versions that go on: one case, columns and the naive reading always agree."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuye.policy import Law, State, contradictions
from jiuye.policy.columns import ColumnResult
from tests.policy import random_worlds
from tests.policy.law_text import law

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.fixture(scope="module", autouse=True)
def nonsense_is_let_through() -> Iterator[None]:
    before = contradictions.find
    contradictions.find = lambda law: None
    yield
    contradictions.find = before


def loaded(world: random_worlds.World) -> Law:
    with tempfile.TemporaryDirectory() as folder:
        return law(
            Path(folder), world.yaml(), facts=random_worlds.FACTS_YAML,
            parameters=random_worlds.PARAMETERS_YAML,
        )  # fmt: skip


def others(people: list[Any], row: int) -> list[dict[str, Any]]:
    return [facts | {"employer": firm} for n, (facts, firm) in enumerate(people) if n != row]


def by_columns(
    made: Law, names: list[str], people: list[Any], on: date, known: bool
) -> Mapping[str, ColumnResult]:
    """One household, each with an employer or without."""
    program = made.columns(names, on)
    columns = {name: program.encode(name, [facts[name] for facts, _ in people]) for name in program.facts}
    firms = [firm for _, firm in people if firm is not None]
    theirs = {name: program.encode(name, [firm[name] for firm in firms]) for name in random_worlds.FIRM_FACTS}
    places = np.cumsum([firm is not None for _, firm in people]) - 1
    employer = np.where([firm is not None for _, firm in people], places, -1).astype(np.int32)
    household = np.zeros(len(people), np.int32) if known else None
    return program.run(columns, len(people), household=household, employer=employer, employers=theirs)


@FEW
@given(random_worlds.worlds(), random_worlds.HOUSEHOLD, st.sampled_from(random_worlds.ON), st.booleans())
def test_three_readings(world: random_worlds.World, people: list[Any], on: date, known: bool) -> None:
    made = loaded(world)
    names = [name for name, (firm, _, _) in world.rules.items() if not firm]
    results = by_columns(made, names, people, on, known)
    members = random_worlds.house(world, people, on, known)
    for row, (facts, firm) in enumerate(people):
        case = made.case(facts, others(people, row) if known else None, firm)
        for name in names:
            outcome = case.outcome(name, on)
            assert (outcome.state.name, outcome.value) == members[row].answer(name), (name, row)
            assert results[name].at(row) == (outcome.state, outcome.value), (name, row)
            assert outcome.state != State.UNKNOWN or outcome.ask or outcome.gaps


@FEW
@given(random_worlds.worlds(), random_worlds.FIRM, st.sampled_from(random_worlds.ON))
def test_an_employer_by_itself(world: random_worlds.World, firm: dict[str, Any], on: date) -> None:
    made = loaded(world)
    for name in ("r0", "r1"):
        naive = random_worlds.Member(world, firm, on).answer(name)
        outcome = made.explain(name, firm, on)
        within = made.explain(name, {"b0": True}, on, employer=firm)
        assert (outcome.state.name, outcome.value) == naive == (within.state.name, within.value)


@FEW
@given(random_worlds.worlds(), random_worlds.HOUSEHOLD, st.sampled_from(random_worlds.ON), st.data())
def test_what_is_not_asked_cannot_decide(
    world: random_worlds.World, people: list[Any], on: date, data: st.DataObject
) -> None:
    """Supplying every missing fact but those asked for leaves the answer open."""
    made = loaded(world)
    names = [name for name, (firm, _, _) in world.rules.items() if not firm]
    filled = []
    for facts, firm in people:
        whole = {n: data.draw(random_worlds.VALUES[k]) for n, k in random_worlds.PERSON_FACTS.items()}
        theirs = {n: data.draw(random_worlds.VALUES[k]) for n, k in random_worlds.FIRM_FACTS.items()}
        filled.append((facts, firm or {}, whole, theirs))
    given_ = [(facts, firm) for facts, firm, _, _ in filled]
    for name in names:
        outcome = made.explain(name, given_[0][0], on, others(given_, 0), given_[0][1])
        if outcome.state != State.UNKNOWN:
            continue
        more = []
        for row, (facts, firm, whole, theirs) in enumerate(filled):
            prefix = f"members[{row - 1}]." if row else ""
            own = {n: whole[n] for n, v in facts.items() if v is None and prefix + n not in outcome.ask}
            its = {
                n: theirs[n]
                for n in theirs
                if firm.get(n) is None and f"{prefix}employer.{n}" not in outcome.ask
            }
            more.append((facts | own, firm | its))
        again = made.explain(name, more[0][0], on, others(more, 0), more[0][1])
        assert again.state == State.UNKNOWN, (name, outcome.ask)
