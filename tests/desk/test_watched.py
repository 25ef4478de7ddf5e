"""Rules that decide nothing but send a case to staff once they are met: groups with a method of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jiuye.desk import actions, watched
from jiuye.desk.models import Doubt, Outreach
from jiuye.desk.outreach import nightly
from jiuye.foundation import outbox, scope
from jiuye.registry.models import StatedFact
from tests.desk import world
from tests.desk.world import BENEFIT, TODAY
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db
SPECIAL = "ui_special_assessment"


def recorded(who: world.Resident, **facts: Any) -> None:
    with as_owner():
        for name, value in facts.items():
            StatedFact.objects.create(
                person_id=who.id, unit_code="31", fact=name, value=value, source="staff", as_of=TODAY
            )


def doubts(case_id: Any) -> list[tuple[str, str]]:
    with scope.acting(scope.SYSTEM):
        rows = Doubt.objects.filter(case_id=case_id, closed_at__isnull=True)
        return sorted(rows.values_list("kind", "about"))


@pytest.mark.parametrize("fact", ["worked_before_insurance", "town_insurance", "land_requisitioned"])
def test_who_has_a_method_of_their_own_is_not_decided_by_itself(fact: str) -> None:
    who = world.resident()
    recorded(who, **{fact: True})
    case = world.submit(who)[BENEFIT]
    assert case.ended_at is None
    assert ("law_gap", SPECIAL) in doubts(case.pk)


@pytest.mark.parametrize("facts", [{}, {"worked_before_insurance": False, "town_insurance": False}])
def test_what_nobody_stated_holds_nothing_up(facts: dict[str, Any]) -> None:
    who = world.resident()
    recorded(who, **facts)
    assert world.submit(who)[BENEFIT].state == "granted"


def test_once_it_is_taken_back_the_doubt_is_gone() -> None:
    who = world.resident()
    recorded(who, town_insurance=True)
    case = world.submit(who)[BENEFIT]
    recorded(who, town_insurance=None)
    actions.decide_case(scope.SYSTEM, case_id=case.pk)
    outbox.drain()
    assert doubts(case.pk) == []


def test_the_night_sends_it_to_the_street() -> None:
    who = world.resident()
    recorded(who, town_insurance=True, able_to_work=True, wants_work=True)
    nightly.run(TODAY)
    with scope.acting(scope.SYSTEM):
        assert Outreach.objects.get(person_id=who.id, benefit=BENEFIT, kind="new").way == "task"


def test_names_are_checked_against_the_law(tmp_path: Path) -> None:
    (tmp_path / "watched.yaml").write_text(
        "unemployment_benefit: [no_such_rule, ui_months]\n", encoding="utf-8"
    )
    with pytest.raises(watched.WatchedError, match="no_such_rule, ui_months"):
        watched._read(tmp_path)
    assert watched.rules("nothing") == ()
