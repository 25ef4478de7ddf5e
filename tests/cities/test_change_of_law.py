"""`jiuye law diff`, `simulate`, `decide`, `expiring`: another law over everybody, from outside."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from jiuye.cities.city import HERE
from jiuye.cli.main import app

HEAD = (
    "id,district,sex,birth,ui_months_unused,separation_reason,registered_unemployed,wants_work,"
    "last_insured_local,ui_previously_assessed"
)
OLD = "ui_months_per_contribution_year * (ui_months_unused //"
NEW = "3 * (ui_months_unused //"
PEOPLE = (
    "short,310101,1,1980-05-05,13,06,true,true,true,false",
    "long,310104,2,1995-05-05,84,06,true,true,true,false",
    "none,310104,2,1990-05-05,3,06,true,true,true,false",
    "left,310101,1,1990-05-05,84,10,true,true,true,false",
)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-25")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEAD, *PEOPLE]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The same law with three months for a year of contributions instead of two."""
    there = tmp_path / "law"
    copytree(HERE / "shanghai", there)
    for path in (there / "rules").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(OLD, NEW), encoding="utf-8")
    return there


def run(*arguments: str, given: str | None = None, wanted: int = 0) -> str:
    result = CliRunner().invoke(app, ["law", *arguments], input=given, env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == wanted, result.output
    return result.output


def said(*arguments: str, **options: Any) -> Any:
    return json.loads(run(*arguments, "--json", **options))


def test_a_law_is_like_itself() -> None:
    assert said("diff", "current", str(HERE / "shanghai"))["changes"] == []


def test_what_the_texts_say(other: Path) -> None:
    out = said("diff", "current", str(other), "--text")
    assert [(c["kind"], c["name"], c["how"]) for c in out["changes"]] == [("rule", "ui_months", "changed")]
    (detail, *_more) = out["changes"][0]["details"]
    assert OLD in detail["before"]
    assert NEW in detail["after"]
    assert "effects" not in out


def test_who_is_affected_how(other: Path, people: Path) -> None:
    out = said("diff", "current", str(other), "--people", str(people), "--rule", "ui_months")
    (effect,) = out["effects"]
    # 13 months: 2 become 3; 84 months: 14 become 21, whoever is entitled to them; 3 months: none
    assert (effect["up"], effect["newly_entitled"], effect["lost"]) == (3, 0, 0)
    assert (effect["sum_before"], effect["sum_after"]) == ("30", "45")
    assert effect["groups"]["district"] == {"310101": {"up": 2}, "310104": {"up": 1}}
    assert effect["groups"]["age"] == {"45-54": {"up": 1}, "25-34": {"up": 1}, "35-44": {"up": 1}}
    examples = {row["id"]: (row["before"], row["after"]) for row in out["examples"]}
    assert set(examples) == {"short", "long", "left"}
    assert examples["long"][1] == "min(24, 3 * (84 // 12))"


def test_losing_says_which_condition(tmp_path: Path, people: Path) -> None:
    there = tmp_path / "strict"
    copytree(HERE / "shanghai", there)
    path = there / "rules" / "unemployment_benefit.yaml"
    text = path.read_text(encoding="utf-8")
    new = "ui_months_unused >= 2 * ui_min_contribution_months"
    path.write_text(text.replace("ui_months_unused >= ui_min_contribution_months", new), encoding="utf-8")
    out = said("diff", "current", str(there), "--people", str(people), "--rule", "ui_eligible")
    (effect,) = out["effects"]
    assert (effect["lost"], effect["newly_entitled"]) == (1, 0)
    (row,) = out["examples"]
    assert row["id"] == "short"
    assert list(row["conditions"].values()) == [["met", "not_met"]]


def test_simulated_month_by_month(people: Path) -> None:
    arguments = ("simulate", "--set", "ui_min_contribution_months=24@2027-01-01", "--people", str(people))
    rows = said(*arguments, "--from", "2026-12", "--months", "2", "--rule", "ui_eligible")["months"]
    assert [(row["month"], row["people"]) for row in rows] == [("2026-12", [2, 2]), ("2027-01", [2, 1])]


@pytest.mark.parametrize(
    "wrong", ["nothing=1", "ui_min_contribution_months=many", "ui_min_contribution_months"]
)
def test_a_supposition_that_is_none(wrong: str) -> None:
    run("simulate", "--set", wrong, wanted=1)


def test_decided_from_standard_input() -> None:
    case = {"id": "x", "on": "2026-11-25", "rules": ["ui_months"], "facts": {"ui_months_unused": 84}}
    bare = {"ui_months_unused": "many"}
    lines = run("decide", "--rule", "ui_months", given=f"{json.dumps(case)}\n{json.dumps(bare)}\n", wanted=1)
    first, second = (json.loads(line) for line in lines.splitlines())
    assert (first["id"], first["outcomes"]["ui_months"]["state"]) == ("x", "unknown")
    assert len(first["version"]) == 64
    assert "not a number" in second["error"]


def test_what_ends_soon_and_what_check_warns_of() -> None:
    names = {row["name"]: row["last"] for row in said("expiring", "--on", "2026-11-25")}
    assert names["sh_survey_unemployment_target"] == "2026-12-31"
    assert said("expiring", "--on", "2026-11-25", "--days", "0") == []
    text = run("check")
    assert "sh_survey_unemployment_target ends on 2026-12-31" in text
    assert "parameters in force are recalled" in text


def test_the_book_keeps_its_old_name(tmp_path: Path) -> None:
    assert run("book", "--to", str(tmp_path / "a")) == run("rulebook", "--to", str(tmp_path / "a"))
