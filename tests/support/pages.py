"""What is wrong with a page, whatever the page is: looked for in every HTML response of every test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNRENDERED = ("{{", "}}", "{%", "%}", "{#", "#}")
DATA_SCRIPTS = {"application/json", "application/ld+json", "speculationrules"}
VERBATIM = {"textarea", "code"}  # what somebody wrote: it may hold braces
UNSAFE = {"post"}  # methods of forms that need a token


class FaultyPageError(AssertionError):
    """A page that no user should get."""


class Reader(HTMLParser):
    """Collects the faults of one page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.form: str | None = None  # the open form that still lacks its token
        self.script = False
        self.verbatim = 0  # open elements that hold a text somebody wrote
        self.language: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang")
        if given.get("id"):
            self.ids[str(given["id"])] += 1
        for name, value in attrs:
            if name.startswith("on"):
                self.faults.append(f"inline JavaScript: {name}={value!r} on <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"inline JavaScript: {name}={value!r}")
            if any(brace in (value or "") for brace in UNRENDERED[:4]):
                self.faults.append(f"not rendered: {name}={value!r} on <{tag}>")
            if name in ("src", "href") and tag != "a" and (value or "").startswith(("http:", "https:", "//")):
                self.faults.append(f"loads from elsewhere: {value}")
        if tag in VERBATIM:
            self.verbatim += 1
        if tag == "script":
            self.script = True
            if not given.get("src") and given.get("type") not in DATA_SCRIPTS:
                self.faults.append("inline JavaScript: a <script> without src")
        if tag == "form":
            self._close_form()
            if (given.get("method") or "get").lower() in UNSAFE:
                self.form = given.get("action") or "(here)"
        if tag == "input" and given.get("name") == "csrfmiddlewaretoken":
            if not given.get("value"):
                self.faults.append("an empty csrfmiddlewaretoken")
            self.form = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._close_form()
        if tag == "script":
            self.script = False
        if tag in VERBATIM:
            self.verbatim -= 1

    def handle_data(self, data: str) -> None:
        if not self.script and not self.verbatim:
            for brace in UNRENDERED:
                if brace in data:
                    self.faults.append(f"not rendered: {data.strip()[:80]!r}")
                    break

    def close(self) -> None:
        super().close()
        self._close_form()
        self.faults += [f"id {name!r} stands {n} times" for name, n in self.ids.items() if n > 1]

    def _close_form(self) -> None:
        if self.form is not None:
            self.faults.append(f"no csrf token in the form to {self.form}")
        self.form = None


def faults(html: str) -> list[str]:
    """Every fault of a page or of a part of one."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    if "<html" in html and not reader.language:
        reader.faults.append("<html> without lang")
    return reader.faults


class PageCheck:
    """Middleware, outermost in tests: a faulty page fails the test that asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            found = faults(response.content.decode(response.charset or "utf-8"))
            if found:
                lines = "\n  ".join(dict.fromkeys(found))
                raise FaultyPageError(f"{request.method} {request.path} ({response.status_code}):\n  {lines}")
        return response
