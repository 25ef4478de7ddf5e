"""No page without a line in the permission table, and every line is true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web.permissions import PUBLIC, ROWS, Row
from tests.web.world import World

pytestmark = pytest.mark.django_db


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The name of every URL with its namespace; a URL without a name shows its pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from names(pattern.url_patterns, inner)
        else:
            yield space + (pattern.name or f"without name: {pattern.pattern}")


def ask(client: Client, row: Row, address: str) -> HttpResponse:
    answer: HttpResponse = getattr(client, row.method)(address, row.data)
    return answer


def cases(kind: str) -> Any:
    """(row, visitor) of one column of the table."""
    found = [(row, visitor) for row in ROWS for visitor in getattr(row, kind)]
    return pytest.mark.parametrize(
        ("row", "visitor"), found, ids=[f"{row.url}-{row.method}-{visitor}" for row, visitor in found]
    )


@pytest.fixture
def world() -> World:
    return World()


def address(world: World, row: Row) -> str:
    things = world.thing(row.thing) if row.thing else {}
    return reverse(row.url, kwargs={**row.arguments, **things})


def test_every_url_has_a_row() -> None:
    known = {row.url for row in ROWS} | set(PUBLIC)
    existing = set(names(get_resolver().url_patterns))
    assert sorted(existing - known) == [], "URLs without a row in permissions.py"
    assert sorted(known - existing) == [], "rows of permissions.py without a URL"


def test_every_row_shows_who_may_and_who_may_not() -> None:
    assert [row.url for row in ROWS if not row.may] == []
    assert [row.url for row in ROWS if not row.may_not] == []
    assert [row.url for row in ROWS if row.thing and not row.elsewhere] == []


@pytest.mark.parametrize("url", sorted(PUBLIC))
def test_public(url: str, client: Client) -> None:
    assert client.get(reverse(url)).status_code == PUBLIC[url]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.url}-{row.method}")
def test_logged_out(row: Row, client: Client, world: World) -> None:
    answer = ask(client, row, address(world, row))
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == reverse("login")


@cases("may")
def test_with_the_right(row: Row, visitor: str, world: World) -> None:
    assert ask(world.client(visitor), row, address(world, row)).status_code == row.answer


@cases("may_not")
def test_without_the_right(row: Row, visitor: str, world: World) -> None:
    assert ask(world.client(visitor), row, address(world, row)).status_code == 403


@cases("elsewhere")
def test_in_another_place(row: Row, visitor: str, world: World) -> None:
    assert ask(world.client(visitor), row, address(world, row)).status_code == 404
