"""The job of a trial on a real worker: done once, and by another when the first was killed."""

from __future__ import annotations

import pytest
from django.db import connection

from jiuye.drafting import actions, trials
from jiuye.drafting.models import Trial
from jiuye.foundation import scope
from tests.drafting import world
from tests.runtime.test_jobs import count, work
from tests.support import jobs

pytestmark = pytest.mark.django_db(transaction=True)


def state(trial: Trial) -> tuple[str, int]:
    with scope.acting(scope.SYSTEM):
        row = Trial.objects.get(pk=trial.pk)
    return row.state, row.attempts


def test_a_worker_runs_what_was_asked_for() -> None:
    officer = world.officer()
    made = world.generous(officer)
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    assert count("task_name = 'drafting.try_out'") == 1
    work()
    assert state(trial) == ("done", 1)
    assert count("task_name = 'drafting.try_out'") == 0


def test_the_job_of_a_killed_worker_is_redone() -> None:
    """Begun, then nothing more was heard of that worker."""
    officer = world.officer()
    made = world.generous(officer)
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind="city")
    trials.begin_trial(scope.SYSTEM, trial_id=trial.pk)
    trials.note_progress(scope.SYSTEM, trial_id=trial.pk, step="cases a", done=5, total=9)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 day') RETURNING id)"
            " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
            " WHERE task_name = 'drafting.try_out'"
        )
    for _ in range(5):  # a periodic successor of the rescue may come first, see runtime.test_jobs
        jobs.queue("foundation.rescue")
        work()
        if state(trial)[0] == "done":
            break
    assert state(trial) == ("done", 2)


def test_asked_and_rolled_back_nothing_is_run() -> None:
    officer = world.officer()
    made = world.generous(officer)

    def ask_and_fail() -> None:
        with scope.acting(officer):
            actions.ask_trial(officer, proposal_id=made.pk, kind="city")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_fail()
    assert count("task_name = 'drafting.try_out'") == 0
    with scope.acting(scope.SYSTEM):
        assert not Trial.objects.exists()
