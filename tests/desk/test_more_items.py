"""Items that are data only: flexible work registered at once, recognition as hard to place by people."""

from __future__ import annotations

from typing import Any

import pytest

from jiuye.desk import actions, catalogue
from jiuye.desk.models import Case, Decision
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Registration
from tests.desk import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


def apply(who: world.Resident, bundle: str, **answers: Any) -> Case:
    (case,) = actions.submit_bundle(
        who.actor, bundle=bundle, answers=answers, request_key=new_id(), channel="web", person_id=who.id
    )
    outbox.drain()
    return world.fresh(case)


def registrations(who: world.Resident) -> list[tuple[str, Any]]:
    with scope.acting(scope.SYSTEM):
        return list(Registration.objects.filter(person_id=who.id).values_list("kind", "expires_on"))


def test_flexible_work_is_registered_at_once_and_has_no_end_of_its_own() -> None:
    who = world.resident(months=84)
    case = apply(who, "flexible_work", flexible_start_on="2026-11-23", retirement_category="F50")
    assert case.state == "granted"
    assert registrations(who) == [("flexible", None)]


def test_recognition_as_hard_to_place_waits_for_a_person_and_for_a_second() -> None:
    who = world.resident(months=84)
    case = apply(
        who, "hard_to_place", able_to_work="yes", wants_work="yes", retirement_category="F50",
        unemployed_months="8", company_roles=["none"],
    )  # fmt: skip
    assert case.ended_at is None
    assert case.handled_by is not None
    assert registrations(who) == []
    with scope.acting(scope.SYSTEM):
        assert not Decision.objects.filter(case=case).exists()


def test_each_is_applied_for_with_a_form_of_its_own() -> None:
    for item, bundle in (
        ("flexible_registration", "flexible_work"),
        ("hardship_recognition", "hard_to_place"),
    ):
        found = catalogue.bundle_of(item)
        assert found is not None
        assert found.code == bundle
