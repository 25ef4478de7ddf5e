"""Loaded before Django's settings (`-p` in pyproject.toml): a database and a home of the tests' own.

Without DATABASE_URL a throwaway embedded cluster lives as long as the run; parallel workers inherit its
address. With DATABASE_URL its server is used: that login must be able to create databases and, at first,
roles.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

PREFIX = "jiuye-test-"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


def sweep() -> None:
    """Remove the homes of test runs that were killed."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = home / "pg" / "lock"
        if not (lock.exists() and os.access(lock, os.W_OK)):
            continue
        with open(lock) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
        shutil.rmtree((home / "pg").resolve(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def make_roles_external(url: str) -> None:
    """The tests act as jiuye_app by SET ROLE: make missing roles, and the login a member of them."""
    from jiuye.runtime import roles

    with psycopg.connect(url, autocommit=True) as connection:
        roles.make_missing(connection)


class Throwaway:
    """Stops the cluster and removes the home when the run ends."""

    def __init__(self, home: Path) -> None:
        from jiuye.runtime.postgres import Cluster

        self.home = home
        self.cluster = Cluster(home, FAST)
        self.cluster.start()
        self.cluster.ensure_roles()

    def pytest_unconfigure(self) -> None:
        self.cluster.stop()
        shutil.rmtree(self.cluster.folder.resolve(), ignore_errors=True)


class Home:
    def __init__(self, home: Path) -> None:
        self.home = home

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)


def prepare() -> list[object]:
    """Set the environment; return the plugins that undo it at the end (none in a parallel worker)."""
    os.environ["JIUYE_DB_ROLE"] = "owner"  # for migrating; the tests themselves act as jiuye_app
    if "PYTEST_XDIST_WORKER" in os.environ:
        return []
    undo: list[object] = []
    if "JIUYE_HOME" not in os.environ or "DATABASE_URL" not in os.environ:
        home = Path(tempfile.mkdtemp(prefix=PREFIX))
        home.chmod(0o711)  # the server's user must get through when root runs the tests
        (home / "static").mkdir()  # whitenoise warns without
        os.environ["JIUYE_HOME"] = str(home)
        undo.append(Home(home))
    if "DATABASE_URL" in os.environ:
        make_roles_external(os.environ["DATABASE_URL"])
        return undo
    sweep()
    throwaway = Throwaway(home)
    os.environ["DATABASE_URL"] = throwaway.cluster.url("owner")
    return [*undo, throwaway]


UNDO = prepare()


def pytest_configure(config: pytest.Config) -> None:
    for number, plugin in enumerate(UNDO):
        config.pluginmanager.register(plugin, f"jiuye-undo-{number}")
