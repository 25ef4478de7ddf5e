"""No page without a line in the permission table, and every line is true."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web.permissions import CITY, PUBLIC, PUBLIC_ARGUMENTS, ROWS, Row
from tests.web.world import TODAY, World

pytestmark = pytest.mark.django_db
NOWHERE = ("", "draft", "night")  # things of no place: everybody sees their own part


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The name of every URL with its namespace; a URL without a name shows its pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        else:
            yield space + (pattern.name or f"without name: {pattern.pattern}")


def ask(client: Client, row: Row, address: str) -> int:
    answer: HttpResponse = getattr(client, row.method)(address, row.data)
    return answer.status_code


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())
    return World()


def address(world: World, row: Row) -> str:
    things = world.thing(row.thing) if row.thing else {}
    return reverse(row.url, kwargs={**row.arguments, **things})


def test_every_url_has_a_row() -> None:
    known = {row.url for row in ROWS} | {url for url, _method in PUBLIC}
    existing = set(names(get_resolver().url_patterns))
    assert sorted(existing - known) == [], "URLs without a row in permissions.py"
    assert sorted(known - existing) == [], "rows of permissions.py without a URL"


def test_every_row_shows_who_may_and_who_may_not() -> None:
    assert [row.url for row in ROWS if not row.may] == []
    assert [row.url for row in ROWS if not (row.may_not or row.elsewhere)] == []
    placed = [row for row in ROWS if row.thing not in NOWHERE and not set(row.may) <= CITY]
    assert [row.url for row in placed if not row.elsewhere] == []


@pytest.mark.parametrize(("url", "method"), sorted(PUBLIC))
def test_public(url: str, method: str, client: Client) -> None:
    address = reverse(url, kwargs=PUBLIC_ARGUMENTS.get(url))
    assert getattr(client, method)(address).status_code == PUBLIC[url, method]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.url}-{row.method}")
def test_each_visitor_gets_the_answer_of_the_table(row: Row, client: Client, world: World) -> None:
    """Asked in this order: those who may do come last, because they may change the thing."""
    place = address(world, row)
    answer = getattr(client, row.method)(place, row.data)
    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, reverse("login"))
    wanted = (
        dict.fromkeys(row.may_not, 403)
        | dict.fromkeys(row.elsewhere, 404)
        | dict.fromkeys(row.may, row.answer)
    )
    found = {visitor: ask(world.client(visitor, row.thing), row, place) for visitor in wanted}
    assert found == wanted
