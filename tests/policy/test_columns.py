"""The population's reader: what it refuses, what it folds, how columns lie."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from jiuye.policy import FactError, Law, Month, NotColumnar, State
from jiuye.policy.columns import (
    BLOCK,
    EPOCH,
    NULL_DAY,
    NULL_LIST,
    NULL_NUMBER,
    ColumnError,
    Program,
    calendar,
    tables,
)
from jiuye.policy.values import Value, add_months, months_between, years_between
from jiuye.policy.working_days import WorkingCalendar
from tests.policy.law_text import law, rule

ON = date(2005, 6, 1)


def program(folder: Path, body: str, on: date = ON) -> Program:
    return law(folder, rule("r", body)).columns(["r"], on)


def answers(made: Program, **facts: list[Value]) -> list[tuple[State, Value]]:
    found = made.run({name: made.encode(name, values) for name, values in facts.items()})["r"]
    return [found.at(row) for row in range(len(found.state))]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("schedule: {first: paid_until, count: 3, value: 1}", "r is a schedule"),
        ("when: hue in (hues if member else warm)", "compares two values of the same person"),
        ("when: overlaps(hues, hues)", "one list must be a fixed one"),
        ('value: town + "x"', "has no column form"),
    ],
)
def test_what_columns_cannot_do_is_refused_when_they_are_made(
    tmp_path: Path, body: str, message: str
) -> None:
    with pytest.raises(NotColumnar, match=message):
        program(tmp_path, body)


@pytest.mark.parametrize(
    ("expression", "cutoffs"),
    [
        ("years_between(born, on) >= 16", ["born < 1989-06-02"]),
        ("years_between(born, on) < 16", ["born >= 1989-06-02"]),
        ("16 <= years_between(born, on) < 60", ["born < 1989-06-02", "born >= 1945-06-02"]),
        ("on >= add_months(born, 12 * 60)", ["born < 1945-06-02"]),
        ("month_of(born) > month_of(reform)", ["born >= 2010-06-01"]),
        ("member and days_between(left_on, on) <= 60", ["left_on >= 2005-04-02"]),
        ("born < reform", []),  # a plain comparison already
    ],
)
def test_ages_are_folded_to_cut_offs(tmp_path: Path, expression: str, cutoffs: list[str]) -> None:
    made = program(tmp_path, f"when: {expression}")
    assert made.cutoffs == cutoffs
    assert made.facts == {name for name in ("born", "left_on", "member") if name in expression}


def test_days_outside_the_tables_are_worked_out_all_the_same(tmp_path: Path) -> None:
    made = program(tmp_path, "value: years_between(born, on)")
    assert date(1900, 1, 1) == tables.FIRST
    days: list[Value] = [date(1850, 6, 2), None, date(1899, 12, 31), date(1900, 1, 1), date(2060, 1, 1)]
    assert answers(made, born=days) == [
        (State.MET, 154), (State.UNKNOWN, None), (State.MET, 105), (State.MET, 105), (State.MET, -55),
    ]  # fmt: skip


def test_the_retirement_shape_a_date_and_two_codes(tmp_path: Path) -> None:
    """One date with small facts beside it is looked up; unknown codes and days are open where they matter."""
    made = program(tmp_path, 'value: add_months(born, 720 if form == "round" else 12 * shares[hue])')
    people: list[tuple[Value, Value, Value]] = [
        (date(1950, 1, 31), "round", None),
        (date(1950, 1, 31), "square", "red"),
        (date(1950, 1, 31), "square", "blue"),
        (date(1950, 1, 31), None, "red"),
        (None, "round", "red"),
    ]
    born, form, hue = ([person[place] for person in people] for place in range(3))
    assert answers(made, born=born, form=form, hue=hue) == [
        (State.MET, date(2010, 1, 31)), (State.MET, date(1953, 1, 31)), (State.UNKNOWN, None),
        (State.UNKNOWN, None), (State.UNKNOWN, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "want"),
    [
        ("when: able if member else willing", {"yes": 2, "no": 0, "open": 1}),
        ("when: (3 if member else count) == 3", {"yes": 2, "no": 1, "open": 1}),
        ("when: ('red' if member else hue) == 'red'", {"yes": 2, "no": 1, "open": 1}),
    ],
)
def test_an_open_choice_between_like_branches_is_no_choice(
    tmp_path: Path, body: str, want: dict[str, int]
) -> None:
    """As with one case: if both branches say the same, it doesn't matter which one counts."""
    made = program(tmp_path, body)
    people: dict[str, dict[str, Value]] = {
        "yes": {"able": True, "willing": True, "count": 3, "hue": "red"},
        "no": {"able": False, "willing": False, "count": 4, "hue": "blue"},
        "open": {"able": True},
    }
    for name, person in people.items():
        columns = {fact: made.encode(fact, [person.get(fact)]) for fact in made.facts}
        assert made.run(columns)["r"].state.tolist() == [want[name]]
        assert made.law.explain("r", person, ON).state == want[name]


def test_more_rows_than_a_block(tmp_path: Path) -> None:
    made = program(tmp_path, "value: months + 1\ngiven: member")
    size = 2 * BLOCK + 7
    months = np.arange(size)
    months[BLOCK] = NULL_NUMBER
    member = np.full(size, 2, np.uint8)
    member[-1] = 0
    found = made.run({"months": months, "member": member})["r"]
    assert found.value is not None
    assert found.value[:3].tolist() == [1, 2, 3]
    assert found.at(BLOCK) == (State.UNKNOWN, None)
    assert found.at(size - 2) == (State.MET, size - 1)
    assert found.at(size - 1) == (State.NOT_MET, None)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64])
def test_numbers_of_any_width_with_their_lowest_value_as_unknown(tmp_path: Path, dtype: type) -> None:
    made = program(tmp_path, "when: months * 2 >= 100000 or months == 3")
    column = np.array([np.iinfo(dtype).min, 3, 4], dtype)
    assert made.run({"months": column})["r"].state.tolist() == [1, 2, 0]


def test_a_fact_without_a_column_is_unknown_for_all(tmp_path: Path) -> None:
    made = program(tmp_path, "when: member or months > 3 or hue == 'red' or 'red' in hues or born > on")
    assert answers(made, member=[True, False]) == [(State.MET, None), (State.UNKNOWN, None)]
    assert made.run({}, size=2)["r"].state.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"member": np.array([True])}, "column member: bool isn't the layout of a bool"),
        ({"months": np.array([1.0])}, "column months: float64"),
        ({"born": np.array([1])}, "column born: int64 isn't the layout of a date"),
        ({"hue": np.array([1])}, "column hue: int64"),
        ({"member": np.array([2], np.uint8), "months": np.array([1, 2])}, "column months: 2 rows, not 1"),
        ({"nobody": np.array([1])}, "column nobody: no fact is called so"),
        ({}, "neither columns nor a size"),
    ],
)
def test_columns_that_do_not_fit(tmp_path: Path, columns: dict[str, np.ndarray], message: str) -> None:
    made = program(tmp_path, "when: member and months > 3 and born < on and hue == 'red'")
    with pytest.raises(ColumnError, match=message):
        made.run(columns)


def test_encoding_loses_nothing(tmp_path: Path) -> None:
    made = program(tmp_path, "when: member")
    assert made.encode("wage", [Decimal("1.50"), 2, None]).tolist() == [150, 200, int(NULL_NUMBER)]
    assert made.encode("hue", ["red", None, "blue"]).tolist() == [0, -1, 2]
    assert made.encode("hues", [("blue", "red"), (), None]).tolist() == [5, 0, int(NULL_LIST)]
    assert made.encode("born", [EPOCH, None]).tolist() == [0, int(NULL_DAY)]
    assert made.encode("paid_until", [Month.of(2000, 3)]).tolist() == [24002]
    assert made.encode("town", ["a", "b", "a"]).tolist() == [0, 1, 0]
    with pytest.raises(FactError, match="more than 2 decimal places"):
        made.encode("wage", [Decimal("1.005")])
    with pytest.raises(FactError, match="'pink' isn't in code table colour"):
        made.encode("hue", ["pink"])


def test_decimals_are_exact(tmp_path: Path) -> None:
    made = program(tmp_path, "value: wage * 0.07 + least_wage")
    assert answers(made, wage=[Decimal("1.10"), Decimal("0.01")]) == [
        (State.MET, Decimal("0.1770")),
        (State.MET, Decimal("0.1007")),
    ]


def test_numbers_that_do_not_fit_are_refused_not_wrapped(tmp_path: Path) -> None:
    made = program(tmp_path, "value: count * count * count")
    with pytest.raises(OverflowError):
        made.run({"count": np.array([3_000_000])})


def test_words_from_several_facts(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "value: hue if member else town") + rule("s", "when: town == r"))
    rules = made.columns(["r", "s"], ON)
    people: list[dict[str, Value]] = [
        {"hue": "red", "town": "Hill", "member": True},
        {"hue": "red", "town": "Hill", "member": False},
        {"hue": "red", "town": "red"},
        {"hue": "red"},
    ]
    columns = {name: rules.encode(name, [p.get(name) for p in people]) for name in rules.facts}
    found = rules.run(columns)
    assert [found["r"].at(row) for row in range(4)] == [
        (State.MET, "red"), (State.MET, "Hill"), (State.MET, "red"), (State.UNKNOWN, None),
    ]  # fmt: skip
    assert found["s"].state.tolist() == [0, 2, 2, 1]


def test_working_days_are_those_of_the_calendar(tmp_path: Path) -> None:
    calendar = WorkingCalendar({date(2005, 5, 2): False, date(2005, 5, 7): True})  # a Monday, a Saturday
    made = law(tmp_path, rule("r", "value: add_working_days(left_on, count)"), calendar)
    columns = made.columns(["r"], ON)
    days: list[Value] = [date(2005, 5, 1), date(2005, 5, 1), date(2005, 5, 31), None, ON, date(9999, 12, 30)]
    found = answers(columns, left_on=days, count=[1, 5, 0, 1, -1, 400])
    assert [value for _, value in found] == [
        date(2005, 5, 3), date(2005, 5, 7), date(2005, 5, 31), None, None, None,
    ]  # fmt: skip


def test_without_a_calendar_working_days_are_unknown(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "when: on > add_working_days(left_on, 3)")).columns(["r"], ON)
    assert answers(made, left_on=[date(2005, 5, 1)])[0][0] == State.UNKNOWN


def test_a_deadline_in_working_days_is_a_cut_off(tmp_path: Path) -> None:
    calendar = WorkingCalendar({date(2005, 5, 2): False})
    made = law(tmp_path, rule("r", "when: on > add_working_days(left_on, 3)"), calendar)
    assert made.columns(["r"], date(2005, 5, 6)).cutoffs == ["left_on < 2005-05-03"]
    assert "< DATE '2005-05-03'" in made.sql(["r"], date(2005, 5, 6), "duckdb").text


def test_a_rule_not_in_force_is_open_for_all(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "when: member", until="2000-01-01"))
    columns = made.columns(["r"], ON)
    assert columns.facts == set()
    assert columns.run({}, size=3)["r"].state.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "body",
    [
        "when: count // 0 > 3",
        "when: min(add_months(s, years_between(born, on)), max(s, first_day(paid_until))) < reform",
        "when: add_months(s, years_between(born, on)) > add_months(left_on, 1)",
    ],
)
def test_what_nobody_can_know_is_open_for_all(tmp_path: Path, body: str) -> None:
    """Division by nothing, a rule not in force: inside and outside the tables."""
    made = law(tmp_path, rule("r", body) + rule("s", "value: born", until="2000-01-01")).columns(["r"], ON)
    people: dict[str, list[Value]] = {
        "born": [date(1850, 1, 1), None, ON],
        "left_on": [ON, date(1850, 1, 1), None],
        "paid_until": [Month.of(1850, 1), Month.of(2000, 1), None],
        "count": [1, None, 2],
    }
    columns = {name: made.encode(name, people[name]) for name in made.facts}
    assert made.run(columns)["r"].state.tolist() == [1, 1, 1]


def test_calendar_functions_are_python_s() -> None:
    """Every kind of day: month ends, leap years, centuries, before 1970."""
    days = [date(1899, 12, 31) + timedelta(days=37 * step) for step in range(2500)]
    days += [
        date(year, 2, 28) + timedelta(days=step) for year in (1900, 1999, 2000, 2004) for step in range(3)
    ]
    other = days[::-1]
    one = np.array([(day - EPOCH).days for day in days])
    two = np.array([(day - EPOCH).days for day in other])
    counts = np.arange(len(days)) % 61 - 30
    pairs = list(zip(days, other, strict=True))

    def listed(found: calendar.Dated) -> list[int]:
        assert found[1] is None
        return found[0].tolist()  # type: ignore[no-any-return]

    assert listed(calendar.month_of(one)) == [int(Month.of_date(day)) for day in days]
    assert listed(calendar.years_between(one, two)) == [years_between(a, b) for a, b in pairs]
    assert listed(calendar.months_between(one, two)) == [months_between(a, b) for a, b in pairs]
    moved = [(add_months(day, int(count)) - EPOCH).days for day, count in zip(days, counts, strict=True)]
    assert listed(calendar.add_months(one, counts)) == moved
    months = np.array([int(Month.of_date(day)) for day in days])
    assert listed(calendar.last_day(months)) == [(Month(m).last_day - EPOCH).days for m in months.tolist()]


def test_days_beyond_the_calendar_are_unknown(tmp_path: Path) -> None:
    made = program(tmp_path, "value: add_months(born, count)")
    assert answers(made, born=[ON, ON], count=[10**6, 1]) == [
        (State.UNKNOWN, None),
        (State.MET, date(2005, 7, 1)),
    ]


def test_nothing_for_nobody(tmp_path: Path) -> None:
    made: Law = law(tmp_path, rule("r", "value: months_between(born, on) // 12"))
    found = made.columns(["r"], ON).run({"born": np.array([], np.int32)})["r"]
    assert found.value is not None
    assert len(found.state) == len(found.value) == 0
