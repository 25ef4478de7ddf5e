"""Households, employers, stops, exclusions, versions that go on, gaps with their reasons, what expires."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiuye.policy import FactError, Law, LawError, State
from tests.policy.law_text import FACTS, law, rule, write

ON = date(2005, 6, 1)
WITH_FIRM = FACTS + (
    "staff: {type: int, entity: employer, supplier: register, label: Staff}\n"
    "pays: {type: bool, entity: employer, supplier: document, label: Pays}\n"
)


def problems(folder: Path, rules: str) -> list[str]:
    with pytest.raises(LawError) as caught:
        Law.load(write(folder, rules, facts=WITH_FIRM))
    return caught.value.problems


@pytest.mark.parametrize(
    ("expression", "own", "members", "state", "ask"),
    [
        ("household_any(able)", {"able": True}, [{}], State.MET, ()),
        ("household_any(able)", {"able": False}, [{}, {"able": False}], State.UNKNOWN, ("members[0].able",)),
        ("household_any(able)", {"able": False}, [], State.NOT_MET, ()),
        ("household_all(able)", {"able": False}, [{}], State.NOT_MET, ()),
        ("household_all(able)", {}, [{"able": True}, {}], State.UNKNOWN, ("able", "members[1].able")),
        ("household_count(able) == 2", {"able": True}, [{"able": True}, {"able": False}], State.MET, ()),
        ("household_count(able) >= 1", {"able": True}, [{}], State.UNKNOWN, ("members[0].able",)),
        ("household_any(able)", {"able": True}, None, State.UNKNOWN, ()),
    ],
)
def test_household(
    tmp_path: Path, expression: str, own: Any, members: Any, state: State, ask: tuple[str, ...]
) -> None:
    made = law(tmp_path, rule("r", f"when: {expression}"))
    outcome = made.explain("r", own, ON, members)
    assert (outcome.state, outcome.ask) == (state, ask)
    assert outcome.gaps == (("household",) if members is None else ())
    assert [fact.name for fact in made.questions(["r"], own, ON, members)] == list(ask)


def test_a_household_shares_its_work_and_shows_its_members(tmp_path: Path) -> None:
    text = (
        rule("idle", "when: not able and months >= limit")
        + rule("others", "when: household_count(idle) >= 2")
        + rule("r", "when: household_all(others)")
    )
    made = law(tmp_path, text)
    members: list[dict[str, Any]] = [{"able": False, "months": 12}, {"able": True}]
    outcome = made.explain("r", {"able": False, "months": 11}, date(2015, 1, 1), members)
    assert (outcome.state, outcome.recalled) == (State.NOT_MET, ("limit",))
    on = date(2005, 1, 1)
    case = made.case({"able": False, "months": 11}, members)
    shown = case.outcome("others", on).conditions[0]
    assert shown.inputs == {
        "household_count(idle)": 2, "idle": True, "members[0].idle": True, "members[1].idle": False,
    }  # fmt: skip
    assert case.outcome("others", on).parameters["limit"][0]["value"] == 10
    assert case.outcome("r", on).state == State.MET


def test_employer(tmp_path: Path) -> None:
    text = (
        rule("small", "when: staff < months_small", **{"for": "employer"})
        + rule("r", "when: employer.small and employer.pays and member")
        + rule("n", "value: employer.staff * 2")
        + rule("h", "when: household_any(r)")
    ).replace("months_small", "100")
    made = law(tmp_path, text, facts=WITH_FIRM)
    assert made.explain("small", {"staff": 99}, ON).state == State.MET
    assert made.explain("small", {}, ON).ask == ("staff",)
    outcome = made.explain("r", {"member": True}, ON, employer={"staff": 3})
    assert (outcome.state, outcome.ask) == (State.UNKNOWN, ("employer.pays",))
    assert outcome.conditions[0].inputs == {"member": True, "employer.small": True, "employer.pays": None}
    assert made.explain("r", {"member": True}, ON).ask == ("employer.staff", "employer.pays", "member")[:2]
    doubled = made.explain("n", {}, ON, employer={"staff": 4})
    assert (doubled.value, doubled.calculation) == (8, "4 * 2")
    firm = {"staff": 3, "pays": True}
    met = made.explain("h", {"member": False}, ON, [{"member": True, "employer": firm}])
    assert met.state == State.MET
    asked = made.explain("h", {"member": False}, ON, [{"member": True, "employer": {"staff": 3}}])
    assert asked.ask == ("members[0].employer.pays",)
    assert made.fact("members[0].employer.pays").label == {"zh": "Pays", "en": "Pays"}
    assert made.case({"member": True}, employer=firm).outcome("small", ON).state == State.MET
    with pytest.raises(FactError, match="staff is about the employer, member about a person"):
        made.explain("small", {"staff": 1, "member": True}, ON)
    with pytest.raises(FactError, match="an employer has neither household nor employer"):
        made.explain("small", {"staff": 1}, ON, [])
    with pytest.raises(FactError, match="is about a person"):
        made.explain("r", {"staff": 1}, ON)
    with pytest.raises(FactError, match=r"nothing is called members\[0\].nobody"):
        made.explain("r", {}, ON, [{"nobody": 1}])


def test_stops_are_a_condition_of_their_own(tmp_path: Path) -> None:
    body = "when: member\nstops:\n  works: {when: able, zh: 就业, en: Works}\n"
    body += "  rich: {when: wage > 9, zh: 富, en: Rich}"
    made = law(tmp_path, rule("r", body, **{"from": "2001-01-01"}))
    outcome = made.explain("r_stop", {"able": False, "wage": 10}, ON)
    assert (outcome.state, [c.name for c in outcome.conditions]) == (State.MET, ["works", "rich"])
    assert (outcome.basis, outcome.title["en"]) == ("B", "End of: T")
    assert not made.explain("r_stop", {}, date(2000, 12, 31)).in_force
    assert made.explain("r", {"member": True}, ON).state == State.MET


def test_exclusions_are_mutual(tmp_path: Path) -> None:
    body = "when: member\nexcludes: [b]\nprefer: {zh: 甲较多, en: A pays more}"
    made = law(tmp_path, rule("a", body) + rule("b", "when: able") + rule("c", "when: willing"))
    assert (made.excluded("a"), made.excluded("b"), made.excluded("c")) == (("b",), ("a",), ())
    assert made.rules["a"][0].prefer["en"] == "A pays more"


GOES_ON = "goes_on_for: {when: born < reform, basis: art. 9, zh: 此前, en: Before}"


def test_an_old_version_goes_on_for_some(tmp_path: Path) -> None:
    old = rule("r", f"when: months >= 3\n{GOES_ON}", until="2012-12-31")
    new = rule("r", "when: months >= 9", **{"from": "2013-01-01"})
    made = law(tmp_path, old + new + rule("s", "when: r"))
    early: dict[str, Any] = {"born": date(2010, 4, 30)}
    late: dict[str, Any] = {"born": date(2010, 5, 1)}
    day = date(2013, 1, 1)
    assert made.explain("r", late | {"months": 5}, date(2012, 12, 31)).state == State.MET
    kept = made.explain("r", early | {"months": 5}, day)
    assert (kept.state, kept.transition and kept.transition.state) == (State.MET, State.MET)
    assert kept.conditions[0].text == "months >= 3"
    assert made.explain("s", early | {"months": 5}, day).state == State.MET
    after = made.explain("r", late | {"months": 5}, day)
    assert (after.state, after.conditions[0].text) == (State.NOT_MET, "months >= 9")
    open_ = made.explain("r", {"months": 5}, day)
    assert (open_.state, open_.ask) == (State.UNKNOWN, ("born",))
    assert made.explain("r", {"months": 9}, day).state == State.MET  # by either version
    program = made.columns(["r", "s"], day)
    people: list[dict[str, Any]] = [
        early | {"months": 5},
        late | {"months": 5},
        {"months": 5},
        {"months": 9},
        {},
    ]
    columns = {name: program.encode(name, [one.get(name) for one in people]) for name in program.facts}
    results = program.run(columns)
    for row, one in enumerate(people):
        for name in ("r", "s"):
            assert results[name].at(row)[0] == made.explain(name, one, day).state


def test_a_version_that_goes_on_with_nothing_after_it(tmp_path: Path) -> None:
    old = rule("r", f"value: months\n{GOES_ON}", until="2012-12-31", given="member", otherwise="0")
    made = law(tmp_path, old)
    day = date(2013, 1, 1)
    early: dict[str, Any] = {"born": date(2010, 4, 30)}
    late: dict[str, Any] = {"born": date(2010, 5, 1)}
    assert made.explain("r", early | {"months": 5, "member": True}, day).value == 5
    over = made.explain("r", early | {"member": False}, day)
    assert (over.state, over.value) == (State.NOT_MET, 0)
    gone = made.explain("r", late | {"months": 5, "member": True}, day)
    assert (gone.state, gone.in_force, gone.gaps) == (State.UNKNOWN, False, ("r",))
    assert made.explain("r", {"months": 5, "member": True}, day).ask == ("born",)


def test_a_schedule_goes_on_too(tmp_path: Path) -> None:
    text = "schedule: {first: paid_until, count: %s, value: 1}"
    old = rule("r", text % 2 + f"\n{GOES_ON}", until="2012-12-31")
    made = law(tmp_path, old + rule("r", text % 3, **{"from": "2013-01-01"}))
    from jiuye.policy import Month

    facts: dict[str, Any] = {"paid_until": Month.of(2013, 1)}
    day = date(2013, 1, 1)
    assert made.explain("r", facts | {"born": date(2010, 4, 30)}, day).total == 2
    assert made.explain("r", facts | {"born": date(2010, 5, 1)}, day).total == 3
    assert made.explain("r", facts, day).ask == ("born",)


def test_what_expires(tmp_path: Path) -> None:
    text = (
        rule("a", "when: member", until="2019-12-31")
        + rule("b", "when: able", until="2019-11-30")
        + rule("b", "when: willing", **{"from": "2019-12-01"})
        + rule("c", "when: able")
    )
    made = law(tmp_path, text)
    found = [(item.kind, item.name, item.last) for item in made.expiring(date(2019, 10, 2))]
    assert found == [("rule", "a", date(2019, 12, 31)), ("parameter", "limit", date(2019, 12, 31))]
    assert made.expiring(date(2019, 10, 1)) == []
    assert made.expiring(date(2020, 1, 1)) == []


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("when: staff > 3", 4, "staff is the employer's: employer.staff"),
        ("when: employer.months > 3", 4, "employer.months: months isn't the employer's"),
        ("when: employer.limit > 3", 4, "employer.limit: limit isn't the employer's"),
        ("when: employer.nobody", 4, "nothing is called nobody"),
        ("when: employer", 4, "employer can't stand alone"),
        ("when: member.able", 4, "a dot stands only in employer.NAME"),
        ("when: household_any(pays)", 4, "pays isn't a member's"),
        ("when: household_any(months)", 4, "household_any needs a condition, months is a number[month]"),
        ("when: household_any(able or member)", 4, "household_any takes the name of one fact or rule"),
        ("when: household_any(nobody)", 4, "nothing is called nobody"),
        ("when: household_any(limit)", 4, "limit isn't a member's"),
        ("when: household_count(able)", 4, "a condition must be a bool"),
        ("for: employer\nwhen: able", 5, "able is a person's: a rule for the employer can't read it"),
        ("for: employer\nwhen: employer.pays", 5, "employer.pays stands in a person's rule only"),
        ("for: employer\nwhen: household_any(able)", 5, "a household stands in a person's rule only"),
        ("for: dog\nwhen: able", 4, "unknown kind of case dog"),
        ("when: able\nexcludes: [nobody]", 5, "excludes nobody: no rule is called so"),
        ("when: able\nexcludes: [r]", 5, "r can't exclude itself"),
        ("when: able\nprefer: {zh: 甲, en: A}", 5, "prefer needs excludes"),
        ("when: able\nstops: {a: {when: member}}", 5, "condition a needs its words in zh and en"),
        ("when: able\ngoes_on_for: {when: member, zh: 甲, en: A}", 5, "goes_on_for needs until"),
        (
            "when: able\nuntil: 2000-01-01\ngoes_on_for: {when: months, zh: 甲, en: A}",
            6,
            "goes_on_for must be",
        ),
    ],
)
def test_what_does_not_fit(tmp_path: Path, body: str, line: int, message: str) -> None:
    found = problems(tmp_path, rule("r", body))
    assert any(item.startswith(f"rules/all.yaml:{line}: ") and message in item for item in found), found


def test_a_cycle_through_the_household_or_the_employer(tmp_path: Path) -> None:
    found = problems(tmp_path, rule("a", "when: household_any(b)") + rule("b", "when: a or able"))
    assert "rules/all.yaml:1: cycle a → b → a" in found


def test_gaps_need_a_reason(tmp_path: Path) -> None:
    rules = rule("a", "when: member", until="2020-01-01") + rule("a", "when: able", **{"from": "2020-01-03"})
    assert problems(tmp_path, rules) == [
        "rules/all.yaml:6: a has no version from 2020-01-02 to 2020-01-02: fill it or say why (gap_before)"
    ]
    parameters = """parameters:
- id: x
  values:
  - {to: 2001-01-01, value: 1, status: verified}
  - {from: 2002-01-01, to: 2002-12-31, value: 2, status: verified}
  - {from: 2004-01-01, value: 2, status: verified, gap_before: nobody knows}
"""
    with pytest.raises(LawError) as caught:
        Law.load(write(tmp_path, rule("r", "when: member"), parameters=parameters))
    assert caught.value.problems == [
        "parameters/all.yaml:5: x has no value from 2001-01-02 to 2001-12-31: fill it or say why (gap_before)"
    ]


def test_a_code_table_twice(tmp_path: Path) -> None:
    write(tmp_path, rule("r", "when: member"))
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "more.yaml").write_text("a: {x: X}\nshape: {oval: Oval}\n", encoding="utf-8")
    with pytest.raises(LawError) as caught:
        Law.load(tmp_path)
    assert caught.value.problems == ["codes/more.yaml:2: code table shape is already in codes.yaml:3"]


def test_a_fact_twice(tmp_path: Path) -> None:
    write(tmp_path, rule("r", "when: member"))
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "more.yaml").write_text("able: {type: bool, label: A}\n", encoding="utf-8")
    with pytest.raises(LawError, match=r"facts/more.yaml:1: able is already a fact \(facts.yaml:7\)"):
        Law.load(tmp_path)
