"""The whole story on the pages, each person at their own screen: three residents, their employers, the staff.

What the worker does in the running house is done here by `drain` and `advance`; the days pass by JIUYE_TODAY.
The arithmetic of the money stands in tests/scenarios/test_story.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from jiuye.desk.models import Decision, Task
from jiuye.foundation import outbox, scope
from jiuye.foundation.models import ReadLogEntry
from jiuye.funds import tasks as funds_tasks
from jiuye.funds.demo_bank import make_return
from jiuye.funds.models import Award, Overpayment, PaymentRun
from jiuye.registry.demo import personas, sample
from tests.scenarios.cast import Cast, Days, gather
from tests.support.browser import DESKTOP, PHONE, Visitor
from tests.support.money import balance

pytestmark = pytest.mark.django_db(transaction=True)
WANG, LI, CHEN = "王秀英", "李国强", "陈晓东"
ROWS, BAD = 40, 6
MONTH = 234000  # cents


class Town:
    """One phone and one desk; whoever acts signs in."""

    def __init__(self, visit: Callable[..., Visitor], cast: Cast) -> None:
        self.cast = cast
        self.phone, self.desk = visit(PHONE), visit(DESKTOP)

    def at_desk(self, name: str, path: str) -> Page:
        page = self.desk.sign_in(self.cast.grants[name])
        page.goto(path)
        return page

    def on_phone(self, name: str, path: str = "/resident/") -> Page:
        page = self.phone.sign_in(self.cast.grants[name])
        page.goto(path)
        return page


def test_from_the_employers_file_to_the_last_figure(
    visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    days = Days(monkeypatch)
    town = Town(visit, gather())
    the_employer_uploads(town, tmp_path)
    for name in (WANG, LI, CHEN):
        applies(town, name)
        outbox.drain()
    the_clerk_finds_out(town)
    the_district_decides(town, LI, "拟同意", "签字同意")
    the_district_decides(town, CHEN, "拟不予批准", "签字，不予批准")
    others_look_again(town)

    days.go(date(2026, 12, 8))
    run = pays(town, "建月度批次")
    the_bank_answers(town, run, tmp_path, failing=LI)
    li_corrects_his_account(town)
    the_bank_answers(town, pays(town, "建补发批次"), tmp_path)
    days.go(date(2027, 1, 8))
    the_bank_answers(town, pays(town, "建月度批次"), tmp_path)
    sees_what_came(town)

    days.go(date(2027, 1, 20))
    she_is_hired(town)
    january_is_paid_back(town)
    she_is_not_content(town)
    days.go(date(2027, 1, 21))
    the_lead_looks(town)
    the_auditor_looks(town)
    assert balance()["receivable"] == MONTH
    assert balance()["bank"] == -4 * MONTH


def the_employer_uploads(town: Town, folder: Path) -> None:
    file = folder / "名册.csv"
    file.write_bytes(sample.staff_csv(ROWS, BAD, date(2026, 11, 25)))
    page = town.at_desk("agent", "/employer/upload/")
    page.get_by_label("CSV 文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text(f"收下 {ROWS - BAD} 行，{BAD} 行要改")).to_be_visible()
    outbox.drain()


def applies(town: Town, name: str) -> None:
    page = town.on_phone(name, "/resident/apply/unemployed/")
    for question in ("您目前的身体状况能否工作？", "您是否正在找工作、愿意就业？"):
        group = page.get_by_role("group", name=re.compile(re.escape(question)))
        group.get_by_label("是", exact=True).check()
    page.get_by_label("户名（您本人）").fill(name)
    page.get_by_label("开户银行").fill("上海银行")
    page.get_by_label("银行卡号").fill(town.cast.accounts[name])
    if name == LI:
        page.locator("summary", has_text="劳动关系终止原因").click()
        page.get_by_label("劳动关系终止原因应该是").select_option("06")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_label("以上都是真的").check()
    page.get_by_role("button", name="提交申请").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("收到了您的申请")


def the_clerk_finds_out(town: Town) -> None:
    """With the keyboard only. Two keys from the queue to the most frequent step: Enter, e."""
    page = town.at_desk("clerk", "/workbench/")
    expect(page.locator("[data-queue-link]")).to_have_text([LI])
    keys = page.keyboard
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("失业保险金申领")
    press(page, "e")
    form = page.locator("form", has=page.locator("#evidence-note"))
    expect(form.locator("#evidence-note")).to_be_visible()
    reach(page, form.locator("#evidence-note"))
    keys.insert_text("解除劳动合同通知书，单位盖章")
    proven = form.locator("#evidence-fact-separation_reason")
    reach(page, proven)
    for _step in range(30):
        keys.press("ArrowDown")
        if proven.input_value() == "06":
            break
    expect(proven).to_have_value("06")
    reach(page, form.get_by_role("button", name="记下"))
    keys.press("Enter")
    expect(page.get_by_text("证据记下了。")).to_be_visible()
    press(page, "d")
    reach(page, page.get_by_label("怎么查清的"))
    keys.insert_text("以通知书为准")
    reach(page, page.get_by_role("button", name="记为已查清"))
    keys.press("Enter")
    expect(page.get_by_text("这处疑点查清了。")).to_be_visible()
    press(page, "h")
    reach(page, page.get_by_label("核实的情况和您的意见"))
    keys.insert_text("单位解除，建议同意")
    reach(page, page.get_by_role("button", name="交给区里"))
    keys.press("Enter")
    expect(page.get_by_text("交给区里了。")).to_be_visible()
    press(page, "q")
    expect(page.get_by_text("没有要办的")).to_be_visible()


def press(page: Page, key: str) -> None:
    """A key, once the page listens."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def reach(page: Page, wanted: Locator) -> None:
    """By Tab, as far as it takes; more than a dozen is too far."""
    for _step in range(12):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def opens(town: Town, who: str, name: str) -> Page:
    page = town.at_desk(who, "/workbench/")
    page.locator("[data-queue-link]", has_text=name).first.click()
    return page


def the_district_decides(
    town: Town, name: str, prepare: str, sign: str, by: str = "caseworker", and_by: str = "approver"
) -> None:
    page = opens(town, by, name)
    page.locator("summary", has_text=prepare).click()
    fold = page.locator("details", has=page.locator("summary", has_text=prepare))
    fold.get_by_label(re.compile("^说明")).fill("材料和登记都看过了")
    fold.get_by_role("button", name="拟好，交另一人签字").click()
    expect(page.get_by_text("这是您自己拟的")).to_be_visible()
    page = opens(town, and_by, name)
    expect(page.get_by_role("button", name=sign)).to_be_visible()
    press(page, "s")
    button = page.get_by_role("button", name=sign)
    expect(button).to_be_focused()  # the key alone signs nothing
    page.keyboard.press("Enter")
    expect(page.get_by_text("签好了，决定已经作出")).to_be_visible()
    outbox.drain()


def others_look_again(town: Town) -> None:
    page = town.on_phone(CHEN)
    page.get_by_role("link", name="办件", exact=True).click()
    page.get_by_role("link", name=re.compile("失业保险金申领")).click()
    page.get_by_role("link", name="看决定和理由").click()
    for condition in ("缴纳失业保险费满一年", "非因本人意愿中断就业"):
        line = page.locator("li.reason", has_text=condition).first
        expect(line.get_by_text("不符合").first).to_be_visible()
    page.get_by_role("link", name="申请复核").click()
    page.get_by_label("说说您的理由").fill("单位没有如实上报")
    page.get_by_role("button", name="提交复核申请").click()
    outbox.drain()
    page = opens(town, "caseworker", CHEN)
    page.get_by_role("button", name=re.compile("由我来办")).click()
    expect(page.get_by_text("您参与了原决定")).to_be_visible()
    the_district_decides(
        town, CHEN, "拟不予批准", "签字，不予批准", by="other caseworker", and_by="other approver"
    )


def pays(town: Town, kind: str) -> PaymentRun:
    page = town.at_desk("payer", "/workbench/runs/")
    if kind == "建补发批次":
        page.get_by_label("月份").select_option("2026-12-01")
    page.get_by_role("button", name=kind).click()
    page.get_by_role("button", name="锁定名单").click()
    expect(page.get_by_text("名单锁定了")).to_be_visible()
    address = page.url
    page = town.at_desk("payment approver", address)
    page.get_by_role("button", name="批准这一批").click()
    expect(page.get_by_text("批准了。正在记账和做银行文件")).to_be_visible()
    with scope.acting(scope.SYSTEM):
        run: Any = PaymentRun.objects.get(pk=address.rstrip("/").rsplit("/", 1)[-1])
    funds_tasks.advance(run.pk)
    return run  # type: ignore[no-any-return]


def the_bank_answers(town: Town, run: PaymentRun, folder: Path, failing: str = "") -> None:
    officer = town.cast["payer"]
    people = (town.cast.id(failing),) if failing else ()
    with scope.acting(officer):
        name, content = make_return(officer, run.pk, people=people)
    file = folder / name
    file.write_bytes(content)
    page = town.at_desk("payer", f"/workbench/runs/{run.pk}/")
    for link in ("银行文件（pain.001）", "名单（CSV）"):
        address = page.get_by_role("link", name=link).get_attribute("href")
        assert page.request.get(str(address)).ok
    page.get_by_label("回盘文件").set_input_files(file)
    page.get_by_role("button", name="收下回盘").click()
    expect(page.get_by_text(f"{int(bool(failing))} 笔退回。").first).to_be_visible()
    expect(page.get_by_text("已对账").first).to_be_visible()
    outbox.drain()


def li_corrects_his_account(town: Town) -> None:
    page = town.on_phone(LI, "/resident/payments/")
    expect(page.get_by_text("户名与账号不符").first).to_be_visible()
    page.goto("/resident/account/")
    page.get_by_label("户名").fill(LI)
    page.get_by_label("开户银行").fill("中国工商银行")
    page.get_by_label("银行卡号").fill("9900 0000 0091 2345")
    page.get_by_role("button", name="用这张卡").click()
    expect(page.get_by_text("尾号 2345").first).to_be_visible()


def sees_what_came(town: Town) -> None:
    for name in (WANG, LI):
        page = town.on_phone(name, "/resident/payments/")
        expect(page.get_by_text(re.compile("到账")).first).to_be_visible()
        expect(page.get_by_text("银行退回")).to_have_count(0)


def she_is_hired(town: Town) -> None:
    page = town.at_desk("other agent", "/employer/hire/")
    page.get_by_label("姓名").fill(WANG)
    page.get_by_label("证件号码").fill(town.cast.people[WANG].document_number)
    page.get_by_label("上岗日期").fill("2026-12-14")
    page.get_by_label("合同类型").select_option(label="固定期限")
    page.get_by_label("合同到哪一天").fill("2029-12-31")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("王秀英的录用登记办好了。")).to_be_visible()
    outbox.drain()
    page = town.on_phone(WANG, "/resident/messages/")
    expect(page.get_by_role("heading", name=re.compile("失业保险金自.*起停发"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("待遇多发了"))).to_be_visible()


def january_is_paid_back(town: Town) -> None:
    page = town.at_desk("caseworker", "/workbench/recoveries/")
    page.locator("[data-queue-link]", has_text=WANG).click()
    page.get_by_label("为什么要追回").fill("2026年12月14日已就业")
    page.get_by_role("button", name="拟好，交另一人批准").click()
    expect(page.get_by_text("拟好了")).to_be_visible()
    page = town.at_desk("approver", page.url)
    page.get_by_role("button", name="批准追回").click()
    expect(page.get_by_text("批准了。决定书已经送给本人。")).to_be_visible()
    outbox.drain()
    page = town.on_phone(WANG)
    page.get_by_role("link", name="看看怎么还").click()
    page.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="就这样约定").click()
    expect(page.get_by_text("780.00 元").first).to_be_visible()
    with scope.acting(scope.SYSTEM):
        assert Overpayment.objects.get().state == "agreed"
        assert Award.objects.get(person_id=town.cast.id(WANG)).stopped_from == date(2027, 1, 1)


def she_is_not_content(town: Town) -> None:
    page = town.on_phone(WANG, "/resident/cases/")
    page.get_by_role("link", name=re.compile("失业保险金申领")).click()
    page.get_by_role("link", name="评价这次服务").click()
    page.get_by_label("非常不满意", exact=True).check()
    page.get_by_label("想说的话").fill("停发没有提前说")
    page.get_by_role("button", name="交评价").click()
    expect(page.get_by_text("收到您的评价")).to_be_visible()
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(kind="answer_rating").due_on == date(2027, 1, 21)
    page = town.at_desk("caseworker", "/workbench/tasks/")
    page.get_by_role("link", name=re.compile("答复差评")).click()
    expect(page.get_by_text("停发没有提前说")).to_be_visible()
    page.get_by_label("给本人的答复").fill("已回电说明停发的规定")
    page.get_by_role("button", name="做完了").click()
    expect(page.get_by_text("这件任务做完了")).to_be_visible()
    page = town.on_phone(WANG, "/resident/messages/")
    expect(page.get_by_text("已回电说明停发的规定")).to_be_visible()


def the_lead_looks(town: Town) -> None:
    page = town.at_desk("lead", "/lead/?days=90")
    expect(page.locator("a.map-area")).to_have_count(16)
    page.locator(f'a.map-area[data-code="{personas.DISTRICT}"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("徐汇区")
    table = page.locator("details", has_text="全部数字的表格")
    table.locator("summary").click()
    street = table.get_by_role("row").filter(has=page.get_by_role("link", name="田林街道"))
    expect(street).to_contain_text("7")  # three registrations, three benefits, one review
    expect(street).to_contain_text("9,360.00")  # four months paid
    assert WANG not in page.content()  # figures, never people


def the_auditor_looks(town: Town) -> None:
    funds_tasks.nightly_samples(date(2026, 12, 1))  # of November
    page = town.at_desk("auditor", "/audit/")
    page.locator("[data-queue-link]").first.click()
    expect(page.get_by_text("法律怎么判断")).to_be_visible()
    page.get_by_role("button", name="没有问题").click()
    expect(page.get_by_text("已记下复查结果")).to_be_visible()
    page.goto("/audit/reads/")
    expect(page.get_by_role("row").filter(has_text="周丽").filter(has_text=LI).first).to_be_visible()
    page.goto("/audit/history/")
    expect(page.get_by_role("table")).to_be_visible()
    with scope.acting(scope.SYSTEM):
        assert ReadLogEntry.objects.filter(user_name="吴敏", purpose="control").exists()
        assert not Decision.objects.filter(kind="refusal", automatic=True).exists()
    page = town.on_phone(LI, "/resident/reads/")
    expect(page.get_by_text(re.compile("周丽")).first).to_be_visible()
