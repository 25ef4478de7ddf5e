"""Settings of a database transaction (`jiuye.*`), which policies and triggers read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
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
