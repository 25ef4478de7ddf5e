"""Who comes from elsewhere reads what they can have and what not, and why: never an empty page (176号 九)."""

from __future__ import annotations

import pytest

from jiuye.desk import actions, casefacts, menu, menu_data
from jiuye.desk.menu import Group
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.policy import State
from tests.desk import world

pytestmark = pytest.mark.django_db
LOCAL_ONLY = {"hardship_recognition", "senior_job_subsidy"}  # 沪人社规〔2022〕8号: household registered here


def stranger() -> world.Resident:
    return world.resident(hukou_code="341500", name="陈小红")


def test_every_benefit_is_said_to_be_had_or_not_and_why() -> None:
    who = stranger()
    with scope.acting(who.actor):
        known = casefacts.of_person(who.id, world.TODAY)
        lines = {line.entry.code: line for line in menu.of_person(known, (), world.TODAY).lines}
    assert set(lines) == {entry.code for entry in menu_data.current().of("person")}
    for code, line in lines.items():
        if line.group in (Group.ENTITLED, Group.HAD) or not line.in_force:
            continue
        assert line.missing or line.state is State.UNKNOWN, code
        for one in line.missing:
            assert one.label["zh"], code
    for code in LOCAL_ONLY:
        reasons = [one.label["zh"] for one in lines[code].missing if one.state is State.NOT_MET]
        assert any("户籍" in reason for reason in reasons), (code, reasons)


def test_registration_and_benefit_ask_for_no_household_here() -> None:
    who = stranger()
    cases = world.submit(who)
    assert {case.item: case.state for case in cases.values()} == {
        world.REGISTRATION: "granted",
        world.BENEFIT: "granted",
    }


@pytest.mark.parametrize("item", ["job_seeker_registration", "career_guidance", "job_matching"])
def test_looking_for_work_and_guidance_are_open(item: str) -> None:
    who = stranger()
    answers = {"able_to_work": "yes", "wants_work": "yes", "tell": "想找一份食品厂的工作"}
    (case,) = actions.submit_bundle(
        who.actor, bundle=item, answers=answers, request_key=new_id(), channel="web", person_id=who.id
    )
    outbox.drain()
    actions.close_case(world.clerk(), case_id=case.pk, words="已经登记，指导师会联系您。")
    assert world.fresh(case).state == "closed"
