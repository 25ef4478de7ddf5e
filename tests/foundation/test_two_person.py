"""Two persons: by the code, and by PostgreSQL where somebody goes round the code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from jiuye.foundation import scope, two_person
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, SelfApproval
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.foundation.two_person import approve, prepare
from tests.factories import HUANGPU, actor
from tests.foundation.probe import Probe, add, doing
from tests.support.database import as_owner

SMALL = 100_00
LARGE = 200_000_00


@pytest.fixture
def row(probes: None) -> Probe:
    return add("310101002001")


def caseworker() -> Actor:
    return actor(Role.DISTRICT_CASEWORKER, HUANGPU)


def approver(**kwargs: Any) -> Actor:
    return actor(Role.DISTRICT_APPROVER, HUANGPU, **kwargs)


def sign(row: Probe, who: Actor, amount: int = SMALL) -> bool:
    with doing(who):
        return approve(row, who, amount, "award_decision")


def prepared(row: Probe, who: Actor) -> None:
    with doing(who):
        prepare(row, who, "award_decision")


def test_two_sign_a_small_amount(row: Probe) -> None:
    first, second = caseworker(), approver()
    prepared(row, first)
    assert sign(row, second) is True
    with scope.acting(scope.SYSTEM):
        kept = Probe.objects.get(pk=row.pk)
    assert (kept.prepared_by_id, kept.approved_by_id) == (first.user_id, second.user_id)
    assert kept.prepared_at is not None
    assert kept.approved_at is not None
    with pytest.raises(Conflict):
        sign(row, approver())


def test_a_large_amount_takes_a_second_approval(row: Probe) -> None:
    prepared(row, caseworker())
    first = approver()
    assert sign(row, first, LARGE) is False
    with pytest.raises(SelfApproval):
        sign(row, first, LARGE)
    with pytest.raises(Forbidden):  # not the role of the second approval
        sign(row, approver(), LARGE)
    with doing(scope.SYSTEM):  # the lead's scope doesn't hold single cases: the action elevates
        lead = actor(Role.CITY_LEAD)
        assert approve(row, lead, LARGE, "award_decision") is True
    assert row.second_approved_by_id == lead.user_id


def test_bands_by_amount() -> None:
    duties = two_person.duties()
    limit = duties.bands["award_decision"][0].up_to
    assert limit is not None
    assert len(duties.band("award_decision", limit).approvals) == 1
    assert len(duties.band("award_decision", limit + 1).approvals) == 2


def test_nobody_approves_their_own_work(row: Probe) -> None:
    both = approver()
    prepared(row, both)
    with pytest.raises(SelfApproval):
        sign(row, both)


def test_nobody_acts_on_their_own_file(probes: None) -> None:
    person = new_id()
    row = add("310101002001", person=person)
    prepared(row, caseworker())
    with pytest.raises(SelfApproval):
        sign(row, approver(person=person))
    with pytest.raises(SelfApproval):
        prepared(row, actor(Role.DISTRICT_CASEWORKER, HUANGPU, person=person))


def test_roles_are_checked(row: Probe) -> None:
    with pytest.raises(Forbidden):
        prepared(row, actor(Role.AUDITOR))
    prepared(row, caseworker())
    with pytest.raises(Forbidden):
        sign(row, caseworker())
    with doing(scope.SYSTEM), pytest.raises(Forbidden):
        approve(row, scope.SYSTEM, SMALL, "award_decision")


def test_incompatible_duties(row: Probe) -> None:
    """Who approved a claim neither prepares nor approves the run that pays it."""
    who = approver()
    prepared(row, caseworker())
    sign(row, who)
    officer = Actor(who.user_id, Role.PAYMENT_OFFICER, "31", name=who.name)
    with scope.acting(officer):
        with pytest.raises(IncompatibleDuty):
            two_person.take_duty(officer, "payment_run", "prepare", new_id(), about=[new_id(), row.pk])
        two_person.take_duty(officer, "payment_run", "prepare", new_id(), about=[new_id()])


def test_the_system_may_prepare(row: Probe) -> None:
    assert sign(row, approver()) is True
    assert row.prepared_by_id is None


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("prepared_by_id = {a}, approved_by_id = {a}, approved_at = now()", "two_persons"),
        ("approved_by_id = {a}, approved_at = now(), second_approved_by_id = {a}", "three_persons"),
        (
            "prepared_by_id = {a}, approved_by_id = {b}, approved_at = now(), second_approved_by_id = {a}",
            "three_persons",
        ),
        ("second_approved_by_id = {a}", "three_persons"),
        ("approved_by_id = {a}", "signed_when"),
        ("approved_at = now()", "signed_when"),
    ],
)
def test_checks_hold_in_plain_sql(row: Probe, change: str, constraint: str) -> None:
    a, b = caseworker().user_id, approver().user_id
    statement = f"UPDATE foundation_probe SET {change.format(a=a, b=b)}"
    for somebody in (doing(scope.SYSTEM), as_owner()):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), somebody:
            connection.cursor().execute(statement)


def test_a_model_without_the_checks_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert two_person._has_checks(None) == []
    monkeypatch.setattr("jiuye.foundation.two_person.apps.get_models", lambda: [Probe])
    assert two_person._has_checks(None) == []
    monkeypatch.setattr(Probe._meta, "constraints", Probe._meta.constraints[1:])
    (error,) = two_person._has_checks(None)
    assert "Probe" in error.msg


@pytest.mark.usefixtures("lasting_probes")
def test_two_approvers_at_once() -> None:
    """Real transactions: one signs, the other is told."""
    row = add("310101002001")
    who = [approver(), approver()]
    barrier = threading.Barrier(2)
    found: list[object] = []

    def work(mine: Actor) -> None:
        try:
            barrier.wait(10)
            with doing(mine):
                found.append(approve(Probe.objects.get(pk=row.pk), mine, SMALL, "award_decision"))
        except Conflict:
            found.append("conflict")
        finally:
            connections.close_all()

    run_all([lambda m=m: work(m) for m in who])
    assert sorted(map(str, found)) == ["True", "conflict"]


def run_all(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
