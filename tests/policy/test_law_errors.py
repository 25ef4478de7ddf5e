"""Whatever is wrong with a folder of law is said with file and line, all at once, before any decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.policy import Law, LawError
from tests.policy.law_text import FACTS, PARAMETERS, law, rule


def problems(folder: Path, rules: str, **files: str) -> list[str]:
    with pytest.raises(LawError) as caught:
        law(folder, rules, **files)
    return caught.value.problems


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nobody >= 3", "nothing is called nobody in “nobody >= 3”"),
        ("months >= old", "comparison of units month and year"),
        ("months + old >= 3", "sum of units month and year"),
        ("min(months, old) >= 3", "min of units month and year"),
        ("hue == 'purple'", "'purple' isn't in code table colour"),
        ("hue in ['red', 'purple']", "'purple' isn't in code table colour"),
        ("form in warm", "'red' isn't in code table shape"),
        ("'purple' in hues", "'purple' isn't in code table colour"),
        ("overlaps(hues, ['pink'])", "'pink' isn't in code table colour"),
        ("hue == form", "comparison of code tables colour and shape"),
        ("shares[form] > 1", "'red' isn't in code table shape"),
        ("odd[hue] > 1", "odd (mixed) can't stand in an expression"),
        ("shares > 1", "comparison of table and number"),
        ("hues == hues", "comparison of list"),
        ("hue < 'red'", "order of text"),
        ("member and months", "and/or needs a condition, not number[month]"),
        ("not months", "not needs a condition"),
        ("-member == 3", "minus needs a number"),
        ("months", "a condition must be a bool, “months” is a number[month]"),
        ("born + 1 > on", "arithmetic of date and number"),
        ("wage // 2 > 1", "// needs whole numbers"),
        ("paid_until + wage > paid_until", "a month moves by whole numbers"),
        ("add_days(born, wage) > on", "add_days takes date, number (whole), not date, number[crown]"),
        ("years_between(born) > 1", "years_between takes date, date"),
        ("(1 if months else 2) > 1", "if needs a condition"),
        ("(1 if member else hue) == 1", "if/else of number and text"),
        ("months == unknown", "nothing can be compared with unknown"),
        ("month > paid_until", "nothing is called month"),
        ("3 / 2 > 1", "Div isn't part of the language"),
        ("open('x')", "no function is called open"),
        ("born.year > 1", "a dot stands only in employer.NAME"),
        ("(lambda: 1)()", "a function is called by its name"),
        ("[x for x in hues]", "ListComp isn't part of the language"),
        ("wage > 1e3", "write 1e3 as a plain decimal"),
        ("wage > None", "None isn't a value of the language"),
        ("months >", "can't read “months >”"),
        ("min(months) > 1", "min needs two or more values"),
        ("max(on=born)", "takes plain values"),
    ],
)
def test_expression_that_does_not_fit(tmp_path: Path, expression: str, message: str) -> None:
    found = problems(tmp_path, rule("r", f'when: "{expression}"'))
    assert len(found) == 1
    assert found[0].startswith("rules/all.yaml:4: ")
    assert message in found[0]


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("when: member\nvalue: 3", 1, "needs exactly one of all, any, when, value, schedule"),
        ("note: nothing", 1, "needs exactly one of all, any, when, value, schedule"),
        ("when: member\ngiven: member", 5, "given stands before a value or a schedule only"),
        ("value: 3\notherwise: 2", 5, "otherwise needs given and value"),
        ("value: 3\ngiven: months", 5, "given must be a bool"),
        ("value: 3\ngiven: member\notherwise: hue", 6, "otherwise must be a number"),
        ("value: hues", 1, "a list[colour] can't be the value of a rule"),
        ("value: months\nunit: year", 1, "r mixes units year and month"),
        ("value: 3\nunit: mile", 5, "unknown unit mile"),
        ("wen: member", 4, "unknown key wen"),
        ("all: {}", 4, "a group needs at least one condition"),
        ("all: [member]", 4, "conditions: keys with values expected"),
        ("all: {a: {when: member, zh: 甲}}", 4, "condition a needs its words in zh and en"),
        ("all: {a: {when: member, any: {}, zh: 甲, en: A}}", 4, "needs exactly one of when, all, any"),
        ("all:\n  a: {when: member, zh: 甲, en: A}\n  a: {when: able, zh: 甲, en: A}", 6, "a stands twice"),
        ("when: {a: 1}", 4, "an expression expected"),
        ("schedule: {first: paid_until}", 4, "a schedule needs first, count and value"),
        ("schedule: {first: born, count: 3, value: 1}", 4, "first must be a month"),
        ("schedule: {first: paid_until, count: 1.5, value: 1}", 4, "count must be a whole number"),
        ("schedule: {first: paid_until, count: 3, value: hue}", 4, "value must be a number"),
        ("schedule: {first: paid_until, count: 3, value: 1, bind: {x: 1}}", 4, "x isn't a fact to bind"),
        ("when: member\nfrom: 2020-02-30", 5, "not a date: 2020-02-30"),
        ("when: member\nfrom: 2020-02-02\nuntil: 2020-02-01", 1, "ends before it begins"),
    ],
)
def test_rule_that_does_not_fit(tmp_path: Path, body: str, line: int, message: str) -> None:
    found = problems(tmp_path, rule("r", body))
    assert any(item.startswith(f"rules/all.yaml:{line}: ") and message in item for item in found), found


def test_rule_without_basis_or_title(tmp_path: Path) -> None:
    found = problems(tmp_path, "- rule: r\n  when: member\n")
    assert found == ["rules/all.yaml:1: rule r has no basis", "rules/all.yaml:1: rule r has no title"]


def test_cycle_names_its_path(tmp_path: Path) -> None:
    rules = (
        rule("a", "when: b")
        + rule("b", "value: 3 if c else 4")
        + rule("c", "when: d > 1")
        + rule("d", "value: b")
    )
    found = problems(tmp_path, rules.replace("when: b", "when: b > 1"))
    assert "rules/all.yaml:5: cycle b → c → d → b" in found


def test_rule_of_itself_is_a_cycle(tmp_path: Path) -> None:
    assert "rules/all.yaml:1: cycle a → a" in problems(tmp_path, rule("a", "when: not a"))


def test_two_versions_in_force_on_one_day(tmp_path: Path) -> None:
    rules = rule("a", "when: member", until="2020-01-01") + rule("a", "when: able", **{"from": "2020-01-01"})
    assert problems(tmp_path, rules) == ["rules/all.yaml:6: two versions of a on 2020-01-01"]


def test_versions_must_be_of_one_kind(tmp_path: Path) -> None:
    rules = rule("a", "when: member", until="2020-01-01") + rule("a", "value: 3", **{"from": "2020-01-02"})
    assert problems(tmp_path, rules) == ["rules/all.yaml:6: versions of a give different kinds of value"]


def test_a_schedule_cannot_stand_in_an_expression(tmp_path: Path) -> None:
    rules = rule("s", "schedule: {first: paid_until, count: 3, value: 1}") + rule("v", "value: s")
    assert problems(tmp_path, rules) == ["rules/all.yaml:8: s (schedule) can't stand in an expression in “s”"]


def test_parameters_that_overlap_or_end_before_they_begin(tmp_path: Path) -> None:
    parameters = """parameters:
- id: a
  values:
  - {from: 2000-01-01, to: 2001-01-01, value: 1, status: verified}
  - {from: 2001-01-01, value: 2, status: verified}
- id: b
  values:
  - {from: 2000-01-01, to: 1999-01-01, value: 1, status: guessed}
"""
    assert problems(tmp_path, rule("r", "when: member"), parameters=parameters) == [
        "parameters/all.yaml:2: a has two values on 2001-01-01",
        "parameters/all.yaml:8: b ends before it begins",
        "parameters/all.yaml:8: unknown status guessed",
    ]


def test_one_namespace(tmp_path: Path) -> None:
    found = problems(
        tmp_path, rule("limit", "when: member") + rule("born", "when: able") + rule("min", "when: able")
    )
    assert found == [
        "rules/all.yaml:1: limit is already a parameter (parameters/all.yaml:3)",
        "rules/all.yaml:5: born is already a fact (facts.yaml:2)",
        "rules/all.yaml:9: min is a word of the language",
    ]


def test_facts_that_do_not_fit(tmp_path: Path) -> None:
    facts = FACTS + (
        "x: {type: code:nothing, label: X}\n"
        "y: {type: number, label: Y}\n"
        "z: {type: bool, supplier: cat, unit: mile}\n"
        "ß: {type: bool, label: S}\n"
        "w: 3\n"
    )
    assert problems(tmp_path, rule("r", "when: member"), facts=facts) == [
        "facts.yaml:15: unknown code table nothing",
        "facts.yaml:16: unknown type number",
        "facts.yaml:17: unknown unit mile",
        "facts.yaml:17: unknown supplier cat",
        "facts.yaml:17: fact z has no label",
        "facts.yaml:18: 'ß' can't be a name: letters, digits and _ only",
        "facts.yaml:19: fact w: keys with values expected",
        "facts.yaml:19: unknown type None",
        "facts.yaml:19: fact w has no label",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: {type: bool, label: A}\nb: [", 3),
        ("a: {type: bool, label: A}\nb: !!python/object/apply:os.system [x]", 2),
        ("a: {type: bool, label: A}\nb: !!python/name:os.system x", 2),
        ("? [a]\n: b", 1),
    ],
)
def test_yaml_that_is_not_plain_data(tmp_path: Path, text: str, line: int) -> None:
    found = problems(tmp_path, rule("r", "when: true"), facts=text)
    assert found[0].startswith(f"facts.yaml:{line}: "), found


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(LawError, match="no such folder"):
        Law.load(tmp_path / "nowhere")


def test_a_broken_rule_is_complained_about_once(tmp_path: Path) -> None:
    rules = rule("a", "value: months + old") + rule("b", "value: a + 1") + rule("c", "when: b > 3 and nobody")
    found = problems(tmp_path, rules)
    assert found == ["rules/all.yaml:4: sum of units month and year in “months + old”"]


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    rules = rule("a", "when: nobody") + rule("b", "when: months > old") + rule("c", "wen: x\nvalue: 3 /")
    assert len(problems(tmp_path, rules, parameters=PARAMETERS + "- {id: born, values: []}\n")) == 5


def test_a_changed_comma_is_another_version(tmp_path: Path) -> None:
    first = law(tmp_path / "a", rule("r", "when: member"))
    assert first.version == law(tmp_path / "b", rule("r", "when: member")).version
    assert first.version != law(tmp_path / "c", rule("r", "when: able")).version


def test_codes_and_numbers_are_read_as_written(tmp_path: Path) -> None:
    parameters = "parameters:\n- {id: a, values: [{value: [010, 12:30, on, 2020-01-01], status: verified}]}\n"
    found = law(tmp_path, rule("r", "when: member"), parameters=parameters).parameters["a"].values[0].value
    assert found == ("010", "12:30", "on", "2020-01-01")
