"""Settings of a database transaction (`jiuye.*`), which policies and triggers read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.pq import TransactionStatus


def tell(settings: Mapping[str, str]) -> None:
    """Set jiuye.<name> until the transaction (or the savepoint, when it is rolled back) ends."""
    calls = ", ".join(f"set_config('jiuye.{name}', %s, true)" for name in settings)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", list(settings.values()))


def usable() -> bool:
    """Whether the transaction still takes statements."""
    raw: Any = connection.connection
    return (
        raw is not None
        and not raw.closed
        and not connection.needs_rollback
        and raw.info.transaction_status == TransactionStatus.INTRANS
    )


class _Prepared(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, **{**options, "prepare": True})


class _Fresh(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, **{**options, "prepare": False})


def prepared() -> CursorWrapper:
    """A cursor whose statements the connection plans once and keeps: for long ones, asked all the time.

    Parameters are bound by the server: their types must follow from the statement or from the values. A kept
    plan is made for ten members of an array, whatever comes: for many use `fresh`.
    """
    return _cursor(_Prepared)


def fresh() -> CursorWrapper:
    """Like `prepared`, but planned for these very parameters each time."""
    return _cursor(_Fresh)


def _cursor(kind: type[psycopg.Cursor[Any]]) -> CursorWrapper:
    connection.ensure_connection()
    cursor: Any = kind(connection.connection)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(cursor)
