"""One case: three states, what would decide an open one, and on which parameters an answer rests."""

from __future__ import annotations

import json
from datetime import date
from decimal import Context, Decimal, Inexact
from pathlib import Path

import pytest

from jiuye.policy import FactError, Law, Month, State
from jiuye.policy.values import Value
from jiuye.policy.working_days import WorkingCalendar
from tests.policy.law_text import law, rule

ON = date(2005, 6, 1)
Facts = dict[str, Value]


def value(folder: Path, expression: str, facts: Facts | None = None, on: date = ON) -> Value:
    return law(folder, rule("r", f"value: '{expression}'")).explain("r", facts or {}, on).value


GROUP = """any:
  staff: {when: member, zh: 甲, en: A}
  both:
    zh: 乙
    en: B
    all:
      willing: {when: willing, zh: 丙, en: C, remedy: {zh: 改, en: Change}}
      paid: {when: months >= limit, zh: 丁, en: D, basis: art. 2}
"""


@pytest.mark.parametrize(
    ("facts", "state", "ask"),
    [
        ({}, State.UNKNOWN, ("months", "willing", "member")),  # register, person, staff
        ({"willing": False}, State.UNKNOWN, ("member",)),
        ({"willing": True}, State.UNKNOWN, ("months", "member")),
        ({"months": 9}, State.UNKNOWN, ("member",)),
        ({"months": 10}, State.UNKNOWN, ("willing", "member")),
        ({"member": True}, State.MET, ()),
        ({"willing": True, "months": 10}, State.MET, ()),
        ({"willing": False, "member": False}, State.NOT_MET, ()),
        ({"willing": None, "member": False, "months": 10}, State.UNKNOWN, ("willing",)),
    ],
)
def test_groups_are_kleene_and_ask_only_what_decides(
    tmp_path: Path, facts: Facts, state: State, ask: tuple[str, ...]
) -> None:
    made = law(tmp_path, rule("r", GROUP))
    outcome = made.explain("r", facts, ON)
    assert (outcome.state, outcome.ask) == (state, ask)
    assert [fact.name for fact in made.questions(["r"], facts, ON)] == list(ask)


def test_outcome_shows_every_condition_and_is_json(tmp_path: Path) -> None:
    outcome = law(tmp_path, rule("r", GROUP)).explain("r", {"member": False, "months": 3}, ON)
    assert outcome.state == State.NOT_MET
    staff, both = outcome.conditions
    assert both.quantifier == "all"
    assert [(c.name, c.state) for c in both.children] == [("willing", State.UNKNOWN), ("paid", State.NOT_MET)]
    assert both.children[1].inputs == {"months": 3, "limit": 10}
    assert both.children[1].text == "months >= limit"
    assert [c.name for c in outcome.unmet] == ["staff", "paid"]
    out = json.loads(json.dumps(outcome.to_json()))
    assert out["state"] == "not_met"
    assert out["conditions"][1]["children"][1]["basis"] == "art. 2"
    assert out["parameters"]["limit"] == [
        {"value": 10, "from": "2000-01-01", "source": "", "status": "verified"}
    ]
    assert staff.label == {"zh": "甲", "en": "A"}


@pytest.mark.parametrize(
    ("on", "state", "gaps", "recalled"),
    [
        (date(1999, 12, 31), State.UNKNOWN, ("limit",), ()),
        (date(2000, 1, 1), State.MET, (), ()),
        (date(2009, 12, 31), State.MET, (), ()),
        (date(2010, 1, 1), State.NOT_MET, (), ("limit",)),
        (date(2020, 1, 1), State.UNKNOWN, ("limit",), ()),
    ],
)
def test_parameters_are_those_of_the_day(
    tmp_path: Path, on: date, state: State, gaps: tuple[str, ...], recalled: tuple[str, ...]
) -> None:
    outcome = law(tmp_path, rule("r", "when: months >= limit")).explain("r", {"months": 11}, on)
    assert (outcome.state, outcome.gaps, outcome.recalled, outcome.ask) == (state, gaps, recalled, ())


@pytest.mark.parametrize(
    ("expression", "facts", "state", "recalled"),
    [
        ("member or months >= limit", {"member": True, "months": 12}, State.MET, ()),
        ("months >= limit or member", {"member": True, "months": 12}, State.MET, ()),  # order doesn't matter
        ("member or months >= limit", {"member": False, "months": 12}, State.MET, ("limit",)),
        ("member and months >= limit", {"member": False, "months": 3}, State.NOT_MET, ()),
        ("member and months >= limit", {"months": 3}, State.NOT_MET, ("limit",)),
        ("member and months >= limit", {"months": 12}, State.UNKNOWN, ()),
        ("(months if member else limit) > 3", {"member": True, "months": 12}, State.MET, ()),
        ("(3 if months >= limit else 3) >= 3", {"months": 12}, State.MET, ("limit",)),
        ("years_between(born, on) >= old", {"born": date(1940, 1, 1)}, State.MET, ("old",)),
    ],
)
def test_recalled_parameters_are_reported_when_the_answer_rests_on_them(
    tmp_path: Path, expression: str, facts: Facts, state: State, recalled: tuple[str, ...]
) -> None:
    outcome = law(tmp_path, rule("r", f"when: '{expression}'")).explain("r", facts, date(2015, 1, 1))
    assert (outcome.state, outcome.recalled) == (state, recalled)


@pytest.mark.parametrize(
    ("expression", "facts", "state", "ask"),
    [
        # an open test: both branches may matter, unless they agree
        ("months > 3 if member else count > 3", {}, State.UNKNOWN, ("months", "count", "member")),
        ("months > 3 if member else count > 3", {"months": 4, "count": 4}, State.MET, ()),
        ("months > 3 if member else count > 3", {"months": 4}, State.UNKNOWN, ("count", "member")),
        ("months > 3 if member else count > 3", {"member": False}, State.UNKNOWN, ("count",)),
        # a parameter without a value on that day can't be asked for: nothing helps
        ("months > limit", {}, State.UNKNOWN, ()),
        ("member and months > limit", {"months": 3}, State.UNKNOWN, ("member",)),
        ("16 <= count < 60", {"count": 60}, State.NOT_MET, ()),
        ("willing == able", {"willing": False}, State.UNKNOWN, ("able",)),
        ("hue in ['red', 'blue']", {"hue": "blue"}, State.MET, ()),
        ("hue not in warm", {"hue": "blue"}, State.MET, ()),
        ("'red' in hues and not overlaps(hues, ['blue'])", {"hues": ("red", "green")}, State.MET, ()),
        ("overlaps(hues, warm)", {"hues": ()}, State.NOT_MET, ()),
        ("town == 'Harbour' or unknown", {"town": "Hill"}, State.UNKNOWN, ()),
        ("town == 'Harbour' or unknown", {"town": "Harbour"}, State.MET, ()),
    ],
)
def test_conditions(
    tmp_path: Path, expression: str, facts: Facts, state: State, ask: tuple[str, ...]
) -> None:
    outcome = law(tmp_path, rule("r", f'when: "{expression}"')).explain("r", facts, date(2030, 1, 1))
    assert (outcome.state, outcome.ask) == (state, ask)


@pytest.mark.parametrize(
    ("expression", "facts", "want"),
    [
        ("least_wage + least_wage + least_wage", {}, Decimal("0.3")),
        ("wage * 0.07", {"wage": Decimal("1.10")}, Decimal("0.0770")),
        ("count // 3", {"count": -7}, -3),
        ("count // 0", {"count": 1}, None),
        ("shares[hue]", {"hue": "green"}, 5),
        ("shares[hue]", {"hue": "blue"}, None),
        ("max(min(count, 24), 12)", {"count": 30}, 24),
        ("paid_until + 3", {"paid_until": Month.of(2005, 11)}, Month.of(2006, 2)),
        ("paid_until - month_of(born)", {"paid_until": Month.of(2005, 11), "born": date(2005, 1, 31)}, 10),
        ("add_months(born, 1)", {"born": date(2003, 1, 31)}, date(2003, 2, 28)),
        ("add_months(born, -11)", {"born": date(2004, 1, 29)}, date(2003, 2, 28)),
        ("add_days(born, count)", {"born": date(2003, 12, 31), "count": 1}, date(2004, 1, 1)),
        ("add_days(born, count)", {"born": date(2003, 12, 31), "count": 10**9}, None),
        ("years_between(born, on)", {"born": date(1989, 6, 2)}, 15),
        ("years_between(born, on)", {"born": date(1989, 6, 1)}, 16),
        ("months_between(born, on)", {"born": date(2005, 1, 31)}, 4),
        ("days_between(born, on)", {"born": date(2005, 5, 31)}, 1),
        ("last_day(paid_until)", {"paid_until": Month.of(2004, 2)}, date(2004, 2, 29)),
        ("first_day(month_of(born))", {"born": date(2004, 2, 29)}, date(2004, 2, 1)),
        ("reform if born < reform else born", {"born": date(2004, 2, 29)}, date(2010, 5, 1)),
        ('"a" + "b" if member else town', {"member": True}, "ab"),
        ("-count", {"count": 3}, -3),
        ("1 < 2 < 3", {}, True),
    ],
)
def test_values(tmp_path: Path, expression: str, facts: Facts, want: Value) -> None:
    found = value(tmp_path, expression, facts)
    assert found == want
    assert type(found) is type(want)


def test_no_digit_is_lost(tmp_path: Path) -> None:
    long = Decimal("12345678901234.1234567890123")  # 27 digits, its square twice as many
    square = Decimal(123456789012341234567890123**2).scaleb(-26, Context(prec=80))
    assert value(tmp_path, "-(wage * wage)", {"wage": long}) == square.copy_negate()
    with pytest.raises(Inexact):
        value(tmp_path, "wage * wage * wage", {"wage": long})


def test_leap_day_completes_its_year_on_1_march(tmp_path: Path) -> None:
    facts: Facts = {"born": date(2004, 2, 29)}
    assert value(tmp_path, "years_between(born, on)", facts, date(2005, 2, 28)) == 0
    assert value(tmp_path, "years_between(born, on)", facts, date(2005, 3, 1)) == 1


def test_working_days_are_those_of_the_calendar(tmp_path: Path) -> None:
    text = rule("r", "value: add_working_days(born, 3)")
    made = law(tmp_path, text, WorkingCalendar({date(2003, 1, 3): False}))
    assert made.explain("r", {"born": date(2003, 1, 1)}, ON).value == date(2003, 1, 7)
    without = law(tmp_path, text).explain("r", {"born": date(2003, 1, 1)}, ON)
    assert (without.state, without.gaps) == (State.UNKNOWN, ("r",))


GIVEN = rule("r", "value: months * 2", given="member", otherwise="0", unit="month")


@pytest.mark.parametrize(
    ("facts", "state", "want", "ask", "calculation"),
    [
        ({"member": True, "months": 3}, State.MET, 6, (), "3 * 2"),
        ({"member": False}, State.NOT_MET, 0, (), "0"),
        ({"months": 3}, State.UNKNOWN, None, ("member",), "3 * 2"),
        ({"member": True}, State.UNKNOWN, None, ("months",), "? * 2"),
        ({}, State.UNKNOWN, None, ("member",), "? * 2"),  # the amount is asked for only when it is due
    ],
)
def test_given_and_otherwise(
    tmp_path: Path, facts: Facts, state: State, want: Value, ask: tuple[str, ...], calculation: str
) -> None:
    outcome = law(tmp_path, GIVEN).explain("r", facts, ON)
    assert (outcome.state, outcome.value, outcome.ask) == (state, want, ask)
    assert (outcome.calculation, outcome.unit) == (calculation, "month")


def test_an_amount_rests_on_what_its_condition_rests_on(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "value: 3", given="months >= limit", otherwise="0"))
    for months, want in ((12, 3), (11, 0)):
        outcome = made.explain("r", {"months": months}, date(2015, 1, 1))
        assert (outcome.value, outcome.recalled) == (want, ("limit",))


def test_a_value_that_is_not_due_has_none(tmp_path: Path) -> None:
    text = rule("r", "value: months", given="member") + rule("s", "value: r + 1")
    made = law(tmp_path, text)
    facts: Facts = {"member": False, "months": 3}
    outcome = made.explain("r", facts, ON)
    assert (outcome.state, outcome.value, outcome.gaps) == (State.NOT_MET, None, ())
    other = made.explain("s", facts, ON)
    assert (other.state, other.gaps) == (State.UNKNOWN, ("r",))


def test_versions_of_a_rule(tmp_path: Path) -> None:
    text = (
        rule("r", "value: 1", until="1999-12-31")
        + rule("r", "value: 2", **{"from": "2001-01-01", "until": "2001-12-31", "gap_before": "war"})
        + rule("s", "value: r + 1")
    )
    made = law(tmp_path, text)
    days = (date(1999, 12, 31), date(2000, 6, 1), date(2001, 1, 1), date(2001, 12, 31), date(2002, 1, 1))
    assert [made.explain("r", {}, day).value for day in days] == [1, None, 2, 2, None]
    assert [made.explain("r", {}, day).in_force for day in days] == [True, False, True, True, False]
    assert made.explain("s", {}, date(2000, 6, 1)).gaps == ("r",)


SCHEDULE = """schedule:
  first: paid_until + 1
  count: months
  value: limit * count if index > 2 else limit
  bind: {count: index}
"""


def test_schedule_takes_each_month_s_parameters(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", SCHEDULE, unit="month", given="member"))
    facts: Facts = {"paid_until": Month.of(2009, 9), "months": 5, "member": True}
    outcome = made.explain("r", facts, ON)
    assert outcome.state == State.MET
    assert [(str(line.month), line.index, line.value) for line in outcome.schedule] == [
        ("2009-10", 1, 10), ("2009-11", 2, 10), ("2009-12", 3, 30), ("2010-01", 4, 48), ("2010-02", 5, 60),
    ]  # fmt: skip
    assert outcome.total == 158
    assert outcome.recalled == ("limit",)
    assert [item["value"] for item in outcome.parameters["limit"]] == [10, 12]
    short = made.explain("r", facts | {"months": 3}, ON)
    assert (short.total, short.recalled) == (50, ())


def test_schedule_beyond_the_last_parameter_is_open(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", SCHEDULE))
    outcome = made.explain("r", {"paid_until": Month.of(2019, 10), "months": 3}, ON)
    assert [line.value for line in outcome.schedule] == [12, 12, None]
    assert (outcome.state, outcome.total, outcome.gaps) == (State.UNKNOWN, None, ("limit",))
    nothing = made.explain("r", {"paid_until": Month.of(2019, 10)}, ON)
    assert (nothing.state, nothing.schedule, nothing.ask, nothing.total) == (
        State.UNKNOWN,
        (),
        ("months",),
        None,
    )


def test_schedule_not_due(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", SCHEDULE, given="member"))
    assert made.explain("r", {"member": False}, ON).state == State.NOT_MET
    assert made.explain("r", {}, ON).ask == ("member",)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"nobody": 1}, "nothing is called nobody"),
        ({"born": "2000-01-01"}, "born: date expected"),
        ({"months": True}, "months: number"),
        ({"months": Decimal("1.5")}, "months: number"),
        ({"wage": 1.5}, "wage: number"),
        ({"wage": Decimal("NaN")}, "wage: number"),
        ({"paid_until": 24000}, "paid_until: month expected"),
        ({"hue": "purple"}, "hue: 'purple' isn't in code table colour"),
        ({"hues": ("red", "pink")}, "hues: 'pink' isn't in code table colour"),
        ({"member": 1}, "member: bool expected"),
    ],
)
def test_facts_must_be_what_the_law_declares(tmp_path: Path, facts: Facts, message: str) -> None:
    with pytest.raises(FactError, match=message.replace("(", "\\(")):
        law(tmp_path, rule("r", "when: member")).explain("r", facts, ON)


def test_a_stated_rule_stands_for_its_facts(tmp_path: Path) -> None:
    text = rule("a", "value: months * 2") + rule("b", "when: a > 3")
    assert law(tmp_path, text).explain("b", {"a": 4}, ON).state == State.MET


def test_one_case_many_rules(tmp_path: Path) -> None:
    """What a case has worked out for one rule is marked for the next one too."""
    text = rule("a", "when: months >= limit") + rule("b", "when: not a")
    case = law(tmp_path, text).case({"months": 12})
    first, second = case.outcome("a", date(2015, 1, 1)), case.outcome("b", date(2015, 1, 1))
    assert first.parameters == second.parameters
    assert second.recalled == ("limit",)


def test_a_condition_that_is_a_rule_shows_that_rule_s_conditions(tmp_path: Path) -> None:
    text = rule("a", GROUP) + rule("b", "all: {first: {when: a, zh: 甲, en: A}}")
    outcome = law(tmp_path, text).explain("b", {"member": True}, ON)
    (first,) = outcome.conditions
    assert (first.quantifier, [child.name for child in first.children]) == ("any", ["staff", "both"])


def test_nothing_is_executed(tmp_path: Path) -> None:
    """A literal that looks like code is a text."""
    made: Law = law(tmp_path, rule("r", """when: "town == '__import__(1)'" """))
    assert made.explain("r", {"town": "__import__(1)"}, ON).state == State.MET
