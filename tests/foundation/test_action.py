"""An action: one permission check, one transaction, one context; nothing of a failed one stays."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, OperationalError, transaction

from jiuye.foundation import scope
from jiuye.foundation.action import ACTIONS, action, translated
from jiuye.foundation.errors import Conflict, Forbidden, UserError, UserErrors
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM, Actor
from tests.factories import NANJING_ROAD, actor
from tests.foundation.probe import Probe, add

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probes")]


@action("test.add_probe", roles=[Role.STREET_CLERK])
def add_probe(actor: Actor, *, unit_code: str, fail: bool = False) -> Probe:
    assert scope.current() == actor
    made = Probe.objects.create(unit_code=unit_code)
    if fail:
        raise UserError("不行", field="unit_code")
    return made


def count() -> int:
    with scope.acting(SYSTEM):
        return Probe.objects.count()


def test_the_role_is_checked_first() -> None:
    for role in Role:
        if role is Role.STREET_CLERK:
            continue
        other = SYSTEM if role is Role.SYSTEM else Actor(1, role, "31")
        with pytest.raises(Forbidden):
            add_probe(other, unit_code="310101002001")
    assert count() == 0
    assert ACTIONS["test.add_probe"].roles == {Role.STREET_CLERK}


def test_refusals_of_the_database_are_forbidden() -> None:
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    add_probe(clerk, unit_code="310101002001")
    with pytest.raises(Forbidden):
        add_probe(clerk, unit_code="310104003001")
    assert count() == 1


def test_nothing_of_a_failed_action_stays() -> None:
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    with scope.acting(clerk):  # as in a request, whose view catches the error and shows the form again
        with pytest.raises(UserError) as error:
            add_probe(clerk, unit_code="310101002001", fail=True)
        assert error.value.field == "unit_code"
        add_probe(clerk, unit_code="310101002002")
    assert count() == 1


def test_names_are_unique() -> None:
    with pytest.raises(ValueError, match="already"):
        action("test.add_probe", roles=[])(lambda actor: None)


def test_locks_and_deadlocks_are_conflicts() -> None:
    add()
    for state in ("55P03", "40P01", "40001"):
        cause = Exception()
        cause.sqlstate = state  # type: ignore[attr-defined]
        error = OperationalError()
        error.__cause__ = cause
        assert isinstance(translated(error), Conflict)
    plain = DatabaseError()
    assert translated(plain) is plain


def test_errors_speak() -> None:
    errors = UserErrors([UserError("甲", field="a"), UserError("乙", field="b", code="required")])
    assert str(errors) == "甲\n乙"
    assert errors.field == "a"
    assert [e.code for e in errors.errors] == ["invalid", "required"]
    with pytest.raises(ValueError, match="one error"):
        UserErrors([])
    assert str(Forbidden())
    assert str(Conflict())
    with transaction.atomic():
        pass
