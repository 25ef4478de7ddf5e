"""Pages of residents and employers for everybody: axe, narrow screens, large text, keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from tests.desk import world as desk
from tests.support import make
from tests.support.browser import (
    DESKTOP,
    PHONE,
    Visitor,
    assert_accessible,
    assert_no_sideways_scroll,
)
from tests.support.database import as_owner
from tests.support.users import granted
from tests.web.world import TODAY, World

pytestmark = pytest.mark.django_db(transaction=True)

NARROW = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10: 320 CSS pixels
RESIDENT = (
    "home", "file", "entitlements", "household", "what_if", "cases", "payments", "messages", "reads",
    "settings", "account",
)  # fmt: skip
RULES = (  # the rule book: index, found, as of a day; a rule with everything, one that has ended
    "/rules/",
    "/rules/?q=失业金",
    "/rules/?on=2027-01-01&only=ended",
    "/rules/ui_eligible/",
    "/rules/flexible_subsidy/?on=2027-01-01",
    "/rules/stable_job_refund_ratio/",
    "/rules/parameters/ui_rate_m01_12/",
    "/rules/sources/",
)
EMPLOYER = ("home", "messages", "entitlements", "what_if", "claims", "staff", "hire", "upload")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def elder(grant: Grant, language: str = "zh-hans") -> Grant:
    with as_owner():
        grant.user.elder_mode, grant.user.language = True, language
        grant.user.save()
    return grant


def walk(page: Page, addresses: Iterable[str]) -> None:
    """Open each; axe and the width of a phone, of the narrowest screen, and with letters of double size."""
    for address in addresses:
        answer = page.goto(address)
        assert answer, address
        assert answer.status < 400, f"{address} {answer.status}"
        assert_accessible(page)
        size = page.viewport_size
        assert size
        page.set_viewport_size(NARROW)
        assert_no_sideways_scroll(page)
        page.set_viewport_size(size)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert_no_sideways_scroll(page)


def resident_pages() -> list[str]:
    return [reverse(f"resident:{name}") for name in RESIDENT]


def resident_things(world: World) -> list[str]:
    """Pages about one thing each, with something in them."""
    bundle = {"bundle": "unemployed"}
    made = [
        ("submitted", bundle | world.make_submission()),
        ("case", world.make_case()),
        ("case", world.make_ended_case()),
        ("rate", world.make_ended_case()),
        ("decision", world.make_decision()),
    ]
    return [reverse(f"resident:{name}", kwargs=arguments) for name, arguments in made]


def test_a_resident_about_whom_nothing_is_known(visit: Callable[..., Visitor]) -> None:
    person = make.person(name="买买提·艾力")
    page = visit(PHONE).sign_in(granted(Role.RESIDENT, person=person.pk, name="买买提·艾力"))
    walk(page, [*resident_pages(), reverse("resident:form", args=["unemployed"])])


def test_a_resident_with_cases(visit: Callable[..., Visitor]) -> None:
    world = World()
    page = visit(PHONE).sign_in(granted(Role.RESIDENT, person=world.resident.id, name="王秀英"))
    walk(page, [*resident_things(world), *resident_pages()])


def test_a_refused_resident_who_appeals(visit: Callable[..., Visitor]) -> None:
    world = World()
    decision = world.make_refusal()
    page = visit(DESKTOP).sign_in(granted(Role.RESIDENT, person=world.resident.id))
    walk(page, [reverse(f"resident:{name}", kwargs=decision) for name in ("decision", "appeal")])


def test_a_resident_who_was_paid_too_much(visit: Callable[..., Visitor]) -> None:
    world = World()
    claim = world.make_overpayment()
    page = visit(PHONE).sign_in(granted(Role.RESIDENT, person=world.beneficiary[0].pk))
    walk(page, [reverse("resident:repayment", kwargs=claim), reverse("resident:payments")])


def test_large_text_is_for_every_page(visit: Callable[..., Visitor]) -> None:
    world = World()
    grant = elder(granted(Role.RESIDENT, person=world.resident.id, name="王秀英"))
    page = visit(PHONE).sign_in(grant)
    walk(page, [*resident_things(world), *resident_pages()])
    help_bar = page.get_by_role("region", name="帮助")
    expect(help_bar.get_by_role("link", name="打电话 12333")).to_be_in_viewport()
    assert page.evaluate("getComputedStyle(document.body).fontSize") >= "22px"


def test_english_is_for_every_page(visit: Callable[..., Visitor]) -> None:
    world = World()
    grant = granted(Role.RESIDENT, person=world.resident.id, name="王秀英")
    with as_owner():
        grant.user.language = "en"
        grant.user.save()
    page = visit(PHONE).sign_in(grant)
    walk(page, [*resident_things(world), *resident_pages()])


def test_an_employer_without_and_with_staff(visit: Callable[..., Visitor]) -> None:
    world = World()
    page = visit(PHONE).sign_in(granted(Role.EMPLOYER_AGENT, employer=world.employer.pk))
    walk(page, [reverse(f"employer:{name}") for name in EMPLOYER])
    things = [
        ("upload_result", world.make_upload()),
        ("end", world.make_spell()),
        ("claim", world.make_employer_case()),
    ]
    walk(page, [reverse(f"employer:{name}", kwargs=arguments) for name, arguments in things])
    walk(page, [reverse(f"employer:{name}") for name in EMPLOYER])


def test_login_and_errors(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    walk(visitor.page, [reverse("login")])
    page = visitor.sign_in(granted(Role.STREET_CLERK))
    for address, status in ((f"/resident/cases/{uuid4()}/", 403), ("/nothing/", 404)):
        answer = page.goto(address)
        assert answer
        assert answer.status == status
        assert_accessible(page)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_rule_book_is_for_everybody(visit: Callable[..., Visitor], language: str) -> None:
    visitor = visit(PHONE)
    visitor.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": visitor.address}]
    )
    walk(visitor.page, RULES)
    visitor.page.goto("/rules/ui_eligible/")
    visitor.page.evaluate("document.querySelectorAll('main details').forEach(fold => fold.open = true)")
    assert_accessible(visitor.page)
    visitor.page.set_viewport_size(NARROW)
    assert_no_sideways_scroll(visitor.page)
    answer = visitor.page.goto("/rules/nothing/")
    assert answer
    assert answer.status == 404
    assert_accessible(visitor.page)


def test_a_rule_is_found_by_keyboard(visit: Callable[..., Visitor]) -> None:
    page = visit(DESKTOP).page
    page.goto("/rules/")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("失业保险金领取资格")
    page.keyboard.press("Enter")
    found = page.get_by_role("link", name="失业保险金领取资格", exact=True)
    expect(found).to_be_visible()
    found.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("失业保险金领取资格")
    fold = page.locator(".rules-example > summary").nth(1)
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rules-example").nth(1).get_by_role("table")).to_be_visible()


def test_by_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    """The skip link is first; a form is filled, sent and corrected without a mouse."""
    who = desk.resident(months=84)
    page = visit(DESKTOP).sign_in(granted(Role.RESIDENT, person=who.id))
    page.goto(reverse("resident:form", args=["unemployed"]))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "able_to_work":
            break
    page.keyboard.press("Space")
    expect(page.get_by_role("group", name="身体状况").get_by_label("是", exact=True)).to_be_checked()
    page.keyboard.press("Enter")  # sends the form
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the first field that is wrong
    expect(page.locator("#f-wants_work")).to_be_focused()
