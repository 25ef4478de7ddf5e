"""The owner's rights for a moment, and how many queries something costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext


@contextmanager
def as_owner() -> Iterator[None]:
    """Within the test's connection: the owner of the tables, not bound by row-level security.

    Changes are declared as "test" in the history.
    """
    from jiuye.foundation import history

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            (before,) = cursor.fetchone()
            cursor.execute("RESET ROLE")
        with history.context("test"):
            yield
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{before}"')


def queries(function: Callable[[], Any]) -> list[str]:
    """The statements that a call sends."""
    with CaptureQueriesContext(connection) as captured:
        function()
    return [query["sql"] for query in captured.captured_queries]


def assert_same_number(few: list[str], many: list[str]) -> None:
    """A list must not ask more often when it is longer."""
    if len(few) != len(many):
        more = "\n".join(statement[:200] for statement in many)
        raise AssertionError(f"{len(few)} queries for a few rows, {len(many)} for many:\n{more}")
