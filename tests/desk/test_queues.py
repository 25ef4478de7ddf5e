"""The queue: own unit only, filters, pages by key, the same few queries however long it is."""

from __future__ import annotations

import pytest

from jiuye.desk import actions, checks, queries
from jiuye.desk.models import Case
from jiuye.foundation import scope
from jiuye.foundation.models import Message
from jiuye.foundation.scope import Actor
from tests.desk import world
from tests.desk.world import TODAY, doubtful, refusable
from tests.factories import case
from tests.support.database import assert_same_number
from tests.support.database import queries as sent

pytestmark = pytest.mark.django_db


def rows(who: Actor, **kwargs: str) -> list[str]:
    with scope.acting(who):
        return [row.case.number for row in queries.queue(who, **kwargs).rows]  # type: ignore[arg-type]


def test_each_unit_has_its_own_queue() -> None:
    _who, at_street = doubtful()
    _who, at_district = refusable()
    assert rows(world.clerk()) == [at_street.number]
    assert rows(world.caseworker()) == [at_district.number]
    assert rows(world.clerk("310101013")) == []
    assert rows(world.caseworker("310104")) == []


def test_filters() -> None:
    _who, taken = doubtful()
    _who, asked = doubtful()
    clerk = world.clerk()
    actions.take_case(clerk, case_id=taken.pk)
    actions.ask_person(clerk, case_id=asked.pk, text="？")
    late = case(state="street", days=-3)
    assert rows(clerk, filter="mine") == [taken.number]
    assert rows(clerk, filter="asked") == [asked.number]
    assert rows(clerk, filter="overdue") == [late.number]
    assert set(rows(clerk, filter="free")) == {asked.number, late.number}
    assert set(rows(clerk, filter="doubts")) == {taken.number, asked.number}
    assert rows(clerk)[0] == late.number
    with scope.acting(clerk):
        assert queries.counts(clerk) == {
            "all": 3, "mine": 1, "overdue": 1, "doubts": 2, "free": 2, "sign": 0, "asked": 1,
            "parked": 0,
        }  # fmt: skip


def test_what_one_prepared_is_not_offered_for_signing() -> None:
    _who, one = refusable()
    worker, boss = world.approver(name="甲"), world.approver(name="乙")
    actions.prepare_decision(worker, case_id=one.pk, kind="refusal", reason="缴费不足")
    assert rows(worker, filter="sign") == []
    assert rows(boss, filter="sign") == [one.number]


@pytest.mark.parametrize("sort", queries.SORTS)
def test_pages_by_key_cover_everything_once(sort: str) -> None:
    made = {case(state="street", days=number % 3).number for number in range(11)}
    clerk = world.clerk()
    seen: list[str] = []
    after = ""
    with scope.acting(clerk):
        while True:
            page = queries.queue(clerk, sort=sort, page=after, size=4)
            seen += [row.case.number for row in page.rows]
            after = page.after
            if not after:
                break
    assert len(seen) == len(set(seen)) == 11
    assert set(seen) == made


@pytest.mark.parametrize("wrong", [{"filter": "x"}, {"sort": "x"}, {"page": "x"}])
def test_what_is_not_there_is_said(wrong: dict[str, str]) -> None:
    clerk = world.clerk()
    with scope.acting(clerk), pytest.raises(LookupError):
        queries.queue(clerk, **wrong)  # type: ignore[arg-type]


def test_the_number_of_queries_does_not_grow() -> None:
    clerk = world.clerk()
    case(state="street")
    with scope.acting(clerk):
        few = sent(lambda: queries.queue(clerk))
    for _number in range(12):
        case(state="street")
    doubtful()
    with scope.acting(clerk):
        many = sent(lambda: queries.queue(clerk))
    assert_same_number(few, many)


def test_residents_and_leads_have_no_queue() -> None:
    who, _case = doubtful()
    assert rows(who.actor) == []


def test_the_checks_find_what_is_wrong_and_nothing_else() -> None:
    doubtful()
    refusable()
    with scope.acting(scope.SYSTEM):
        assert {name: found for name, found in checks.run().items() if found} == {}
    stuck = case(state="submitted", hours=2)
    lost = case(state="district", handled_by="999999")
    late = case(state="street", days=-30)
    undecided = case(state="granted")
    with scope.acting(scope.SYSTEM):
        found = {name: {one.about for one in them} for name, them in checks.run().items() if them}
    assert found["stuck"] == {str(stuck.pk)}
    assert found["no_owner"] == {str(lost.pk)}
    assert str(late.pk) in found["overdue"]
    assert found["ended_undecided"] == {str(undecided.pk)}
    with scope.acting(scope.SYSTEM):
        assert Case.objects.get(pk=late.pk).statutory_due < TODAY


def test_what_is_past_its_statutory_limit_becomes_work_and_the_person_is_told() -> None:
    late = case(state="street", days=-30)
    case(state="street", days=-3)  # the promise is broken, the law not
    case(state="asked", days=-30, paused_on=TODAY)
    assert actions.escalate_late_cases(scope.SYSTEM) == 1
    assert actions.escalate_late_cases(scope.SYSTEM) == 0
    boss = world.approver()
    with scope.acting(boss):
        (task,) = queries.tasks(boss)
    assert (task.kind, task.case_id) == ("late_case", late.pk)
    with scope.acting(scope.SYSTEM):
        assert Message.objects.get(person_id=late.person_id).kind == "case_late"
    actions.finish_task(boss, task_id=task.pk, answer="已督促街镇当天办结")


def test_a_case_of_an_item_that_is_gone_is_still_listed() -> None:
    old = case(state="street", item="retired_item")
    clerk = world.clerk()
    with scope.acting(clerk):
        (row,) = queries.queue(clerk).rows
    assert (row.case.pk, row.item) == (old.pk, "retired_item")
