"""Decisions put again to the law that made them, also after the law has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from django.db import Error, transaction
from typer.testing import CliRunner

from jiuye import cities
from jiuye.cities import city as one_city
from jiuye.cli.main import app
from jiuye.desk import replay
from jiuye.desk.models import Decision, LawVersion
from jiuye.foundation import scope
from tests.desk import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())
    replay.archived.cache_clear()
    yield
    replay.archived.cache_clear()
    cities.law.cache_clear()


def granted() -> Decision:
    case = world.submit(world.resident())[world.BENEFIT]
    with scope.acting(scope.SYSTEM):
        return Decision.objects.get(case=case)


def change_the_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str) -> str:
    """The city's law becomes another text; its version."""
    there = tmp_path / "shanghai"
    if not there.exists():
        copytree(one_city.HERE / "shanghai", there)
    path = there / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(cities, "folder", lambda _code: there)
    cities.law.cache_clear()
    return cities.law("shanghai").version


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["law", "replay", *arguments])
    return result.exit_code, result.output


def test_the_text_is_kept_once_when_it_decides() -> None:
    first, _second = granted(), granted()
    with scope.acting(scope.SYSTEM):
        (kept,) = LawVersion.objects.all()
        assert kept.hash == first.law_version == cities.law("shanghai").version
        with pytest.raises(Error), transaction.atomic():
            LawVersion.objects.update(text=b"another")


def test_old_decisions_stand_under_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = granted()
    version = change_the_law(
        tmp_path,
        monkeypatch,
        "rules/unemployment_benefit.yaml",
        "ui_months_unused >=",
        "100 + ui_months_unused <=",
    )
    assert version != old.law_version
    assert run(old.number)[0] == 0
    assert "equal" in run(str(old.pk))[1]
    code, text = run("--all")
    assert code == 0
    assert " 0 differ, 0 can't be replayed" in text


def test_it_says_exactly_what_differs() -> None:
    made = granted()
    line = made.effects["schedule"][0]
    with scope.acting(scope.SYSTEM):
        row = Decision.objects.get(pk=made.pk)
        row.outcome["state"] = "not_met"
        row.effects["schedule"][0]["amount_cents"] += 100
        found = replay.replay(row)
    assert found.verdict == "differs"
    differences = {d.where: (d.before, d.now) for d in found.differences}
    assert differences["state"] == ("not_met", "met")
    month = line["month"]
    before = f"{month} {line['amount_cents'] + 100}"
    assert differences[f"effects.schedule.{month}"] == (before, f"{month} {line['amount_cents']}")


def test_without_the_text_nothing_is_claimed() -> None:
    made = granted()
    with scope.acting(scope.SYSTEM):
        row = Decision.objects.get(pk=made.pk)
        row.law_version = "0" * 64
        found = replay.replay(row)
    assert (found.verdict, found.differences) == ("impossible", ())
    assert "isn't kept" in found.impossible


def test_for_machines() -> None:
    made = granted()
    code, text = run(made.number, "--json")
    assert code == 0
    said = json.loads(text)
    assert (said["verdict"], said["decision"], said["differences"]) == ("equal", made.number, [])


def test_one_or_all() -> None:
    assert run()[0] == 1
    assert run("no-such-number")[0] == 1
