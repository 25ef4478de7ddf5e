"""Jobs: queued with the transaction that needs them, run by a worker process, rescued from a dead one."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from tests.support import jobs

pytestmark = pytest.mark.django_db(transaction=True)


def count(condition: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM procrastinate_jobs WHERE {condition}")
        (number,) = cursor.fetchone()
    return int(number)


def work() -> None:
    """A worker process on the test's database, as the application, until no job is left."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-m", "jiuye", "worker", "--no-wait"],
        env={**os.environ, "DATABASE_URL": url.geturl()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_rollback_leaves_no_job() -> None:
    with transaction.atomic():
        app.configure_task("foundation.sweep").defer(timestamp=0)
        assert count() == 1
        transaction.set_rollback(True)
    assert count() == 0


def test_worker_does_the_job() -> None:
    with transaction.atomic():
        job = app.configure_task("foundation.sweep").defer(timestamp=0)
    work()
    assert count(f"id = {job}") == 0  # done jobs are deleted


def test_job_of_a_killed_worker_is_done_by_another() -> None:
    job = app.configure_task("foundation.sweep").defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 day') RETURNING id)"
            " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
        )
    assert count(f"id = {job} AND status = 'doing'") == 1
    for _ in range(
        5
    ):  # a periodic successor of the same name comes first: then the next minute's rescue does it
        jobs.queue("foundation.rescue")
        work()
        if count(f"id = {job}") == 0:
            break
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, attempts, scheduled_at FROM procrastinate_jobs WHERE id = %s", [job])
        assert cursor.fetchall() == []
