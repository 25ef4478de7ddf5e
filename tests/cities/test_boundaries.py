"""Every threshold of the law has a case on either side of it, and the law answers as it was approved."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from jiuye.cities.city import city
from jiuye.policy.lines import read_yaml
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.policy.values import Value
from tests.cities.boundaries import UNCOVERED, Boundaries
from tests.cities.boundaries_search import Facts

LAW = city().law


@cache
def boundaries() -> Boundaries:
    return Boundaries(city())


def test_the_law_answers_as_it_was_approved() -> None:
    """After a change that is meant: read the difference, then `python -m tests.cities.boundaries --write`."""
    assert boundaries().differences() == []


def test_every_threshold_and_every_day_has_a_case() -> None:
    """The list of those without holds nothing that has one, and says why."""
    assert len(boundaries().all) > 1000
    listed = read_yaml(UNCOVERED)
    assert sorted(boundaries().uncovered) == sorted(listed)
    assert all(listed.values())


# -- the other reader --------------------------------------------------------


def test_columns_answer_the_same_on_every_side() -> None:
    """All cases of a day at once. A parameter that a case states has no column, nor has a schedule."""
    by_day: dict[tuple[date, str], list[tuple[str, Facts]]] = defaultdict(list)
    for boundary in boundaries().all:
        for value in boundary.found.sides.values():
            given, on = boundary.found.side(value)
            if all(name.rpartition(".")[2] in LAW.facts for name in given):
                by_day[on, boundary.rule.entity].append((boundary.rule.name, given))
    schedules = {name for name, versions in LAW.rules.items() if versions[0].schedule}
    compared = sum(compare(on, entity, cases, schedules) for (on, entity), cases in by_day.items())
    assert compared > 3000


def compare(on: date, entity: str, cases: list[tuple[str, Facts]], without: set[str]) -> int:
    """How many cases were compared."""
    names = list(dict.fromkeys(name for name, _ in cases if name not in without))
    if not names:
        return 0
    program = LAW.columns(names, on)
    rows = [{name: value for name, value in given.items() if "." not in name} for _, given in cases]
    firms = [{name[9:]: value for name, value in given.items() if "." in name} for _, given in cases]

    def columns(read: frozenset[str], of: list[dict[str, Value]]) -> dict[str, Any]:
        return {fact: program.encode(fact, [row.get(fact) for row in of]) for fact in read}

    places = np.arange(len(cases), dtype=np.int32)
    beside: dict[str, Any] = {}
    if entity != OF_EMPLOYER:
        employers = columns(program.employer_facts, firms)
        beside = {"household": places, "employer": places, "employers": employers}
    results = program.run(columns(program.facts, rows), len(cases), **beside)
    compared = 0
    for place, (name, given) in enumerate(cases):
        if name in names:
            rule = LAW.rules[name][-1]
            outcome = boundaries().asked.outcome(rule, given, on)
            state, value = results[name].at(place)
            assert state == outcome.state, (name, on, given)
            if LAW.rules[name][0].kind == "value" and outcome.value is not None:
                assert value == outcome.value, (name, on, given)
            compared += 1
    return compared
