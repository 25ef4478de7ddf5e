"""The story as people live it: the employer's file, one resident on a phone, a new job, a rating.

The people are those of the demonstration. What the worker does in the running house is done here by `drain`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jiuye.desk.models import Case, Task
from jiuye.foundation import outbox, scope
from jiuye.foundation.models import Message
from jiuye.registry import demo as city
from jiuye.registry import staff_file
from jiuye.registry.demo import personas
from jiuye.registry.models import EmploymentSpell, Upload
from jiuye.web import demo
from tests.support import make
from tests.support.browser import (
    DESKTOP,
    PHONE,
    Visitor,
    assert_accessible,
    assert_no_sideways_scroll,
)
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = date(2026, 11, 25)
ROWS, BAD = 1000, 50


@pytest.fixture(autouse=True)
def the_city(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())
    with as_owner():
        city.load(3)
        demo.load_users()


def log_in(visitor: Visitor, username: str) -> Page:
    page = visitor.page
    page.goto("/login/")
    page.locator(f"button[name=person][value={username}]").click()
    return page


def fine(page: Page) -> None:
    assert_accessible(page)
    assert_no_sideways_scroll(page)


def staff(path: Path) -> Path:
    """A thousand people: every twentieth row has something wrong."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(staff_file.COLUMNS)
    for number in range(ROWS):
        bad = number % (ROWS // BAD) == 0
        row = {
            staff_file.NAME: f"员工{number}",
            staff_file.TYPE: "居民身份证",
            staff_file.NUMBER: "31" if bad else make.document_number(date(1980 + number // 499, 5, 1)),
            staff_file.CONTRACT: "固定期限",
            staff_file.START: "2025-11-01",
            staff_file.UNTIL: "2026-10-31",
            staff_file.END: "2026-10-31",
            staff_file.REASON: "劳动合同期满终止（44条一项）",
            staff_file.FROM_MONTH: "2025-11",
            staff_file.TO_MONTH: "2026-10",
            staff_file.BASE: "8200",
        }
        writer.writerow([row.get(column, "") for column in staff_file.COLUMNS])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def test_an_employers_file_keeps_what_is_right_and_says_what_is_wrong(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    page = log_in(visit(DESKTOP), "agent")
    expect(page.get_by_role("heading", level=1)).to_have_text(personas.EMPLOYER_NAME)
    fine(page)
    page.get_by_role("link", name="上传名册").first.click()
    fine(page)
    page.get_by_label("CSV 文件").set_input_files(staff(tmp_path / "名册.csv"))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text(f"收下 {ROWS - BAD} 行，{BAD} 行要改")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("row")).to_have_count(BAD + 1)
    fine(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载要改的行（CSV）").click()
    lines = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert len(lines) == BAD + 1
    assert lines[1][:2] == ["2", staff_file.NUMBER]
    with scope.acting(scope.SYSTEM):
        upload = Upload.objects.get()
        ended = EmploymentSpell.objects.filter(employer_id=personas.EMPLOYER_ID, separation_reason="01")
        assert (upload.rows, upload.kept, upload.bad) == (ROWS, ROWS - BAD, BAD)
        assert ended.count() == ROWS - BAD + 1  # and hers


def test_a_resident_is_served_from_the_door_to_her_new_job(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PHONE)
    page = log_in(visitor, "wang")
    expect(page.get_by_role("heading", level=1)).to_have_text("王秀英，您好")
    fine(page)
    sees_her_file(page)
    sees_what_she_is_entitled_to(page)
    applies(visitor, visit)
    outbox.drain()
    is_granted(page)
    finds_work(visit)
    outbox.drain()
    is_told_that_it_stops(page)
    rates(page)


def sees_her_file(page: Page) -> None:
    page.get_by_role("link", name="档案", exact=True).click()
    expect(page.get_by_text(personas.EMPLOYER_NAME).first).to_be_visible()
    expect(page.get_by_text("一共缴了 105 个月")).to_be_visible()
    fine(page)


def sees_what_she_is_entitled_to(page: Page) -> None:
    page.get_by_role("link", name="我能享受的").click()
    heading = page.get_by_role("heading", name="失业保险金", exact=True)
    benefit = page.locator("section.entitlement", has=heading)
    expect(benefit.get_by_text("16 个月")).to_be_visible()
    benefit.locator("summary", has_text="每个月多少").click()
    table = benefit.get_by_role("table")
    expect(table.locator("tbody tr:not(.bars-note)")).to_have_count(16)
    expect(table.get_by_text("从这个月起每月 1,872.00 元")).to_be_visible()
    benefit.locator("summary", has_text="为什么").click()
    clause = benefit.locator("li.reason").first
    clause.locator("summary").click()
    expect(clause.get_by_text("第四十五条（一）")).to_be_visible()
    fine(page)


def applies(visitor: Visitor, visit: Callable[..., Visitor]) -> None:
    page = visitor.page
    heading = page.get_by_role("heading", name="失业保险金", exact=True)
    benefit = page.locator("section.entitlement", has=heading)
    benefit.get_by_role("link", name="回答几个问题，接着办").click()
    fine(page)
    page.get_by_role("button", name="下一步：核对").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    fine(page)
    summary.get_by_role("link").first.click()
    yes(page, "您目前的身体状况能否工作？")
    expect(page.get_by_text("已保存")).to_be_visible()

    # the network goes, she goes on, nothing is lost
    visitor.context.set_offline(True)
    expect(page.get_by_text("网络断了")).to_be_visible()
    yes(page, "您是否正在找工作、愿意就业？")
    expect(page.get_by_text("还没保存上")).to_be_visible()
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("heading", name="只有您知道的")).to_be_visible()  # still here
    visitor.context.set_offline(False)
    expect(page.get_by_text("网络断了")).to_be_hidden()
    expect(page.get_by_text("已保存")).to_be_visible()

    # a second device goes on where the first one was
    other = log_in(visit(DESKTOP), "wang")
    other.get_by_role("link", name="接着填").click()
    other.get_by_role("button", name="下一步：核对").click()
    other.get_by_label("以上都是真的").check()

    page.get_by_role("button", name="下一步：核对").click()
    fine(page)
    page.get_by_label("以上都是真的").check()
    page.get_by_role("button", name="提交申请").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("收到了您的申请")
    expect(page.get_by_text("12月2日 星期三").first).to_be_visible()
    fine(page)
    other.get_by_role("button", name="提交申请").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("收到了您的申请")

    receipt = page.get_by_role("link", name="受理回执（PDF）").get_attribute("href")
    assert receipt
    answer = page.request.get(receipt)
    assert answer.body().startswith(b"%PDF")
    with scope.acting(scope.SYSTEM):
        cases = Case.objects.filter(person_id=personas.WANG_XIUYING)
        assert sorted(case.item for case in cases) == ["unemployment_benefit", "unemployment_registration"]
        for case in cases:
            expect(page.get_by_text(case.number).first).to_be_visible()


def yes(page: Page, question: str) -> None:
    page.get_by_role("group", name=re.compile(re.escape(question))).get_by_label("是", exact=True).check()


def is_granted(page: Page) -> None:
    page.get_by_role("link", name="办件", exact=True).click()
    fine(page)
    page.get_by_role("link", name=re.compile("失业保险金申领")).click()
    expect(page.get_by_text("已同意").first).to_be_visible()
    fine(page)
    page.get_by_role("link", name="看决定和理由").click()
    expect(page.get_by_text("您可以领 16 个月")).to_be_visible()
    fine(page)
    page.get_by_role("link", name="发放", exact=True).click()
    expect(page.get_by_text("预计 12月15日 星期二 到账")).to_be_visible()
    fine(page)


def finds_work(visit: Callable[..., Visitor]) -> None:
    """Another employer registers the hire: nobody else does anything."""
    hired = personas.persona(personas.WANG_XIUYING)
    page = log_in(visit(PHONE), "agent2")
    page.get_by_role("link", name="录用登记").first.click()
    fine(page)
    page.get_by_label("姓名").fill(hired.name)
    page.get_by_label("证件号码").fill(hired.number)
    page.get_by_label("上岗日期").fill("2026-11-25")
    page.get_by_label("合同类型").select_option(label="固定期限")
    page.get_by_label("合同到哪一天").fill("2027-11-24")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("王秀英的录用登记办好了。")).to_be_visible()
    fine(page)


def is_told_that_it_stops(page: Page) -> None:
    with scope.acting(scope.SYSTEM):
        told = Message.objects.filter(person_id=personas.WANG_XIUYING, title__contains="停发")
        assert told.exists()
    page.reload()
    expect(page.get_by_text("不再发放").first).to_be_visible()
    fine(page)
    page.get_by_role("link", name=re.compile("首页")).click()
    page.get_by_role("link", name="全部消息").click()
    expect(page.get_by_text("停发").first).to_be_visible()
    fine(page)
    page.get_by_role("link", name="档案", exact=True).click()
    expect(page.get_by_text("现在在 上海江浦物流有限公司 上班。")).to_be_visible()


def rates(page: Page) -> None:
    page.get_by_role("link", name="办件", exact=True).click()
    page.get_by_role("link", name=re.compile("失业登记")).click()
    page.get_by_role("link", name="评价这次服务").click()
    fine(page)
    page.get_by_label("不满意", exact=True).check()
    page.get_by_label("想说的话").fill("填了两遍。")
    page.get_by_role("button", name="交评价").click()
    expect(page.get_by_text("收到您的评价，谢谢。")).to_be_visible()
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        task: Any = Task.objects.get(kind="answer_rating")
    assert task.due_on == date(2026, 11, 26)  # one working day
