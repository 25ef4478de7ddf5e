"""Pages of residents and employers in every state, as pictures. Run by `make screens`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from jiuye.foundation.roles import Role
from jiuye.web import demo
from tests.desk import world as desk
from tests.support import make
from tests.support.browser import Visitor
from tests.support.camera import Camera, named, opened
from tests.support.database import as_owner
from tests.support.users import granted
from tests.web.world import TODAY, World

pytestmark = pytest.mark.django_db(transaction=True)

RESIDENT = (
    "home", "file", "entitlements", "household", "what_if", "cases", "payments", "messages", "reads",
    "settings", "account",
)  # fmt: skip
EMPLOYER = ("home", "entitlements", "what_if", "claims", "staff", "hire", "upload", "messages")
FORM = {"bundle": "unemployed"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def test_login(visit: Callable[..., Visitor]) -> None:
    with as_owner():
        demo.load_users()
    Camera(visit, None).shoot([("login", reverse("login"))], "public", "typical")


def test_guides(visit: Callable[..., Visitor]) -> None:
    """Public: the list, one life event, one item in plain words and in full, one that is gone."""
    guide = reverse("guides:guide", args=["unemployment_benefit"])
    pages = [
        ("guides", reverse("guides:index")),
        ("guides_event", reverse("guides:index") + "?event=lost_job"),
        ("guide", guide),
        ("guide_full", guide + "?full=1"),
    ]
    camera = Camera(visit, None)
    camera.shoot(pages, "public", "typical")
    camera.shoot([("guides", reverse("guides:index") + "?q=没有这种事")], "public", "empty")
    camera.shoot([("guide", reverse("guides:guide", args=["nothing"]))], "public", "error")


def test_rule_book(visit: Callable[..., Visitor]) -> None:
    """Public: what can be found, one rule with everything, one that has ended, a number with its history."""
    pages = [
        ("rules", reverse("rules:index")),
        ("rules_found", reverse("rules:index") + "?q=失业金"),
        ("rule", reverse("rules:rule", args=["ui_eligible"])),
        ("number", reverse("rules:parameter", args=["ui_rate_m01_12"])),
        ("sources", reverse("rules:sources")),
    ]
    camera = Camera(visit, None)
    camera.shoot(pages, "public", "typical")
    camera.shoot([pages[2]], "public", "full", before=opened)
    ended = [
        ("rules", reverse("rules:index") + "?on=2027-01-01&only=ended"),
        ("rule", reverse("rules:rule", args=["flexible_subsidy"]) + "?on=2027-01-01"),
    ]
    camera.shoot(ended, "public", "ended")
    camera.shoot([("rule", reverse("rules:rule", args=["nothing"]))], "public", "error")


def test_resident_empty(visit: Callable[..., Visitor]) -> None:
    person = make.person(name="买买提·艾力")
    camera = Camera(visit, granted(Role.RESIDENT, person=person.pk, name="买买提·艾力"))
    camera.shoot(named("resident", RESIDENT), "resident", "empty")


def test_resident_before(visit: Callable[..., Visitor]) -> None:
    """She could claim and has not begun: menu, form, errors, large text."""
    who = desk.resident(months=84)
    camera = Camera(visit, granted(Role.RESIDENT, person=who.id, name="王秀英"))
    camera.shoot(named("resident", RESIDENT), "resident", "typical")
    menu = [("entitlements", reverse("resident:entitlements"))]
    camera.shoot(menu, "resident", "full", before=opened)
    form = [("form", reverse("resident:form", kwargs=FORM))]
    camera.shoot(form, "resident", "typical")
    camera.shoot(form, "resident", "full", before=opened)
    camera.shoot(form, "resident", "error", before=lambda page: page.locator("form .button-main").click())
    camera.shoot([*named("resident", RESIDENT), *form], "resident", "elder", elder=True)


def test_resident_offline(visit: Callable[..., Visitor]) -> None:
    who = desk.resident(months=84)
    camera = Camera(visit, granted(Role.RESIDENT, person=who.id, name="王秀英"))
    form = [("form", reverse("resident:form", kwargs=FORM))]
    shown = "document.querySelector('[data-offline]').hidden = false"
    camera.shoot(form, "resident", "offline", before=lambda page: page.evaluate(shown))


def test_resident_after(visit: Callable[..., Visitor]) -> None:
    """Sent: one granted at once, one with a doubt; then rated."""
    world = World()
    camera = Camera(visit, granted(Role.RESIDENT, person=world.resident.id, name="王秀英"))
    world.make_draft()
    camera.shoot([("check", reverse("resident:check", kwargs=FORM))], "resident", "typical")
    made = [
        ("submitted", reverse("resident:submitted", kwargs=FORM | world.make_submission())),
        ("case", reverse("resident:case", kwargs=world.make_case())),
        ("rate", reverse("resident:rate", kwargs=world.make_ended_case())),
        ("decision", reverse("resident:decision", kwargs=world.make_decision())),
    ]
    camera.shoot([*made, *named("resident", RESIDENT)], "resident", "full")


def test_resident_asked(visit: Callable[..., Visitor]) -> None:
    from jiuye.desk import actions

    who, case = desk.doubtful()
    actions.ask_person(desk.clerk(), case_id=case.pk, text="您最后一天上班是哪天？离开时签了什么？")
    camera = Camera(visit, granted(Role.RESIDENT, person=who.id, name="李国强"))
    pages = [("home", reverse("resident:home")), ("case", reverse("resident:case", args=[case.pk]))]
    camera.shoot(pages, "resident", "asked")


def test_resident_refused(visit: Callable[..., Visitor]) -> None:
    world = World()
    decision = world.make_refusal()
    camera = Camera(visit, granted(Role.RESIDENT, person=world.resident.id, name="陈晓东"))
    pages = [(name, reverse(f"resident:{name}", kwargs=decision)) for name in ("decision", "appeal")]
    camera.shoot([*pages, *named("resident", ("entitlements",))], "resident", "refused")


def test_resident_paid(visit: Callable[..., Visitor]) -> None:
    """Paid, and then paid too much."""
    world = World()
    person = world.beneficiary[0]
    camera = Camera(visit, granted(Role.RESIDENT, person=person.pk, name=person.name))
    camera.shoot(named("resident", ("payments", "file")), "resident", "paid")
    claim = world.make_overpayment()
    repay = [("repayment", reverse("resident:repayment", kwargs=claim))]
    camera.shoot([*repay, *named("resident", ("home", "payments", "messages"))], "resident", "overpaid")


def test_employer(visit: Callable[..., Visitor]) -> None:
    world = World()
    camera = Camera(visit, granted(Role.EMPLOYER_AGENT, employer=world.employer.pk, name="张敏"))
    camera.shoot(named("employer", EMPLOYER), "employer", "empty")
    things = [
        ("result", reverse("employer:upload_result", kwargs=world.make_upload())),
        ("end", reverse("employer:end", kwargs=world.make_spell())),
        ("claim_new", reverse("employer:claim_new", args=["employer_hiring_subsidy"])),
        ("claim", reverse("employer:claim", kwargs=world.make_employer_case())),
    ]
    camera.shoot([*things, *named("employer", EMPLOYER)], "employer", "typical")
    hire = [("hire", reverse("employer:hire"))]
    camera.shoot(hire, "employer", "error", before=lambda page: page.locator("form .button-main").click())


def test_errors(visit: Callable[..., Visitor]) -> None:
    camera = Camera(visit, granted(Role.STREET_CLERK))
    camera.shoot([("403", reverse("resident:home")), ("404", "/nothing/")], "public", "error")
