"""Households and employers in columns: the same answers as one case at a time, wherever the rows stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jiuye.policy import Law, Month, State
from jiuye.policy.columns import ColumnError, Program
from jiuye.policy.columns.layout import encode
from tests.policy.law_text import CODES, FACTS, PARAMETERS, law, rule

ON = date(2005, 6, 1)
FIRM_FACTS = """
firm_form: {type: "code:shape", entity: employer, supplier: register, label: Form}
firm_staff: {type: int, entity: employer, supplier: register, label: Staff}
firm_since: {type: date, entity: employer, supplier: register, label: Since}
firm_paid: {type: bool, entity: employer, supplier: register, label: Paid}
firm_hues: {type: "list:colour", entity: employer, supplier: register, label: Hues}
firm_town: {type: text, entity: employer, supplier: register, label: Town}
"""
RULES = (
    rule("works", "when: member and not able")
    + rule("nobody_works", "when: not household_any(works)")
    + rule("all_willing", "when: household_all(willing) or count > 50")
    + rule("helpers", "value: household_count(willing) + 1\ngiven: not household_all(able)\notherwise: 0")
    + rule("deep", "when: household_any(nobody_works) and household_count(all_willing) >= 2")
    + rule("firm_young", "when: years_between(firm_since, on) < 3", **{"for": "employer"})
    + rule("firm_fits", "all: {a: {zh: a, en: a, when: firm_young}, b: {zh: b, en: b, when: firm_paid}}",
           **{"for": "employer"})
    + rule("firm_size", "value: min(firm_staff, 300) * 2\ngiven: firm_paid\notherwise: -1",
           **{"for": "employer"})
    + rule("firm_where", "value: firm_town\ngiven: firm_staff > 10", **{"for": "employer"})
    + rule("firm_like", "when: '\"red\" in firm_hues or firm_form in [\"round\"]'", **{"for": "employer"})
    + rule("hired", "all: {a: {zh: a, en: a, when: employer.firm_fits},"
           " b: {zh: b, en: b, when: 'employer.firm_staff > count'},"
           " c: {zh: c, en: c, when: 'employer.firm_form == \"round\" or \"red\" in employer.firm_hues'},"
           " d: {zh: d, en: d, when: willing}}")
    + rule("amount", "value: 'employer.firm_size * count if employer.firm_paid else wage'\ngiven: member")
    + rule("place", "value: 'employer.firm_town if member else town'")
    + rule("any_hired", "when: household_any(hired) or household_any(firm_ok)")
    + rule("firm_ok", "when: employer.firm_young and employer.firm_since > reform or employer.firm_like")
    + rule("kept", "when: member", until="2005-01-01",
           goes_on_for="{when: born < left_on, zh: a, en: a, basis: B}")
    + "- rule: kept\n  title: T\n  basis: B\n  from: 2005-01-02\n  when: not willing\n"
    + rule("kept_sum", "value: count", until="2005-01-01",
           goes_on_for="{when: household_any(member), zh: a, en: a, basis: B}")
    + "- rule: kept_sum\n  title: T\n  basis: B\n  from: 2005-01-02\n  value: months\n  given: able\n"
)  # fmt: skip
PEOPLE_FACTS = ("born", "left_on", "member", "willing", "able", "months", "count", "wage", "town")
FIRMS = ("firm_form", "firm_staff", "firm_since", "firm_paid", "firm_hues", "firm_town")
FIRM_RULES = ("firm_young", "firm_fits", "firm_size", "firm_where", "firm_like")


def city(folder: Path) -> Law:
    return law(folder, RULES, facts=FACTS + FIRM_FACTS, codes=CODES, parameters=PARAMETERS)


def some(random: np.random.Generator, of: Any, missing: float = 0.25) -> Any:
    if random.random() < missing:
        return None
    match of.kind:
        case "bool":
            return bool(random.random() < 0.7)
        case "date":
            return date(1998, 1, 1).replace(year=int(random.integers(1900, 2010)))
        case "month":
            return Month.of(2001, 2)
        case "number":
            return int(random.integers(-5, 60))
        case "list":
            return tuple(word for word in ("red", "green") if random.random() < 0.5)
    if of.codes == "shape":
        return str(random.choice(["round", "square"]))
    return str(random.choice(["Hill", "Dale"]))


def drawn(made: Law, names: tuple[str, ...], count: int, seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [{name: some(random, made.facts[name].type) for name in names} for _ in range(count)]


def columns(program: Program, names: frozenset[str], rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {name: program.encode(name, [row[name] for row in rows]) for name in names}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [1, 1000])
def test_everybody_is_answered_as_one_case_is(tmp_path: Path, seed: int, spread: int) -> None:
    made = city(tmp_path)
    people, firms = drawn(made, PEOPLE_FACTS, 120, seed), drawn(made, FIRMS, 15, seed + 100)
    random = np.random.default_rng(seed)
    household = random.integers(-1, 50, 120).astype(np.int32)
    household = np.where(household < 0, -1, household * spread + 7).astype(np.int32)
    employer = random.integers(-1, 15, 120).astype(np.int32)
    program = made.columns(list(made.rules), ON)
    assert program.asks_household
    for block in (16, 1 << 16):
        found = program.run(
            columns(program, program.facts, people), 120, household=household, employer=employer,
            employers=columns(program, program.employer_facts, firms), block=block,
        )  # fmt: skip
        for row, person in enumerate(people):
            others = [
                people[other] | {"employer": firms[employer[other]] if employer[other] >= 0 else {}}
                for other in np.flatnonzero(household == household[row])
                if other != row
            ]
            case = made.case(
                person,
                None if household[row] < 0 else others,
                firms[employer[row]] if employer[row] >= 0 else {},
            )
            for name in made.rules:
                outcome = case.outcome(name, ON)
                assert found[name].at(row) == (outcome.state, outcome.value), (name, row, person)


def test_without_households_and_employers_everything_about_them_is_open(tmp_path: Path) -> None:
    made = city(tmp_path)
    program = made.columns(["nobody_works", "all_willing", "helpers", "hired", "firm_fits", "amount"], ON)
    people = drawn(made, PEOPLE_FACTS, 60, 9)
    found = program.run(columns(program, program.facts, people), 60)
    for row, person in enumerate(people):
        case = made.case(person)
        for name in program.rules:
            outcome = case.outcome(name, ON)
            assert found[name].at(row) == (outcome.state, outcome.value), (name, row, person)


def test_what_no_rule_asks_about_is_not_looked_at(tmp_path: Path) -> None:
    """Whoever has links for everybody may hand them to every program."""
    program = law(tmp_path, rule("r", "when: member")).columns(["r"], ON)
    assert not program.asks_household
    links = np.array([3, 10**9], np.int32)
    found = program.run({"member": np.array([2, 0], np.uint8)}, household=links, employer=links, employers={})
    assert found["r"].state.tolist() == [2, 0]


def test_rules_about_employers_alone_are_a_program_over_employers(tmp_path: Path) -> None:
    made = city(tmp_path)
    firms = drawn(made, FIRMS, 80, 5)
    program = made.columns(list(FIRM_RULES), ON)
    assert program.facts == set(FIRMS)
    assert program.employer_facts == set()
    found = program.run(columns(program, program.facts, firms))
    for row, firm in enumerate(firms):
        for name in FIRM_RULES:
            outcome = made.explain(name, firm, ON)
            assert found[name].at(row) == (outcome.state, outcome.value), (name, row, firm)


def test_answers_may_be_narrow_and_their_memory_is_used_again(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "value: count * 3\ngiven: member"))
    program = made.columns(["r"], ON)
    room = program.room(4, {"r": np.int16})
    facts: dict[str, np.ndarray] = {
        "count": np.array([1, 2, -32768, 4], np.int16),
        "member": np.array([2, 1, 2, 0], np.uint8),
    }
    found = program.run(facts, room=room)["r"]
    assert found.value is room["r"].value
    assert [found.at(row) for row in range(4)] == [
        (State.MET, 3), (State.UNKNOWN, None), (State.UNKNOWN, None), (State.NOT_MET, None),
    ]  # fmt: skip
    with pytest.raises(OverflowError):
        program.run(facts | {"count": np.array([20_000, 2, 3, 4], np.int16)}, room=room)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"employer": np.array([0, 2], np.int32)}, "employer 2: there are 2 employers"),
        ({"employer": np.array([0, -2], np.int32)}, "employer -2: only -1 stands for none"),
        ({"household": np.array([0], np.int32)}, "household: int32 of 1 rows"),
        ({"household": np.array([0.5, 1])}, "household: float64"),
    ],
)
def test_rows_that_do_not_exist_are_refused(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    made = city(tmp_path)
    program = made.columns(["hired", "nobody_works"], ON)
    staff = encode(made.facts["firm_staff"].type, [], [1, 2])
    with pytest.raises(ColumnError, match=message):
        program.run({}, 2, employers={"firm_staff": staff}, **more)
