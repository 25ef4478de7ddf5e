"""`jiuye law diff` and `simulate`: another text, or other values, over everybody, from outside."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jiuye.cities.city import HERE, city
from jiuye.cities.small_cells import shareable
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
#: everything the schedule of the benefit asks of somebody whom it is granted to
PAID = {"ui_first_pay_month": "2026-12", "ui_months": 14}


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
        tmp_path / "strict", "unemployment_benefit.yaml", "ui_months_unused >= ui_min_contribution_months", new
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


# -- schedules -------------------------------------------------------------------------------------------


@pytest.fixture
def granted(tmp_path: Path) -> Path:
    """One person who is paid for 14 months from December on, as far as the facts decide it."""
    return csv_of(tmp_path / "granted.csv", [GRANTED])


GRANTED = {
    "id": "granted", "district": "310101", "sex": "1", "birth": "1990-05-05", "ui_months_unused": "84",
    "separation_reason": "06", "registered_unemployed": "true", "wants_work": "true",
    "last_insured_local": "true", "ui_previously_assessed": "false", "ui_claim_first": "true",
    "applied_on": "2026-11-25", "accepted_on": "2026-11-25", "hukou_local": "true",
    "unemployed_since": "2026-10-31", "died": "false", "draws_pension": "false", "in_prison": "false",
}  # fmt: skip


def csv_of(path: Path, rows: list[dict[str, str]]) -> Path:
    known = city().law.facts
    heads = [name for name in rows[0] if name in known or name in ("id", "district", "household", "employer")]
    lines = [",".join(heads), *(",".join(row.get(name, "") for name in heads) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
