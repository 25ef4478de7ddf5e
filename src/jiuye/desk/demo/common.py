"""What finished and waiting cases of the demonstration have in common."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from jiuye.desk import catalogue, city
from jiuye.desk.models import Case, CaseEvent
from jiuye.foundation import city as calendars
from jiuye.foundation import clock, deadlines
from jiuye.foundation.numbering import compose
from jiuye.foundation.roles import Role
from jiuye.registry.demo import source

SEED: Final = 20_260_816
MOST: Final = 30_000  # finished cases of one kind, however large the city
BATCH: Final = 2_000


class Maker:
    """Keys, numbers and rows, the same in every load of the same city."""

    def __init__(self, kind: int) -> None:
        self.today = clock.today()
        self.dice = random.Random(SEED + kind)  # noqa: S311 (nothing secret)
        self.calendar = calendars.calendar()

    def key(self, at: datetime) -> UUID:
        """A UUID of version 7 whose random part comes from the dice (RFC 9562, 5.7)."""
        milliseconds = int(at.timestamp() * 1000)
        noise = self.dice.getrandbits(74)
        return UUID(
            int=milliseconds << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62 | (noise & (1 << 62) - 1)
        )

    def numbers(self, units: list[str]) -> list[str]:
        """A fresh number for each unit."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval('foundation_number') FROM generate_series(1, %s)",
                [len(units)],
            )
            running = [row[0] for row in cursor.fetchall()]
        return [compose(unit, self.today.year, one) for unit, one in zip(units, running, strict=True)]

    def moment(self, on: date) -> datetime:
        """Some time of the working day."""
        minutes = self.dice.randrange(8 * 60)
        return datetime.combine(on, time(9), clock.zone()) + timedelta(minutes=minutes)

    def working_days_after(self, on: date, days: int) -> date:
        return self.calendar.add_working_days(on, days).date

    def case(self, person: UUID, unit: str, item: str, on: date, number: str, **fields: Any) -> Case:
        """A case submitted on that day, its clock started."""
        entry = catalogue.item(item)
        at = self.moment(on)
        case = Case(
            id=self.key(at),
            number=number,
            person_id=person,
            unit_code=unit,
            item=item,
            item_version=entry.version,
            bundle=source.story().bundle,
            request_key=self.key(at),
            channel="web" if self.dice.random() < 0.7 else "counter",
            submitted_at=at,
            **fields,
        )
        deadlines.start(
            case,
            on,
            city.whole("ui_review_working_days_promised", on),
            city.whole("ui_review_working_days_statutory", on),
            self.calendar,
        )
        return case

    def event(
        self, case: Case, at: datetime, kind: str, before: str = "", role: Role = Role.SYSTEM
    ) -> CaseEvent:
        return CaseEvent(
            id=self.key(at),
            case=case,
            person_id=case.person_id,
            unit_code=case.unit_code,
            at=at,
            kind=kind,
            from_state=before,
            to_state=case.state if before else "",
            role=role.value,
        )


def batches(rows: list[Any], size: int = BATCH) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
