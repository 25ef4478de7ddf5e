"""A resident's pages: figures and reasons, the one form, nothing lost, nothing twice, least queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk import actions
from jiuye.desk.models import Case, Decision, Rating, Task
from jiuye.foundation import clock, messages, outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.registry import actions as registry
from jiuye.registry import queries
from jiuye.registry.models import PayeeAccount, Person
from tests.desk import world
from tests.support import make
from tests.support.database import as_owner
from tests.web.resident_pages import of, text

pytestmark = pytest.mark.django_db

BUNDLE = {"bundle": "unemployed"}
Count = Callable[..., Any]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


@pytest.fixture
def resident() -> world.Resident:
    return world.resident(months=84)


@pytest.fixture
def client(resident: world.Resident) -> Client:
    return of(resident)


def form(client: Client, answers: dict[str, str]) -> Any:
    return client.post(reverse("resident:form", kwargs=BUNDLE), answers)


def cases_of(who: world.Resident) -> list[Case]:
    with scope.acting(scope.SYSTEM):
        return list(Case.objects.filter(person_id=who.id).order_by("number"))


# -- what am I entitled to


def test_my_file_is_told_in_plain_words(client: Client) -> None:
    page = text(client, "file")
    assert "上海晨光食品有限公司" in page
    assert "一共缴了 84 个月" in page
    assert "2026年11月20日" in page


def test_months_amounts_and_reasons_are_shown_before_anything_is_asked(client: Client) -> None:
    page = text(client, "entitlements")
    assert "<strong>14</strong> 个月" in page
    assert "2,340.00 元" in page
    assert "2028年1月" in page  # the last of 14 months
    assert "第四十五条（一）" in page
    assert "您是否正在找工作、愿意就业？" in page  # what is not known is a question


def test_what_is_not_yet_possible_says_what_is_missing_and_from_when() -> None:
    page = text(of(world.resident(months=7, reason="10")), "entitlements")
    assert "现在还不行" in page
    assert "还差 5 个月" in page
    assert "还差什么" in page


def test_the_start_page_says_what_needs_me(client: Client) -> None:
    page = text(client, "home")
    assert "王秀英，您好" in page
    assert "您可能可以领失业保险金：14 个月，每月 2,340.00 元起" in page


# -- the one form


def test_only_unknown_facts_are_asked_and_the_rest_is_shown_with_its_source(client: Client) -> None:
    page = text(client, "form", **BUNDLE)
    asked = set(re.findall(r'<input type="radio" name="([a-z_]+)"', page))
    assert asked == {"able_to_work", "wants_work"}
    assert "失业保险缴费记录" in page
    assert 'name="not:separation_reason"' in page


def test_after_an_error_everything_typed_is_there_and_the_summary_leads_to_the_field(client: Client) -> None:
    answer = form(client, {"able_to_work": "yes", "account.bank_name": "上海银行", "account.number": "12ab"})
    page = answer.content.decode()
    assert 'href="#f-wants_work"' in page
    assert "您是否正在找工作、愿意就业？ 请回答这个问题" in page
    assert 'value="上海银行"' in page
    assert 'value="12ab"' in page
    assert re.search(r'name="able_to_work" value="yes" id="f-able_to_work" checked', page)
    again = text(client, "form", **BUNDLE)  # kept, also without a correct answer
    assert 'value="12ab"' in again


def test_the_draft_goes_to_every_device(resident: world.Resident, client: Client) -> None:
    saved = client.post(reverse("resident:draft", kwargs=BUNDLE), {"able_to_work": "yes"})
    assert saved.status_code == 204
    other = of(resident)
    assert "有一份没交的申请" in text(other, "home")
    assert "有一份没交的申请" in text(other, "cases")
    assert re.search(r'value="yes" id="f-able_to_work" checked', text(other, "form", **BUNDLE))


def test_check_cannot_be_reached_with_an_unfinished_form(client: Client) -> None:
    answer = client.get(reverse("resident:check", kwargs=BUNDLE))
    assert answer["Location"] == reverse("resident:form", kwargs=BUNDLE)


def test_nothing_is_sent_without_confirmation(resident: world.Resident, client: Client) -> None:
    assert form(client, {**world.YES, **world.ACCOUNT}).status_code == 302
    page = client.post(reverse("resident:check", kwargs=BUNDLE), {}).content.decode()
    assert "请确认以上是真的" in page
    assert cases_of(resident) == []


def submit(client: Client) -> Any:
    form(client, {**world.YES, **world.ACCOUNT})
    page = text(client, "check", **BUNDLE)
    key = re.search(r'name="request_key" value="([0-9a-f-]+)"', page)
    assert key
    sent = {"confirm": "1", "request_key": key[1]}
    return sent, client.post(reverse("resident:check", kwargs=BUNDLE), sent)


def test_one_form_opens_both_cases_with_number_promise_and_receipt(
    resident: world.Resident, client: Client
) -> None:
    _sent, answer = submit(client)
    page = client.get(answer["Location"]).content.decode()
    cases = cases_of(resident)
    assert len(cases) == 2
    for case in cases:
        assert case.number in page
    assert "最晚 <strong>12月2日 星期三</strong> 告诉您结果" in page
    receipt = re.search(r'href="(/documents/[0-9a-f-]+/)"', page)
    assert receipt
    file = client.get(receipt[1])
    assert file["Content-Type"] == "application/pdf"
    assert file.content.startswith(b"%PDF")


def test_a_second_click_and_a_second_device_make_no_second_case(
    resident: world.Resident, client: Client
) -> None:
    sent, first = submit(client)
    again = client.post(reverse("resident:check", kwargs=BUNDLE), sent)
    assert again["Location"] == first["Location"]
    other = of(resident)
    answer = other.get(reverse("resident:form", kwargs=BUNDLE), follow=True)
    assert "您已经交过了" in answer.content.decode()
    assert len(cases_of(resident)) == 2


def test_a_fact_that_is_disputed_becomes_a_doubt_of_the_street(client: Client) -> None:
    who = world.resident(months=84, reason="10")
    client = of(who)
    form(client, {**world.YES, **world.ACCOUNT, "not:separation_reason": "06"})
    page = text(client, "check", **BUNDLE)
    assert "单位解除（40条，无过失）" in page
    assert "登记的是：劳动者单方辞职（37条）" in page
    client.post(reverse("resident:check", kwargs=BUNDLE), {"confirm": "1"})
    outbox.drain()
    states = {case.item: case.state for case in cases_of(who)}
    assert states[world.BENEFIT] == "street"
    assert "街镇核实中" in text(client, "cases")


# -- cases, decisions


@pytest.fixture
def submitted(resident: world.Resident, client: Client) -> dict[str, Case]:
    return world.submit(resident)


def test_a_grant_is_told_with_its_schedule_and_who_decided(client: Client, submitted: Any) -> None:
    case = submitted[world.BENEFIT]
    page = text(client, "case", case_id=case.pk)
    assert "已同意" in page
    assert "您可以领 14 个月" in page
    with scope.acting(scope.SYSTEM):
        decision = Decision.objects.get(case=case)
    page = text(client, "decision", decision_id=decision.pk)
    assert "系统按规定核对" in page
    assert "1,872.00 元" in page
    assert "申请复核" not in page
    assert reverse("document", args=[decision.letter_id]) in page
    money = text(client, "payments")
    assert "下一笔是 2026年12月的失业保险金" in money


def test_a_refused_person_reads_first_what_they_can_still_get_then_why_then_how_to_appeal() -> None:
    who, case = world.refusable()
    made = actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="refusal", reason="缴费不足")
    actions.approve_decision(world.approver(), decision_id=made.pk)
    outbox.drain()
    client = of(who)
    page = text(client, "decision", decision_id=made.pk)
    assert page.index("您现在能办的<") < page.index("理由<") < page.index("觉得不对？<")
    appeal = reverse("resident:appeal", args=[made.pk])
    assert appeal in page
    empty = client.post(appeal, {"words": " ", "request_key": ""})
    assert empty.status_code == 422
    assert "请写下您觉得哪里不对" in empty.content.decode()
    key = re.search(r'name="request_key" value="([0-9a-f-]+)"', client.get(appeal).content.decode())
    assert key
    words = {"words": "我缴够了一年。", "request_key": key[1]}
    first, second = client.post(appeal, words), client.post(appeal, words)
    assert first["Location"] == second["Location"]
    assert "您已经申请复核" in text(client, "decision", decision_id=made.pk)


def test_a_question_is_answered_and_an_empty_answer_is_not_taken() -> None:
    who, case = world.doubtful()
    actions.ask_person(world.clerk(), case_id=case.pk, text="最后一天是哪天？")
    client = of(who)
    assert "请答一个问题" in text(client, "home")
    assert "最后一天是哪天？" in text(client, "case", case_id=case.pk)
    address = reverse("resident:answer", args=[case.pk])
    assert client.post(address, {"text": ""}).status_code == 422
    client.post(address, {"text": "十月三十一日。"})
    page = text(client, "case", case_id=case.pk)
    assert "十月三十一日。" in page
    assert "街镇核实中" in page


def test_a_case_is_withdrawn(resident: world.Resident, client: Client) -> None:
    case = world.submit(resident, drain=False)[world.BENEFIT]
    client.post(reverse("resident:withdraw", args=[case.pk]))
    assert "已撤回" in text(client, "case", case_id=case.pk)


def test_rating_needs_a_level_counts_once_and_a_bad_one_is_work_for_somebody(
    client: Client, submitted: Any
) -> None:
    case = submitted[world.REGISTRATION]
    address = reverse("resident:rate", args=[case.pk])
    assert client.post(address, {"comment": "慢"}).status_code == 422
    client.post(address, {"score": "1", "comment": "等了很久"})
    client.post(address, {"score": "5"})
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert Rating.objects.get(case=case).score == 1
        assert Task.objects.filter(kind="answer_rating", case=case).count() == 1
    assert "非常不满意" in text(client, "case", case_id=case.pk)


def test_others_cases_do_not_exist(submitted: Any) -> None:
    stranger = of(world.resident())
    case = submitted[world.BENEFIT]
    for name in ("case", "rate"):
        assert stranger.get(reverse(f"resident:{name}", args=[case.pk])).status_code == 404
    assert stranger.get(reverse("document", args=[case.receipt_id])).status_code == 404


# -- money, messages, settings


def test_the_account_is_changed_and_errors_stand_at_the_field(
    resident: world.Resident, client: Client
) -> None:
    wrong = client.post(
        reverse("resident:account"), {"holder_name": "王秀英", "bank_name": "", "number": "12"}
    )
    assert wrong.status_code == 422
    assert 'href="#f-bank_name"' in wrong.content.decode()
    right = {"holder_name": "王秀英", "bank_name": "上海银行", "number": "6222 0000 1111 2223"}
    client.post(reverse("resident:account"), right)
    assert "尾号 2223" in text(client, "account")
    with scope.acting(scope.SYSTEM):
        account = PayeeAccount.objects.get(person_id=resident.id, replaced_at=None)
    assert account.number == "6222000011112223"


def test_messages_are_read_by_opening_them(resident: world.Resident, client: Client) -> None:
    with scope.acting(scope.SYSTEM):
        messages.notify(person_id=resident.id, title="您好", body="一件事", link="/resident/payments/")
        messages.notify(person_id=resident.id, title="坏链接", link="https://example.org/")
    assert "未读" in text(client, "home")
    page = text(client, "messages")
    assert 'href="/resident/payments/"' in page
    assert "example.org" not in page
    with scope.acting(scope.SYSTEM):
        assert not Message.objects.filter(person_id=resident.id, read_at=None).exists()


def test_i_see_who_read_my_file(resident: world.Resident, client: Client) -> None:
    assert "还没有人看过" in text(client, "reads")
    clerk = world.clerk(name="周敏")
    with scope.acting(clerk):
        queries.person(clerk, resident.id, reason="窗口办理")
    page = text(client, "reads")
    assert "周敏（街镇窗口人员）" in page
    assert "窗口办理" in page


def test_settings_are_kept(client: Client) -> None:
    client.post(reverse("resident:settings"), {"language": "en", "elder": "1"})
    page = text(client, "settings")
    assert '<html lang="en" class=" elder">' in page


# -- costs


PAGES = ("home", "file", "entitlements", "cases", "payments", "messages", "reads", "settings", "account")


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_file_is_a_page_like_any_other(name: str) -> None:
    assert text(of(world.resident(months=0, reason=None, ended=None)), name)


@pytest.mark.parametrize(
    ("name", "most"), [("home", 42), ("entitlements", 24), ("cases", 18), ("payments", 20), ("file", 20)]
)
def test_a_page_costs_no_more_with_a_long_history(
    name: str, most: int, resident: world.Resident, client: Client, django_assert_max_num_queries: Count
) -> None:
    """Twelve finished cases, twelve messages and twelve months cost what one does."""
    world.submit(resident)
    with as_owner():
        model = Case.objects.filter(person_id=resident.id, item=world.REGISTRATION).get()
        for number in range(12):
            model.id, model.request_key, model.number = new_id(), new_id(), f"test-{number}"
            model.submitted_at = clock.now() - timedelta(days=number)
            model.save(force_insert=True)
        for number in range(12):
            messages.notify(person_id=resident.id, title=f"消息 {number}")
    with django_assert_max_num_queries(most):
        assert text(client, name)


def test_a_hire_stops_the_benefit_and_says_why(resident: world.Resident, client: Client) -> None:
    world.submit(resident)
    with scope.acting(scope.SYSTEM):
        person = Person.objects.get(pk=resident.id)
    registry.register_hire(
        scope.SYSTEM,
        employer_id=make.employer().pk,
        document_type="01",
        document_number=person.document_number,
        name=person.name,
        start=date(2026, 11, 25),
        contract_type="1",
        contract_until=date(2027, 11, 24),
    )
    outbox.drain()
    page = text(client, "payments")
    assert "不再发放" in page
    assert "停发" in text(client, "messages")
