"""Every condition of the law counts: left out or denied, some test of this folder would fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from jiuye.cities.city import city
from jiuye.policy import Law
from jiuye.policy.language import Expression
from jiuye.policy.parts import ConditionText
from tests.cities.mutation import Check, Score, check, equivalents, main
from tests.cities.mutation_cases import Proof, changed, collected
from tests.cities.mutation_texts import mutants

LAW = city().law
LEAST = 0.95

SMALL = {
    "facts.yaml": """
a: {type: bool, label: a}
b: {type: bool, label: b}
n: {type: int, label: n}
word: {type: text, label: word}
words: {type: list, label: words}
""",
    "parameters.yaml": """
parameters:
- {id: listed, values: [{from: 2020-01-01, value: [x, y], source: s, status: verified}]}
- {id: unread, values: [{from: 2020-01-01, value: [x, y], source: s, status: verified}]}
""",
    "rules.yaml": """
- rule: one
  title: {zh: 一, en: One}
  basis: b
  until: 2020-12-31
  goes_on_for: {when: a, zh: 一, en: a}
  all:
    first: {when: a and (b or unknown), zh: 一, en: a}
    group:
      zh: 二
      en: b
      any:
        low: {when: 3 <= n < 5, zh: 三, en: n}
        in_list: {when: 'word in ["x", "y"]', zh: 四, en: word}
  stops:
    over: {when: not b, zh: 五, en: over}
- rule: two
  title: {zh: 二, en: Two}
  basis: b
  given: a
  otherwise: 0
  value: 1 if n > 2 else 2
- rule: sums
  title: {zh: 数, en: Sums}
  basis: b
  value: round_cents(max(n - 1, 2, 3 * n) + n // 2)
- rule: dates
  title: {zh: 日, en: Dates}
  basis: b
  value: month_of(add_months(on, n)) - month_of(on) - 1
- rule: three
  title: {zh: 三, en: Three}
  basis: b
  when: overlaps(words, listed)
""",
}


@pytest.fixture(scope="module")
def proofs() -> list[Proof]:
    return collected(city())


@pytest.fixture(scope="module")
def found(proofs: list[Proof]) -> Check:
    return check(city(), proofs)


def told(score: Score) -> str:
    return "\n".join([str(score), *(mutant.name for mutant in score.survivors)])


def test_every_condition_counts(found: Check) -> None:
    print(found.conditions)
    assert found.conditions.total > 1900
    assert found.conditions.share >= LEAST, told(found.conditions)


def test_every_limit_counts(found: Check) -> None:
    print(found.limits)
    assert found.limits.total > 250
    assert found.limits.share >= LEAST, told(found.limits)


def test_every_word_of_a_list_counts(found: Check) -> None:
    print(found.words)
    assert found.words.total > 150
    assert found.words.share >= LEAST, told(found.words)


def test_every_part_of_a_sum_counts(found: Check) -> None:
    print(found.sums)
    assert found.sums.total > 500
    assert found.sums.share >= LEAST, told(found.sums)


def test_what_is_listed_as_meaning_the_same_survives_and_has_a_reason(found: Check) -> None:
    assert found.noticed == []
    assert found.unknown == []
    assert all(equivalents().values())
    scores = (found.conditions, found.limits, found.words, found.sums)
    assert sum(len(score.equivalent) for score in scores) == len(equivalents())


def test_the_law_is_left_as_it_was(found: Check) -> None:
    assert found.conditions.killed
    assert "rule_at" not in vars(LAW)
    fresh = Law.load(city().path)
    assert {name: [_text(v.condition) for v in versions] for name, versions in LAW.rules.items()} == {
        name: [_text(v.condition) for v in versions] for name, versions in fresh.rules.items()
    }
    assert LAW.parameters == fresh.parameters


def _text(condition: ConditionText | None) -> list[str]:
    return [expression.text for expression in condition.expressions()] if condition else []


# -- the check itself can fail -------------------------------------------------------------


def test_a_condition_nobody_needs_survives(proofs: Sequence[Proof]) -> None:
    rule = LAW.rules["ui_eligible"][-1]
    assert rule.condition is not None
    spare = ConditionText("spare", "", {}, {}, Expression("ui_months_unused >= 0"))
    made = replace(rule, condition=replace(rule.condition, parts=(*rule.condition.parts, spare)))
    with changed(LAW, "ui_eligible", 1, made):
        out = check(city(), proofs, only="ui_eligible")
    assert [mutant.name for mutant in out.conditions.survivors] == [
        "ui_eligible#1 condition.spare: drop spare"
    ]


def test_without_its_cases_a_rule_has_no_proof(proofs: Sequence[Proof]) -> None:
    others = [case for case in proofs if ("agency_subsidy", 0) not in case.touched]
    with_them, without = (check(city(), cases, only="agency_subsidy") for cases in (proofs, others))
    assert (with_them.conditions.share, with_them.limits.share) == (1, 1)
    assert (without.conditions.killed, without.limits.killed) == (0, 0)
    assert len(without.conditions.survivors) == with_them.conditions.killed > 10


def test_a_case_that_fails_already_proves_nothing(proofs: Sequence[Proof]) -> None:
    rule = LAW.rules["agency_subsidy"][0]
    with changed(LAW, "agency_subsidy", 0, replace(rule, condition=LAW.rules["labour_age"][0].condition)):
        names = {case.name for case in collected(city())}
    gone = [case for case in proofs if case.name not in names]
    assert gone
    assert all(("agency_subsidy", 0) in case.touched for case in gone)


def test_a_wrong_listing_is_told(proofs: Sequence[Proof]) -> None:
    name = "agency_subsidy#0 condition.local: drop local"
    out = check(city(), proofs, only="agency_subsidy", same={name: "no reason at all"})
    assert [mutant.name for mutant in out.noticed] == [name]
    assert check(city(), [], same={"nothing": "never was"}).unknown == ["nothing"]


# -- what is tried, and on what ---------------------------------------------------------------


def test_the_mutants_of_a_small_law(tmp_path: Path) -> None:
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = [mutant.name for mutant in mutants(Law.load(tmp_path))]
    assert names == [
        "one#0 condition.first: drop first",
        "one#0 condition.first: negate a and (b or unknown)",
        "one#0 condition.first: drop a",
        "one#0 condition.first: negate a",
        "one#0 condition.first: drop b or unknown",
        "one#0 condition.first: negate b or unknown",
        "one#0 condition.first: drop b",
        "one#0 condition.first: negate b",
        "one#0 condition.first: drop unknown",
        "one#0 condition.group: drop group",
        "one#0 condition.group: negate group",
        "one#0 condition.group.low: drop low",
        "one#0 condition.group.low: negate 3 <= n < 5",
        "one#0 condition.group.low: boundary 3 <= n",
        "one#0 condition.group.low: boundary n < 5",
        "one#0 condition.group.low: drop 3 <= n",
        "one#0 condition.group.low: negate 3 <= n",
        "one#0 condition.group.low: drop n < 5",
        "one#0 condition.group.low: negate n < 5",
        "one#0 condition.group.in_list: drop in_list",
        'one#0 condition.group.in_list: negate word in ["x", "y"]',
        "one#0 condition.group.in_list: word 'x' of ['x', 'y']",
        "one#0 condition.group.in_list: word 'y' of ['x', 'y']",
        "one#0 goes_on_for: drop a",
        "one#0 goes_on_for: negate a",
        "one_stop#0 stops.over: drop over",
        "one_stop#0 stops.over: negate not b",
        "two#0 given: drop a",
        "two#0 given: negate a",
        "two#0 value: drop n > 2",
        "two#0 value: negate n > 2",
        "two#0 value: boundary n > 2",
        "sums#0 value: sum round_cents of round_cents(max(n - 1, 2, 3 * n) + n // 2)",
        "sums#0 value: sum sign of max(n - 1, 2, 3 * n) + n // 2",
        "sums#0 value: sum n // 2 of max(n - 1, 2, 3 * n) + n // 2",
        "sums#0 value: sum max(n - 1, 2, 3 * n) of max(n - 1, 2, 3 * n) + n // 2",
        "sums#0 value: sum n - 1 of max(n - 1, 2, 3 * n)",
        "sums#0 value: sum 2 of max(n - 1, 2, 3 * n)",
        "sums#0 value: sum 3 * n of max(n - 1, 2, 3 * n)",
        "sums#0 value: sum sign of n - 1",
        "sums#0 value: sum 1 of n - 1",
        "sums#0 value: sum n of 3 * n",
        "sums#0 value: sum 3 of 3 * n",
        "sums#0 value: sum 2 of n // 2",
        "dates#0 value: sum sign of month_of(add_months(on, n)) - month_of(on) - 1",
        "dates#0 value: sum 1 of month_of(add_months(on, n)) - month_of(on) - 1",
        "dates#0 value: sum month_of(on) of month_of(add_months(on, n)) - month_of(on)",
        "dates#0 value: sum add_months of add_months(on, n)",
        "three#0 condition: drop overlaps(words, listed)",
        "three#0 condition: negate overlaps(words, listed)",
        "listed#0 values: word x",
        "listed#0 values: word y",
    ]


def test_the_cases_are_those_of_the_suite(proofs: Sequence[Proof]) -> None:
    names = [case.name for case in proofs]
    assert len(set(names)) == len(names)
    counts = [sum(name.startswith(start) for name in names) for start in (
        "persons.yaml ", "siblings.yaml ", "test_persons_law::test_one_change_turns_it_round[",
        "test_persons_law::test_determinations[", "test_employer_vectors::test_worked_case[", "test_expiry::",
    )]  # fmt: skip
    assert all(counts)
    assert sum(counts) > 1500


def test_said_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rule", "agency_subsidy"])
    said = capsys.readouterr().out
    assert "conditions left out or denied: 12 of 12 killed (100.00%), 0 survive" in said
    assert "limits moved: 3 of 3 killed" in said
