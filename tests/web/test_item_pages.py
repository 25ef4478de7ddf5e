"""Editors of the catalogue work through pages: begin, write, see what is missing, a second one publishes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk import actions
from jiuye.desk.actions import cataloguing
from jiuye.desk.models import Case, ItemVersion, VersionState
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from tests.desk import catalogue_world as made
from tests.desk import world
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


@pytest.fixture(autouse=True)
def installed() -> None:
    with as_owner():
        cataloguing.install()


@pytest.fixture
def one() -> Client:
    return signed_in(granted(Role.CATALOGUE_EDITOR, "31"))


@pytest.fixture
def other() -> Client:
    return signed_in(granted(Role.CATALOGUE_EDITOR, "31"))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def begun(client: Client) -> str:
    """The address of a new draft."""
    answer = client.post(reverse("catalogue:new"), {"code": made.CODE, "reason": "常有人问"})
    assert answer.status_code == 302
    return str(answer["Location"])


def save(client: Client, address: str, words: str, edition: int = 1) -> Any:
    return client.post(address, {"do": "save", "text": words, "edition": edition})


def test_from_a_new_draft_to_the_public_guide(one: Client, other: Client, client: Client) -> None:
    address = begun(one)
    fresh = text(one.get(address))
    assert "title 要写中文（zh）和英文（en）" in fresh
    assert save(one, address, made.COMPLETE).status_code == 302
    page = text(one.get(address))
    assert "没有错误，要素齐全" in page
    act = f"{address}act/"
    assert one.post(act, {"action": "submit"}).status_code == 302
    assert "这是您自己拟的" in text(one.get(address))
    assert "同意发布" in text(other.get(address))
    assert client.get(reverse("guides:guide", args=[made.CODE])).status_code == 404
    answer = other.post(act, {"action": "approve"}, follow=True)
    assert "已发布" in text(answer)
    assert "劳动合同咨询" in text(client.get(reverse("guides:guide", args=[made.CODE])))


def test_the_page_names_every_missing_element_and_the_submission_is_refused(one: Client) -> None:
    address = begun(one)
    save(one, address, re.sub(r"(?m)^(fee|visits|faq): .*\n", "", made.COMPLETE))
    page = text(one.get(address))
    assert "缺 3 个要素" in page
    refused = one.post(f"{address}act/", {"action": "submit"})
    assert refused.status_code == 422
    for element in ("收费", "到现场次数", "常见问题"):
        assert f"缺少要素：{element}" in text(refused)
    with scope.acting(scope.SYSTEM):
        assert ItemVersion.objects.get(code=made.CODE).state == VersionState.DRAFT


def test_a_mistake_is_shown_at_its_line_while_one_types(one: Client) -> None:
    address = begun(one)
    typed = made.COMPLETE.replace("handling: promised", "handling: sometime")
    line = typed.split("\n").index("handling: sometime") + 1
    shown = text(one.post(f"{address}check/", {"text": typed}))
    assert f"第 {line} 行：handling 只能是：immediate, promised" in shown
    assert "listing-wrong" in shown
    with scope.acting(scope.SYSTEM):
        assert "sometime" not in ItemVersion.objects.get(code=made.CODE).text


def test_nothing_typed_is_lost_when_two_write(one: Client, other: Client) -> None:
    address = begun(one)
    assert save(one, address, made.COMPLETE).status_code == 302
    answer = save(other, address, "item: mine\n")
    assert answer.status_code == 409
    assert "item: mine" in text(answer)
    assert "有人保存过这个草稿" in text(answer)
    with scope.acting(scope.SYSTEM):
        assert ItemVersion.objects.get(code=made.CODE).text == made.COMPLETE


def test_running_cases_are_counted_before_publishing(one: Client, other: Client) -> None:
    made.publish()
    who = world.resident()
    actions.submit_bundle(
        who.actor, bundle=made.CODE, answers={"tell": "？"}, request_key=new_id(), channel="web",
        person_id=who.id,
    )  # fmt: skip
    item = reverse("catalogue:item", args=[made.CODE])
    answer = one.post(reverse("catalogue:begin", args=[made.CODE]), {"reason": "改名"})
    address = str(answer["Location"])
    save(one, address, made.COMPLETE.replace("劳动合同咨询", "劳动关系咨询"))
    assert "有 1 件在办的申请" in text(one.get(address))
    one.post(f"{address}act/", {"action": "submit"})
    other.post(f"{address}act/", {"action": "approve"})
    page = text(one.get(item))
    assert "劳动关系咨询" in page
    with scope.acting(scope.SYSTEM):
        old = ItemVersion.objects.get(code=made.CODE, state=VersionState.RETIRED)
    shown = text(one.get(reverse("catalogue:version", args=[old.pk])))
    assert "改回这个版本" in shown
    back = one.post(reverse("catalogue:begin", args=[made.CODE]), {"reason": "还原", "version": str(old.pk)})
    assert "劳动合同咨询" in text(one.get(str(back["Location"])))


def test_an_overdue_item_is_marked_and_confirmed(one: Client) -> None:
    made.publish(made.COMPLETE.replace("2027-06-30", "2026-11-24"))
    late = f"{reverse('catalogue:items')}?only=overdue"
    assert "过期：2026年11月24日" in text(one.get(late))
    confirm = reverse("catalogue:confirm", args=[made.CODE])
    assert one.post(confirm, {"review_by": "昨天"}).status_code == 422
    assert one.post(confirm, {"review_by": "2027-06-30"}).status_code == 302
    assert "2026年11月24日" not in text(one.get(late))


def test_an_item_is_taken_out_by_two(one: Client, other: Client, client: Client) -> None:
    made.publish()
    begin = reverse("catalogue:begin", args=[made.CODE])
    assert one.post(begin, {"reason": " ", "ends": "1"}).status_code == 422
    address = str(one.post(begin, {"reason": "没人用", "ends": "1"})["Location"])
    one.post(f"{address}act/", {"action": "submit"})
    other.post(f"{address}act/", {"action": "send_back", "reason": "再想想"})
    assert "再想想" in text(one.get(address))
    one.post(f"{address}act/", {"action": "submit"})
    other.post(f"{address}act/", {"action": "approve"})
    assert client.get(reverse("guides:guide", args=[made.CODE])).status_code == 404


def test_the_list_asks_a_fixed_number_of_times(one: Client, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        assert one.get(reverse("catalogue:items")).status_code == 200


def test_an_item_without_a_rule_from_the_guide_to_the_letter(client: Client) -> None:
    """No page, form or template of its own: guide, form, check, counter, letter."""
    made.publish()
    who = world.resident()
    resident = signed_in(granted(Role.RESIDENT, person=who.id))
    guide = text(resident.get(reverse("guides:guide", args=[made.CODE])))
    form = reverse("resident:form", args=[made.CODE])
    assert form in guide
    page = text(resident.get(form))
    assert "您想问什么？" in page
    assert "textarea" in page
    assert "请写一写" in text(resident.post(form, {"tell": " "}))
    assert resident.post(form, {"tell": "合同到期不续签，有补偿吗？"}).status_code == 302
    check = reverse("resident:check", args=[made.CODE])
    shown = text(resident.get(check))
    assert "合同到期不续签" in shown
    assert "劳动合同咨询" in shown
    done = resident.post(check, {"confirm": "1"}, follow=True)
    assert "劳动合同咨询" in text(done)
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        case = Case.objects.get(item=made.CODE)
    clerk = signed_in(granted(Role.STREET_CLERK, world.STREET))
    counter = reverse("workbench:case", args=[case.pk])
    assert "合同到期不续签" in text(clerk.get(counter))
    act = reverse("workbench:case_act", args=[case.pk])
    clerk.post(act, {"act": "take"})
    closed = clerk.post(act, {"act": "close", "words": "应当支付经济补偿（劳动合同法46条）。"})
    assert closed.status_code == 302
    mine = text(resident.get(reverse("resident:case", args=[case.pk])))
    assert "办理结果（PDF）" in mine
    assert "应当支付经济补偿" in mine
    with scope.acting(scope.SYSTEM):
        letter = Case.objects.get(pk=case.pk).letter_id
    answer = resident.get(reverse("document", args=[letter]))
    assert answer.status_code == 200
