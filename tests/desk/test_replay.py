"""Decisions put again to the law that made them, also after the law has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from typer.testing import CliRunner

from jiuye import cities
from jiuye.cities import city as one_city
from jiuye.cli.main import app
from jiuye.desk import replay, replaying
from jiuye.desk.actions.replaying import replay_sample
from jiuye.desk.casefacts import Known
from jiuye.desk.checks import LawNotArchived
from jiuye.desk.models import Decision, EmployerDecision, LawVersion, ReplayRun, Task
from jiuye.foundation import history, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.foundation.roles import Role
from tests import factories
from tests.desk import world
from tests.desk.test_employer_cases import Firm
from tests.desk.test_employer_cases import granted as granted_to
from tests.support.database import as_owner

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


# -- who else was looked at ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "state"),
    [
        (None, "unknown"),  # no household is known
        ([], "not_met"),  # somebody who lives alone
        ([{}], "unknown"),  # somebody of whom nothing is known
        ([{}, {"able_to_work": False}], "unknown"),  # the second of two others: numbers must not shift
    ],
)
def test_the_household_stands_as_it_was_looked_at(others: list[dict[str, bool]] | None, state: str) -> None:
    law, on, own = cities.law("shanghai"), world.TODAY, {"able_to_work": False}
    members = None if others is None else {new_id(): facts for facts in others}
    stored = json.loads(json.dumps(Known(own, members=members).to_json(["able_to_work"], household=True)))
    facts, again, employer = replay.facts_of(law, stored)
    assert again == others
    asked = law.case(facts, again, employer).outcome("household_has_worker", on).to_json()
    assert asked == law.case(own, others).outcome("household_has_worker", on).to_json()
    assert asked["state"] == state


# -- employers' applications ---------------------------------------------------------------------------


def test_a_decision_on_an_employers_application_is_archived_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = granted_to(Firm())
    with scope.acting(scope.SYSTEM):
        made = EmployerDecision.objects.get(case=case)
        assert LawVersion.objects.filter(pk=made.law_version).exists()
    code, text = run(case.number, "--json")
    assert (code, json.loads(text)["differences"]) == (0, [])
    change_the_law(tmp_path, monkeypatch, "rules/unemployment_benefit.yaml", "ui_months_unused >=", "1 <=")
    assert run(case.number)[0] == 0  # under the text that made it
    code, text = run("--all")
    assert "0 differ, 0 can't be replayed" in text
    with (
        as_owner(),
        pytest.raises(IntegrityError, match="not archived"),
        transaction.atomic(),
        history.maintenance(),
    ):
        EmployerDecision.objects.filter(pk=made.pk).update(law_version="0" * 64)


# -- no decision without the text of its law -------------------------------------------------------------


def copied(made: Decision, version: str) -> Decision:
    with scope.acting(scope.SYSTEM):
        row = Decision.objects.get(pk=made.pk)
    row.pk, row.number, row.case, row.letter, row.law_version = (
        new_id(),
        f"{row.number}-2",
        None,
        None,
        version,
    )
    return row


def test_many_at_once_are_archived_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = granted()
    version = change_the_law(
        tmp_path,
        monkeypatch,
        "rules/unemployment_benefit.yaml",
        "ui_months_unused >=",
        "1 + ui_months_unused >=",
    )
    with scope.acting(scope.SYSTEM), history.context("test"):
        Decision.objects.bulk_create([copied(made, version)])
        assert LawVersion.objects.filter(pk=version).exists()


def test_a_decision_whose_law_is_not_archived_is_refused_by_the_database() -> None:
    made = granted()
    with (
        scope.acting(scope.SYSTEM),
        history.context("test"),
        pytest.raises(IntegrityError, match="not archived"),
        transaction.atomic(),
    ):
        Decision.objects.bulk_create([copied(made, "0" * 64)])
    with as_owner(), pytest.raises(IntegrityError, match="not archived"), transaction.atomic():
        copied(made, "0" * 64).save(force_insert=True)


# -- every night, and all of them ------------------------------------------------------------------------


def falsified() -> Decision:
    """A decision whose stored outcome isn't what its law says, as if somebody had been at the table."""
    made = granted()
    with as_owner(), history.maintenance(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE desk_decision SET outcome = jsonb_set(outcome, '{state}', '\"not_met\"') WHERE id = %s",
            [made.pk],
        )
    return made


def test_a_night_that_finds_a_difference_makes_work_and_says_so_once() -> None:
    auditor = factories.actor(Role.AUDITOR, world.CITY)
    granted()
    assert replay_sample(scope.SYSTEM, on=world.TODAY) == 0
    wrong = falsified()
    for _night in range(2):
        assert replay_sample(scope.SYSTEM, on=world.TODAY) == 1
    with scope.acting(scope.SYSTEM):
        (task,) = Task.objects.filter(kind="replay_differs")
        assert (task.owner_role, task.handled_by) == ("district_approver", world.DISTRICT)
        assert task.detail == {"decision": str(wrong.pk), "where": ["state"]}
        told = Message.objects.filter(user_id=auditor.user_id, kind="replay")
        assert wrong.number in told[0].body
        run = ReplayRun.objects.filter(kind="sample").first()
        assert run is not None
        assert run.counts == {"equal": 3, "differs": 1, "impossible": 0}


def test_the_sample_is_as_large_as_the_setting_says(settings: Any) -> None:
    settings.REPLAY_SAMPLE = 1
    granted()
    granted()
    with scope.acting(scope.SYSTEM):
        run, found = replaying.sample(world.TODAY)
    assert (sum(run.counts.values()), found) == (1, [])


def test_decisions_of_before_without_a_text_are_found() -> None:
    made = granted()
    with as_owner(), history.maintenance(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE desk_decision DISABLE TRIGGER law_is_archived")
        cursor.execute("UPDATE desk_decision SET law_version = %s WHERE id = %s", ["0" * 64, made.pk])
        cursor.execute("ALTER TABLE desk_decision ENABLE TRIGGER law_is_archived")
    with scope.acting(scope.SYSTEM):
        (finding,) = LawNotArchived().find()
    assert finding.about == str(made.pk)


def test_all_goes_on_where_it_was_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    granted()
    granted()
    with scope.acting(scope.SYSTEM):
        numbers = [one.number for one in replaying.after(None, 99)]
    assert len(numbers) == 4  # the registration and the benefit of each
    monkeypatch.setattr(replaying, "STEP", 1)
    looked_at: list[str] = []

    def broken(decision: Decision) -> replay.Replay:
        if len(looked_at) == 2:
            raise KeyboardInterrupt
        looked_at.append(decision.number)
        return replay.replay(decision)

    with monkeypatch.context() as patched:
        patched.setattr(replaying, "replay", broken)
        with pytest.raises(KeyboardInterrupt):
            replaying.everything()
    code, text = run("--all", "--json")
    assert code == 0
    rest = [json.loads(line)["decision"] for line in text.splitlines() if line.startswith("{")]
    assert [*looked_at, *rest] == numbers
    assert "4 decisions: 4 equal" in run("--all")[1]  # that one began anew, since the other was finished
    assert "4 decisions: 4 equal" in run("--all", "--restart")[1]
