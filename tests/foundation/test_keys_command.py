"""`jiuye keys`, as a process of its own that is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from jiuye.foundation import history, keyring, rotation, scope, sealed
from jiuye.foundation.ids import new_id
from jiuye.foundation.scope import SYSTEM
from jiuye.registry.models import Person
from tests.support.database import as_owner

PEOPLE = 1500


def command(*arguments: str) -> subprocess.Popen[str]:
    """`jiuye …` on the database of this test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = str(connection.settings_dict["NAME"])
    url = urlunsplit(parts._replace(path=f"/{name}"))
    code = "from jiuye.cli.main import app; app()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "DATABASE_URL": url, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(*arguments: str) -> str:
    process = command(*arguments)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def versions() -> dict[int, int]:
    with as_owner():
        column = next(c for c in rotation.columns() if c.label == "registry_person.document_number")
        return dict(rotation.counts(column))


@pytest.mark.django_db(transaction=True)
def test_rotation_killed_and_run_again() -> None:
    numbers = [f"31999919900101{i:04d}" for i in range(PEOPLE)]
    people = [
        Person(
            pk=new_id(),
            name="王秀英",
            document_type="01",
            document_number=number,
            birth_date=date(1990, 1, 1),
            sex="2",
            unit_code="31",
        )
        for number in numbers
    ]
    with as_owner(), history.maintenance():
        Person.objects.bulk_create(people)
    before = keyring.default().current
    assert versions() == {before: PEOPLE}

    process = command("keys", "rotate", "--batch", "1")
    deadline = time.monotonic() + 90
    while versions().get(before + 1, 0) < 50:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    halfway = versions()
    assert 0 < halfway[before] < PEOPLE
    assert sum(halfway.values()) == PEOPLE
    with scope.acting(SYSTEM):  # meanwhile everything can be read
        assert sorted(p.document_number for p in Person.objects.all()) == numbers

    said = finished("keys", "rotate")
    assert f"Going on with key version {before + 1}" in said
    assert f"{halfway[before]} values re-sealed" in said
    assert versions() == {before + 1: PEOPLE}
    with scope.acting(SYSTEM):
        assert sorted(p.document_number for p in Person.objects.all()) == numbers
        assert sealed.lookup(Person, "document_number", numbers[7]).get().pk == people[7].pk

    listed = finished("keys", "list")
    assert f"{before + 1} (seals)" in listed
    assert f"registry_person.document_number {PEOPLE}" in listed
