"""The browser of the tests: sees only this machine, and complains when a page does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from jiuye.foundation.roles import Role
from tests.support.browser import PHONE, Visitor, assert_accessible, assert_no_sideways_scroll
from tests.support.users import granted

FRAME = """<!DOCTYPE html><html lang="zh-hans"><head><title>就业</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"></head><body><main><h1>就业服务</h1>{}</main></body></html>"""


@login_not_required
def page(request: HttpRequest, kind: str) -> HttpResponse:
    bodies = {
        "good": "<p>买买提·艾力</p>",
        "faulty": "<input>",
        "wide": '<pre class="wide">' + "宽" * 500 + "</pre>",
    }
    return HttpResponse(FRAME.format(bodies[kind]))


def me(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FRAME.format(f"<p>{request.user.get_full_name()}</p>"))


urlpatterns = [path("me/", me), path("<str:kind>/", page)]

pytestmark = pytest.mark.urls(__name__)


def test_good_page(phone: Visitor) -> None:
    phone.page.goto("/good/")
    assert phone.page.locator("p").inner_text() == "买买提·艾力"
    assert phone.page.evaluate("navigator.language") == "zh-CN"
    assert_accessible(phone.page)
    assert_no_sideways_scroll(phone.page)


def test_axe_finds_a_field_without_label(desktop: Visitor) -> None:
    desktop.page.goto("/faulty/")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(desktop.page)


def test_sideways_scroll_is_found(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    visitor.page.goto("/wide/")
    with pytest.raises(AssertionError, match="px wide"):
        assert_no_sideways_scroll(visitor.page)


def test_signed_in(desktop: Visitor) -> None:
    page = desktop.sign_in(granted(Role.STREET_CLERK, name="张敏"))
    page.goto("/me/")
    assert page.locator("p").inner_text() == "张敏"


def test_nothing_but_this_machine(desktop: Visitor) -> None:
    desktop.page.goto("/good/")
    blocked: Any = desktop.page.evaluate("fetch('http://192.0.2.1/').then(() => 'reached', () => 'blocked')")
    assert blocked == "blocked"
    assert any("192.0.2.1" in error for error in desktop.errors)
    desktop.errors.clear()


def test_error_in_the_console_is_noticed(desktop: Visitor) -> None:
    desktop.page.goto("/good/")
    desktop.page.evaluate("setTimeout(() => { throw new Error('broken') }, 0)")
    desktop.page.wait_for_timeout(50)
    assert any("broken" in error for error in desktop.errors)
    desktop.errors.clear()
