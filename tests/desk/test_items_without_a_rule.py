"""An item that no rule decides: applied for, handled, ended with words at the level the catalogue names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jiuye.desk import actions, catalogue, city, forms
from jiuye.desk.models import Case
from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Forbidden, UserErrors
from jiuye.foundation.ids import new_id
from tests.desk import world

pytestmark = pytest.mark.django_db

TEXT = """
item: {code}
title: {{zh: 劳动合同咨询, en: Advice on a labour contract}}
plain: {{zh: 您问，我们书面答。, en: You ask; we answer in writing.}}
applicant: person
accepts: {accepts}
decides: {decides}
promised_days: ui_review_working_days_promised
statutory_days: none
result: {{kind: answer, zh: 书面答复, en: A written answer}}
asks: [wants_work]
tell: {{zh: 您想问什么？, en: What would you like to know?}}
"""


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that the street ends, one that the district ends."""
    known = catalogue.current()
    added = dict(known.items)
    for code, accepts, decides in (
        ("advice_street", "street", "street"),
        ("advice_late", "street", "district"),
    ):
        item, problems = catalogue.item_of(TEXT.format(code=code, accepts=accepts, decides=decides), code)
        assert item is not None, problems
        added[code] = item
    wider = replace(known, items=added)
    assert list(wider.problems_of(added["advice_street"], city.law())) == []
    monkeypatch.setattr(catalogue, "current", lambda: wider)


def apply(who: world.Resident, code: str, **answers: str) -> Case:
    given = {"wants_work": "yes", "tell": "合同到期不续签，有没有补偿？"} | answers
    (case,) = actions.submit_bundle(
        who.actor, bundle=code, answers=given, request_key=new_id(), channel="web", person_id=who.id
    )
    outbox.drain()
    return world.fresh(case)


def test_the_form_asks_what_the_entry_asks_and_the_persons_own_words(items: None) -> None:
    who = world.resident()
    with scope.acting(who.actor):
        form = forms.form(who.id, "advice_street", world.TODAY)
    assert [(one.name, one.widget) for one in form.questions] == [
        ("tell", "textarea"),
        ("wants_work", "yes_no"),
    ]
    with pytest.raises(UserErrors) as caught:
        apply(who, "advice_street", tell="  ")
    assert [error.field for error in caught.value.errors] == ["tell"]


def test_the_street_ends_it_with_words_and_the_person_gets_a_letter(items: None) -> None:
    who = world.resident()
    case = apply(who, "advice_street")
    assert (case.state, case.handled_by) == ("street", world.STREET)
    assert case.words.startswith("合同到期")
    assert case.statutory_due == case.promised_due  # the law sets none
    actions.close_case(
        world.clerk(), case_id=case.pk, words="单位不续签的，应当支付经济补偿（劳动合同法46条）。"
    )
    ended = world.fresh(case)
    assert (ended.state, ended.handled_by) == ("closed", None)
    with scope.acting(who.actor):
        assert ended.letter is not None
        name, content = ended.letter.name, bytes(ended.letter.content)
    assert name == f"办理结果-{case.number}.pdf"
    assert content.startswith(b"%PDF")


def test_only_the_level_that_decides_ends_it(items: None) -> None:
    case = apply(world.resident(), "advice_late")
    with pytest.raises(Forbidden):
        actions.close_case(world.clerk(), case_id=case.pk, words="好了")
    actions.hand_to_district(world.clerk(), case_id=case.pk, note="请区里答复")
    actions.close_case(world.caseworker(), case_id=case.pk, words="答复如下。")
    assert world.fresh(case).state == "closed"


def test_what_no_rule_decides_is_not_granted_or_refused(items: None) -> None:
    case = apply(world.resident(), "advice_late")
    actions.hand_to_district(world.clerk(), case_id=case.pk, note="请区里答复")
    with pytest.raises(Exception, match="办结"):
        actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="refusal", reason="不")
