"""Conditions that can't be met or always are, said with their line before any case is decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.policy import Law, LawError
from tests.policy.law_text import law, rule, write

NEVER, ALWAYS, HERE = "can never be met beside", "always met", "can never be met here"


def group(kind: str, *conditions: str) -> str:
    lines = [f"  k{n}: {{when: '{text}', zh: 甲, en: A}}" for n, text in enumerate(conditions)]
    return "\n".join([f"{kind}:", *lines])


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (group("all", "months > 5", "able", "months < 3"), 7, NEVER),
        (group("all", "months > 5", "months <= 5"), 6, NEVER),
        (group("all", 'hue == "red"', 'hue == "blue"'), 6, NEVER),
        (group("all", 'hue == "red"', 'hue not in ["red", "green"]'), 6, NEVER),
        (group("all", "hue in warm", 'hue == "blue"'), 6, NEVER),
        (group("all", 'form != "round"', 'form != "square"'), 6, NEVER),
        (group("all", "able", "not able"), 6, NEVER),
        (group("all", "born < reform", "born >= reform"), 6, NEVER),
        (group("all", "months >= limit", "months < limit"), 6, NEVER),
        (group("all", "count == 3", "count > 3"), 6, NEVER),
        (group("any", "able", "not able"), 6, ALWAYS),
        (group("any", "months > 3", "months < 5"), 6, ALWAYS),
        (group("any", "months >= limit", "count < 3", "months < limit"), 7, ALWAYS),
        ("when: able and months > 3 and not able", 4, NEVER),
        ("when: months > 3 and (member or months < 2)", 4, HERE),
        ("when: 3 < months < 2", 4, NEVER),
        ("when: not (able or not able)", 4, NEVER),
        ("when: idle and able", 4, NEVER),
        ("when: employer_free and not employer_free", 4, NEVER),
        ("when: 1 < 2", 4, "the same for everybody"),
        ("when: able or False", 4, "the same for everybody"),
        ("value: 3 if True else 4", 4, "the same for everybody"),
        ("value: 3 if able and not able else 4", 4, NEVER),
        ("value: 3\ngiven: months > 3 and months < 2", 5, NEVER),
    ],
)
def test_found(tmp_path: Path, body: str, line: int, message: str) -> None:
    rules = (
        rule("r", body) + rule("idle", "when: not able") + rule("employer_free", "when: count > 3 or able")
    )
    with pytest.raises(LawError) as caught:
        Law.load(write(tmp_path, rules))
    found = caught.value.problems
    assert any(item.startswith(f"rules/all.yaml:{line}: ") and message in item for item in found), found


@pytest.mark.parametrize(
    "body",
    [
        group("all", "months > 5", "months < 7", "count < 3"),
        group("all", "months >= limit", "months <= limit"),
        group("all", 'hue != "red"', 'hue != "blue"'),
        group("any", "months > 5", "months < 5"),
        group("any", "able and member", "not able and willing"),
        "when: (months > 3 or able) and (months < 2 or not able)",
        "when: able and unknown",
        "when: member if able else months > 3",
        "when: count == 3 or count == 4",
    ],
)
def test_sound_text_is_let_through(tmp_path: Path, body: str) -> None:
    assert law(tmp_path, rule("r", body)).rules["r"]


def test_every_code_of_a_table_is_only_odd(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", 'when: form == "round" or form == "square"'))
    assert [item for item in made.warnings if ALWAYS in item] == [
        "rules/all.yaml:4: with the others one of these is always met: “form == 'square'”"
    ]


def test_parameters_compared_with_each_other_are_only_odd(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "when: able and old > 16 and months > limit"))
    assert [item for item in made.warnings if "same for everybody" in item] == [
        "rules/all.yaml:4: the same for everybody as long as it stands: “old > 16”"
    ]


def test_what_no_rule_reads_is_only_odd(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "when: born < reform"))
    assert "facts.yaml:6: no rule reads the fact willing" in made.warnings
    assert "parameters/all.yaml:3: no rule reads the parameter limit" in made.warnings
    assert not any("born" in item or "reform" in item for item in made.warnings)
