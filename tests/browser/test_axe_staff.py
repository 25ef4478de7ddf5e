"""Every page of the staff portals, with nothing and with everything on it: axe finds nothing, nothing is cut.

On a desk and in 320 px (WCAG 1.4.10), in Chinese, in the large mode and in English.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

from jiuye.foundation.actions import set_preferences
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.browser import staff_pages
from tests.support.browser import AXE, DESKTOP, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
DESK, NARROW = 1440, 320  # px
SHOTS = os.environ.get("JIUYE_SHOTS")  # a folder: keep a picture of each page

# A table may scroll within its own region; the page itself may not. What sticks out is named.
TOO_WIDE = """() => {
  const page = document.scrollingElement, seen = window.innerWidth, found = [];
  if (page.scrollWidth <= seen) return found;
  for (const one of document.querySelectorAll("body *")) {
    const region = one.closest(".table-scroll, svg, .vh, .skip");
    if (region && region !== one) continue;
    const right = Math.round(one.getBoundingClientRect().right);
    if (right > seen + 1) found.push(`${one.tagName}.${one.className} ends at ${right}`);
  }
  return [`the page is ${page.scrollWidth} px wide`, ...found.slice(0, 5)];
}"""


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", staff_pages.TODAY.isoformat())


def violations(page: Page) -> list[str]:
    return [
        f"{rule['id']}: {node['html'][:150]} {node.get('failureSummary', '')[:200]}"
        for rule in Axe().run(page, options=AXE).response["violations"]
        for node in rule["nodes"][:4]
    ]


def look(
    visitor: Visitor, pages: staff_pages.Pages, *, axe_at: int, language: str = "zh-hans", elder: bool = False
) -> None:
    """Every page at both widths; axe, which takes its time, at one of them."""
    found: dict[str, list[str]] = {}
    for role, paths in pages.items():
        grant = staff_pages.login(role)
        page = visitor.sign_in(grant)
        set_preferences(Actor.of(grant), language=language, elder_mode=elder)
        visitor.context.add_cookies(
            [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": visitor.address}]
        )
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.locator("html").get_attribute("lang") == language
            for width in (DESK, NARROW):
                page.set_viewport_size({"width": width, "height": 900})
                here = page.evaluate(TOO_WIDE) + (violations(page) if width == axe_at else [])
                if here:
                    found.setdefault(f"{role} {path} at {width} px", []).extend(here)
                if SHOTS:
                    keep(page, role, path, f"{width}-{language}{'-elder' if elder else ''}")
    assert not found, "\n".join(f"{name}\n    " + "\n    ".join(here) for name, here in found.items())


def keep(page: Page, role: Role, path: str, kind: str) -> None:
    folder = Path(str(SHOTS))
    folder.mkdir(parents=True, exist_ok=True)
    name = path.strip("/").replace("/", "_")
    page.screenshot(path=folder / f"{kind}_{role}_{name}.png", full_page=True)


def test_with_nothing_on_it(visit: Callable[..., Visitor]) -> None:
    look(visit(DESKTOP), staff_pages.bare(), axe_at=DESK)


def test_with_everything_on_it(visit: Callable[..., Visitor]) -> None:
    pages = staff_pages.Filled().pages()
    look(visit(DESKTOP), pages, axe_at=DESK)


def test_large_and_narrow(visit: Callable[..., Visitor]) -> None:
    look(visit(DESKTOP), staff_pages.Filled().pages(), axe_at=NARROW, elder=True)


def test_in_english(visit: Callable[..., Visitor]) -> None:
    look(visit(DESKTOP), staff_pages.Filled().pages(), axe_at=NARROW, language="en")
