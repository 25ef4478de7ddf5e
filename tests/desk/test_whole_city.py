"""`jiuye law diff` and `simulate` over the registers, and between archived versions of the law."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jiuye import cities
from jiuye.cities import city as one_city
from jiuye.cli.main import app
from jiuye.desk import replay
from jiuye.desk.models import LawVersion
from jiuye.foundation import scope
from jiuye.registry import actions as registry
from tests.desk import world
from tests.desk.test_replay import change_the_law
from tests.support import make

pytestmark = pytest.mark.django_db
MORE_MONTHS = ("--set", "ui_months_per_contribution_year=3@2026-12-01")
HIGHER_RATE = ("--set", "ui_rate_m01_12=2600@2027-01-01")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())
    replay.archived.cache_clear()
    yield
    replay.archived.cache_clear()
    cities.law.cache_clear()


def run(*arguments: str, wanted: int = 0) -> str:
    result = CliRunner().invoke(app, ["law", *arguments], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == wanted, result.output
    return result.stdout


def said(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def of_rule(out: Any, rule: str) -> Any:
    (found,) = [one for one in out["effects"] if one["rule"] == rule]
    return found


def test_everybody_on_file_by_district() -> None:
    """28 months of contributions: four months of benefit become six."""
    here, there = world.resident(), world.resident(unit="310104003")
    out = said("diff", *MORE_MONTHS, "--rule", "ui_months", "--list")
    assert (out["people"], out["on"]) == (2, "2026-12-01")
    effect = of_rule(out, "ui_months")
    assert (effect["counts"]["more"], effect["sum_before"], effect["sum_after"]) == (2, "8", "12")
    assert effect["groups"]["district"] == {"310101": {"more": 1}, "310104": {"more": 1}}
    keys = {row["key"] for row in out["listed"]}
    assert keys == {f"…{str(one.id)[-6:]}" for one in (here, there)}
    text = run("diff", *MORE_MONTHS, "--rule", "ui_months")
    assert "黄浦区: more 1  (2)" in text
    assert str(here.id) not in text


def test_a_schedule_of_those_who_are_registered() -> None:
    """What only the person can say, that they want work, is supposed, and said to be."""
    registered = world.resident()
    registry.open_registration(
        scope.SYSTEM,
        person_id=registered.id,
        kind="unemployment",
        opened_on=world.TODAY,
        open_reason="21",
    )
    world.resident()  # never registered: no benefit
    out = said("diff", *HIGHER_RATE, "--on", "2026-11-25")
    effect = of_rule(out, "ui_schedule")
    assert (effect["before"]["met"], effect["counts"]["more"]) == (1, 1)
    months = {row["month"]: row["amount"] for row in effect["months"]}
    assert months["2026-12"] == ["2340", "2340"]
    assert months["2027-01"] == ["2340", "2600"]
    assert "wants_work" in out["supposed"]
    rows = said("simulate", *HIGHER_RATE, "--months", "3", "--rule", "ui_schedule")["months"]
    assert [(row["month"], row["people"], row["amount"]) for row in rows] == [
        ("2026-11", [0, 0], ["0", "0"]),
        ("2026-12", [1, 1], ["2340", "2340"]),
        ("2027-01", [1, 1], ["2340", "2600"]),
    ]


def test_employers_on_file() -> None:
    make.employer(world.STREET, "一家单位")
    out = said("diff", "--set", "talent_base_projects_a_year=0@2026-12-01", "--on", "2026-12-01")
    assert out["employers"] == 1
    assert all(effect["for"] == "employer" for effect in out["effects"])
    assert "talent_base_project" in out["asked"]


def test_an_archived_version_is_found_by_the_beginning_of_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.submit(world.resident())
    with scope.acting(scope.SYSTEM):
        old = LawVersion.objects.get().hash
    change_the_law(
        tmp_path,
        monkeypatch,
        "rules/unemployment_benefit.yaml",
        "ui_months_unused >=",
        "100 + ui_months_unused <=",
    )
    world.submit(world.resident())  # decided, and so archived, under the other text
    with scope.acting(scope.SYSTEM):
        new = LawVersion.objects.exclude(pk=old).get().hash
    out = said("diff", old[:8], new[:8], "--text")
    assert (out["a"], out["b"]) == (old, new)
    assert [change["name"] for change in out["changes"]] == ["ui_eligible"]
    same = said("diff", old[:8], str(one_city.HERE / "shanghai"), "--text")
    assert same["changes"] == []
    assert "no archived version" in CliRunner().invoke(app, ["law", "diff", "ffff0000ff"]).output
