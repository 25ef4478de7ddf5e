"""Who opened a file is on record, and the person sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from jiuye.foundation import readlog, scope
from jiuye.foundation.errors import UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import ReadLogEntry
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM, Actor
from tests.factories import BUND, HUANGPU, NANJING_ROAD, XUHUI, actor, raw

pytestmark = pytest.mark.django_db
PERSON = new_id()


def read(by: Actor, what: str = "file", reason: str = "") -> None:
    with scope.acting(by):
        readlog.record_read(by, PERSON, what, reason)


def seen(by: Actor) -> list[tuple[str, str, str]]:
    with scope.acting(by):
        return [(e.user_name, e.what, e.reason) for e in readlog.reads_of(PERSON)]


def test_the_person_sees_who_and_why() -> None:
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD, name="陈静")
    read(clerk, "file", "来窗口咨询")
    (entry,) = seen(actor(Role.RESIDENT, person=PERSON))
    assert entry == ("陈静", "file", "来窗口咨询")
    assert seen(actor(Role.RESIDENT, person=new_id())) == []
    with scope.acting(SYSTEM):
        kept = ReadLogEntry.objects.get()
    assert (kept.role, kept.purpose, kept.unit_code) == ("street_clerk", "service", NANJING_ROAD)


def test_once_for_a_visit() -> None:
    clerk, colleague = actor(Role.STREET_CLERK, NANJING_ROAD), actor(Role.STREET_CLERK, NANJING_ROAD)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        read(clerk)
        read(clerk)
        read(clerk, "contributions")
        read(colleague)
        assert len(seen(SYSTEM)) == 3
        clock.shift(timedelta(minutes=11))
        read(clerk)
        assert len(seen(SYSTEM)) == 4


def test_own_file_and_the_system_are_not_recorded() -> None:
    read(actor(Role.RESIDENT, person=PERSON))
    read(SYSTEM)
    assert seen(SYSTEM) == []


def test_auditors_see_it_by_unit() -> None:
    read(actor(Role.STREET_CLERK, NANJING_ROAD))
    read(actor(Role.DISTRICT_CASEWORKER, XUHUI))
    assert len(seen(actor(Role.AUDITOR, "31"))) == 2
    assert len(seen(actor(Role.AUDITOR, HUANGPU))) == 1
    assert seen(actor(Role.STREET_CLERK, BUND)) == []


def test_unmasking_needs_a_reason_and_is_recorded() -> None:
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    with scope.acting(clerk):
        with pytest.raises(UserError) as error:
            readlog.unmask(clerk, PERSON, "document_number", "  ")
        assert error.value.field == "reason"
        readlog.unmask(clerk, PERSON, "document_number", "核对证件")
    assert seen(SYSTEM) == [(clerk.name, "unmask:document_number", "核对证件")]


def test_nobody_writes_in_anothers_name_or_changes_an_entry() -> None:
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    read(clerk)
    entry = {
        "person_id": PERSON,
        "unit_code": NANJING_ROAD,
        "user_name": "x",
        "what": "x",
        "at": timezone.now(),
    }
    for forged in (
        {"user_id": 0, "role": "street_clerk", "purpose": "service"},
        {"user_id": clerk.user_id, "role": "auditor", "purpose": "service"},
        {"user_id": clerk.user_id, "role": "street_clerk", "purpose": "control"},
    ):
        refused = pytest.raises(DatabaseError, match="row-level security")
        with refused, transaction.atomic(), scope.acting(clerk):
            ReadLogEntry.objects.create(**entry, **forged)
    for statement in ("DELETE FROM foundation_readlogentry", "UPDATE foundation_readlogentry SET what = 'x'"):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, transaction.atomic(), raw(SYSTEM) as cursor:
            cursor.execute(statement)
