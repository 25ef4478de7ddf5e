"""Stops and extensions that the law makes by itself can be replayed, too."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.desk.models import Decision
from jiuye.desk.replay import Replay, replay
from jiuye.foundation import outbox, scope
from jiuye.insurance.tasks import extend_awards
from jiuye.registry.models import Person
from tests.insurance.test_extension import older
from tests.insurance.test_stop import hire, register
from tests.support import money
from tests.support.money import Payers

pytestmark = pytest.mark.django_db


def replayed(person: Person, **where: str) -> Replay:
    with scope.acting(scope.SYSTEM):
        return replay(Decision.objects.get(person=person, **where))


def test_a_stop_by_a_hire(payers: Payers) -> None:
    person, _award = money.beneficiary(months=4)
    register(person)
    hire(person, date(2026, 12, 8))
    found = replayed(person, kind="stop")
    assert (found.verdict, found.differences) == ("equal", ())


def test_an_extension(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _award = older()
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-02")
    assert extend_awards(date(2026, 11, 2)) == 1
    outbox.drain()
    found = replayed(person, rule="ui_extension")
    assert (found.verdict, found.differences) == ("equal", ())
