"""A table made for the tests: everything the ground floor offers in one row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.test.utils import isolate_apps

from jiuye.foundation import grants, history, protection, scope
from jiuye.foundation.deadlines import Clocked
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import CASE_STAFF, Role
from jiuye.foundation.sealed import BlindIndexField, SealedField
from jiuye.foundation.two_person import TwoPerson

with isolate_apps("jiuye.foundation"):

    class Probe(TwoPerson, Clocked):
        id = models.UUIDField(primary_key=True, default=new_id, editable=False)
        person_id = models.UUIDField(null=True)
        employer_id = models.UUIDField(null=True)
        unit_code = models.CharField(max_length=12)
        note = models.CharField(max_length=100, blank=True)
        number = SealedField("foundation_probe.number", null=True)
        number_index = BlindIndexField(of="number", null=True, unique=True)
        phone = SealedField("foundation_probe.phone", null=True)
        decided_at = models.DateTimeField(null=True)

        class Meta(TwoPerson.Meta):
            app_label = "foundation"
            db_table = "foundation_probe"
            indexes = [models.Index(fields=["unit_code"], name="probe_unit")]

    class Part(models.Model):
        """Belongs to a probe and is seen with it."""

        id = models.UUIDField(primary_key=True, default=new_id, editable=False)
        probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="parts")

        class Meta:
            app_label = "foundation"
            db_table = "foundation_part"


def operations() -> list[Any]:
    return [
        *protection.protect(
            "foundation_probe",
            employer="employer_id",
            staff=(*CASE_STAFF, Role.AUDITOR),
            write=(*CASE_STAFF, Role.RESIDENT),
        ),
        history.immutable("foundation_probe", except_columns=("note",), once="decided_at"),
        *protection.protect(
            "foundation_part",
            person=None,
            unit=None,
            through=("foundation_probe", "probe_id"),
            write=(Role.STREET_CLERK,),
        ),
    ]


def make() -> None:
    """The two tables, as owner."""
    with connection.schema_editor() as editor:
        editor.create_model(Probe)
        editor.create_model(Part)
        for operation in operations():
            operation.database_forwards("foundation", editor, ProjectState(), ProjectState())
    grants.apply()


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE foundation_part, foundation_probe")


@contextmanager
def doing(actor: scope.Actor, action: str = "probe.test", reason: str = "") -> Iterator[None]:
    """Act, with a declared change."""
    with scope.acting(actor), history.context(action, reason):
        yield


def add(unit_code: str = "310101002001", person: UUID | None = None, **fields: Any) -> Probe:
    """A row written by the system."""
    with doing(scope.SYSTEM, "probe.add"):
        return Probe.objects.create(unit_code=unit_code, person_id=person or new_id(), **fields)
