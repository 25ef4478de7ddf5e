"""Every threshold of the law has a case on either side of it, and the law answers as it was approved."""

from __future__ import annotations

import ast
import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from io import StringIO
from pathlib import Path
from tokenize import generate_tokens
from typing import Any

import numpy as np
import pytest

from jiuye.cities import facts
from jiuye.cities.city import city, load
from jiuye.cities.examples import same
from jiuye.policy import Outcome
from jiuye.policy.lines import read_yaml
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.policy.values import Value
from tests.cities.boundaries import HERE, UNCOVERED, Boundaries
from tests.cities.boundaries_search import Facts, answer
from tests.cities.boundaries_walk import thresholds

LAW = city().law
REVIEWED = read_yaml(HERE / "boundaries_reviewed.yaml")


@cache
def boundaries() -> Boundaries:
    return Boundaries(city())


def test_the_law_answers_as_it_was_approved() -> None:
    """After a change that is meant: read the difference, then `python -m tests.cities.boundaries --write`."""
    assert boundaries().differences() == []


@pytest.mark.parametrize(
    ("rule", "file", "old", "new", "sides"),
    [
        (
            "residence_permit_entitled",
            "rules/residence.yaml",
            "residence_months >= residence_permit_min_months",
            "residence_months > residence_permit_min_months",
            ["in the file only", "not in the file"],
        ),
        (
            "agency_stability_subsidy",
            "parameters/assistance.yaml",
            "    value: 12\n",
            "    value: 11\n",
            ["at: {value: 12, holds: false, answer: not met} → {value: 11, holds: false, answer: not met}"],
        ),
        (
            "temporary_living_allowance",
            "rules/temporary_living_allowance_2020.yaml",
            "until: 2020-12-31",
            "until: 2020-12-30",
            ["2020-12-31: not in the file", "2021-01-01: in the file only"],
        ),
    ],
)
def test_a_change_of_the_law_is_told_with_rule_and_side(
    tmp_path: Path, rule: str, file: str, old: str, new: str, sides: list[str]
) -> None:
    changed = tmp_path / "shanghai"
    for part in ("facts", "codes", "parameters", "rules", "calendar"):
        if (city().path / part).is_dir():
            shutil.copytree(city().path / part, changed / part)
    for path in city().path.glob("*.yaml"):
        shutil.copy(path, changed / path.name)
    text = (changed / file).read_text(encoding="utf-8")
    place = text.index("agency_stability_months") if "value" in old else 0
    assert old in text[place:]
    (changed / file).write_text(text[:place] + text[place:].replace(old, new, 1), encoding="utf-8")
    assert Boundaries(city(), [rule]).differences() == []
    told = "\n".join(Boundaries(load(changed), [rule]).differences())
    assert rule in told
    for side in sides:
        assert side in told, told


def test_every_threshold_and_every_day_has_a_case() -> None:
    """The list of those without holds nothing that has one, and says why."""
    assert len(boundaries().all) > 1000
    listed = read_yaml(UNCOVERED)
    assert sorted(boundaries().uncovered) == sorted(listed)
    assert all(listed.values())


# -- the other reader --------------------------------------------------------


def test_columns_answer_the_same_on_every_side() -> None:
    """All cases of a day at once. A parameter that a case states has no column, nor has a schedule.

    A day on which the law changes and the day before; the day after has nothing new.
    """
    by_day: dict[tuple[date, str], list[tuple[str, Facts]]] = defaultdict(list)
    for boundary in boundaries().all:
        for side, value in boundary.found.sides.items():
            if boundary.of is None and side == "above":
                continue
            given, on = boundary.found.side(value)
            if all(name.rpartition(".")[2] in LAW.facts for name in given):
                by_day[on, boundary.rule.entity].append((boundary.rule.name, given))
    schedules = {name for name, versions in LAW.rules.items() if versions[0].schedule}
    compared = sum(compare(on, entity, cases, schedules) for (on, entity), cases in by_day.items())
    assert compared > 2500


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


# -- cases worked out by hand --------------------------------------------------------


def reviewed() -> list[Any]:
    """(topic and number, case) of every case of the file."""
    return [
        pytest.param(case, id=f"{topic}-{number}-{case['rule']}")
        for topic, cases in REVIEWED.items()
        if topic != "base"
        for number, case in enumerate(cases, 1)
    ]


def read(given: Mapping[str, Any]) -> dict[str, Value]:
    return {name: facts.value(LAW, name.rpartition(".")[2], raw) for name, raw in given.items()}


def asked(case: Mapping[str, Any], raw: Any) -> Outcome:
    """The outcome when what moves has that value."""
    given: dict[str, Any] = {}
    for name in case.get("base", ()):
        given |= REVIEWED["base"][name]
    given |= case.get("facts", {})
    on, members = case.get("on"), []
    match case["moves"]:
        case "on":
            on = raw
        case "members":
            members = raw
        case name:
            given[name] = raw
    known = read(given)
    rule = case["rule"]
    if LAW.rules[rule][0].entity == OF_EMPLOYER:
        return LAW.explain(rule, known, facts.day(on))
    own = {name: value for name, value in known.items() if "." not in name}
    firm = {name.removeprefix("employer."): value for name, value in known.items() if "." in name}
    return LAW.explain(rule, own, facts.day(on), [read(member) for member in members], firm or None)


@pytest.mark.parametrize("case", reviewed())
def test_by_hand(case: Mapping[str, Any]) -> None:
    assert case["clause"]
    assert case["why"]
    assert len(case["sides"]) > 1
    got = [[raw, answer(asked(case, raw))] for raw, _ in case["sides"]]
    for (raw, told), (_, expected) in zip(got, case["sides"], strict=True):
        assert same(expected, told), (raw, told, expected)


def test_by_hand_covers_the_topics() -> None:
    assert len(reviewed()) > 100
    asked_for = {case["rule"] for topic, cases in REVIEWED.items() if topic != "base" for case in cases}
    assert asked_for <= set(LAW.rules)
    assert len(asked_for) > 60


def test_every_comparison_written_in_the_law_is_a_threshold() -> None:
    """Counted in the text itself; a table's row that sets no limit (`<= 0`) is a switch, not a threshold."""
    written: dict[tuple[str, date], int] = defaultdict(int)
    for versions in LAW.rules.values():
        for rule in versions:
            for expression in rule.expressions():
                words = [word.string for word in generate_tokens(StringIO(expression.text).readline)]
                switches = len(re.findall(r"size_\w+\[size_industry\] <= 0", expression.text))
                written[rule.name, rule.first] += (
                    sum(word in ("<", "<=", ">", ">=") for word in words) - switches
                )
    found: dict[tuple[str, date], set[tuple[str, int]]] = defaultdict(set)
    for of in thresholds(LAW):
        if of.kind == "compare" and not isinstance(of.node.ops[0], ast.Eq | ast.NotEq):
            found[of.rule, of.version.first].add((f"{of.where}: {of.text}", of.number))
    counted = {key: number for key, number in written.items() if number}
    assert counted == {key: len(names) for key, names in found.items()}
