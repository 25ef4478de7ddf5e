"""What the worker does for the money room. Everything here may be cut off and run again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jiuye.desk import casefacts, catalogue
from jiuye.foundation import clock, outbox, scope
from jiuye.funds.actions import draw_sample, fill_samples, make_award, release_run, send_run, stop_by_rule
from jiuye.funds.city import law
from jiuye.funds.models import Award, PaymentRun
from jiuye.funds.models.run import RunState
from jiuye.policy import State
from jiuye.registry import facts as registers

log = structlog.get_logger(__name__)


@outbox.on("decision_made", name="funds.make_award")
def award_on_decision(payload: dict[str, Any]) -> None:
    """A granted decision becomes an award, in the handler's transaction."""
    make_award(scope.SYSTEM, decision_id=UUID(payload["decision"]))


@outbox.on("decision_made", name="funds.draw_sample")
def draw_on_decision(payload: dict[str, Any]) -> None:
    draw_sample(scope.SYSTEM, decision_id=UUID(payload["decision"]))


def defer_advance(run_id: UUID) -> None:
    """Queue the rest of an approved run, in the transaction that approves it."""
    advance_run.defer(run_id=str(run_id))


def advance(run_id: UUID) -> str:
    """Release, then send: each a transaction of its own that looks at the run's state first. The state
    afterwards.
    """
    release_run(scope.SYSTEM, run_id=run_id)
    return str(send_run(scope.SYSTEM, run_id=run_id).state)


@app.task(name="funds.advance_run", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def advance_run(run_id: str) -> str:
    """Killed at any point and started again, it goes on where it was."""
    return advance(UUID(run_id))


def resume_runs() -> int:
    """Queue again approved and released runs whose job got lost; how many."""
    since = clock.now() - timedelta(minutes=30)
    with scope.acting(scope.SYSTEM):
        lost = PaymentRun.objects.filter(
            state__in=[RunState.APPROVED, RunState.RELEASED], approved_at__lt=since
        )
        ids = list(lost.values_list("pk", flat=True))
        for run_id in ids:
            defer_advance(run_id)
    return len(ids)


@app.periodic(cron="*/30 * * * *")
@app.task(name="funds.resume_runs", queueing_lock="funds.resume_runs")
def resume(timestamp: int) -> int:
    return resume_runs()


PEOPLE_AT_ONCE = 500


def stop_by_rules(today: date) -> int:
    """Stop running awards whose item names a rule that ends them and is met today; how many.

    Many people's facts are read at once; only who the rule is met for is looked at alone, with household and
    employer, in a transaction of their own: one that fails is logged and leaves the others alone.
    """
    with scope.acting(scope.SYSTEM):  # what is published counts, not what came with the release
        rules = {
            (item.benefit.code, item.benefit.stage): item.benefit.stop
            for item in catalogue.current().items.values()
            if item.benefit and item.benefit.stop
        }
        running = Award.objects.filter(
            benefit__in={code for code, _stage in rules}, stopped_from__isnull=True
        )
        running = running.filter(schedule__month__gte=today.replace(day=1)).distinct().order_by("id")
        rows = list(running.values_list("id", "person_id", "benefit", "stage"))
    stopped = 0
    for start in range(0, len(rows), PEOPLE_AT_ONCE):
        for award_id in _ending(rows[start : start + PEOPLE_AT_ONCE], rules, today):
            try:
                stopped += stop_by_rule(scope.SYSTEM, award_id=award_id, on=today) is not None
            except (InterfaceError, OperationalError):
                raise  # the database is away, whoever is looked at
            except Exception:
                log.exception("award_not_stopped", award=str(award_id))
    return stopped


def _ending(
    rows: list[tuple[UUID, UUID, str, str]], rules: Mapping[tuple[str, str], str | None], today: date
) -> list[UUID]:
    """Those of these awards (id, person, benefit, stage) whose rule is met by the person's own facts."""
    found = []
    with scope.acting(scope.SYSTEM):
        known = registers.of_people(sorted({person for _id, person, _code, _stage in rows}), today)
        for award_id, person, code, stage in rows:
            rule = rules.get((code, stage))
            facts = casefacts.known(known.get(person, {}))
            if rule and law().explain(rule, facts, today).state is State.MET:
                found.append(award_id)
    return found


@app.periodic(cron="20 1 * * *")
@app.task(name="funds.stop_by_rules", queueing_lock="funds.stop_by_rules")
def nightly_stops(timestamp: int) -> int:
    return stop_by_rules(clock.today())


def nightly_samples(today: date) -> int:
    """Fill up the control sample of the month that ended; repeatable."""
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return len(fill_samples(scope.SYSTEM, month=month))


@app.periodic(cron="15 2 * * *")
@app.task(name="funds.fill_samples", queueing_lock="funds.fill_samples")
def samples(timestamp: int) -> int:
    return nightly_samples(clock.today())


@app.periodic(cron="45 2 * * *")
@app.task(name="funds.check", queueing_lock="funds.check")
def check(timestamp: int) -> int:
    """Nightly integrity checks; findings go to the log and to the auditors."""
    from jiuye.funds.checks import report

    return report()
