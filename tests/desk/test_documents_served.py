"""Five kinds of documents are served alike; with a passport one is told where to go (176号 一)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiuye.desk import actions, casefacts, catalogue, city
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.policy import State
from jiuye.registry import actions as registry
from tests.desk import world

pytestmark = pytest.mark.django_db
SEEKING = "job_seeker_registration"
DOCUMENTS = {
    "identity card": ("01", None, "310101"),
    "social security card": ("90", "310101198505018888", "310101"),
    "residence permit of Hong Kong or Macao": ("X1", "810000198505010012", "810000"),
    "travel permit of Hong Kong or Macao": ("04", "H12345678", "810000"),
    "travel permit of Taiwan": ("06", "12345678", "830000"),
}


def served(kind: str, number: str | None, region: str, **fields: Any) -> world.Resident:
    fields |= {"document_number": number} if number else {}
    who = world.resident(document_type=kind, hukou_code=region, birth_date=date(1985, 5, 1), **fields)
    registry.state_facts(
        scope.SYSTEM, person_id=who.id, source="staff", as_of=world.TODAY,
        facts={"usual_residence_local": True, "able_to_work": True, "wants_work": True},
    )  # fmt: skip
    return who


def state(who: world.Resident) -> State:
    with scope.acting(scope.SYSTEM):
        known = casefacts.of_person(who.id, world.TODAY)
    return city.law().explain("service_scope", known.values, world.TODAY).state


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_of_the_five_documents_is_served(document: str) -> None:
    who = served(*DOCUMENTS[document])
    assert state(who) is State.MET
    answers = {"able_to_work": "yes", "wants_work": "yes", "tell": "找一份仓库的工作"}
    (case,) = actions.submit_bundle(
        who.actor, bundle=SEEKING, answers=answers, request_key=new_id(), channel="web", person_id=who.id
    )
    outbox.drain()
    actions.close_case(world.clerk(), case_id=case.pk, words="已经登记。")
    assert world.fresh(case).state == "closed"


def test_a_passport_is_for_people_to_answer_and_the_guide_says_where() -> None:
    who = served("08", "E12345678", "", nationality="840")
    assert state(who) is State.UNKNOWN
    answers = [question.a for question in catalogue.item(SEEKING).faq if "passport" in question.q["en"]]
    assert len(answers) == 1
    assert "就业促进中心" in answers[0]["zh"]
    assert "12333" in answers[0]["zh"]
