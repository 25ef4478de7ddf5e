"""The permission matrix: every item × role × what is done: the catalogue against what the actions allow.

What may be done is read here from the entries themselves; what is allowed is found by doing it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest
from django.db import transaction

from jiuye.desk import actions, catalogue
from jiuye.desk.catalogue import Item
from jiuye.desk.models import Case
from jiuye.desk.models.case import CaseState
from jiuye.foundation import clock, history, scope
from jiuye.foundation.errors import Conflict, Forbidden, UserError, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.desk import world
from tests.factories import actor
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

# A level without staff of its own is served by the nearest one that has some.
SERVES: Final = {"community": "street", "street": "street", "district": "district", "city": "district"}
CHECKS: Final = {"street": {Role.STREET_CLERK}, "district": {Role.DISTRICT_CASEWORKER}}
DECIDES: Final = {
    "street": {Role.STREET_CLERK},
    "district": {Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER},
}
ROLES: Final = (Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)


def items() -> list[Item]:
    """What people apply for, by themselves or at a counter."""
    return [item for item in catalogue.current().items.values() if item.applied_for]


def wanted(item: Item) -> dict[str, set[Role]]:
    """Who may do what, from levels and flow of the entry."""
    at = {act: {SERVES[one.level] for one in item.flow if one.step == act} for act in ("accept", "check")}
    accept = {SERVES[item.accepts]} | at["accept"]
    check = {SERVES[item.accepts], SERVES[item.decides]} | at["check"]
    decide = SERVES[item.decides]
    if item.rule is not None:  # two signatures, which a street's counter doesn't have
        decide = "district"
        check.add("district")
    return {
        "accept": {role for level in accept for role in CHECKS[level]},
        "check": {role for level in check for role in CHECKS[level]},
        "decide": DECIDES[decide],
    }


def allowed(act: Callable[[], Any]) -> bool:
    """Whether the action lets one do it; what it says about the contents doesn't matter. Nothing stays."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except Forbidden:
        return False
    except (UserError, UserErrors, Conflict):
        return True
    return True


@pytest.fixture
def staff() -> dict[Role, Actor]:
    return {
        Role.STREET_CLERK: world.clerk(),
        Role.DISTRICT_CASEWORKER: world.caseworker(),
        Role.DISTRICT_APPROVER: world.approver(),
    }


def waiting(item: Item, at: str) -> Case:
    """A case of this item in the queue of the street or the district."""
    who = PEOPLE[at]
    state, unit = {
        "street": (CaseState.STREET, world.STREET), "district": (CaseState.DISTRICT, world.DISTRICT),
    }[at]  # fmt: skip
    with as_owner(), scope.acting(scope.SYSTEM), history.context("test"):
        return Case.objects.create(
            number=f"T{new_id().hex[-20:]}", person_id=who.id, unit_code=world.STREET, item=item.code,
            item_version=item.version, request_key=new_id(), channel="counter", state=state, handled_by=unit,
            submitted_at=clock.now(), started_on=world.TODAY, promised_due=world.TODAY,
        )  # fmt: skip


PEOPLE: dict[str, world.Resident] = {}


@pytest.fixture(autouse=True)
def people() -> None:
    PEOPLE.update(street=world.resident(), district=world.resident(name="李国强"))


def place(role: Role) -> str:
    return "street" if role is Role.STREET_CLERK else "district"


def accept(who: Actor, bundle: str) -> None:
    actions.submit_bundle(
        who, bundle=bundle, answers={}, request_key=new_id(), channel="counter",
        person_id=PEOPLE["street"].id,
    )  # fmt: skip


def check(who: Actor, case: Case) -> None:
    actions.ask_person(who, case_id=case.pk, text="请补充")


def decide(who: Actor, case: Case, ruled: bool) -> None:
    if ruled:
        actions.prepare_decision(who, case_id=case.pk, kind="refusal", reason="核实过")
    else:
        actions.close_case(who, case_id=case.pk, words="办好了")


def test_who_accepts_an_item(staff: dict[Role, Actor]) -> None:
    wrong = {}
    for item in items():
        bundle = catalogue.bundle_of(item.code)
        if bundle is None or len(bundle.items) > 1:
            continue  # of several items the counter takes what it may take
        found = {role for role, who in staff.items() if allowed(partial(accept, who, bundle.code))}
        if found != wanted(item)["accept"]:
            wrong[item.code] = (found, wanted(item)["accept"])
    assert wrong == {}


def test_who_checks_an_item(staff: dict[Role, Actor]) -> None:
    wrong = {}
    for item in items():
        cases = {at: waiting(item, at) for at in ("street", "district")}
        found = {role for role, who in staff.items() if allowed(partial(check, who, cases[place(role)]))}
        if found != wanted(item)["check"]:
            wrong[item.code] = (found, wanted(item)["check"])
    assert wrong == {}


def test_who_decides_an_item(staff: dict[Role, Actor]) -> None:
    wrong = {}
    for item in items():
        cases = {at: waiting(item, at) for at in ("street", "district")}
        ruled = item.rule is not None
        found = {
            role for role, who in staff.items() if allowed(partial(decide, who, cases[place(role)], ruled))
        }
        if found != wanted(item)["decide"]:
            wrong[item.code] = (found, wanted(item)["decide"])
    assert wrong == {}


@pytest.mark.parametrize("role", [Role.PAYMENT_OFFICER, Role.CITY_LEAD, Role.AUDITOR, Role.CATALOGUE_EDITOR])
def test_nobody_else_does_any_of_it(role: Role) -> None:
    other = actor(role, world.CITY)
    item = next(item for item in items() if item.rule is None)
    case = waiting(item, "street")
    bundle = catalogue.bundle_of(item.code)
    assert bundle is not None
    for act in (
        partial(accept, other, bundle.code), partial(check, other, case), partial(decide, other, case, False),
    ):  # fmt: skip
        assert not allowed(act)
