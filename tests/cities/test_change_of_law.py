"""`jiuye law diff` and `simulate`: another text, or other values, over everybody, from outside."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
KEYS = {"***rt": "short", "**ng": "long", "**ft": "left", "**ne": "none"}


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
    return changed(tmp_path / "law", "*.yaml", OLD, NEW)


def changed(there: Path, files: str, old: str, new: str) -> Path:
    """Another text of the law, in a folder of its own."""
    if not there.exists():
        copytree(HERE / "shanghai", there)
    hits = 0
    for path in (there / "rules").glob(files):
        text = path.read_text(encoding="utf-8")
        hits += old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    assert hits
    return there


def run(*arguments: str, given: str | None = None, wanted: int = 0) -> str:
    result = CliRunner().invoke(app, ["law", *arguments], input=given, env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == wanted, result.output
    return result.output


def said(*arguments: str, wanted: int = 0) -> Any:
    result = CliRunner().invoke(app, ["law", *arguments, "--json"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == wanted, result.output
    return json.loads(result.stdout)


def of_rule(out: Any, rule: str) -> Any:
    (found,) = [one for one in out["effects"] if one["rule"] == rule]
    return found


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
    assert {kind: count for kind, count in effect["counts"].items() if count} == {"more": 3}
    assert (effect["sum_before"], effect["sum_after"], effect["amounts"]["more"]) == ("30", "45", "15")
    assert effect["groups"]["district"] == {"310101": {"more": 2}, "310104": {"more": 1}}
    assert effect["group_amounts"]["district"] == {"310101": "8", "310104": "7"}
    assert effect["groups"]["age"] == {"45-54": {"more": 1}, "25-34": {"more": 1}, "35-44": {"more": 1}}
    assert effect["groups"]["sex"] == {"1": {"more": 2}, "2": {"more": 1}}
    assert out["labels"]["person"]["district"]["words"]["310101"]["zh"] == "黄浦区"
    examples = {KEYS[row["key"]]: row["after"] for row in out["examples"]}
    assert set(examples) == {"short", "long", "left"}
    assert examples["long"] == "min(24, 3 * (84 // 12))"


def test_everybody_affected_is_listed_under_a_masked_key(other: Path, people: Path) -> None:
    arguments = ("diff", "current", str(other), "--people", str(people), "--rule", "ui_months", "--list")
    rows = {KEYS[row["key"]]: row for row in said(*arguments)["listed"]}
    assert (rows["long"]["value_before"], rows["long"]["value_after"]) == (14, 21)
    assert (rows["short"]["what"], rows["short"]["group_district"]) == ("more", "310101")
    text = run(*arguments)
    assert "ui_months more **ng 310104 2 25-34" in text
    assert "long" not in text


def test_losing_says_which_condition(tmp_path: Path, people: Path) -> None:
    new = "ui_months_unused >= 2 * ui_min_contribution_months"
    there = changed(
        tmp_path / "strict",
        "unemployment_benefit.yaml",
        "ui_months_unused >= ui_min_contribution_months",
        new,
    )
    out = said("diff", "current", str(there), "--people", str(people), "--rule", "ui_eligible")
    (effect,) = out["effects"]
    assert (effect["counts"]["lost"], effect["counts"]["newly"]) == (1, 0)
    (row,) = out["examples"]
    assert KEYS[row["key"]] == "short"
    assert list(row["conditions"].values()) == [["met", "not_met"]]


def test_what_nobody_can_say_any_longer(tmp_path: Path, people: Path) -> None:
    there = changed(
        tmp_path / "open", "unemployment_benefit.yaml", "ui_months_unused >= ui_min_contribution_months",
        "ui_months_unused >= ui_min_contribution_months and repayment_hardship",
    )  # fmt: skip
    out = said("diff", "current", str(there), "--people", str(people), "--rule", "ui_eligible")
    assert of_rule(out, "ui_eligible")["counts"]["newly_unknown"] == 2
    assert of_rule(out, "ui_eligible")["counts"]["lost"] == 0


# -- schedules, employers, households --------------------------------------------------------------------

GRANTED: dict[str, Any] = {
    "id": "granted", "district": "310101", "sex": "1", "birth": date(1990, 5, 5), "ui_months_unused": 84,
    "separation_reason": "06", "registered_unemployed": True, "wants_work": True, "last_insured_local": True,
    "ui_previously_assessed": False, "applied_on": date(2026, 11, 25), "accepted_on": date(2026, 11, 25),
}  # fmt: skip
RATE = "ui_rate_m01_12=2600@2027-01-01"
#: December at the rate of today, eleven months at the new one, two of the second year
BEFORE, AFTER = 12 * 2340 + 2 * 1872, 2340 + 11 * 2600 + 2 * 1872


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """As CSV or Parquet, by the name."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    heads = list(rows[0])
    cells = [[_cell(row[name]) for name in heads] for row in rows]
    path.write_text("\n".join(",".join(line) for line in [heads, *cells]) + "\n", encoding="utf-8")
    return path


def _cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_schedule_counts_every_month_with_the_money_of_that_month(tmp_path: Path, form: str) -> None:
    refused = GRANTED | {"id": "refused", "separation_reason": "10"}
    file = written(tmp_path / f"people.{form}", [GRANTED, refused])
    out = said("diff", "--set", RATE, "--on", "2026-11-25", "--people", str(file))
    effect = of_rule(out, "ui_schedule")
    assert (effect["before"], effect["counts"]["more"]) == ({"met": 1, "not_met": 1, "unknown": 0}, 1)
    assert [int(effect[key]) for key in ("sum_before", "sum_after")] == [BEFORE, AFTER]
    months = {row["month"]: row["amount"] for row in effect["months"]}
    assert len(months) == 14
    assert months["2026-12"] == ["2340", "2340"]
    assert months["2027-01"] == ["2340", "2600"]
    assert months["2028-01"] == ["1872", "1872"]
    assert effect["open_months"] == [0, 0]


def test_a_schedule_month_by_month(tmp_path: Path) -> None:
    file = written(tmp_path / "people.csv", [GRANTED, GRANTED | {"id": "too"}])
    arguments = ("simulate", "--set", RATE, "--from", "2026-12", "--months", "3", "--rule", "ui_schedule")
    rows = said(*arguments, "--people", str(file))["months"]
    assert [(row["month"], row["people"], row["amount"]) for row in rows] == [
        ("2026-12", [2, 2], ["4680", "4680"]),
        ("2027-01", [2, 2], ["4680", "5200"]),
        ("2027-02", [2, 2], ["4680", "5200"]),
    ]
    assert "5,200.00" in run(*arguments, "--people", str(file))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_employers_are_counted_as_employers(tmp_path: Path, form: str) -> None:
    people = written(tmp_path / f"people.{form}", [GRANTED])
    firms: list[dict[str, Any]] = [
        {"id": "a", "district": "310101", "org_kind": "enterprise", "payroll_year": Decimal("1000000.00")},
        {"id": "b", "district": "310104", "org_kind": "enterprise", "payroll_year": Decimal("500.00")},
        {"id": "c", "district": "310104", "org_kind": "enterprise", "payroll_year": None},
    ]
    employers = written(tmp_path / f"employers.{form}", firms)
    out = said(
        "diff", "--set", "education_fund_deductible=0.1", "--on", "2026-11-25", "--list",
        "--people", str(people), "--employers", str(employers), "--rule", "education_fund_deductible_most",
    )  # fmt: skip
    assert (out["people"], out["employers"], out["affected"]) == (1, 3, {"person": 0, "employer": 2})
    (effect,) = out["effects"]
    assert (effect["for"], effect["counts"]["more"]) == ("employer", 2)
    assert Decimal(effect["sum_after"]) == Decimal("100050")
    assert effect["groups"]["district"] == {"310101": {"more": 1}, "310104": {"more": 1}}
    assert out["labels"]["employer"]["district"]["words"]["310104"]["zh"] == "徐汇区"
    assert [row["key"] for row in out["listed"]] == ["a", "b"]


def test_people_are_asked_about_with_their_employers(tmp_path: Path) -> None:
    people = written(
        tmp_path / "people.csv",
        [
            {"id": "hired", "contract_months": 30, "employer": "agency"},
            {"id": "other", "contract_months": 30, "employer": "shop"},
            {"id": "nobody", "contract_months": 30, "employer": None},
        ],
    )
    employers = written(
        tmp_path / "employers.csv",
        [{"id": "agency", "labour_dispatch": True}, {"id": "shop", "labour_dispatch": False}],
    )
    out = said(
        "diff", "--set", "dispatch_contract_months=36@2026-12-01", "--people", str(people),
        "--employers", str(employers), "--rule", "dispatch_contract_lawful",
    )  # fmt: skip
    (effect,) = out["effects"]
    assert effect["counts"]["lost"] == 1
    assert effect["counts"]["newly_unknown"] == 1  # of whom no employer is known


def test_a_household_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    unemployed = {
        "birth": date(1985, 1, 1), "sex": "1", "able_to_work": True, "at_school": False, "employed": False,
        "flexible_registered": False, "self_employed_licence": False, "pension_kind": "none",
    }  # fmt: skip
    people = written(
        tmp_path / "people.csv",
        [
            {"id": "alone", "household": "1", **unemployed},
            {"id": "two", "household": "2", **unemployed},
            {"id": "both", "household": "2", **unemployed},
        ],
    )
    old = "household_members_of_labour_age >= 1"
    there = changed(tmp_path / "law", "zero_employment_household.yaml", old, f"{old[:-1]}2")
    out = said("diff", "current", str(there), "--people", str(people), "--rule", "zero_household", "--list")
    (effect,) = out["effects"]
    assert (effect["before"]["met"], effect["after"]["met"]) == (3, 2)
    assert [row["key"] for row in out["listed"]] == ["***ne"]


def test_a_rule_that_is_new_and_one_that_goes(tmp_path: Path, people: Path) -> None:
    there = tmp_path / "law"
    copytree(HERE / "shanghai", there)
    path = there / "rules" / "a_new_benefit.yaml"
    path.write_text(
        "- rule: a_new_benefit\n  title: {zh: 新的补贴, en: A new benefit}\n  basis: 测试\n"
        "  given: registered_unemployed\n  value: ui_rate_m01_12\n  unit: 元\n",
        encoding="utf-8",
    )
    effect = of_rule(said("diff", "current", str(there), "--people", str(people)), "a_new_benefit")
    assert (effect["counts"]["newly"], effect["amounts"]["newly"]) == (4, "9360")
    effect = of_rule(said("diff", str(there), "current", "--people", str(people)), "a_new_benefit")
    assert (effect["counts"]["lost"], effect["amounts"]["lost"]) == (4, "-9360")


def test_a_number_of_the_law_is_nobodys_effect(people: Path) -> None:
    out = said("diff", "--set", "ui_rate_m01_12=2600@2026-12-01", "--people", str(people))
    effect = of_rule(out, "ui_second_year_by_formula")
    assert effect["same_for_all"][0] != effect["same_for_all"][1]
    assert (effect["groups"], effect["counts"]) == ({}, {})


# -- where the laws come from ----------------------------------------------------------------------------


def test_a_revision_of_the_repository(tmp_path: Path, people: Path) -> None:
    there = tmp_path / "repository" / "law"
    copytree(HERE / "shanghai", there)
    git = ["git", "-C", str(there), "-c", "user.name=x", "-c", "user.email=x@x.invalid"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "law"]):
        subprocess.run([*git, *command], check=True)
    changed(there, "*.yaml", OLD, NEW)
    out = said("diff", "git:HEAD", "--city", str(there), "--people", str(people), "--rule", "ui_months")
    assert of_rule(out, "ui_months")["counts"]["more"] == 3
    assert "git has no law" in run("diff", "git:nowhere", "--city", str(there), wanted=1)
    assert "no revision" in run("diff", "git:--output=x", "--city", str(there), wanted=1)


def test_values_are_supposed_in_another_text(other: Path, people: Path) -> None:
    arguments = ("diff", str(other), "--set", "ui_min_contribution_months=24", "--people", str(people))
    out = said(*arguments)
    assert [change["name"] for change in out["changes"]] == ["ui_min_contribution_months"]
    assert of_rule(out, "ui_eligible")["counts"]["lost"] == 1


# -- simulate, decide and the rest -----------------------------------------------------------------------


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
