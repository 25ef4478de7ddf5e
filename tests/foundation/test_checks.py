"""The nightly checks find what they are for, and nothing in a sound house."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from jiuye.foundation import checks, clock, keyring, outbox, rotation, scope, sealed, tasks
from jiuye.foundation.keyring import KeyRing
from jiuye.foundation.models import LoginAttempt, OutboxDelivery
from jiuye.foundation.scope import SYSTEM
from tests.foundation.probe import Probe, add
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


def found() -> dict[str, list[str]]:
    with scope.acting(SYSTEM):
        return {name: [f.text for f in findings] for name, findings in checks.run().items() if findings}


def test_a_sound_house() -> None:
    assert found() == {}


def test_undelivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_handlers", {})
    outbox.on("born", name="test.one")(lambda payload: None)
    with scope.acting(SYSTEM):
        outbox.emit("born", key="1")
        assert found() == {}
        OutboxDelivery.objects.update(state="failed", last_error="Broken")
        assert found() == {"undelivered": ["born 未送达 test.one：Broken"]}
        delivery = OutboxDelivery.objects.select_related("event").get()
        delivery.state = "pending"
        delivery.save()
        delivery.event.at -= timedelta(days=1)
        delivery.event.save()
        assert list(found()) == ["undelivered"]


@pytest.mark.usefixtures("probes")
def test_lost_key(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = KeyRing.in_memory()
    monkeypatch.setattr(keyring, "default", lambda: ring)
    monkeypatch.setattr(
        rotation, "columns", lambda: [rotation.Column(Probe, f) for f in sealed.fields_of(Probe)]
    )
    add(number="1")
    ring.add_version()
    add(number="2")
    assert found() == {}
    ring.drop_version(1)
    assert found() == {"no_key": ["foundation_probe.number 有 1 个值由密钥版本 1 加密，密钥环中没有该版本"]}


@pytest.mark.usefixtures("probes")
def test_table_that_lost_its_guards() -> None:
    assert found() == {}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE foundation_probe NO FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE foundation_probe DISABLE TRIGGER keep_history")
        cursor.execute("ALTER TABLE foundation_probe DISABLE TRIGGER keep_frozen")
    assert found() == {"unprotected": ["foundation_probe 没有行级权限", "foundation_probe 没有变更记录"]}


def test_tidying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # the test's transaction goes on
    now = clock.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(minutes=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    LoginAttempt.objects.create(key="a", at=now - timedelta(days=2))
    LoginAttempt.objects.create(key="a", at=now)
    assert tasks.tidy(timestamp=0) == 2
    assert Session.objects.get().session_key == "new"
    assert LoginAttempt.objects.count() == 1
    assert tasks.nightly_checks(timestamp=0) == 0
