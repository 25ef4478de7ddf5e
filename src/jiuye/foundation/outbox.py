"""Telling upward what happened: an event is written in the transaction that caused it, handlers run later,
once each.

    outbox.emit("employment_started", key=str(spell.id), spell_id=spell.id)

    @outbox.on("employment_started", name="insurance.stop_on_hire")
    def handler(payload: dict[str, Any]) -> None: ...

A job for every handler is queued in the same transaction, so a rollback leaves nothing. The handler's work
and the note that it is done commit together: a repeated or killed job does nothing twice. A handler runs as
the system.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from procrastinate.types import JSONValue

from jiuye.foundation import clock, history, scope
from jiuye.foundation.models import OutboxDelivery, OutboxEvent

Payload = dict[str, Any]
Handler = Callable[[Payload], None]

MAX_ATTEMPTS: Final = 8
_BATCH: Final = 2000
#: Longer than the retries of a job take: what is still open by then lost its job.
FORGOTTEN: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Subscription:
    kind: str
    name: str
    handler: Handler


_handlers: Final[dict[str, Subscription]] = {}


def on(kind: str, name: str) -> Callable[[Handler], Handler]:
    """Subscribe a handler, in `<room>/tasks.py`. `name` is 'room.what' and never changes."""

    def subscribe(handler: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"there is a handler {name} already")
        _handlers[name] = Subscription(kind, name, handler)
        return handler

    return subscribe


def emit(kind: str, key: str, **payload: object) -> bool:
    """Tell that something happened. The same kind and key again is the same event: False, nothing is told.

    `payload` holds identifiers, not personal data; UUIDs and dates arrive at handlers as text.
    """
    return emit_many(kind, [(key, payload)]) == 1


def emit_many(kind: str, events: Iterable[tuple[str, Mapping[str, object]]]) -> int:
    """`emit` for many (key, payload) with a handful of statements. How many were new."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs into the transaction that causes it")
    names = [s.name for s in _handlers.values() if s.kind == kind]
    now = clock.now()
    rows = [OutboxEvent(kind=kind, key=key, payload=dict(payload), at=now) for key, payload in events]
    if not rows:
        return 0
    with scope.elevated("outbox"):
        OutboxEvent.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
        written = OutboxEvent.objects.filter(pk__in=[row.pk for row in rows])
        kept = set(written.values_list("pk", flat=True))
        fresh = [row for row in rows if row.pk in kept]
        OutboxDelivery.objects.bulk_create(
            [OutboxDelivery(event=row, handler=name, deferred_at=now) for row in fresh for name in names],
            batch_size=_BATCH,
        )
    _queue_many([(row.pk, name) for row in fresh for name in names])
    return len(fresh)


def deliver(event_id: UUID, name: str) -> bool:
    """Run one handler for one event, unless it has run. True when it ran now; errors are noted and raised."""
    try:
        with transaction.atomic(), scope.acting(scope.SYSTEM), history.context(f"outbox.{name}"):
            delivery = (
                OutboxDelivery.objects.select_for_update(of=("self",))
                .select_related("event")
                .filter(event_id=event_id, handler=name)
                .exclude(state=OutboxDelivery.State.DONE)
                .first()
            )
            if delivery is None:
                return False
            _handlers[name].handler(dict(delivery.event.payload))
            delivery.state = OutboxDelivery.State.DONE
            delivery.attempts += 1
            delivery.last_error, delivery.done_at = "", clock.now()
            delivery.save(update_fields=["state", "attempts", "last_error", "done_at"])
            return True
    except Exception as error:
        _note(event_id, name, error)
        raise


def drain(rounds: int = 20) -> int:
    """Run everything pending here and now, and what that emits; for tests and commands. How many ran."""
    ran = 0
    for _round in range(rounds):
        with scope.acting(scope.SYSTEM):
            pending = list(
                OutboxDelivery.objects.filter(state=OutboxDelivery.State.PENDING)
                .order_by("event__at", "event_id", "handler")
                .values_list("event_id", "handler")
            )
        if not pending:
            return ran
        ran += sum(deliver(event_id, name) for event_id, name in pending)
    raise RuntimeError(f"handlers still emit after {rounds} rounds")


def sweep() -> int:
    """Queue again what lost its job. Failed deliveries wait for a person (`resend`). Returns how many."""
    now = clock.now()
    with scope.acting(scope.SYSTEM):
        lost = list(
            OutboxDelivery.objects.select_for_update(skip_locked=True)
            .filter(state=OutboxDelivery.State.PENDING, deferred_at__lt=now - FORGOTTEN)
            .order_by("deferred_at")[:1000]
        )
        for delivery in lost:
            _queue(delivery.event_id, delivery.handler)
        OutboxDelivery.objects.filter(pk__in=[d.pk for d in lost]).update(deferred_at=now)
    return len(lost)


def resend(delivery_id: UUID) -> None:
    """Try a failed delivery again, from the beginning."""
    with scope.acting(scope.SYSTEM):
        delivery = OutboxDelivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.state == OutboxDelivery.State.DONE:
            return
        delivery.state, delivery.attempts, delivery.deferred_at = (
            OutboxDelivery.State.PENDING,
            0,
            clock.now(),
        )
        delivery.save(update_fields=["state", "attempts", "deferred_at"])
        _queue(delivery.event_id, delivery.handler)


def _note(event_id: UUID, name: str, error: Exception) -> None:
    """Count a failed attempt, after its transaction was rolled back."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__} at {place.name}:{place.lineno}: {error}"[:2000]
    with scope.acting(scope.SYSTEM):
        delivery = (
            OutboxDelivery.objects.select_for_update()
            .filter(event_id=event_id, handler=name, state=OutboxDelivery.State.PENDING)
            .first()
        )
        if delivery is None:
            return
        delivery.attempts += 1
        delivery.last_error = text
        if delivery.attempts >= MAX_ATTEMPTS:
            delivery.state = OutboxDelivery.State.FAILED
        delivery.save(update_fields=["attempts", "last_error", "state"])


def _queue(event_id: UUID, name: str) -> None:
    _queue_many([(event_id, name)])


def _queue_many(pairs: Iterable[tuple[UUID, str]]) -> None:
    from jiuye.foundation import tasks

    wanted: list[dict[str, JSONValue]] = [
        {"event_id": str(event_id), "handler": name} for event_id, name in pairs
    ]
    if wanted:
        tasks.deliver.batch_defer(*wanted)
