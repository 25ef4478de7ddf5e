"""A real browser: Debian's Chromium, nothing but this machine reachable, Chinese, phone and desktop."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests.support import users

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

    from jiuye.foundation.models import Grant

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
LOCAL = {"127.0.0.1", "localhost", "::1"}
PATIENCE = 10_000  # milliseconds
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.fail("the browser tests need Chromium: apt install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


class Visitor:
    """One browser context. Errors in the console and requests to elsewhere fail the test at its end."""

    def __init__(self, browser: Browser, address: str, options: dict[str, Any]) -> None:
        self.address = address
        self.errors: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.route("**/*", self._local_only)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))
        self.page.on(
            "console",
            lambda message: (
                self.errors.append(f"{self.page.url}: {message.text}")
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )

    def _local_only(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in LOCAL or route.request.url.startswith("data:"):
            route.continue_()
        else:
            self.errors.append(f"{self.page.url} asked for {route.request.url}")
            route.abort()

    def sign_in(self, grant: Grant) -> Page:
        """Act as this grant from now on; return the page."""
        session = users.signed_in(grant).cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}]
        )
        return self.page

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visit(
    browser: Browser, live_server: Any, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: `visit(PHONE)`, `visit(DESKTOP)`, several in one test."""
    visitors: list[Visitor] = []

    def make(options: dict[str, Any] = DESKTOP) -> Visitor:
        visitors.append(Visitor(browser, live_server.url, options))
        return visitors[-1]

    yield make
    failed = getattr(request.node, "failed", False)
    for number, visitor in enumerate(visitors):
        if failed:
            picture = Path("build/failures") / f"{request.node.name}-{number}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            visitor.page.screenshot(path=picture, full_page=True)
        visitor.close()
    errors = [error for visitor in visitors for error in visitor.errors]
    assert not errors, "the browser complained:\n" + "\n".join(errors)


@pytest.fixture
def phone(visit: Callable[..., Visitor]) -> Visitor:
    return visit(PHONE)


@pytest.fixture
def desktop(visit: Callable[..., Visitor]) -> Visitor:
    return visit(DESKTOP)


def assert_accessible(page: Page) -> None:
    """axe finds nothing: WCAG 2.2 A and AA, and good practice."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=AXE).response["violations"]
    lines = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(node["html"][:160] for node in violation["nodes"][:5])
        for violation in found
    ]
    assert not found, f"axe on {page.url}:\n  " + "\n  ".join(lines)


def assert_no_sideways_scroll(page: Page) -> None:
    """A page fits the width of its window."""
    width, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= seen, f"{page.url} is {width} px wide in a window of {seen} px"


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the test's thread
