"""A worker process is killed in the middle of a run; the next one goes on, and everybody is paid once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from jiuye.foundation import scope
from jiuye.foundation.models import StoredFile
from jiuye.funds import actions
from jiuye.funds.checks import run_checks
from jiuye.funds.models import LedgerTransaction, Payment, PaymentRun
from tests.support import jobs, money
from tests.support.money import BENEFIT, DECEMBER, Payers

pytestmark = pytest.mark.django_db(transaction=True)


def url() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()


def worker() -> subprocess.Popen[bytes]:
    """A real worker process of this database, as the application; it ends when no job is left."""
    return subprocess.Popen(
        [sys.executable, "-m", "jiuye", "worker", "--no-wait"],
        env={**os.environ, "DATABASE_URL": url()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def held(statement: str, *values: object) -> Iterator[None]:
    """Hold the locks of a statement, as the owner of the tables, until the end of the block."""
    with psycopg.connect(url()) as other:
        other.execute("SELECT set_config('jiuye.action', 'test', true)")
        other.execute(statement, values)
        yield
        other.rollback()


def wait_until(condition: str) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {condition}")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    raise AssertionError(f"never: {condition}")


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def rescue() -> None:
    """What happens a minute later: the dead worker's heartbeat is old, its job is queued again and done."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    jobs.queue("foundation.rescue")
    for _time in range(2):
        assert worker().wait(60) == 0


# of this database alone: other tests of the same server wait for locks of their own
WAITING = (
    "EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE NOT granted AND datname = current_database())"
)


def approved(people: int) -> tuple[Payers, PaymentRun]:
    payers = Payers.make()
    for number in range(people):
        money.beneficiary(f"人{number}", months=1)
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    actions.approve_run(payers.approver, run_id=run.pk)
    return payers, run


def lock_of(step: str, run: PaymentRun) -> tuple[str, tuple[Any, ...]]:
    """A statement whose locks stop the worker in the middle of that step, its first writes done."""
    if step == "release":  # the same booking, not yet committed
        return (
            'INSERT INTO funds_ledgertransaction (id, key, kind, "on", text, booked_at, debit_cents,'
            " credit_cents, booked_in) VALUES (gen_random_uuid(), %s, 'release', now(), '', now(), 0, 0, 0)",
            (f"run:{run.pk}:release",),
        )
    return (
        "SELECT id FROM funds_payment WHERE run_id = %s ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE",
        (run.pk,),
    )


@pytest.mark.parametrize(("step", "state"), [("release", "approved"), ("send", "released")])
def test_killed_in_the_middle_and_resumed(step: str, state: str) -> None:
    payers, run = approved(5)
    statement, values = lock_of(step, run)
    with held(statement, *values):
        first = worker()
        wait_until(WAITING)
        kill(first)
        assert money.reread(run).state == state
        with scope.acting(scope.SYSTEM):
            assert Payment.objects.filter(state="frozen").count() == 5
            assert not StoredFile.objects.filter(kind__startswith="run_").exists()
    wait_until("NOT " + WAITING)
    rescue()
    run = money.reread(run)
    assert (run.state, run.count, run.total_cents) == ("sent", 5, 5 * 234000)
    with scope.acting(scope.SYSTEM):
        assert sorted(LedgerTransaction.objects.values_list("kind", flat=True)) == ["release", "send"]
        assert StoredFile.objects.filter(kind__startswith="run_").count() == 2
        assert Payment.objects.filter(state="sent").count() == 5
    run = money.answered(payers, run)
    assert run.state == "reconciled"
    assert money.balance() == {
        "bank": -1170000,
        "transit": 0,
        "receivable": 0,
        "payable": 0,
        "expense": 1170000,
    }
    assert run_checks() == []


def test_a_run_whose_job_got_lost_is_queued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from jiuye.funds.tasks import resume_runs

    _payers, run = approved(1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert resume_runs() == 0  # only just approved: its job may be on its way
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-11")
    assert resume_runs() == 1
    assert worker().wait(60) == 0
    assert money.reread(run).state == "sent"
