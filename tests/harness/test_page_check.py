"""The check of every page finds what it is there for."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse

from tests.support.pages import FaultyPageError, PageCheck, faults


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>{{ name }}</p>", "not rendered"),
        ("<p title='{% url %}'>x</p>", "not rendered"),
        ("<p>{# note #}</p>", "not rendered"),
        ("<form method='post' action='/a/'><button>x</button></form>", "no csrf token in the form to /a/"),
        ("<form method='POST'><input name='csrfmiddlewaretoken' value=''></form>", "an empty csrf"),
        ("<form method=post><form method=post>", "no csrf token"),
        ("<script>go()</script>", "inline JavaScript"),
        ("<button onclick='go()'>x</button>", "inline JavaScript"),
        ("<a href=' javascript:go()'>x</a>", "inline JavaScript"),
        ("<img src='https://example.org/a.png' alt=''>", "loads from elsewhere"),
        ("<p id='a'></p><p id='a'></p>", "id 'a' stands 2 times"),
        ("<!DOCTYPE html><html><body></body></html>", "without lang"),
    ],
)
def test_fault_is_found(html: str, fault: str) -> None:
    assert any(fault in found for found in faults(html)), faults(html)


def test_good_page_has_no_fault() -> None:
    html = """<!DOCTYPE html><html lang="zh-hans"><head><script defer src="/static/a.js"></script></head>
        <body hx-headers='{"X-CSRFToken": "abc"}'><form method="post"><input type="hidden"
        name="csrfmiddlewaretoken" value="abc"></form><form method="get"></form>
        <script type="application/json" id="data">{"a": {"b": 1}}</script>
        <a href="https://www.shanghai.gov.cn/">x</a></body></html>"""
    assert faults(html) == []


def test_faulty_page_fails_the_request() -> None:
    request = HttpRequest()
    request.method, request.path = "GET", "/page/"
    with pytest.raises(FaultyPageError, match=r"GET /page/ \(200\)"):
        PageCheck(lambda _: HttpResponse("{{ x }}"))(request)
    answer = JsonResponse({"a": "{{ x }}"})
    assert PageCheck(lambda _: answer)(request) is answer
