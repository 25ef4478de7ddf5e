"""Settings of a database transaction (`jiuye.*`), which policies and triggers read.

Small values that nearly every request needs (which catalogue is in force) are read along with the statement
that tells the settings: they cost no round trip of their own and can't be older than the transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.pq import TransactionStatus

_ALONG: Final[dict[str, str]] = {}  # name -> SQL of one value
_found: ContextVar[dict[str, str] | None] = ContextVar("jiuye_read_along", default=None)


def tell(settings: Mapping[str, str], along: bool = False) -> None:
    """Set jiuye.<name> until the transaction (or the savepoint, when it is rolled back) ends.

    `along`: bring back what is to be read along, too.
    """
    calls = [f"set_config('jiuye.{name}', %s, true)" for name in settings]
    holder = _found.get() if along else None
    if holder is not None:
        calls += _values()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(calls)}", list(settings.values()))
        if holder is not None:
            holder |= zip(_ALONG, cursor.fetchone()[len(settings) :], strict=True)


def read_along(name: str, sql: str) -> None:
    """Declare a value (one column of one row, as SQL) that `along` gives."""
    _ALONG[name] = sql


@contextmanager
def reading_along() -> Iterator[None]:
    """Within, `along` knows the values: told with the settings, or asked when the first is wanted."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def along(name: str) -> str | None:
    """The value as text, '' for none; None where nobody acts and no page is being made."""
    holder = _found.get()
    if holder is None:
        return None
    if name not in holder:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(_values())}")
            holder |= zip(_ALONG, cursor.fetchone(), strict=True)
    return holder[name]


def _values() -> list[str]:
    return [f"coalesce(({sql})::text, '')" for sql in _ALONG.values()]


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
