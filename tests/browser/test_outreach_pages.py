"""Policy finds people, on the pages of employers, streets, districts and the lead: axe, nothing is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from jiuye.desk import actions
from jiuye.desk.models import Outreach, OutreachRun
from jiuye.desk.outreach import nightly
from jiuye.foundation import clock, scope
from jiuye.foundation.roles import Role
from jiuye.registry.models import Employer, Person
from tests.browser import staff_pages
from tests.browser.test_axe_staff import DESK, look
from tests.browser.test_pages import walk
from tests.desk import test_outreach_employers as employers
from tests.desk import world
from tests.support.browser import DESKTOP, PHONE, Visitor
from tests.support.database import as_owner
from tests.support.users import granted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


def filled() -> tuple[Person, Employer]:
    """Two nights: one with somebody who couldn't be read and some who applied, one that did not finish."""
    employers.deliver()
    applicant, other = world.resident(), world.resident(name="欧阳·买买提江")
    actions.choose_push(world.resident(name="李国强").actor, wanted=False)
    employer = employers.start_up()
    nightly.run(clock.today())
    world.submit(applicant)
    with as_owner():
        OutreachRun.objects.update(
            failures=[{"fact": "separation_reason", "id": str(other.id), "error": "unknown code"}]
        )
        OutreachRun.objects.create(on=world.ENDED, law_version="x", started_at=clock.now())
    with scope.acting(scope.SYSTEM):
        return Person.objects.get(pk=other.id), employer


def nights(room: str) -> list[str]:
    days = [reverse(f"{room}:outreach_night", args=[day]) for day in (world.TODAY, world.ENDED)]
    return [reverse(f"{room}:outreach"), reverse(f"{room}:outreach_nights"), *days]


def test_staff_with_nothing_and_with_everything(visit: Callable[..., Visitor]) -> None:
    visitor = visit(DESKTOP)
    rooms = {
        Role.STREET_CLERK: "workbench",
        Role.DISTRICT_CASEWORKER: "workbench",
        Role.CITY_LEAD: "lead",
    }
    bare = {role: nights(room)[:2] for role, room in rooms.items()}
    look(visitor, bare, axe_at=DESK)
    person, employer = filled()
    pages: staff_pages.Pages = {role: nights(room) for role, room in rooms.items()}
    pages[Role.STREET_CLERK].append(reverse("workbench:person", args=[person.pk]))
    with scope.acting(scope.SYSTEM):
        for row in Outreach.objects.filter(employer=employer):
            pages[Role.DISTRICT_CASEWORKER].append(reverse("workbench:outreach_one", args=[row.pk]))
    look(visitor, pages, axe_at=DESK)
    look(visitor, pages, axe_at=DESK, language="en")


def test_an_employer_with_offers_and_after_its_no(visit: Callable[..., Visitor]) -> None:
    _person, employer = filled()
    page = visit(PHONE).sign_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk, name="张敏"))
    with scope.acting(scope.SYSTEM):
        rows = list(Outreach.objects.filter(employer=employer))
    assert rows
    walk(page, [reverse("employer:offers"), *(reverse("employer:offer", args=[row.pk]) for row in rows)])
    page.goto(reverse("employer:offers"))
    page.get_by_role("button", name="不要再主动提醒").click()
    assert page.get_by_role("button", name="要主动提醒", exact=True).is_visible()
    walk(page, [reverse("employer:offers"), reverse("employer:offer", args=[rows[0].pk])])
