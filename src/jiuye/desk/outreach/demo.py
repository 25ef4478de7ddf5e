"""The first night of the demonstration city, so that its pages have somebody to show."""

from __future__ import annotations

from collections.abc import Callable

from jiuye.desk.models import OutreachRun
from jiuye.desk.outreach import nightly
from jiuye.foundation import clock

Progress = Callable[[str, int, int], None]
_WHAT = "政策找人"


def load(people: int = 20_000, progress: Progress = lambda what, done, total: None) -> None:
    """Everybody is searched once. Does nothing where a night was, or where the city looks for nobody."""
    if OutreachRun.objects.exists():
        return
    progress(_WHAT, 0, 1)
    try:
        nightly.run(clock.today())
    except nightly.NoPractice:
        return
    progress(_WHAT, 1, 1)
