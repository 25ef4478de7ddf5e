"""Cases of the demonstration city: what the registers show was once applied for, and what waits today.

Finished cases are marked as taken over from the system before (their letters are kept there). Open ones are
real: their doubts are what the law finds in the registers, so a clerk can work on them. Loaded by the tables'
owner after `registry.demo`; deterministic; the people of the story have no case yet.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from jiuye.desk.demo.former import Former
from jiuye.desk.demo.waiting import Waiting
from jiuye.desk.models import Case
from jiuye.foundation import history

Progress = Callable[[str, int, int], None]
_WHAT = "办件"


def load(people: int = 20_000, progress: Progress = lambda what, done, total: None) -> None:
    """Cases for about so many people's registers. Does nothing where there are cases already."""
    if Case.objects.exists():
        return
    progress(_WHAT, 0, 3)
    with transaction.atomic(), history.maintenance():
        Former().load()
        progress(_WHAT, 1, 3)
        Waiting().load()
        progress(_WHAT, 2, 3)
        with connection.cursor() as cursor:
            for table in ("case", "caseevent", "decision", "doubt", "rating", "task"):
                cursor.execute(f"ANALYZE desk_{table}")
    progress(_WHAT, 3, 3)
