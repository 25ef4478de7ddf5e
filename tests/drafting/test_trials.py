"""Examples and city run with another text: what changes, counted by hand; retried, redone when killed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiuye import cities
from jiuye.cities.city import load
from jiuye.cities.examples import Examiner, plain_any, same
from jiuye.desk import city
from jiuye.drafting import actions, sandbox, trials
from jiuye.drafting.models import Proposal, Trial
from jiuye.foundation import clock, scope
from jiuye.foundation.errors import Forbidden, NotFound, UserError
from jiuye.foundation.worked_examples import SPECIAL
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import years_between
from tests.drafting import world
from tests.support import make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db
AGE = "rules/labour_age.yaml"
OLDER = "value: years_between(birth, on) + 1"
HUANGPU, XUHUI, PUDONG = "310101002", "310104003", "310115001"


def asked(officer: scope.Actor, made: Proposal, kind: str) -> Trial:
    """Asked for and run."""
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind=kind)
    assert (trial.state, trial.attempts) == ("waiting", 0)
    assert trials.run(trial.pk)
    return current(trial)


def current(trial: Trial) -> Trial:
    with scope.acting(scope.SYSTEM):
        return Trial.objects.get(pk=trial.pk)


def older(officer: scope.Actor) -> Proposal:
    """Everybody counts as a year older."""
    text = world.changed(AGE, "value: years_between(birth, on)", OLDER)
    return world.proposal(officer, AGE, text, "周岁多算一年")


def test_the_examples_that_change_are_shown() -> None:
    """Put here, in this process, to both laws: the same cases, the same answers."""
    officer = world.officer()
    made = world.generous(officer)
    trial = asked(officer, made, "examples")
    assert (trial.state, trial.done, trial.total) == ("done", trial.total, trial.result["total"])
    wanted = {}
    passed: Counter[str] = Counter()
    with sandbox.bench(made.base_id, world.draft(officer, made).changed, "2026-11-25") as bench:
        both = {name: Examiner(load(bench.folder / name), SPECIAL) for name in ("base", "law")}
    content = read_yaml(city.folder() / "examples" / "persons.yaml")
    for case in content["examples"]:
        today = date.fromisoformat(str(content["compiled"]))
        got = {
            name: one.answer(case["ask"], case["given"] or {}, case["expect"], today)
            for name, one in both.items()
        }
        for name in got:
            passed[name] += all(same(case["expect"][key], value) for key, value in got[name].items())
        if got["base"] != got["law"]:
            wanted[case["id"]] = {key: plain_any(value) for key, value in got["law"].items()}
    assert wanted
    found = {row["id"]: row for row in trial.result["changed"]}
    assert found.keys() == wanted.keys()
    for name, row in found.items():
        for answer in row["answers"]:
            assert answer["after"] == wanted[name][answer["key"]] != answer["before"]
    others = len(read_yaml(city.folder() / "examples" / "employers.yaml")["cases"])  # untouched by this
    counts = (trial.result["passed_before"], trial.result["passed_after"])
    assert counts == (passed["base"] + others, passed["law"] + others)
    months = found["PX-142"]
    assert (months["passed_before"], months["passed_after"]) == (True, False)
    assert months["answers"][0] == {"key": "months", "expected": 2, "before": 2, "after": 3}


def test_the_cases_of_employers_are_put_too() -> None:
    """The law's cap on lay-offs of small employers goes from 20 to 19 per cent: the cases at 20 are lost."""
    officer = world.officer()
    path = "parameters/employer_refund.yaml"
    made = world.proposal(officer, path, world.changed(path, "value: 0.2\n", "value: 0.19\n"))
    trial = asked(officer, made, "examples")
    lost = {row["id"]: row for row in trial.result["changed"]}
    assert "layoff-2" in lost
    assert lost["layoff-2"]["answers"] == [
        {"key": "layoff_within_cap", "expected": True, "before": True, "after": False}
    ]
    assert trial.result["passed_before"] == trial.result["total"]


def people() -> dict[str, list[date]]:
    """Birthdays by street: six in Huangpu, three in Xuhui, seven in Pudong; nobody's on the day itself."""
    born = {
        HUANGPU: [date(1960 + 5 * n, 3, 1) for n in range(6)],
        XUHUI: [date(1990 + n, 7, 7) for n in range(3)],
        PUDONG: [date(1970 + 4 * n, 12, 24) for n in range(7)],
    }
    for street, days in born.items():
        for day in days:
            make.person(street, birth_date=day)
    return born


def test_the_city_equals_a_recount_by_hand() -> None:
    officer = world.officer()
    born = people()
    everybody = [day for days in born.values() for day in days]
    trial = asked(officer, older(officer), "city")
    assert trial.state == "done", trial.details
    result: dict[str, Any] = trial.result
    assert result["people"] == len(everybody) == 16
    effect = next(one for one in result["effects"] if one["rule"] == "age")
    before = sum(years_between(day, world.TODAY) for day in everybody)
    assert effect["counts"]["more"] == 16
    assert {effect["counts"][kind] for kind in ("newly", "lost", "less")} == {0}
    assert (int(effect["sum_before"]), int(effect["sum_after"])) == (before, before + 16)
    districts = {key: row.get("more") for key, row in effect["groups"]["district"].items()}
    # three people are too few to be shown, and then the next smallest goes, or the total would tell
    assert districts == {"310101": None, "310104": None, "310115": 7}
    assert result["least"] == 5
    text = str(result)
    with scope.acting(scope.SYSTEM):
        from jiuye.registry.models import Person

        keys = [str(key) for key in Person.objects.values_list("pk", flat=True)]
    assert not [key for key in keys if key in text]


def test_a_limit_moved_takes_away_from_those_below_it(in_force: Path) -> None:
    officer = world.officer()
    born = people()
    rule = "- rule: grown_up\n  title: {zh: 成年, en: Grown up}\n  basis: 测试\n  when: age >= 18\n\n"
    world.enact(in_force, AGE, "- rule: past_statutory_age", rule + "- rule: past_statutory_age")
    made = world.proposal(officer, AGE, world.changed(AGE, "age >= 18", "age >= 50"))
    ages = [years_between(day, world.TODAY) for days in born.values() for day in days]
    lost = sum(18 <= age < 50 for age in ages)
    result = asked(officer, made, "city").result
    (effect,) = result["effects"]
    assert (effect["rule"], effect["counts"]["lost"], effect["counts"]["newly"]) == ("grown_up", lost, 0)
    assert effect["after"]["met"] == sum(age >= 50 for age in ages)
    by_age = {key: row["lost"] for key, row in effect["groups"]["age"].items()}
    told = sum(count or 0 for count in by_age.values())
    assert told < lost  # some groups are too small to be shown
    assert all(count is None or count >= 5 for count in by_age.values())


def test_nobody_affected_is_a_result() -> None:
    officer = world.officer()
    made = world.proposal(officer, AGE, world.read(AGE) + "# 说明\n")
    trial = asked(officer, made, "city")
    assert (trial.state, trial.result["effects"]) == ("done", [])


def test_asked_again_while_it_runs_it_is_the_same() -> None:
    officer = world.officer()
    made = older(officer)
    first = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    trials.begin_trial(scope.SYSTEM, trial_id=first.pk)
    again = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    assert (again.pk, again.state, again.attempts) == (first.pk, "running", 1)
    assert trials.run(first.pk)  # as the job of a killed worker is: from the beginning
    done = current(first)
    assert (done.state, done.attempts) == ("done", 2)
    assert not trials.run(first.pk)  # a third time there is nothing to do
    assert current(first).finished_at == done.finished_at
    afresh = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    assert (afresh.pk, afresh.state, afresh.attempts, afresh.result) == (first.pk, "waiting", 0, {})


def test_one_whose_job_is_gone_can_be_asked_for_again() -> None:
    officer = world.officer()
    made = older(officer)
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    trials.begin_trial(scope.SYSTEM, trial_id=trial.pk)
    with as_owner():
        Trial.objects.filter(pk=trial.pk).update(started_at=clock.now() - timedelta(hours=1))
    afresh = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    assert (afresh.pk, afresh.state, afresh.attempts) == (trial.pk, "waiting", 0)


def test_of_a_text_that_was_changed_meanwhile_nothing_is_run() -> None:
    officer = world.officer()
    made = older(officer)
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind="examples")
    text = world.draft(officer, made).text(AGE) + "# 又改\n"
    actions.save_text(officer, proposal_id=made.pk, path=AGE, text=text, edition=1)
    assert not trials.run(trial.pk)
    assert (current(trial).state, current(trial).problem) == ("failed", "changed")


def test_what_takes_too_long_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    officer = world.officer()
    made = older(officer)
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind="city")
    monkeypatch.setitem(sandbox.SECONDS, "city", 0.01)
    assert trials.run(trial.pk)
    assert (current(trial).state, current(trial).problem) == ("failed", "time")
    assert asked(officer, made, "examples").state == "done"
    with pytest.raises(UserError) as untried:  # nobody has seen what it does to the city
        actions.submit_proposal(officer, proposal_id=made.pk)
    assert untried.value.code == "untried"


def test_a_failure_of_ours_is_tried_again_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    officer = world.officer()
    made = older(officer)
    trial = actions.ask_trial(officer, proposal_id=made.pk, kind="city")

    def broken(_need: object) -> object:
        raise ConnectionError("the registers don't answer")

    monkeypatch.setattr(trials, "_everybody", broken)
    for attempt in range(1, trials.MAX_ATTEMPTS):
        with pytest.raises(ConnectionError):
            trials.run(trial.pk)
        assert (current(trial).state, current(trial).attempts) == ("running", attempt)
    assert trials.run(trial.pk)
    assert (current(trial).state, current(trial).problem) == ("failed", "broken")


def test_rules_that_double_each_other_do_not_hang() -> None:
    """Sixty rules, each twice the one before: 2^60 if anybody wrote them out."""
    officer = world.officer()
    head = "- rule: d{0}\n  title: {{zh: 倍, en: Double}}\n  basis: 测试\n  value: {1}\n"
    text = head.format(0, "age") + "".join(head.format(n, f"d{n - 1} + d{n - 1}") for n in range(1, 60))
    people()
    made = world.proposal(officer, "rules/doubling.yaml", text)
    actions.save_text(
        officer, proposal_id=made.pk, path=AGE, edition=0,
        text=world.changed(AGE, "value: years_between(birth, on)", OLDER),
    )  # fmt: skip
    assert asked(officer, made, "city").over


def test_only_officers_ask_and_only_what_there_is() -> None:
    officer = world.officer()
    made = older(officer)
    with pytest.raises(NotFound):
        actions.ask_trial(officer, proposal_id=made.pk, kind="money")
    with pytest.raises(Forbidden):
        trials.begin_trial(officer, trial_id=made.pk)
    assert cities.law("shanghai").version == made.base_id  # nothing here touches the law in force
