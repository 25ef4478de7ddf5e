"""Whether a database was prepared by exactly this code: then a start need not look again.

The note is the comment of the database itself: another database has another, and one that is shared is
recognised by every machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sysconfig
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PACKAGE = Path(__file__).resolve().parent.parent
PREFIX = "Jiuye prepared "


def fingerprint(demo: bool) -> str:
    """Changes with any file of Jiuye, any installed package, any setting."""
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("JIUYE_"))
    digest = hashlib.sha256(
        repr((demo, settings, os.stat(sysconfig.get_path("purelib")).st_mtime_ns)).encode()
    )
    for folder, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            path = os.path.join(folder, name)
            status = os.stat(path)
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def read(url: str) -> str | None:
    """The fingerprint kept in the database; None without one, and when other migrations ran since."""
    with psycopg.connect(url, autocommit=True) as connection:
        comment = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        told = comment[0].split() if comment and (comment[0] or "").startswith(PREFIX) else []
        return told[-2] if told and told[-1] == _migrations(connection) else None


def write(url: str, value: str) -> None:
    """Keep it. An owner who may not comment on the database just prepares again every time."""
    with psycopg.connect(url, autocommit=True) as connection:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            sql.Identifier(connection.info.dbname),
            sql.Literal(f"{PREFIX}{value} {_migrations(connection)}"),
        )
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def _migrations(connection: psycopg.Connection[Any]) -> str:
    """What changes when the tables are replaced by those of a backup."""
    try:
        row = connection.execute(
            "SELECT count(*), extract(epoch FROM max(applied)) FROM django_migrations"
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        return ""
    return f"{row[0]}/{row[1]}" if row else ""
