"""`jiuye law explain`: what a legal officer reads."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from jiuye.cli.main import app
from tests.support import make

FACTS = """
ui_months_unused: 84
separation_reason: "{reason}"
registered_unemployed: true
wants_work: true
last_insured_local: true
ui_previously_assessed: false
accepted_on: 2025-05-06
"""


def explain(tmp_path: Path, facts: str, *arguments: str) -> tuple[int, str]:
    path = tmp_path / "facts.yaml"
    path.write_text(facts, encoding="utf-8")
    result = CliRunner().invoke(
        app, ["law", "explain", "--facts", str(path), *arguments], env={"COLUMNS": "200", "TERM": "dumb"}
    )
    return result.exit_code, result.output


def test_schedule_with_its_way(tmp_path: Path) -> None:
    code, text = explain(tmp_path, FACTS.format(reason="06"), "--rule", "ui_schedule", "--on", "2025-05-06")
    assert code == 0
    assert "核定领取期限: 14  = min(24, 2 * (84 // 12))" in text
    assert "31,326.00" in text
    assert "✓ 失业前用人单位和本人已缴纳失业保险费满一年" in text


def test_refusal_names_clause_facts_and_what_to_do_in_english(tmp_path: Path) -> None:
    code, text = explain(
        tmp_path, FACTS.format(reason="10"), "--rule", "ui_eligible", "--on", "2026-11-25", "--language", "en"
    )
    assert code == 0
    assert "✗ Entitled to unemployment benefit  not met" in text
    assert "Resignation (art. 37)" in text
    assert "what can be done: If the recorded reason is wrong" in text


def test_unknown_says_what_is_needed(tmp_path: Path) -> None:
    code, text = explain(tmp_path, "ui_months_unused: 84\n", "--rule", "ui_eligible", "--on", "2026-11-25")
    assert code == 0
    assert "? 失业保险金领取资格  未定" in text
    assert "还需要: " in text
    assert "(separation_reason)" in text


def test_machines_get_the_whole_tree(tmp_path: Path) -> None:
    code, text = explain(
        tmp_path, FACTS.format(reason="02"), "--rule", "ui_eligible", "--on", "2026-11-25", "--json"
    )
    outcome = json.loads(text)
    assert (code, outcome["state"], outcome["recalled"]) == (0, "met", ["expiry_counts_whoever_declined"])


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    for facts, arguments, message in (
        ("a: [", ("--rule", "age", "--on", "2026-11-25"), "expected node content"),
        ("ui_months_unused: 84\n", ("--rule", "horoscope"), "No rule is called horoscope"),
        ("ui_months_unused: 84\n", ("--rule", "ui_months", "--on", "soon"), "Not a date: soon"),
        (
            "stars: 3\nsex: x\nbirth: never\n",
            ("--rule", "ui_months", "--on", "2026-11-25"),
            "nothing is called stars",
        ),
        (
            "stars: 3\nsex: x\nbirth: never\n",
            ("--rule", "ui_months", "--on", "2026-11-25"),
            "not a date: never",
        ),
        (
            "stars: 3\nsex: x\nbirth: never\n",
            ("--rule", "ui_months", "--on", "2026-11-25"),
            "'x' isn't in code table",
        ),
    ):
        code, text = explain(tmp_path, facts, *arguments)
        assert code == 1
        assert message in " ".join(text.split())


@pytest.mark.django_db
def test_a_person_of_the_register(tmp_path: Path) -> None:
    person = make.person(birth_date=date(1984, 3, 5), sex="2")
    path = tmp_path / "facts.yaml"
    path.write_text("retirement_category: F50\n", encoding="utf-8")
    arguments = f"law explain --person {person.pk} --facts {path} --rule statutory_retirement_month"
    result = CliRunner().invoke(app, [*arguments.split(), "--on", "2026-11-25", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["value"] == "2038-11"


@pytest.mark.django_db
def test_nobody_of_that_id() -> None:
    result = CliRunner().invoke(
        app, ["law", "explain", "--person", str(uuid4()), "--rule", "age", "--on", "2026-11-25"]
    )
    assert result.exit_code == 1
    assert "No person has the id" in result.output
