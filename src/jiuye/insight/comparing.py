"""The work behind a comparison that a lead asked for. Killed and started again it begins anew."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import UUID

import structlog

from jiuye.cities import changes
from jiuye.cities.small_cells import shareable
from jiuye.desk.whole_city import over_registers
from jiuye.foundation import clock, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import UserError
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM, Actor
from jiuye.insight.actions import law_of
from jiuye.insight.definitions import small_cell
from jiuye.insight.models import LawComparison
from jiuye.policy import LawError

log = structlog.get_logger(__name__)
EVERY: Final = 1.0  # seconds between two notes of how far it has come
ALONE: Final = {Role.SYSTEM}
State = LawComparison.State


def work(comparison: UUID) -> str:
    """Ask both laws of everybody; the state afterwards. Raises what failed in us: the job tries again."""
    row = begin(SYSTEM, comparison=comparison)
    if row.ended:
        return str(row.state)
    try:
        with scope.acting(SYSTEM):
            before, after = law_of(row.a_id, ()), law_of(row.b_id, row.settings)
            found = changes.changes(before, after)
            on = row.on or changes.first_day(before, after, clock.today(), found)
        result = over_registers(before, after, on, progress=_Noting(comparison)).to_json()
    except (LookupError, LawError, UserError, ArithmeticError, ValueError) as problem:
        log.warning("comparison_failed", comparison=str(comparison), problem=str(problem))
        return str(end(SYSTEM, comparison=comparison, problem=str(problem)[:2000]))
    return str(end(SYSTEM, comparison=comparison, result=shareable(result, small_cell())))


@action("insight.begin_comparison", roles=ALONE)
def begin(actor: Actor, *, comparison: UUID) -> LawComparison:
    row = LawComparison.objects.select_for_update().get(pk=comparison)
    if not row.ended:
        row.state, row.started_at = State.WORKING, clock.now()
        row.save(update_fields=["state", "started_at"])
    return row


@action("insight.note_progress", roles=ALONE)
def note(actor: Actor, *, comparison: UUID, step: str, done: int, total: int) -> None:
    working = LawComparison.objects.filter(pk=comparison, state=State.WORKING)
    working.update(step=step, done=done, total=total)


@action("insight.end_comparison", roles=ALONE)
def end(
    actor: Actor, *, comparison: UUID, result: dict[str, Any] | None = None, problem: str = ""
) -> LawComparison.State:
    state = State.FAILED if result is None else State.DONE
    LawComparison.objects.filter(pk=comparison).update(
        state=state, result=result, problem=problem, step="", finished_at=clock.now()
    )
    return state


class _Noting:
    """How far it has come, for the page that waits."""

    def __init__(self, comparison: UUID) -> None:
        self.comparison, self.noted = comparison, 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        if done < total and time.monotonic() - self.noted < EVERY:
            return
        self.noted = time.monotonic()
        note(SYSTEM, comparison=self.comparison, step=step, done=done, total=total)
