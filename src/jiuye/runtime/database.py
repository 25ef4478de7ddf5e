"""A database for the length of a command: the external one, one that runs, or the embedded one, started."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

import psycopg

from jiuye.config import env
from jiuye.runtime import roles
from jiuye.runtime.postgres import AlreadyRunningError, Cluster, ClusterError


@contextlib.contextmanager
def served() -> Iterator[Cluster | None]:
    """A server with the three roles. Yields the cluster when this process is the one that runs it.

    Raises ClusterError when the embedded server can't start, RolesMissingError when an external one lacks
    a role.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        roles.ensure_external(url)
        yield None
        return
    cluster = Cluster(env.HOME)
    try:
        cluster.start()
    except AlreadyRunningError:  # `jiuye run` or another command serves it, or is about to
        wait_until_answers(cluster.url("owner"))
        yield None
        return
    try:
        cluster.ensure_roles()
        yield cluster
    finally:
        cluster.stop()


def wait_until_answers(url: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise ClusterError(f"The database does not answer: {error}") from None
        time.sleep(0.2)


@contextlib.contextmanager
def opened(role: str = "owner", process: str = "command") -> Iterator[None]:
    """Django set up for this role on a served database. A process that has Django already keeps it."""
    from django.apps import apps

    if apps.ready:
        yield
        return
    with served():
        os.environ["JIUYE_DB_ROLE"] = role
        os.environ["JIUYE_PROCESS"] = process
        import django

        django.setup()
        yield
        from django.db import connections

        connections.close_all()
