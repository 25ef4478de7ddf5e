"""Pictures of pages for people to look at: every width and language, in build/screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from jiuye.foundation.models import Grant
from tests.support.browser import DESKTOP, PHONE, Visitor
from tests.support.database import as_owner

FOLDER = Path("build/screens")
SIZES = {"390": PHONE, "1440": DESKTOP}
LANGUAGES = ("zh-hans", "en")


class Camera:
    """Opens pages as one user and keeps pictures: <portal>-<page>-<state>-<width>-<language>.png."""

    def __init__(self, visit: Callable[..., Visitor], grant: Grant | None) -> None:
        self.visit, self.grant = visit, grant

    def prefer(self, language: str, elder: bool = False) -> None:
        if self.grant is None:
            return
        with as_owner():
            self.grant.user.language, self.grant.user.elder_mode = language, elder
            self.grant.user.save()

    def shoot(
        self,
        pages: Iterable[tuple[str, str]],
        portal: str,
        state: str,
        elder: bool = False,
        before: Callable[[Any], None] | None = None,
    ) -> None:
        """(name, address) of each page; `before` does something with the page first."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        listed = list(pages)
        for width, size in SIZES.items():
            visitor = self.visit(size)
            page = visitor.sign_in(self.grant) if self.grant else visitor.page
            for language in LANGUAGES:
                self.prefer(language, elder)
                visitor.context.add_cookies(
                    [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": visitor.address}]
                )
                for name, address in listed:
                    page.goto(address)
                    if before:
                        before(page)
                    file = f"{portal}-{name}-{state}-{width}-{language}.png"
                    page.screenshot(path=FOLDER / file, full_page=True)
            visitor.context.close()


def named(space: str, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, reverse(f"{space}:{name}")) for name in names]


def opened(page: Any) -> None:
    """Everything that is folded on the page."""
    page.evaluate("document.querySelectorAll('main details').forEach(fold => fold.open = true)")
