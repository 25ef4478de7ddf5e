"""Guides and the editors' pages in a real browser: axe finds nothing, nothing is cut; a draft by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from jiuye.desk import actions
from jiuye.desk.actions import cataloguing
from jiuye.foundation.roles import Role
from tests.browser.test_axe_staff import TOO_WIDE
from tests.desk import catalogue_world as made
from tests.desk import world
from tests.support.browser import DESKTOP, PHONE, Visitor, assert_accessible
from tests.support.database import as_owner
from tests.support.users import granted

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = (1440, 320)  # px


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())
    with as_owner():
        cataloguing.install()


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_guides_for_everybody(visit: Callable[..., Visitor], language: str) -> None:
    made.publish()
    visitor = visit(PHONE)
    visitor.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": visitor.address}]
    )
    page = visitor.page
    index = reverse("guides:index")
    addresses = [index, f"{index}?event=dispute", f"{index}?q=nothing-like-it"]
    for code in (made.CODE, "unemployment_benefit"):
        guide = reverse("guides:guide", args=[code])
        addresses += [guide, f"{guide}?full=1"]
    for address in addresses:
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(TOO_WIDE) == [], f"{address} at {width} px"
        assert_accessible(page)


def test_pages_of_the_editors(visit: Callable[..., Visitor]) -> None:
    published = made.publish()
    one = made.editor()
    draft = made.draft(one, "item: contract_advice\ntitle: {zh: 半截}\n", reason="改名")
    waiting = made.draft(one, made.COMPLETE.replace(made.CODE, "other_advice"), "other_advice")
    actions.submit_item_draft(one, draft_id=waiting.pk)
    page = visit(DESKTOP).sign_in(granted(Role.CATALOGUE_EDITOR, "31"))
    for address in (
        reverse("catalogue:items"),
        f"{reverse('catalogue:items')}?only=overdue",
        reverse("catalogue:new"),
        reverse("catalogue:item", args=[made.CODE]),
        reverse("catalogue:item", args=["certificate_grant"]),
        reverse("catalogue:version", args=[published.pk]),
        reverse("catalogue:draft", args=[draft.pk]),
        reverse("catalogue:draft", args=[waiting.pk]),
    ):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(TOO_WIDE) == [], f"{address} at {width} px"
        assert_accessible(page)


def test_a_mistake_is_found_and_mended_by_keyboard(visit: Callable[..., Visitor]) -> None:
    grant = granted(Role.CATALOGUE_EDITOR, "31")
    draft = made.draft(made.editor(), made.COMPLETE.replace("visits: 0", "visits: never"))
    page = visit(DESKTOP).sign_in(grant)
    page.goto(reverse("catalogue:draft", args=[draft.pk]))
    link = page.locator(".problem-list a")
    expect(link).to_contain_text("visits 要写次数")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-text")).to_be_focused()
    page.locator("#f-text").fill(made.COMPLETE)
    page.get_by_role("button", name="保存").press("Enter")
    expect(page.locator("#checked-title")).to_contain_text("要素齐全")
