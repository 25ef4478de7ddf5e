"""The clerks' pages: the queue, one case on one screen, evidence, doubts, two signatures, tasks, people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk import actions
from jiuye.desk.models import Case, Decision, Doubt, Evidence, Task
from jiuye.desk.models.case import CaseState
from jiuye.foundation import scope
from jiuye.foundation.models import Grant, ReadLogEntry
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.desk import world
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db

Count = Callable[..., Any]


def staff(role: Role, unit: str = world.DISTRICT) -> tuple[Client, Grant]:
    grant = granted(role, unit)
    return signed_in(grant), grant


def clerk() -> Client:
    return staff(Role.STREET_CLERK, world.STREET)[0]


def act(client: Client, case: Case, act: str, **fields: Any) -> Any:
    return client.post(reverse("workbench:case_act", args=[case.pk]), {"act": act, **fields})


def only(model: Any, **where: Any) -> Any:
    with scope.acting(scope.SYSTEM):
        return model.objects.get(**where)


def test_the_queue_shows_what_waits_in_the_street_and_nothing_else() -> None:
    _who, case = world.doubtful()
    page = clerk().get(reverse("workbench:queue")).content.decode()
    assert case.number in page
    assert "李国强" in page
    elsewhere = staff(Role.STREET_CLERK, "310104003")[0].get(reverse("workbench:queue")).content.decode()
    assert case.number not in elsewhere


@pytest.mark.parametrize("query", ["?filter=nothing", "?sort=name", "?after=rubbish"])
def test_an_address_that_makes_no_sense_is_not_found(query: str) -> None:
    assert clerk().get(reverse("workbench:queue") + query).status_code == 404


def test_the_queue_costs_the_same_however_long_it_is(django_assert_max_num_queries: Count) -> None:
    world.doubtful()
    client = clerk()
    client.get(reverse("workbench:queue"))
    for _ in range(3):
        world.doubtful()
    with django_assert_max_num_queries(16):
        client.get(reverse("workbench:queue"))


def test_a_case_says_both_sides_and_opening_it_is_recorded() -> None:
    who, case = world.doubtful()
    client, grant = staff(Role.STREET_CLERK, world.STREET)
    page = client.get(reverse("workbench:case", args=[case.pk])).content.decode()
    assert "不一致" in page
    assert "登记的和本人说的不一样" in page
    read = only(ReadLogEntry, person_id=who.id, user_id=grant.user_id)
    assert read.what == f"case:{case.number}"


def test_another_street_does_not_find_the_case() -> None:
    _who, case = world.doubtful()
    client, _grant = staff(Role.STREET_CLERK, "310104003")
    assert client.get(reverse("workbench:case", args=[case.pk])).status_code == 404


def test_a_whole_number_is_shown_once_with_a_reason_that_is_recorded() -> None:
    who, case = world.doubtful()
    client = clerk()
    address = reverse("workbench:unmask", args=[case.pk])
    refused = client.post(address, {"why": ""})
    assert refused.status_code == 422
    number = _number(who.id)
    assert number not in refused.content.decode()
    shown = client.post(address, {"why": "identity"}).content.decode()
    assert number in shown
    assert number not in client.get(reverse("workbench:case", args=[case.pk])).content.decode()
    assert only(ReadLogEntry, person_id=who.id, what="unmask:document_number").reason == "当面核对身份"


def _number(person_id: UUID) -> str:
    from jiuye.registry.models import Person

    return str(only(Person, pk=person_id).document_number)


def test_evidence_needs_a_note_and_keeps_what_was_typed() -> None:
    _who, case = world.doubtful()
    client = clerk()
    wrong = act(client, case, "evidence", kind="call", note="", **{"fact-separation_reason": "06"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "请写明看到或听到了什么" in page
    assert 'href="#evidence-note"' in page
    assert '<option value="06" selected>' in page
    with scope.acting(scope.SYSTEM):
        assert not Evidence.objects.filter(case=case).exists()


def test_a_doubt_is_cleared_with_evidence_and_handed_to_the_district() -> None:
    _who, case = world.doubtful()
    client = clerk()
    doubt = only(Doubt, case=case, kind="contradiction")
    early = act(client, case, "close_doubt", doubt=str(doubt.pk), resolution="电话问过")
    assert early.status_code == 422
    assert "先记录核实的证据" in early.content.decode()
    note = {"kind": "call", "note": "单位人事承认是单位提出解除"}
    assert act(client, case, "evidence", **note, **{"fact-separation_reason": "06"}).status_code == 302
    assert (
        act(client, case, "close_doubt", doubt=str(doubt.pk), resolution="以单位答复为准").status_code == 302
    )
    assert act(client, case, "hand_over", note="疑点已清").status_code == 302
    moved = world.fresh(case)
    assert (moved.state, moved.handled_by) == (CaseState.DISTRICT, world.DISTRICT)
    assert only(Doubt, pk=doubt.pk).resolution == "以单位答复为准"


def test_a_question_stops_the_clock() -> None:
    _who, case = world.doubtful()
    assert act(clerk(), case, "ask", text="请说说离职经过").status_code == 302
    assert world.fresh(case).state == CaseState.ASKED
    assert world.fresh(case).paused_on is not None


def refused_draft() -> tuple[Case, Decision, Client]:
    _who, case = world.refusable()
    client, _grant = staff(Role.DISTRICT_CASEWORKER)
    assert act(client, case, "refuse", reason="缴费不足，且系本人辞职").status_code == 302
    return case, only(Decision, case=case), client


def test_one_person_prepares_and_another_signs() -> None:
    case, decision, worker = refused_draft()
    own = worker.get(reverse("workbench:case", args=[case.pk])).content.decode()
    assert "这是您自己拟的" in own
    assert reverse("workbench:sign", args=[decision.pk]) not in own
    boss = staff(Role.DISTRICT_APPROVER)[0]
    queue = boss.get(reverse("workbench:queue")).content.decode()
    assert case.number in queue
    signed = boss.post(reverse("workbench:sign", args=[decision.pk]), {"action": "approve"}, follow=True)
    assert "决定书（PDF）" in signed.content.decode()
    assert world.fresh(case).state == CaseState.REFUSED


def test_sending_back_needs_a_reason() -> None:
    case, decision, _worker = refused_draft()
    boss = staff(Role.DISTRICT_APPROVER)[0]
    address = reverse("workbench:sign", args=[decision.pk])
    assert boss.post(address, {"action": "send_back", "reason": " "}).status_code == 422
    assert boss.post(address, {"action": "send_back", "reason": "理由写清楚些"}).status_code == 302
    assert world.fresh(case).state == CaseState.DISTRICT


def test_nothing_can_be_granted_against_the_law() -> None:
    _who, case = world.refusable()
    client, _grant = staff(Role.DISTRICT_CASEWORKER)
    assert "拟同意" not in client.get(reverse("workbench:case", args=[case.pk])).content.decode()
    assert act(client, case, "grant", reason="").status_code == 422
    with scope.acting(scope.SYSTEM):
        assert not Decision.objects.filter(case=case).exists()


def test_a_bad_rating_is_answered_and_the_person_reads_it() -> None:
    case, decision, _worker = refused_draft()
    boss = staff(Role.DISTRICT_APPROVER)[0]
    boss.post(reverse("workbench:sign", args=[decision.pk]), {"action": "approve"})
    who = Actor.of(granted(Role.RESIDENT, person=case.person_id))
    actions.rate_case(who, case_id=case.pk, score=1, comment="没人听我说")
    task = only(Task, case=case)
    client, _grant = staff(Role.DISTRICT_CASEWORKER)
    assert task.title in client.get(reverse("workbench:tasks")).content.decode()
    address = reverse("workbench:task", args=[task.pk])
    assert "没人听我说" in client.get(address).content.decode()
    assert client.post(address, {"answer": ""}).status_code == 422
    assert client.post(address, {"answer": "已电话致歉，并说明复核办法"}).status_code == 302
    assert only(Task, pk=task.pk).done_at is not None


def test_people_are_found_by_name_pinyin_and_number_within_the_unit_only() -> None:
    who = world.resident(name="买买提·艾力")
    number = _number(who.id)
    client = clerk()
    for text in ("买买提", number):
        page = client.post(reverse("workbench:people"), {"q": text}).content.decode()
        assert "买买提·艾力" in page, text
        assert number not in page.replace(f'value="{number}"', "")
    elsewhere = staff(Role.STREET_CLERK, "310104003")[0]
    assert "买买提·艾力" not in elsewhere.post(reverse("workbench:people"), {"q": number}).content.decode()
    assert client.get(reverse("workbench:person", args=[who.id])).status_code == 200
    assert elsewhere.get(reverse("workbench:person", args=[who.id])).status_code == 404


def test_a_search_costs_the_same_however_many_it_finds(django_assert_max_num_queries: Count) -> None:
    for _ in range(8):
        world.resident(name="买买提·艾力")
    client = clerk()
    client.post(reverse("workbench:people"), {"q": "买买提"})
    with django_assert_max_num_queries(14):
        page = client.post(reverse("workbench:people"), {"q": "买买提"}).content.decode()
    assert page.count("买买提·艾力") >= 8


def test_a_doubt_about_the_law_names_the_open_question() -> None:
    """The contract ran out and she declined to renew it: a reading nobody verified."""
    case = world.submit(world.resident(reason="02"))[world.BENEFIT]
    client, _grant = staff(Role.DISTRICT_CASEWORKER)
    page = client.get(reverse("workbench:case", args=[case.pk])).content.decode()
    assert "用到了尚未核对原文的标准" in page
    assert "按第十三条字面理解；有的地方口径不同" in page
