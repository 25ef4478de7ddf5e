"""Sealed fields: text in Python, bytes in PostgreSQL, found by an index, masked on screen, re-sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from jiuye.foundation import keyring, rotation, scope, sealed, sealing
from jiuye.foundation.keyring import KeyRing
from jiuye.foundation.sealing import BrokenSealError
from tests.factories import raw
from tests.foundation.probe import Probe, add, doing
from tests.support.database import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probes")]
NUMBER = "31999919900101123X"


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> KeyRing:
    fresh = KeyRing.in_memory()
    monkeypatch.setattr(keyring, "default", lambda: fresh)
    return fresh


@pytest.fixture(autouse=True)
def system(probes: None) -> Iterator[None]:
    with doing(scope.SYSTEM):
        yield


def stored(row: Probe, column: str = "number") -> bytes:
    with raw(scope.SYSTEM) as cursor:
        cursor.execute(f"SELECT {column} FROM foundation_probe WHERE id = %s", [row.pk])
        return bytes(cursor.fetchone()[0])


def test_text_here_bytes_there() -> None:
    row = add(number=NUMBER, phone="13812345678")
    assert row.number == NUMBER
    again = Probe.objects.get(pk=row.pk)
    assert (again.number, again.phone) == (NUMBER, "13812345678")
    assert NUMBER.encode() not in stored(row)
    assert sealing.sealed_version(stored(row)) == 1
    assert len(stored(row)) == 49
    assert Probe.objects.defer("number").get(pk=row.pk).number == NUMBER


def test_null_stays_null() -> None:
    row = Probe.objects.get(pk=add().pk)
    assert (row.number, row.number_index, row.phone) == (None, None, None)
    row.number = NUMBER
    row.save()
    row.number = None
    row.save()
    row = Probe.objects.get(pk=row.pk)
    assert (row.number, row.number_index) == (None, None)


def test_found_however_it_is_written() -> None:
    row = add(number=NUMBER)
    add(number="319999199001011248")
    for written in (
        NUMBER,
        "31999919900101123x",
        " 319999 19900101 123x",
        "３１９９９９１９９００１０１１２３Ｘ",
    ):
        assert sealed.lookup(Probe, "number", written).get() == row
    assert not sealed.lookup(Probe, "number", "319999199001011999").exists()
    with pytest.raises(LookupError):
        sealed.lookup(Probe, "phone", "13812345678")
    with pytest.raises(TypeError):
        sealed.lookup(Probe, "note", "x")


def test_the_same_number_only_once() -> None:
    add(number=NUMBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        add(number=NUMBER.lower())


def test_saving_untouched_keeps_the_seal() -> None:
    row = add(number=NUMBER)
    before = stored(row)
    unread, read, same = (Probe.objects.get(pk=row.pk) for _ in range(3))
    unread.save()
    assert read.number == NUMBER
    read.save()
    same.number = NUMBER
    same.save()
    assert stored(row) == before
    index = stored(row, "number_index")
    read.number = "319999199001011248"
    read.save()
    assert stored(row) != before
    assert stored(row, "number_index") != index
    assert sealed.lookup(Probe, "number", "319999199001011248").exists()


def test_bulk_create() -> None:
    rows = [Probe(unit_code="31", number=f"31999919900101{i:04d}") for i in range(5)]
    Probe.objects.bulk_create(rows)
    assert sorted(p.number for p in Probe.objects.all()) == sorted(r.number for r in rows)
    assert sealed.lookup(Probe, "number", rows[3].number).get().pk == rows[3].pk


def test_what_knows_no_row_refuses_plain_text() -> None:
    row = add(number=NUMBER)
    for change in (
        lambda: Probe.objects.update(number="x"),
        lambda: Probe.objects.filter(number=NUMBER).exists(),
        lambda: Probe.objects.bulk_update([row], ["number"]),
    ):
        with pytest.raises(TypeError, match="sealed"), transaction.atomic():
            change()
    with pytest.raises(TypeError):
        row.number = 5
    row.number = "319999199001011248"
    with pytest.raises(ValueError, match="number_index"):
        row.save(update_fields=["number"])
    row.save(update_fields=["number", "number_index"])
    assert sealed.lookup(Probe, "number", "319999199001011248").exists()


def test_values_are_opened_by_hand() -> None:
    row = add(number=NUMBER)
    (blob,) = Probe.objects.values_list("number", flat=True)
    assert repr(blob) == "Sealed(49 bytes)"
    assert sealed.open_value("foundation_probe.number", row.pk, blob) == NUMBER


def test_a_seal_moved_to_another_row_or_column_does_not_open() -> None:
    one, two = add(number=NUMBER), add(number="319999199001011248")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_probe SET phone = number WHERE id = %s", [one.pk])
        cursor.execute("UPDATE foundation_probe SET number = %s WHERE id = %s", [stored(one), two.pk])
    with pytest.raises(BrokenSealError):
        assert Probe.objects.get(pk=two.pk).number
    with pytest.raises(BrokenSealError):
        assert Probe.objects.get(pk=one.pk).phone
    copy = Probe.objects.get(pk=one.pk)
    copy.pk = None
    copy._state.adding = True
    with pytest.raises((BrokenSealError, ValueError)):
        copy.save()


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "110", "***"),
        ("account", "6222021234567890123", "***************0123"),
        ("account", "1234", "****"),
        ("address", "黄浦区南京东路100弄5号", "黄浦区南京东*******"),
        ("address", "上海", "**"),
        ("name", "王秀英", "王**"),
        ("resident_id", NUMBER, "319***********123X"),
        ("uscc", "91310000MA1FL5HA1X", "91310000MA1FL5HA1X"),
        ("phone", None, ""),
    ],
)
def test_masks(kind: str, value: str | None, shown: str) -> None:
    assert sealed.mask(kind, value) == shown


# -- re-sealing -------------------------------------------------------------------------------------------


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> list[rotation.Column]:
    """The probe's columns; its model is not in the registry."""
    found = [rotation.Column(Probe, field) for field in sealed.fields_of(Probe)]
    monkeypatch.setattr(rotation, "columns", lambda: found)
    return found


class Killed(BaseException):
    """The process ends here."""


def test_rotation_can_be_killed_and_goes_on(
    columns: list[rotation.Column], ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [add(number=f"31999919900101{i:04d}", phone=None if i % 2 else "138") for i in range(25)]
    numbers, phones = columns
    with as_owner():
        assert rotation.counts(numbers) == {1: 25}
        version = rotation.begin()
        assert version == ring.current == 2
        assert rotation.pending(version) == 25 + 13

    resealed = 0
    reseal = sealing.reseal

    def die(*given: Any) -> bytes:
        nonlocal resealed
        resealed += 1
        if resealed > 17:
            raise Killed
        return reseal(*given)

    monkeypatch.setattr(sealing, "reseal", die)
    with as_owner(), pytest.raises(Killed):  # the batches are savepoints of the test's transaction
        rotation.rotate(version, 5)
    monkeypatch.setattr(sealing, "reseal", reseal)

    with as_owner():
        assert rotation.counts(numbers) == {1: 10, 2: 15}  # three batches of five; the fourth came to nothing
        assert rotation.begin() == version  # goes on with the same key
        done: list[int] = []
        assert rotation.rotate(version, 5, lambda column, n: done.append(n)) == 10 + 13
        assert rotation.counts(numbers) == {2: 25}
        assert rotation.counts(phones) == {2: 13}
        assert rotation.pending(version) == 0
        assert sum(done) == 23
        assert rotation.begin() == 3  # nothing is left of older ones: now a new key
    for row in rows:
        assert Probe.objects.get(pk=row.pk).number == row.number
        assert sealed.lookup(Probe, "number", row.number).get().pk == row.pk


def test_rotation_leaves_no_history_and_decided_rows_too(
    columns: list[rotation.Column], ring: KeyRing
) -> None:
    from django.utils import timezone

    from jiuye.foundation.models import HistoryEntry

    row = add(number=NUMBER, decided_at=timezone.now())
    before = HistoryEntry.objects.count()
    with as_owner():
        rotation.rotate(rotation.begin(), 10)
    assert HistoryEntry.objects.count() == before
    assert sealing.sealed_version(stored(row)) == 2
    assert Probe.objects.get(pk=row.pk).number == NUMBER


def test_only_the_newest_key_re_seals(columns: list[rotation.Column], ring: KeyRing) -> None:
    add(number=NUMBER)
    ring.add_version()
    with pytest.raises(ValueError, match="newest"):
        rotation.rotate(1)
