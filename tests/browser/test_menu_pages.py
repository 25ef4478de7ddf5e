"""What one can have, in a real browser: entitled, one click, sent; another situation; an employer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect

from jiuye.desk.models import Case, EmployerCase, EmployerMonth
from jiuye.foundation import outbox, scope
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.registry import actions as registry
from jiuye.registry.models import Employer
from tests.desk import world as desk
from tests.desk.test_benefit_items import hard_to_place
from tests.support import make
from tests.support.browser import (
    DESKTOP,
    PHONE,
    Visitor,
    assert_accessible,
    assert_no_sideways_scroll,
)
from tests.support.database import as_owner
from tests.support.users import granted
from tests.web.world import TODAY as LATER
from tests.web.world import World

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = desk.TODAY
NARROW = {"width": 320, "height": 640}
# Tables that note who came and looked, whatever the page is.
LOOKED = {"django_session", "foundation_readlogentry", "foundation_user", "foundation_loginattempt"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def fine(page: Page) -> None:
    """axe, the narrowest screen, letters of double size."""
    assert_accessible(page)
    size = page.viewport_size
    assert size
    page.set_viewport_size(NARROW)
    assert_no_sideways_scroll(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_no_sideways_scroll(page)
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(size)


def counts() -> dict[str, int]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall() if name not in LOOKED]
        found = {}
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = cursor.fetchone()[0]
    return found


def resident_of(who: desk.Resident, language: str = "zh-hans") -> Grant:
    grant = granted(Role.RESIDENT, person=who.id, name="王秀英")
    with as_owner():
        grant.user.language = language
        grant.user.save()
    return grant


def registered() -> desk.Resident:
    """Hard to place and registered for flexible work: entitled by what is on file."""
    who = hard_to_place(TODAY)
    registry.open_registration(
        scope.SYSTEM, person_id=who.id, kind="flexible", opened_on=TODAY, open_reason="90"
    )
    return who


# -- a person


def test_entitled_one_click_filled_in_already_sent_once(visit: Callable[..., Visitor]) -> None:
    who = registered()
    page = visit(PHONE).sign_in(resident_of(who))
    page.goto(reverse("resident:entitlements"))
    entitled = page.locator("#g-entitled").locator("xpath=ancestor::section[1]")
    card = entitled.locator(".entitlement", has_text="灵活就业社会保险补贴")
    expect(card).to_contain_text("1,131.90 元")
    fine(page)
    card.get_by_role("link", name="现在就办").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("灵活就业一件事：登记和补贴一步办")
    expect(page.get_by_role("heading", name="只有您知道的")).to_have_count(0)  # nothing is left to ask
    expect(page.get_by_text("已认定为就业困难人员").first).to_be_visible()
    fine(page)
    for name, value in desk.ACCOUNT.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("我能享受的")
    page.go_forward()
    for name, value in desk.ACCOUNT.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.get_by_role("button", name="下一步：核对").click()
    page.locator("[name=confirm]").check()
    page.locator("form .button-main").dblclick()
    expect(page.get_by_text("灵活就业社会保险补贴申领").first).to_be_visible()
    with scope.acting(scope.SYSTEM):
        assert [case.item for case in Case.objects.filter(person_id=who.id)] == ["flexible_subsidy"]
    outbox.drain()
    page.goto(reverse("resident:entitlements"))
    had = page.locator("#g-had").locator("xpath=ancestor::section[1]")
    expect(had).to_contain_text("灵活就业社会保险补贴")
    expect(page.locator("#g-not").locator("xpath=ancestor::section[1]")).to_contain_text(
        "不能和灵活就业社会保险补贴同时享受"
    )
    fine(page)


def test_the_slider_changes_the_result_and_keeps_nothing(visit: Callable[..., Visitor]) -> None:
    who = desk.resident(months=84)
    page = visit(DESKTOP).sign_in(resident_of(who))
    page.goto(reverse("resident:what_if"))
    before = counts()
    page.get_by_text("失业保险", exact=True).click()
    status = page.locator("#try-result [role=status]")
    expect(status).to_contain_text("还没有改动")
    expect(page.locator("#try-result")).to_contain_text("一共 31,824.00 元，改了以后一共 31,824.00 元")
    slider = page.get_by_role("slider", name="尚未用于核定的失业保险缴费月数，滑块")
    slider.focus()
    for _step in range(6):  # with the keyboard: months paid are fewer by six
        page.keyboard.press("ArrowLeft")
    expect(page.locator("[name=ui_months_unused]")).to_have_value("78")
    expect(status).to_contain_text("项会变")
    expect(page.locator("#try-result .try-changes")).to_contain_text(re.compile("1[23] 个月，"))
    fine(page)
    page.locator("[name=ui_months_unused]").fill("9999")
    page.locator("[name=ui_months_unused]").press("Enter")
    expect(page.locator("#try-result")).to_contain_text("请填 0 到 360 之间的值")
    expect(page.locator("[name=ui_months_unused]")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)
    page.get_by_role("link", name="回到现在的情况").click()
    expect(page.locator("[name=ui_months_unused]")).to_have_value("84")
    assert counts() == before


def test_without_a_script_the_page_to_try_out_is_a_plain_form(visit: Callable[..., Visitor]) -> None:
    who = desk.resident(months=84)
    page = visit({**DESKTOP, "java_script_enabled": False}).sign_in(resident_of(who))
    page.goto(reverse("resident:what_if"))
    page.locator("[name=birth]").fill("999")
    page.get_by_role("button", name="算一算").click()
    expect(page.locator("#t-birth-error")).to_contain_text("请填 16 到 70 之间的值")


def test_what_is_lacking_leads_to_the_form_that_gives_it_by_keyboard(visit: Callable[..., Visitor]) -> None:
    page = visit(DESKTOP).sign_in(resident_of(desk.resident(months=84)))
    page.goto(reverse("resident:entitlements"))
    link = page.get_by_role("link", name="先办就业困难人员认定").first
    for _step in range(120):
        page.keyboard.press("Tab")
        if link.evaluate("one => one === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("就业困难人员认定")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_page_of_the_menu_in_other_languages(visit: Callable[..., Visitor], language: str) -> None:
    page = visit(PHONE).sign_in(resident_of(registered(), language))
    for name in ("entitlements", "household", "what_if"):
        page.goto(reverse(f"resident:{name}"))
        page.evaluate("document.querySelectorAll('main details').forEach(fold => fold.open = true)")
        fine(page)
        if language == "en":
            left = re.sub(r"[〔〕（）、。：第条]|沪人社\S*|人社部\S*", "", page.locator("main").inner_text())
            assert "怎么办" not in left
            assert "还差" not in left


# -- an employer


def firm() -> tuple[Employer, Grant]:
    employer = make.employer(desk.STREET, "上海晨光食品有限公司")
    person = make.person(desk.STREET, name="李国强", birth_date=date(1980, 3, 5), sex="2")
    registry.open_registration(
        scope.SYSTEM, person_id=person.pk, kind="hardship", opened_on=date(2026, 6, 1), open_reason="01"
    )
    registry.state_facts(
        scope.SYSTEM, person_id=person.pk, facts={"retirement_category": "F50"}, source="staff", as_of=TODAY
    )
    registry.register_hire(
        scope.SYSTEM, employer_id=employer.pk, document_type="01", document_number=person.document_number,
        name=person.name, start=date(2026, 8, 3), contract_type="1", contract_until=date(2028, 8, 31),
    )  # fmt: skip
    return employer, granted(Role.EMPLOYER_AGENT, employer=employer.pk, name="张敏")


def test_an_employer_applies_in_one_click_and_two_in_the_district_grant(
    visit: Callable[..., Visitor],
) -> None:
    employer, agent = firm()
    page = visit(PHONE).sign_in(agent)
    page.goto(reverse("employer:entitlements"))
    fine(page)
    card = page.locator(".entitlement", has=page.get_by_role("heading", name="吸纳就业困难人员补贴"))
    card.get_by_role("link", name="给录用的一位申请").click()
    fine(page)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("请从在职人员里选一位")
    page.get_by_label("李国强").check()
    page.get_by_role("button", name="提交").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("吸纳就业困难人员补贴申请：李国强")
    fine(page)
    with scope.acting(scope.SYSTEM):
        assert EmployerCase.objects.count() == 1
    decide(visit)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("2,332.12 元")
    fine(page)
    page.goto(reverse("employer:messages"))
    expect(page.get_by_role("main")).to_contain_text("已同意：吸纳就业困难人员补贴申请")
    with scope.acting(scope.SYSTEM):
        assert EmployerMonth.objects.filter(employer=employer).count() == 2  # until the law ends


def decide(visit: Callable[..., Visitor]) -> None:
    """One records what was found and prepares, the other signs."""
    page = visit(DESKTOP).sign_in(granted(Role.DISTRICT_CASEWORKER, desk.DISTRICT, name="吴强"))
    page.goto(reverse("workbench:employer_cases"))
    page.get_by_role("link", name="吸纳就业困难人员补贴申请：李国强").click()
    fine(page)
    form = page.locator("form", has=page.locator("[name=act][value=record]"))
    while form.count():
        for name in ("agreement_retained", "contributions_paid_in_full"):
            box = form.locator(f"[name={name}][value={'no' if name == 'agreement_retained' else 'yes'}]")
            if box.count():
                box.check()
        if form.locator("[name=subsidy_months_used]").count():
            form.locator("[name=subsidy_months_used]").fill("0")
        if form.locator("[name=employer_kind]").count():
            kind = form.locator("select[name=employer_kind], [name=employer_kind][value=enterprise]").first
            if kind.evaluate("one => one.tagName") == "SELECT":
                kind.select_option("enterprise")
            else:
                kind.check()
        form.get_by_role("button", name="记下核实的情况").click()
        expect(page.get_by_text("记下了，已按核实的情况重新核对。")).to_be_visible()
    page.get_by_label("理由（单位会看到）").fill("符合")
    page.get_by_role("button", name="拟定同意").click()
    expect(page.get_by_text("这是您自己拟的，要由另一位同事批准。")).to_be_visible()
    fine(page)
    address = page.url
    boss = visit(DESKTOP).sign_in(granted(Role.DISTRICT_APPROVER, desk.DISTRICT, name="郑兰"))
    boss.goto(address)
    boss.get_by_role("button", name="批准").click()
    expect(boss.get_by_text("签好了，决定已经作出，单位收到了消息。")).to_be_visible()
    fine(boss)


def test_an_employer_tries_out_a_hire_on_a_phone(visit: Callable[..., Visitor]) -> None:
    _employer, agent = firm()
    page = visit(PHONE).sign_in(agent)
    page.goto(reverse("employer:what_if"))
    before = counts()
    page.locator("[name=hardship_recognised]").select_option("yes")
    page.locator("[name=sex]").select_option("1")
    page.locator("[name=birth]").fill("48")
    page.locator("[name=contract_months]").fill("24")
    page.locator("[name=contributions_paid_in_full]").select_option("yes")
    page.locator("[name=subsidy_months_used]").fill("0")
    page.locator("[name=agreement_retained]").select_option("no")
    page.get_by_text("单位", exact=True).last.click()
    page.locator("[name=employer_kind]").select_option("enterprise")
    expect(page.locator("#try-result .try-changes")).to_contain_text("吸纳就业困难人员补贴")
    fine(page)
    assert counts() == before


def test_an_employer_without_anybody_and_with_applications(
    visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIUYE_TODAY", LATER.isoformat())
    world = World()
    page = visit(PHONE).sign_in(granted(Role.EMPLOYER_AGENT, employer=world.employer.pk))
    for item in ("employer_hiring_subsidy", "first_grant"):
        page.goto(reverse("employer:claim_new", args=[item]))
        fine(page)
    page.goto(reverse("employer:claims"))
    fine(page)
    case = world.make_employer_case()
    for address in (reverse("employer:claims"), reverse("employer:claim", kwargs=case)):
        page.goto(address)
        fine(page)
    page.get_by_text("不想办了").click()
    page.get_by_role("button", name="撤回申请").click()
    expect(page.get_by_role("main")).to_contain_text("已撤回")
