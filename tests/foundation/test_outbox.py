"""Events: nothing without the transaction, every handler once, failures visible, nothing forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jiuye.foundation import history, messages, outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message, OutboxDelivery, OutboxEvent
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM
from tests.factories import NANJING_ROAD, actor

pytestmark = pytest.mark.django_db
PERSON = new_id()


class Broken(Exception):
    """The handler's fault."""


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Two handlers of 'born' and one of 'told'; `fail` names those that break after they have written."""
    monkeypatch.setattr(outbox, "_handlers", {})
    state: dict[str, Any] = {"fail": set(), "calls": []}

    def handle(name: str) -> outbox.Handler:
        def run(payload: outbox.Payload) -> None:
            assert scope.current() == SYSTEM
            state["calls"].append((name, payload))
            messages.notify(person_id=PERSON, title=name)
            if name in state["fail"]:
                raise Broken("nothing works")

        return run

    outbox.on("born", name="test.first")(handle("test.first"))
    outbox.on("born", name="test.second")(handle("test.second"))

    def tell(payload: outbox.Payload) -> None:
        outbox.emit("born", key=f"from {payload['id']}", id=payload["id"])

    outbox.on("told", name="test.tell")(tell)
    return state


def emit(key: str = "1", kind: str = "born") -> bool:
    with scope.acting(actor(Role.STREET_CLERK, NANJING_ROAD)):
        return outbox.emit(kind, key=key, id=PERSON, on=timezone.now().date())


def told() -> list[str]:
    with scope.acting(SYSTEM):
        return sorted(Message.objects.values_list("title", flat=True))


def deliveries() -> list[OutboxDelivery]:
    with scope.acting(SYSTEM):
        return list(OutboxDelivery.objects.select_related("event").order_by("handler"))


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%outbox.deliver'")
        return int(cursor.fetchone()[0])


def test_every_handler_once() -> None:
    assert emit() is True
    assert jobs() == 2
    assert told() == []
    assert outbox.drain() == 2
    assert outbox.drain() == 0
    assert told() == ["test.first", "test.second"]
    assert {d.state for d in deliveries()} == {"done"}
    event = deliveries()[0].event.pk
    assert outbox.deliver(event, "test.first") is False  # the job comes a second time
    assert told() == ["test.first", "test.second"]


def test_payload_arrives_as_text(handlers: dict[str, Any]) -> None:
    emit()
    outbox.drain()
    assert handlers["calls"][0][1] == {"id": str(PERSON), "on": timezone.now().date().isoformat()}


def test_same_key_is_the_same_event() -> None:
    assert [emit("1"), emit("1"), emit("2")] == [True, False, True]
    assert outbox.drain() == 4
    assert emit("1") is False
    assert outbox.drain() == 0


def test_many_at_once() -> None:
    events = [(str(i % 30), {"id": str(i)}) for i in range(40)]  # ten of them twice
    with scope.acting(actor(Role.STREET_CLERK, NANJING_ROAD)):
        assert outbox.emit_many("born", events) == 30
        assert outbox.emit_many("born", events) == 0
        assert outbox.emit_many("born", []) == 0
    assert jobs() == 60
    assert outbox.drain() == 60


def test_a_rollback_leaves_nothing() -> None:
    def work() -> None:
        outbox.emit("born", key="1")
        raise Broken

    with pytest.raises(Broken), transaction.atomic(), scope.acting(SYSTEM):
        work()
    assert jobs() == 0
    assert deliveries() == []
    assert outbox.drain() == 0
    with scope.acting(SYSTEM):
        assert not OutboxEvent.objects.exists()
    assert emit("1") is True


def test_a_failed_handler_leaves_nothing_and_says_why(handlers: dict[str, Any]) -> None:
    emit()
    handlers["fail"].add("test.second")
    with pytest.raises(Broken):
        outbox.drain()
    assert told() == ["test.first"]
    first, second = deliveries()
    assert (first.state, second.state, second.attempts) == ("done", "pending", 1)
    assert "Broken" in second.last_error
    handlers["fail"].clear()
    assert outbox.drain() == 1
    assert told() == ["test.first", "test.second"]
    assert deliveries()[1].last_error == ""


def test_given_up_and_sent_again(handlers: dict[str, Any]) -> None:
    emit()
    handlers["fail"].add("test.first")
    event = deliveries()[0].event.pk
    for _attempt in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(Broken):
            outbox.deliver(event, "test.first")
    failed = deliveries()[0]
    assert (failed.state, failed.attempts) == ("failed", outbox.MAX_ATTEMPTS)
    handlers["fail"].clear()
    assert outbox.drain() == 1  # the other one only
    before = jobs()
    outbox.resend(failed.pk)
    assert jobs() == before + 1
    assert outbox.drain() == 1
    assert told() == ["test.first", "test.second"]


def test_handlers_may_emit() -> None:
    emit(kind="told")
    assert outbox.drain() == 3
    assert told() == ["test.first", "test.second"]


def test_events_nobody_listens_to() -> None:
    assert emit(kind="unheard") is True
    assert outbox.drain() == 0


def test_what_lost_its_job_is_queued_again() -> None:
    emit()
    outbox.deliver(deliveries()[0].event.pk, "test.first")
    assert outbox.sweep() == 0
    with scope.acting(SYSTEM):
        OutboxDelivery.objects.update(deferred_at=timezone.now() - outbox.FORGOTTEN - timedelta(minutes=1))
    before = jobs()
    assert outbox.sweep() == 1
    assert jobs() == before + 1
    assert outbox.sweep() == 0


def test_needs_a_transaction_and_unique_names() -> None:
    with pytest.raises(ValueError, match="already"):
        outbox.on("x", name="test.first")(lambda payload: None)


def test_history_names_the_handler() -> None:
    emit()
    outbox.drain()
    from jiuye.foundation.models import HistoryEntry

    with scope.acting(SYSTEM):
        actions = set(
            HistoryEntry.objects.filter(table_name="foundation_message").values_list("action", flat=True)
        )
    assert actions == {"outbox.test.first", "outbox.test.second"}
    assert history.UNDECLARED == "JY001"


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.emit("born", key="1")
