"""A proposal tried: the worked examples, the city. A slow job, safe to run twice, begun anew after a kill."""

from __future__ import annotations

import time
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.desk import city
from jiuye.desk.whole_city import Registers
from jiuye.drafting import queries, sandbox
from jiuye.drafting.models import Trial, TrialState
from jiuye.drafting.sandbox import TrialProblem
from jiuye.foundation import clock, scope
from jiuye.foundation.action import action
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM, Actor
from jiuye.insight.definitions import small_cell

MAX_ATTEMPTS = 3
TELL_EVERY = 0.5  # seconds between two notes of how far it is
ALONE = {Role.SYSTEM}


def run(trial_id: UUID) -> bool:
    """Do what was asked for; False when it is done already or of a text that is no longer there.

    Raises whatever failed in us, for the job to be tried again; at the last attempt it is noted as failed.
    """
    begun = begin_trial(SYSTEM, trial_id=trial_id)
    if begun is None:
        return False
    trial, base, changed = begun
    told = 0.0

    def progress(step: str, done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            note_progress(SYSTEM, trial_id=trial_id, step=step, done=done, total=total)

    try:
        with sandbox.bench(base, changed, clock.today().isoformat()) as bench:
            result = bench.ask(trial.kind, progress, _everybody, least=small_cell(), city=str(city.folder()))
    except TrialProblem as problem:  # of the text or its size: again would be the same
        end_trial(SYSTEM, trial_id=trial_id, problem=problem.kind, details=problem.details)
        return True
    except Exception as error:
        if trial.attempts < MAX_ATTEMPTS:
            raise
        end_trial(
            SYSTEM, trial_id=trial_id, problem="broken", details=f"{type(error).__name__}: {error}"[:500]
        )
        return True
    end_trial(SYSTEM, trial_id=trial_id, result=result)
    return True


def _everybody(need: dict[str, Any]) -> object:
    """Columns of everybody as the registers know them; as the system."""
    with scope.acting(SYSTEM):
        return Registers().read(
            date.fromisoformat(need["on"]), frozenset(need["names"]), frozenset(need["employer_names"])
        )


@action("drafting.begin_trial", roles=ALONE)
def begin_trial(actor: Actor, *, trial_id: UUID) -> tuple[Trial, str, dict[str, str]] | None:
    """The trial, its base and its texts; None when there is nothing to do."""
    trial = Trial.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=trial_id)
    if trial.over:
        return None
    found = queries.of(trial.proposal)
    if found.key != trial.key:
        _end(trial, "changed", "", {})
        return None
    trial.state, trial.started_at = TrialState.RUNNING, clock.now()
    trial.attempts += 1
    trial.step, trial.done, trial.total = "", 0, 0
    trial.save(update_fields=["state", "started_at", "attempts", "step", "done", "total"])
    return trial, trial.proposal.base_id, found.changed


@action("drafting.note_progress", roles=ALONE)
def note_progress(actor: Actor, *, trial_id: UUID, step: str, done: int, total: int) -> None:
    running = Trial.objects.filter(pk=trial_id, state=TrialState.RUNNING)
    running.update(step=step[:20], done=done, total=total)


@action("drafting.end_trial", roles=ALONE)
def end_trial(
    actor: Actor,
    *,
    trial_id: UUID,
    problem: str = "",
    details: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    """Note what came out; whoever is second finds it done."""
    trial = Trial.objects.select_for_update().get(pk=trial_id)
    if not trial.over:
        _end(trial, problem, details, result or {})


def _end(trial: Trial, problem: str, details: str, result: dict[str, Any]) -> None:
    trial.state = TrialState.FAILED if problem else TrialState.DONE
    trial.problem, trial.details, trial.result, trial.finished_at = problem, details, result, clock.now()
    trial.save(update_fields=["state", "problem", "details", "result", "finished_at"])
