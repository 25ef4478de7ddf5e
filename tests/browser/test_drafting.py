"""The sandbox of the law by keyboard alone: write, check, come to the word, save; axe on each state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.drafting import world
from tests.support.browser import DESKTOP, PHONE, Visitor, assert_accessible, assert_no_sideways_scroll
from tests.support.users import granted

pytestmark = pytest.mark.django_db(transaction=True)
AGE = "rules/labour_age.yaml"
WITHOUT_SCRIPTS = {**DESKTOP, "java_script_enabled": False}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


def officer() -> tuple[Grant, Actor]:
    grant = granted(Role.LEGAL_OFFICER, name="顾文")
    return grant, Actor.of(grant)


def selected(page: Page) -> str:
    """The characters chosen in the text field, which has the focus."""
    found: str = page.evaluate(
        """() => { const box = document.activeElement;
          if (box.id !== "f-text") return "elsewhere";
          return box.value.slice(box.selectionStart, box.selectionEnd); }"""
    )
    return found


def test_by_keyboard_from_the_word_typed_wrong_to_the_saved_text(visit: Callable[..., Visitor]) -> None:
    grant, actor = officer()
    made = world.proposal(actor)
    page = visit(DESKTOP).sign_in(grant)
    page.goto(reverse("drafting:edit", args=[made.pk, AGE]))
    text = page.locator("#f-text")
    before = text.input_value()
    wrong = before.replace("age >= labour_age_min", "age >= labour_age_mim")
    text.fill(wrong)
    text.press("Tab")
    expect(page.get_by_role("button", name="检查")).to_be_focused()
    page.keyboard.press("Enter")
    link = page.locator(".problem-list a").first
    expect(link).to_be_focused()
    expect(link).to_contain_text("没有叫 labour_age_mim 的信息项、参数或规则")
    expect(page.locator("mark")).to_have_text("labour_age_mim")
    expect(page.locator("[data-editor-status]")).to_have_text("1 处错误")
    line = wrong[: wrong.index("labour_age_mim")].count("\n") + 1
    expect(page.locator("[data-editor-numbers] b")).to_have_text(str(line))
    assert_accessible(page)
    page.keyboard.press("Enter")
    assert selected(page) == "labour_age_mim"
    page.keyboard.type("labour_age_min + 1")
    # checked by itself when the keys rest
    expect(page.locator("#checked-title")).to_have_text("没有错误", timeout=20_000)
    expect(text).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="保存")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("已保存", exact=True)).to_be_visible()
    assert text.input_value() == before.replace("age >= labour_age_min", "age >= labour_age_min + 1")
    assert_accessible(page)


def test_on_a_phone_the_word_comes_into_sight(visit: Callable[..., Visitor]) -> None:
    """The list of mistakes stands below the text there."""
    grant, actor = officer()
    made = world.proposal(actor)
    page = visit(PHONE).sign_in(grant)
    page.goto(reverse("drafting:edit", args=[made.pk, AGE]))
    text = page.locator("#f-text")
    text.fill(text.input_value().replace("age >= labour_age_min", "age >= labour_age_mim"))
    page.get_by_role("button", name="检查").click()
    page.locator(".problem-list a").first.press("Enter")
    assert selected(page) == "labour_age_mim"
    top, height = page.evaluate(
        "[document.getElementById('f-text').getBoundingClientRect().top, window.innerHeight]"
    )
    assert -1 <= top <= height / 2


def test_without_scripts_it_is_the_same_page(visit: Callable[..., Visitor]) -> None:
    grant, actor = officer()
    made = world.proposal(actor)
    page = visit(WITHOUT_SCRIPTS).sign_in(grant)
    page.goto(reverse("drafting:edit", args=[made.pk, AGE]))
    wrong = world.changed(AGE, "age >= labour_age_min", "age >= labour_age_mim")
    page.locator("#f-text").fill(wrong)
    page.get_by_role("button", name="检查").click()
    summary = page.get_by_role("alert").get_by_role("link")
    expect(summary).to_contain_text("labour_age_mim")
    target = summary.get_attribute("href")
    assert target is not None
    expect(page.locator(f"mark{target}")).to_have_text("labour_age_mim")
    assert page.locator("#f-text").input_value() == wrong


def test_two_tabs(visit: Callable[..., Visitor]) -> None:
    grant, actor = officer()
    made = world.proposal(actor)
    one, other = (visit(DESKTOP).sign_in(grant) for _ in range(2))
    for page in (one, other):
        page.goto(reverse("drafting:edit", args=[made.pk, AGE]))
    text = world.read(AGE)
    one.locator("#f-text").fill(text + "# 第一页\n")
    one.get_by_role("button", name="保存").click()
    expect(one.get_by_text("已保存", exact=True)).to_be_visible()
    other.locator("#f-text").fill(text + "# 第二页\n")
    other.get_by_role("button", name="保存").click()
    stopped = other.get_by_role("alert")
    expect(stopped).to_contain_text("什么都没有覆盖")
    expect(stopped).to_be_focused()
    expect(stopped).to_contain_text("第一页")
    assert other.locator("#f-text").input_value() == text + "# 第二页\n"
    assert_accessible(other)


@pytest.mark.parametrize("options", [DESKTOP, PHONE, {**PHONE, "viewport": {"width": 320, "height": 700}}])
def test_it_fits_and_is_accessible(visit: Callable[..., Visitor], options: dict[str, Any]) -> None:
    grant, actor = officer()
    made = world.generous(actor)
    page = visit(options).sign_in(grant)
    for name in ("proposal", "changes"):
        page.goto(reverse(f"drafting:{name}", args=[made.pk]))
        assert_accessible(page)
        assert_no_sideways_scroll(page)
    page.goto(reverse("drafting:edit", args=[made.pk, world.BENEFIT]))
    assert_accessible(page)
    assert_no_sideways_scroll(page)
