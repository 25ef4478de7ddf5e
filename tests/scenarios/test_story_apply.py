"""From the employer's file to a decision, three lives: entitled, in doubt, refused and reviewed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from jiuye.desk import actions, entitlements, forms, queries
from jiuye.desk.models import Case, Decision, Doubt, Task
from jiuye.desk.models.case import CaseState
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.messages import inbox
from jiuye.foundation.models import ReadLogEntry, StoredFile
from jiuye.foundation.roles import Role
from jiuye.funds.models import Award
from jiuye.registry import queries as registry
from tests.factories import actor
from tests.scenarios.lives import TODAY, Life, life

pytestmark = pytest.mark.django_db

ANSWERS = {
    "able_to_work": "yes",
    "wants_work": "yes",
    "account.bank_name": "上海银行",
    "account.number": "6222000011112223",
}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def apply(one: Life, **answers: Any) -> dict[str, Case]:
    """She opens the form, answers what is asked, and sends it; the system does its part."""
    with scope.acting(one.me):
        form = forms.form(one.person.pk, "unemployed", TODAY)
    cases = actions.submit_bundle(
        one.me,
        bundle="unemployed",
        answers={**ANSWERS, "account.holder_name": one.person.name, **answers},
        request_key=form.request_key,
        channel="web",
        person_id=one.person.pk,
    )
    outbox.drain()
    with scope.acting(one.me):
        return {case.item: Case.objects.get(pk=case.pk) for case in cases}


def pdf(file: StoredFile | None) -> str:
    assert file is not None
    return "".join(page.extract_text() for page in PdfReader(BytesIO(bytes(file.content))).pages)


def test_entitled_registered_and_granted_in_one_step() -> None:
    wang = life("王秀英")
    wang.reported(months=28, reason="01")
    with scope.acting(wang.me):
        file = registry.my_file(wang.person.pk)
        menu = {entry.item.code: entry for entry in entitlements.menu(wang.person.pk, TODAY)}
    assert [spell.employer.name for spell in file.spells] == ["上海晨光食品有限公司"]
    assert menu["unemployment_benefit"].likely
    assert menu["unemployment_benefit"].total_cents == 4 * 234000
    cases = apply(wang)
    assert {case.state for case in cases.values()} == {CaseState.GRANTED}
    benefit = cases["unemployment_benefit"]
    with scope.acting(wang.me):
        decision = Decision.objects.select_related("letter").get(case=benefit)
        award = Award.objects.get(decision=decision)
        titles = list(inbox(wang.me).values_list("title", flat=True))
        assert "9,360.00" in pdf(decision.letter)
    assert award.months == 4
    assert any("已同意" in title for title in titles)
    actions.rate_case(wang.me, case_id=benefit.pk, score=1, comment="电话打不通")
    worker = actor(Role.DISTRICT_CASEWORKER)
    with scope.acting(worker):
        (task,) = queries.tasks(worker)
    actions.finish_task(worker, task_id=task.pk, answer="已回电道歉，并增加了接听人员")
    with scope.acting(wang.me):
        assert inbox(wang.me).filter(body__contains="已回电道歉").exists()
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get().done_at is not None


def test_in_doubt_the_street_finds_out_and_two_people_decide() -> None:
    li = life("李国强")
    li.reported(months=40, reason="10")
    cases = apply(li, **{"not:separation_reason": "06"})
    case = cases["unemployment_benefit"]
    assert cases["unemployment_registration"].state == CaseState.GRANTED
    assert case.state == CaseState.STREET
    clerk, worker, boss = (
        actor(Role.STREET_CLERK, name="周敏"),
        actor(Role.DISTRICT_CASEWORKER),
        actor(Role.DISTRICT_APPROVER),
    )
    with scope.acting(clerk):
        assert [row.case.pk for row in queries.queue(clerk, filter="doubts").rows] == [case.pk]
        queries.case_file(clerk, case.pk)
    actions.ask_person(clerk, case_id=case.pk, text="有解除通知吗？")
    actions.answer(li.me, case_id=case.pk, text="有，明天带来")
    actions.record_evidence(
        clerk,
        case_id=case.pk,
        kind="document",
        note="解除劳动合同通知书，单位盖章",
        facts={"separation_reason": "06"},
        file=("通知书.pdf", "application/pdf", b"%PDF-1.7 test"),
    )
    with scope.acting(clerk):
        doubt = Doubt.objects.get(case=case, closed_at__isnull=True)
    actions.close_doubt(clerk, doubt_id=doubt.pk, resolution="以通知书为准")
    actions.hand_to_district(clerk, case_id=case.pk, note="属单位解除，建议同意")
    decision = actions.prepare_decision(worker, case_id=case.pk, kind="grant", reason="单位解除，有通知书")
    actions.approve_decision(boss, decision_id=decision.pk)
    outbox.drain()
    with scope.acting(li.me):
        assert Case.objects.get(pk=case.pk).state == CaseState.GRANTED
        assert Award.objects.get(decision=decision.pk).months == 6
        assert ReadLogEntry.objects.filter(person_id=li.person.pk, user_name="周敏").exists()


def test_refused_with_every_reason_and_reviewed_by_others() -> None:
    chen = life("陈晓东")
    chen.reported(months=5, reason="10")
    cases = apply(chen)
    case = cases["unemployment_benefit"]
    assert case.state == CaseState.DISTRICT
    worker, boss = actor(Role.DISTRICT_CASEWORKER), actor(Role.DISTRICT_APPROVER)
    decision = actions.prepare_decision(
        worker, case_id=case.pk, kind="refusal", reason="缴费不满一年且系辞职"
    )
    actions.approve_decision(boss, decision_id=decision.pk)
    outbox.drain()
    with scope.acting(chen.me):
        made = Decision.objects.select_related("letter").get(pk=decision.pk)
        text = "".join(pdf(made.letter).split())
        assert not Award.objects.filter(person_id=chen.person.pk).exists()
        assert queries.my_decisions(chen.person.pk)[0].pk == made.pk
    for words in ("满一年", "非因本人意愿", "行政复议", "行政诉讼"):
        assert words in text
    review = actions.appeal(chen.me, decision_id=decision.pk, words="单位没有如实上报", request_key=new_id())
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert Case.objects.get(pk=review.pk).state == CaseState.DISTRICT
    others = actor(Role.DISTRICT_CASEWORKER), actor(Role.DISTRICT_APPROVER)
    kept = actions.prepare_decision(others[0], case_id=review.pk, kind="refusal", reason="查无新证据，维持")
    actions.approve_decision(others[1], decision_id=kept.pk)
    outbox.drain()
    with scope.acting(chen.me):
        assert Case.objects.get(pk=review.pk).state == CaseState.REFUSED
