"""Re-sealing with a new key, in batches, one transaction each: killed half-way, it goes on next time.

Runs as the tables' owner and without history, for nothing changes but the seal. History keeps older seals, so
older keys stay in the ring: they still open, and no longer seal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from jiuye.foundation import history, keyring, sealed, sealing
from jiuye.foundation.sealed import SealedField


@dataclass(frozen=True)
class Column:
    """One sealed column of one table."""

    model: type[models.Model]
    field: SealedField[Any, Any]

    @property
    def label(self) -> str:
        """table.column, as in the seal."""
        return self.field.label

    def names(self) -> dict[str, sql.Identifier]:
        """Table, key and column, quoted."""
        meta = self.model._meta
        return {
            "table": sql.Identifier(meta.db_table),
            "pk": sql.Identifier(str(meta.pk.column)),
            "column": sql.Identifier(str(self.field.column)),
        }


Report = Callable[[Column, int], None]


def columns() -> list[Column]:
    """All sealed columns, in a fixed order."""
    found = [
        Column(model, field)
        for model in apps.get_models()
        if not model._meta.proxy
        for field in sealed.fields_of(model)
        if field.model is model
    ]
    return sorted(found, key=lambda column: column.label)


def counts(column: Column) -> Counter[int]:
    """How many values of a column each key version has sealed."""
    query = sql.SQL(
        "SELECT get_byte({column}, 1) * 256 + get_byte({column}, 2), count(*) FROM {table}"
        " WHERE {column} IS NOT NULL GROUP BY 1"
    ).format(**column.names())
    with connection.cursor() as cursor:
        cursor.execute(query)
        return Counter(dict(cursor.fetchall()))


def pending(version: int) -> int:
    """How many values are sealed with another version."""
    return sum(n for column in columns() for v, n in counts(column).items() if v != version)


def begin() -> int:
    """The version to re-seal with: the newest while values of older ones are left, else a new one."""
    ring = keyring.default()
    return ring.current if pending(ring.current) else ring.add_version()


def rotate(version: int, batch: int = 1000, report: Report = lambda column, done: None) -> int:
    """Re-seal all columns with `version`, which must be the newest. Returns how many values changed."""
    if keyring.default().current != version:
        raise ValueError(f"key version {version} is not the newest")
    changed = 0
    while pending(version):  # again for what another process has sealed meanwhile with the older key
        for column in columns():
            last: Any = None
            while keys := _some(column, version, batch, last):
                changed += len(keys)
                report(column, len(keys))
                last = keys[-1]
    return changed


def _some(column: Column, version: int, batch: int, after: Any) -> list[Any]:
    """One batch after that key, locked, so that nobody's newer value is overwritten. The keys, in order."""
    names = column.names()
    choose = sql.SQL(
        "SELECT {pk}, {column} FROM {table} WHERE get_byte({column}, 1) * 256 + get_byte({column}, 2) <> %s"
        " AND (%s::text IS NULL OR {pk} > %s) ORDER BY {pk} LIMIT %s FOR UPDATE"
    ).format(**names)
    change = sql.SQL("UPDATE {table} SET {column} = %s WHERE {pk} = %s").format(**names)
    with transaction.atomic(), history.maintenance(), connection.cursor() as cursor:
        cursor.execute(choose, [version, after, after, batch])
        rows: list[tuple[Any, bytes]] = cursor.fetchall()
        fresh = [(sealing.reseal(blob, sealing.aad_of(column.label, pk)), pk) for pk, blob in rows]
        cursor.executemany(change, fresh)
    return [pk for pk, _blob in rows]
