"""What every test gets: a migrated database, the application's role, no network, no undefined template
variable, no faulty page.

Tests run as jiuye_app, bound by row-level security. `@pytest.mark.owner` gives one test the owner's rights.
The database itself comes from runtime/harness.py, before Django reads its settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.pop(
    "JIUYE_DB_ROLE", None
)  # settings have been read; a process that a test starts is the application
pytest_plugins = ["tests.support.browser"]

# What a new connection becomes. None until migrated: then the owner works.
acting: dict[str, str | None] = {"role": None}
kept: dict[str, list[str]] = {"reference": []}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "owner: this test's connection has the owner's rights, not jiuye_app's"
    )
    config.addinivalue_line("markers", "browser: drives a real browser")
    from django.conf import settings

    settings.MIDDLEWARE = ["tests.support.pages.PageCheck", *settings.MIDDLEWARE]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Let fixtures know at their end whether the test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report


def become(connection: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {acting['role']}" if acting["role"] else "RESET ROLE")


def on_connection(sender: Any, connection: Any, **kwargs: Any) -> None:
    become(connection)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture opens a transaction: choose the role of this test."""
    from django.db import connections

    role = None if item.get_closest_marker("owner") else "jiuye_app"
    if acting.get("migrated") and acting["role"] != role:
        acting["role"] = role
        connections.close_all()
    acting["wanted"] = role


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Migrated as owner, granted, the organisation loaded; from then on connections are the application's."""
    from django.db import connections
    from django.db.backends.signals import connection_created
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        from jiuye.runtime import migration

        migration.after_migrate()
        with connections["default"].cursor() as cursor:
            # Every test begins with the items as shipped; who needs them in the database installs them.
            cursor.execute("TRUNCATE desk_itemversion, desk_cataloguerevision, foundation_history CASCADE")
            kept["reference"] = filled(cursor, tables(cursor))
        connections.close_all()
    connection_created.connect(on_connection, dispatch_uid="tests.role")
    acting["migrated"] = "yes"
    acting["role"] = acting.get("wanted")
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[method-assign]
    yield
    with django_db_blocker.unblock():
        acting["role"] = None
        connections.close_all()
        with connections["default"].cursor() as cursor:  # of threads that ended without closing theirs
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        connections.close_all()


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Each test begins in Chinese, whatever language a page of an earlier one was in."""
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)


def tables(cursor: Any) -> list[str]:
    cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [row[0] for row in cursor.fetchall()]


def filled(cursor: Any, names: list[str]) -> list[str]:
    """Those of the tables that hold a row, found in one statement."""
    parts = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
    cursor.execute(" UNION ALL ".join(parts))
    return [row[0] for row in cursor.fetchall()]


def empty_tables(case: Any) -> None:
    """After a test with real transactions: empty what it filled, as owner, but keep the reference rows."""
    from django.db import connections

    before, acting["role"] = acting["role"], None
    try:
        connection = connections["default"]
        connection.close()
        with connection.cursor() as cursor:
            names = [name for name in tables(cursor) if name not in kept["reference"]]
            full = filled(cursor, names)
            if full:
                cursor.execute(f"TRUNCATE {', '.join(full)} CASCADE")
        connection.close()
    finally:
        acting["role"] = before
