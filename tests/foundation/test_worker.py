"""The worker itself: real jobs, real transactions, a worker that was killed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from jiuye.foundation import messages, outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message, OutboxDelivery
from jiuye.foundation.scope import SYSTEM
from tests.foundation.test_outbox import Broken
from tests.support import jobs

pytestmark = pytest.mark.django_db(transaction=True)
PERSON = new_id()


@pytest.fixture(autouse=True)
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setattr(outbox, "_handlers", {})
    state: dict[str, Any] = {"fail": False, "calls": 0}

    @outbox.on("born", name="test.worker")
    def run(payload: outbox.Payload) -> None:
        state["calls"] += 1
        messages.notify(person_id=PERSON, title=payload["title"])
        if state["fail"]:
            raise Broken

    return state


def work() -> None:
    """A worker until nothing is left to do."""

    async def run() -> None:
        worker = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with worker.open_async():
            await worker.run_worker_async(
                wait=False, listen_notify=False, install_signal_handlers=False, concurrency=2
            )

    with ThreadPoolExecutor(1) as alone:  # the browser tests leave a running loop in this thread
        alone.submit(asyncio.run, run()).result(60)


def told() -> list[str]:
    with scope.acting(SYSTEM):
        return list(Message.objects.values_list("title", flat=True))


def sql(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def emit(key: str, **payload: object) -> None:
    with scope.acting(SYSTEM):
        outbox.emit("born", key=key, **payload)


def test_the_worker_delivers() -> None:
    emit("1", title="一")
    with transaction.atomic():
        emit("2", title="二")
        transaction.set_rollback(True)
    work()
    assert told() == ["一"]
    with scope.acting(SYSTEM):
        assert OutboxDelivery.objects.get().state == "done"


def test_a_failure_is_tried_again(handler: dict[str, Any]) -> None:
    handler["fail"] = True
    emit("1", title="一")
    work()
    assert told() == []
    with scope.acting(SYSTEM):
        delivery = OutboxDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    handler["fail"] = False
    at_once = "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND attempts = 1"
    assert sql(at_once) == 1
    work()
    assert told() == ["一"]


def test_a_killed_worker_loses_nothing(handler: dict[str, Any]) -> None:
    emit("1", title="一")
    assert sql("UPDATE procrastinate_jobs SET status = 'doing'") == 1  # fetched, then killed
    work()  # leaves it alone, unless its own rescue comes first
    jobs.queue("foundation.rescue")
    work()
    work()
    assert told() == ["一"]
    assert handler["calls"] == 1


def test_two_workers_with_the_same_job(handler: dict[str, Any]) -> None:
    """The second waits for the first and finds the work done."""
    emit("1", title="一")
    with scope.acting(SYSTEM):
        event = OutboxDelivery.objects.get().event_id
    barrier = threading.Barrier(4)

    def deliver(_: int) -> bool:
        try:
            barrier.wait(10)
            return outbox.deliver(event, "test.worker")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        ran = list(workers.map(deliver, range(4)))
    assert sorted(ran) == [False, False, False, True]
    assert told() == ["一"]


def test_the_same_event_told_by_two_at_once() -> None:
    barrier = threading.Barrier(4)

    def tell(_: int) -> bool:
        try:
            barrier.wait(10)
            with scope.acting(SYSTEM):
                return outbox.emit("born", key="same", title="一")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as tellers:
        assert sorted(tellers.map(tell, range(4))) == [False, False, False, True]
    assert outbox.drain() == 1
    assert told() == ["一"]
