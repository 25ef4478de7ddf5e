"""Policy finds employers: by rules about them and about their workers, each told once, a no is kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiuye.desk import actions
from jiuye.desk import employers as desk_employers
from jiuye.desk.models import EmployerCase, Outreach, OutreachRun, PushChoice, Task
from jiuye.desk.outreach import nightly, practice
from jiuye.foundation import scope
from jiuye.foundation.errors import Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import Employer, EmploymentSpell, Feed, FeedRecord, Person, Registration
from tests import factories
from tests.desk import world
from tests.desk.world import TODAY
from tests.support import make
from tests.support.database import as_owner, assert_same_number, queries

pytestmark = pytest.mark.django_db
OWN, OF_WORKERS = "startup_insurance_subsidy", "employer_hiring_subsidy"
WITHOUT_A_FORM = "stable_job_refund"  # comes by itself, so the menu leads to no form
DELIVERED = ("market", "credit", "subsidies_paid", "tax", "disability")


@pytest.fixture(autouse=True)
def feeds(today: None) -> None:
    deliver()


def deliver() -> None:
    """Registers of others have spoken, so that their silence is an answer."""
    with as_owner():
        Feed.objects.bulk_create(Feed(code=code, as_of=date(2020, 1, 1)) for code in DELIVERED)


def fed(subject: Person | Employer, **facts: Any) -> None:
    whose = {"person": subject} if isinstance(subject, Person) else {"employer": subject}
    with as_owner():
        for name, value in facts.items():
            FeedRecord.objects.create(
                **whose, unit_code=subject.unit_code, feed="x", fact=name, value=value, as_of=date(2025, 1, 1)
            )


def works(employer: Employer, start: date = date(2026, 1, 1), **fields: Any) -> Person:
    person = make.person(world.STREET, hukou_code="310101", pension_kind="none", **fields)
    factories.spell(person, employer, start, contract_until=start.replace(year=start.year + 2))
    factories.contributions(person, start.replace(day=1), date(2026, 10, 1), employer, closed_on=None)
    return person


def start_up(name: str = "上海新芽软件有限公司", **fields: Any) -> Employer:
    """Two years old, small, one worker insured for ten months: nothing is left to ask."""
    employer = make.employer(world.STREET, name, industry="6510", **fields)
    fed(
        employer,
        org_registered_on="2025-01-10",
        size_by_annual_report="micro",
        founder_proof="local_household",
    )
    works(employer)
    return employer


def hires_the_hard_to_place(staff: int = 12, industry: str = "14", hired: int = 1) -> Employer:
    employer = make.employer(world.STREET, "上海晨光食品有限公司", industry=industry)
    people = [works(employer) for _one in range(staff)]
    for person in people[:hired]:
        fed(person, contributions_paid_in_full=True)
        with as_owner():
            Registration.objects.create(
                person=person, unit_code=world.STREET, kind="hardship", opened_on=date(2025, 12, 1),
                open_reason="90",
            )  # fmt: skip
    return employer


def agent(employer: Employer) -> Actor:
    return factories.actor(Role.EMPLOYER_AGENT, employer=employer.pk)


def rows(**fields: Any) -> list[Outreach]:
    with scope.acting(scope.SYSTEM):
        return list(Outreach.objects.filter(**fields).order_by("found_on", "id"))


def messages(employer: Employer) -> list[Message]:
    with scope.acting(scope.SYSTEM):
        return list(Message.objects.filter(employer_id=employer.pk, kind__startswith="outreach_"))


def night(on: date = TODAY) -> OutreachRun:
    return nightly.run(on)


def test_an_employer_is_told_with_the_reasons_in_the_same_night_as_people() -> None:
    employer, person = start_up(), world.resident()
    done = night()
    (row,) = rows(employer=employer, benefit=OWN)
    assert (row.person_id, row.kind, row.found_on, row.unit_code) == (None, "new", TODAY, world.STREET)
    assert row.outcome["rule"] == OWN
    assert row.facts["org_registered_on"]["source"]["kind"] == "register"
    assert row.amount_cents is None or row.amount_cents > 0
    assert [one.person_id for one in messages(employer)] == [None] * len(messages(employer))
    assert any("创业" in one.title for one in messages(employer)) or row.way == "task"
    assert done.numbers[OWN]["found"] == 1
    assert done.employers_looked_at == 2
    assert rows(person_id=person.id, benefit=world.BENEFIT)


def test_once_only_and_again_after_a_kill() -> None:
    for number in range(3):
        start_up(f"上海新芽{number}有限公司")
    first = night()
    told = rows(benefit=OWN)
    for on in (TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=20)):
        night(on)
    assert [row.pk for row in rows(benefit=OWN, kind="new")] == [row.pk for row in told]
    assert first.numbers[OWN]["told"] == 3


def test_of_a_worker_nothing_is_said() -> None:
    employer = hires_the_hard_to_place(hired=2)
    night()
    (row,) = rows(employer=employer, benefit=OF_WORKERS, kind="new")
    assert row.outcome["workers"] == 2
    assert row.outcome["conditions"]
    assert set(row.facts) <= {"staff_count", "org_kind", "labour_dispatch"}
    todo = list(row.outcome["conditions"])
    while todo:
        condition = todo.pop()
        assert condition["inputs"] == {}
        todo += condition["children"]
    with scope.acting(agent(employer)):
        assert Outreach.objects.filter(pk=row.pk).exists()


def test_who_employs_few_would_know_whom_it_is_about() -> None:
    how = practice.current()
    assert how is not None
    employer = hires_the_hard_to_place(staff=how.least_staff[OF_WORKERS] - 1)
    done = night()
    assert rows(employer=employer, benefit=OF_WORKERS) == []
    assert (done.numbers[OF_WORKERS]["found"], done.numbers[OF_WORKERS]["kept_back"]) == (1, 1)


def test_who_dispatches_labour_is_left_alone() -> None:
    employer = hires_the_hard_to_place(industry="7263")
    night()
    assert rows(employer=employer, benefit=OF_WORKERS) == []


def test_a_no_is_kept_and_is_the_employers_own() -> None:
    employer, other = start_up(), start_up("上海新叶有限公司")
    for actor in (world.clerk(), world.caseworker()):
        with pytest.raises(Forbidden):
            actions.choose_push(actor, wanted=False)
    actions.choose_push(agent(employer), wanted=False)
    done = night()
    assert rows(employer=employer) == []
    assert messages(employer) == []
    assert len(rows(employer=other, benefit=OWN)) == 1
    assert done.numbers[OWN]["opted_out"] == 1
    with scope.acting(agent(other)):
        assert not PushChoice.objects.exists()
    actions.choose_push(agent(employer), wanted=True)
    night()
    assert len(rows(employer=employer, benefit=OWN)) == 1


def test_a_closed_employer_is_not_written_to() -> None:
    employer = start_up(closed_on=TODAY - timedelta(days=1))
    night()
    assert rows(employer=employer) == []


def prepared(employer: Employer, benefit: str = OWN) -> Outreach:
    with as_owner():
        return Outreach.objects.create(
            employer=employer, unit_code=world.STREET, benefit=benefit, kind="new", period=TODAY,
            found_on=TODAY, way="prepared", law_version="x",
        )  # fmt: skip


def test_one_tap_sends_what_was_prepared_to_the_district_and_a_second_is_the_same() -> None:
    employer = start_up()
    row = prepared(employer, WITHOUT_A_FORM)
    taken = actions.accept_employer_offer(agent(employer), outreach_id=row.pk)
    again = actions.accept_employer_offer(agent(employer), outreach_id=row.pk)
    assert taken.task_id is not None
    assert taken.task_id == again.task_id
    with scope.acting(world.caseworker()):
        task = Task.objects.get(pk=taken.task_id)
    assert (task.employer_id, task.person_id, task.handled_by) == (employer.pk, None, world.DISTRICT)
    assert task.owner_role == Role.DISTRICT_CASEWORKER.value
    actions.finish_task(world.caseworker(), task_id=task.pk, answer="已受理")
    assert [one.end for one in rows(pk=row.pk)] == ["claimed"]
    assert len(rows(employer=employer, benefit=WITHOUT_A_FORM)) == 1


def test_an_offer_is_the_employers_own() -> None:
    row, stranger = prepared(start_up()), agent(start_up("上海新叶有限公司"))
    for call in (actions.accept_employer_offer, actions.decline_offer):
        with pytest.raises(NotFound):
            call(stranger, outreach_id=row.pk)
        with pytest.raises(Forbidden):
            call(world.caseworker(), outreach_id=row.pk)
    with pytest.raises(NotFound):
        actions.decline_offer(world.resident().actor, outreach_id=row.pk)


def test_what_was_only_told_needs_more_and_can_be_declined() -> None:
    employer = start_up()
    row = prepared(employer)
    with as_owner():
        Outreach.objects.filter(pk=row.pk).update(way="message")
    with pytest.raises(UserError):
        actions.accept_employer_offer(agent(employer), outreach_id=row.pk)
    actions.decline_offer(agent(employer), outreach_id=row.pk)
    assert [one.end for one in rows(pk=row.pk)] == ["declined"]


def test_what_an_employer_does_not_claim_becomes_a_task_of_the_district() -> None:
    employer = start_up()
    prepared(employer)
    how = practice.current()
    assert how is not None
    later = TODAY + timedelta(days=how.unclaimed_days)
    night(later)
    night(later + timedelta(days=1))
    (row,) = rows(employer=employer, benefit=OWN, kind="unclaimed")
    with scope.acting(world.caseworker()):
        task = Task.objects.get(key=f"outreach:{row.pk}")
    assert (task.handled_by, task.owner_role) == (world.DISTRICT, Role.DISTRICT_CASEWORKER.value)


def test_what_no_longer_holds_lapses() -> None:
    employer = start_up()
    night()
    fed(employer, org_registered_on="2019-01-10")
    with as_owner():
        FeedRecord.objects.filter(employer=employer, fact="org_registered_on", value="2025-01-10").delete()
    night(TODAY + timedelta(days=1))
    assert {one.end for one in rows(employer=employer, benefit=OWN)} == {"lapsed"}


def test_a_batch_costs_the_same_however_many_it_tells() -> None:
    from jiuye.desk.outreach.firms import Firm

    few, many = [start_up("一")], [start_up(f"多{number}") for number in range(4)]

    def told(employers: list[Employer]) -> list[str]:
        found = [Firm(one.pk) for one in employers]
        return queries(
            lambda: actions.reach_out_to_employers(scope.SYSTEM, benefit=OWN, found=found, on=TODAY)
        )

    told([start_up("零")])  # what is read once a process
    assert_same_number(told(few), told(many))


def apply_for_a_worker(employer: Employer) -> EmployerCase:
    with scope.acting(scope.SYSTEM):
        spell = EmploymentSpell.objects.filter(
            employer=employer, person__registrations__kind="hardship"
        ).first()
    assert spell is not None
    return actions.submit_employer_case(
        agent(employer), item=OF_WORKERS, answers={}, request_key=new_id(), spell_id=spell.pk
    )


def test_an_application_for_a_worker_settles_it_and_nobody_is_told_of_what_is_asked_for() -> None:
    first, other = hires_the_hard_to_place(), hires_the_hard_to_place()
    apply_for_a_worker(other)
    done = night()
    assert rows(employer=other, benefit=OF_WORKERS) == []
    assert done.numbers[OF_WORKERS]["found"] == 1
    (row,) = rows(employer=first, benefit=OF_WORKERS, kind="new")
    assert row.way == "message", "it has to say for whom"
    apply_for_a_worker(first)
    night(TODAY + timedelta(days=1))
    assert [one.end for one in rows(pk=row.pk)] == ["claimed"]


def test_what_the_desk_takes_applications_for_becomes_one_with_one_tap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    employer = start_up()
    fed(employer, first_grant_received=False)
    row = prepared(employer)
    with as_owner():
        Outreach.objects.filter(pk=row.pk).update(benefit="first_grant")
    with pytest.raises(UserErrors):  # a question is open after all: there is the form
        actions.accept_employer_offer(agent(employer), outreach_id=row.pk)
    assert [one.ended_on for one in rows(pk=row.pk)] == [None]
    monkeypatch.setattr(desk_employers, "questions", lambda asked: [])
    taken = actions.accept_employer_offer(agent(employer), outreach_id=row.pk)
    actions.accept_employer_offer(agent(employer), outreach_id=row.pk)
    assert (taken.task_id, taken.end) == (None, "claimed")
    with scope.acting(scope.SYSTEM):
        case = EmployerCase.objects.get(employer=employer)
    assert (case.item, case.request_key) == ("first_grant", row.request_key)
