"""What is wrong with a text, at the word: line, column, width for every kind; harmful text is refused."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from jiuye.drafting import sandbox, texts
from jiuye.drafting.sandbox import Checked
from jiuye.foundation import scope
from jiuye.policy.places import Place
from tests.drafting import world

pytestmark = pytest.mark.django_db
TABLE = world.RETIREMENT
AGE = "rules/labour_age.yaml"
NEW = "rules/new_grant.yaml"
RULE = "- rule: new_grant\n  title: {zh: 新补贴, en: New grant}\n  basis: 测试\n  "


def check(changed: dict[str, str]) -> Checked:
    with scope.acting(scope.SYSTEM):
        return sandbox.check(texts.present(), changed, world.TODAY.isoformat())


def marked(path: str, text: str, place: Place) -> str:
    """The characters that are marked."""
    assert place.file == path
    line = text.split("\n")[place.line - 1]
    return line[place.column - 1 : place.column - 1 + place.width]


def only(changed: dict[str, str]) -> Place:
    found = check(changed)
    assert not found.good
    assert len(found.problems) == 1, found.problems
    return found.problems[0]


@pytest.mark.parametrize(
    ("path", "before", "after", "word", "said"),
    [
        (AGE, "age >= labour_age_min", "age >= labour_age_mim", "labour_age_mim", "nothing is called"),
        (AGE, 'pension_kind == "none"', 'pension_kind == "nope"', '"nope"', "isn't in code table"),
        (
            AGE, "value: years_between(birth, on)", "value: years_between(birth, on) + hire_grant_amount",
            "years_between(birth, on) + hire_grant_amount", "sum of units",
        ),
        (AGE, "when: age >= labour_age_min", "when: age >= birth", "age >= birth", "comparison of"),
        (AGE, "when: age >= labour_age_min", "when: labour_age", "labour_age", "cycle"),
        (AGE, "when: age >= labour_age_min", "when: age >= labour_age_min and", "and", "can't read"),
        (AGE, "when: age >= labour_age_min", "when: agee(birth) > 3", "agee", "no function"),
        (AGE, "      basis: 上海市", "      bassis: 上海市", "bassis", "unknown key"),
        (AGE, "  unit: 年", "  unit: 年轮", "年轮", "unknown unit"),
        (AGE, "      when: age >= labour_age_min", "      when: [age", "basis", "did not find expected"),
        (AGE, "    upper:", "    upper: x:", "x", "mapping values are not allowed"),
        (AGE, "- rule: past_statutory_age", "- rule: age", "age", "two versions of age"),
        (TABLE, "to: '2024-12-31'", "to: '2024-11-30'", "2025-01-01", "has no value from 2024-12"),
        (TABLE, "to: '2024-12-31'", "to: '2024-12-41'", "2024-12-41", "not a date"),
        (world.BENEFIT, "until: 2026-08-15", "until: 2026-08-10", "2026-08-16", "has no version from 2026"),
    ],
)  # fmt: skip
def test_the_mistake_is_shown_at_the_word(path: str, before: str, after: str, word: str, said: str) -> None:
    text = world.changed(path, before, after)
    found = check({path: text})
    assert not found.good
    place = next(one for one in found.problems if said in one.message)
    assert marked(path, text, place) == word
    first = text.index(after) if after in text else 0
    assert text.split("\n")[place.line - 1]
    assert place.line >= text[:first].count("\n") + 1


def test_line_and_column_are_counted_from_one() -> None:
    text = RULE + "value: birth_day\n"
    assert only({NEW: text}) == Place(NEW, 4, 10, 9, "nothing is called birth_day in “birth_day”")


def test_a_word_in_a_folded_text_and_behind_quotes() -> None:
    folded = RULE + "when: >-\n    wants_work and\n    wants_wrok\n"
    place = only({NEW: folded})
    assert (place.line, marked(NEW, folded, place)) == (6, "wants_wrok")
    quoted = RULE + """when: 'pension_kind == "nobody"'\n"""
    place = only({NEW: quoted})
    assert (place.line, marked(NEW, quoted, place)) == (4, '"nobody"')


def test_a_cycle_is_shown_where_the_changed_file_closes_it() -> None:
    """statutory retirement → … the officer's file is the one that is marked, wherever the circle begins."""
    text = RULE + "when: labour_age\n"
    age = world.changed(AGE, "when: age >= labour_age_min", "when: new_grant")
    found = check({NEW: text, AGE: age})
    (place,) = [one for one in found.problems if "cycle" in one.message]
    assert marked(place.file, {NEW: text, AGE: age}[place.file], place) in ("labour_age", "new_grant")


def test_an_unreadable_file_is_the_only_complaint() -> None:
    """What the rest of the law says about its missing rules would bury the slip of the pen."""
    found = check({AGE: world.changed(AGE, "  unit: 年\n", "  unit: [年\n")})
    assert [one.file for one in found.problems] == [AGE]


def test_a_rule_that_an_example_asks_may_not_vanish() -> None:
    path = "rules/retirement.yaml"
    found = check({path: world.read(path).replace("- rule: statutory_retirement_date", "- rule: other_date")})
    assert not found.good


def test_a_good_text_has_the_version_it_will_have() -> None:
    found = check({NEW: RULE + "value: 3\n"})
    assert found.good
    assert len(found.version) == 64


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "more than 20000 entries"),
        ("a: &a [*a]\n", "stands for nothing that is complete"),
        ("- " * 60 + "a\n", "nested more than"),
        ("a: " + "x" * 9000 + "\n", "a text of more than"),
        ("# " + "x" * 250_000 + "\n", "the file has"),
        ("a: !!python/object/apply:os.system ['touch /tmp/x']\n", "isn't read: plain data only"),
        ("a: !!binary aGVsbG8=\n", "isn't read: plain data only"),
        ("a: 1\n---\nb: 2\n", "one file holds one document"),
        ("a: \x07\n", "can't stand here"),
        ("? [1, 2]\n: 3\n", "a key must be a word"),
        (RULE + "value: " + "9" * 6000 + "\n", "can't be read"),
        (RULE + "when: " + "(" * 400 + "wants_work" + ")" * 400 + "\n", "can't read"),
        (RULE + "value: " + "+".join(["1"] * 3500) + "\n", "can't read"),
        (RULE + """when: __import__("os").system("touch /tmp/x")\n""", "a function is called by its name"),
        (RULE + "value: \"(lambda: 1)()\"\n", "a function is called by its name"),
    ],
)  # fmt: skip
def test_harmful_text_is_refused_in_words(text: str, said: str) -> None:
    found = check({NEW: text})
    assert not found.good
    assert not found.stopped
    assert said in found.problems[0].message
    assert len(found.problems[0].message) < 9000


def test_time_and_memory_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sandbox.SECONDS, "check", 0.01)
    assert check({NEW: RULE + "value: 3\n"}).stopped == "time"


def test_the_process_sees_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address of a database, no key: its environment holds what Python needs."""
    seen: dict[str, str] = {}
    start = subprocess.Popen

    def spy(*arguments: Any, **options: Any) -> Any:
        seen.update(options["env"])
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", spy)
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    check({})
    assert seen
    assert not {name for name in seen if name.startswith(("JIUYE", "DATABASE"))}
