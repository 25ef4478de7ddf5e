"""Pages of the workbench, the lead and the auditor in every state, as pictures. Run by `make screens`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from jiuye.desk import actions as desk
from jiuye.desk.actions import cataloguing
from jiuye.desk.models import Case, Task
from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import actions as funds
from jiuye.funds.models import ControlSample, PaymentRun
from jiuye.insight import definitions
from jiuye.registry import actions as registry
from jiuye.registry.duplicates import propose_duplicates
from jiuye.registry.models import DuplicateProposal
from tests.browser import staff_pages
from tests.browser.staff_pages import LABOUR_AGE, Filled
from tests.desk import catalogue_world, world
from tests.support import make, money
from tests.support.browser import Visitor
from tests.support.camera import Camera, named, opened
from tests.support.database import as_owner
from tests.support.users import granted

pytestmark = pytest.mark.django_db(transaction=True)

Visit = Callable[..., Visitor]
Pages = list[tuple[str, str]]
CASE_MENU = ("queue", "tasks", "people", "duplicates")
MONEY_MENU = ("runs", "recoveries", "tasks")
AUDIT_MENU = ("samples", "reads", "history")
NAMES = {
    Role.STREET_CLERK: "周丽",
    Role.DISTRICT_CASEWORKER: "赵静",
    Role.DISTRICT_APPROVER: "孙伟",
    Role.PAYMENT_OFFICER: "何琳",
    Role.PAYMENT_APPROVER: "马涛",
    Role.CITY_LEAD: "沈建国",
    Role.LEGAL_OFFICER: "顾文",
    Role.CATALOGUE_EDITOR: "罗安",
    Role.AUDITOR: "吴敏",
}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", staff_pages.TODAY.isoformat())


def camera(visit: Visit, role: Role) -> Camera:
    return Camera(visit, granted(role, staff_pages.UNITS.get(role), name=NAMES[role]))


def case_pages(**cases: Case) -> Pages:
    return [(f"case-{name}", reverse("workbench:case", args=[case.pk])) for name, case in cases.items()]


def press(*keys: str) -> Callable[[Any], None]:
    """What a clerk's fingers do; then the page may come to rest."""

    def do(page: Any) -> None:
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_load_state("networkidle")

    return do


def sent(form: str) -> Callable[[Any], None]:
    """Send a form with nothing written in it; folds above it are opened first."""

    def do(page: Any) -> None:
        opened(page)
        page.locator(f"{form} button").first.click()
        page.wait_for_load_state("networkidle")

    return do


def pressed(value: str) -> Callable[[Any], None]:
    """Press the button of this value, with nothing written."""

    def do(page: Any) -> None:
        opened(page)
        page.locator(f"main button[value={value}]").click()
        page.wait_for_load_state("networkidle")

    return do


def found(text: str) -> Callable[[Any], None]:
    def do(page: Any) -> None:
        page.fill("input[name=q]", text)
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")

    return do


def test_workbench_empty(visit: Visit) -> None:
    camera(visit, Role.STREET_CLERK).shoot(named("workbench", CASE_MENU), "workbench", "empty")
    camera(visit, Role.PAYMENT_OFFICER).shoot(named("workbench", MONEY_MENU), "payments", "empty")


def test_workbench_cases(visit: Visit) -> None:
    """Each state of a case, seen by whoever has to do something about it."""
    filled = Filled()
    cases = filled.cases
    street = camera(visit, Role.STREET_CLERK)
    doubt = case_pages(doubt=cases["doubt"])
    street.shoot(case_pages(doubt=cases["doubt"], asked=cases["asked"]), "workbench", "typical")
    street.shoot(case_pages(granted=cases["granted"]), "workbench", "typical")
    street.shoot(doubt, "workbench", "evidence", before=press("e"))
    street.shoot(doubt, "workbench", "help", before=press("?"))
    street.shoot(doubt, "workbench", "full", before=opened)
    street.shoot(doubt, "workbench", "error", before=sent("form:has(input[value=evidence])"))
    street.shoot(doubt, "workbench", "elder", elder=True)
    named_person = [("person", reverse("workbench:person", args=[cases["doubt"].person_id]))]
    street.shoot([*named("workbench", ("queue", "tasks")), *named_person], "workbench", "typical")
    street.shoot(named("workbench", ("queue",)), "workbench", "elder", elder=True)
    worker = camera(visit, Role.DISTRICT_CASEWORKER)
    states = {"to-grant": "to grant", "sent-back": "to refuse", "refused": "refused", "appeal": "appeal"}
    worker.shoot(case_pages(**{name: cases[key] for name, key in states.items()}), "workbench", "typical")
    assert worker.grant is not None
    _who, own = world.refusable()
    desk.prepare_decision(
        Actor.of(worker.grant), case_id=own.pk, kind="refusal", reason="缴费不足一年，且系本人辞职。"
    )
    worker.shoot(case_pages(own=own), "workbench", "typical")
    approver = camera(visit, Role.DISTRICT_APPROVER)
    approver.shoot(case_pages(to_sign=cases["to sign"]), "workbench", "typical")
    approver.shoot(case_pages(to_sign=cases["to sign"]), "workbench", "error", before=pressed("send_back"))
    approver.shoot([("queue-signing", reverse("workbench:queue"))], "workbench", "typical")


def test_workbench_tasks(visit: Visit) -> None:
    filled = Filled()
    with scope.acting(scope.SYSTEM):
        tasks = {task.kind: task for task in Task.objects.filter(done_at__isnull=True)}
    for kind, task in tasks.items():
        page = [(f"task-{kind}", reverse("workbench:task", args=[task.pk]))]
        seen = camera(visit, Role(task.owner_role))
        seen.shoot(page, "workbench", "typical")
        seen.shoot(page, "workbench", "error", before=sent("main form"))
    rating = tasks["answer_rating"]
    worker = camera(visit, Role(rating.owner_role))
    worker.shoot(named("workbench", ("tasks",)), "workbench", "full")
    assert worker.grant is not None
    desk.finish_task(
        Actor.of(worker.grant), task_id=rating.pk, answer="已经打电话说明了原因，也向您道歉。申诉已经受理。"
    )
    done = [
        ("task-done", reverse("workbench:task", args=[rating.pk])),
        ("tasks-done", reverse("workbench:tasks") + "?done=1"),
    ]
    worker.shoot(done, "workbench", "typical")
    assert filled.cases


def test_workbench_people(visit: Visit) -> None:
    world.resident(name="阿卜杜热合曼·买买提")
    world.doubtful()
    street = camera(visit, Role.STREET_CLERK)
    people = named("workbench", ("people",))
    street.shoot(people, "workbench", "found", before=found("李国强"))
    street.shoot(people, "workbench", "nobody", before=found("赵钱孙李"))
    street.shoot(people, "workbench", "error", before=found("李"))


def test_workbench_duplicates(visit: Visit) -> None:
    make.person(world.STREET, "李国强")
    world.doubtful()
    propose_duplicates()
    with scope.acting(scope.SYSTEM):
        pair = DuplicateProposal.objects.get()
    worker = camera(visit, Role.DISTRICT_CASEWORKER)
    page = [("duplicate", reverse("workbench:duplicate", args=[pair.pk]))]
    worker.shoot([*named("workbench", ("duplicates",)), *page], "workbench", "typical")
    worker.shoot(page, "workbench", "error", before=sent("main form"))
    camera(visit, Role.STREET_CLERK).shoot(page, "workbench", "street")
    assert worker.grant is not None
    registry.merge_people(
        Actor.of(worker.grant),
        kept_id=pair.person_id,
        absorbed_id=pair.other_id,
        reason="本人到窗口出示了两种证件",
    )
    worker.shoot(page, "workbench", "merged", before=opened)


def run_page(name: str, run: PaymentRun) -> Pages:
    return [(f"run-{name}", reverse("workbench:run", args=[run.pk]))]


def test_payment_runs(visit: Visit) -> None:
    """A month from the list to the answer of the bank, and one that was sent back."""
    filled = Filled()
    officer, approver = camera(visit, Role.PAYMENT_OFFICER), camera(visit, Role.PAYMENT_APPROVER)
    officer.shoot(named("workbench", MONEY_MENU), "payments", "typical")
    officer.shoot(run_page("reconciled", filled.runs["answered"]), "payments", "typical")
    officer.shoot(run_page("locked", filled.runs["locked"]), "payments", "prepared")
    approver.shoot(run_page("locked", filled.runs["locked"]), "payments", "typical")
    approver.shoot(
        run_page("locked", filled.runs["locked"]), "payments", "error", before=pressed("send_back")
    )
    payers = filled.payers
    funds.send_back_run(payers.approver, run_id=filled.runs["locked"].pk, reason="两个人的账户还没核对")
    officer.shoot(run_page("returned", filled.runs["locked"]), "payments", "typical")
    run = funds.open_run(payers.officer, benefit=money.BENEFIT, month=money.DECEMBER)
    officer.shoot(run_page("open", run), "payments", "typical")
    run = money.send(payers, run)
    officer.shoot(run_page("sent", run), "payments", "typical")
    empty = sent("form:has(input[type=file])")
    officer.shoot(run_page("sent", run), "payments", "error", before=empty)
    officer.shoot(named("workbench", ("runs",)), "payments", "full")


def test_recoveries(visit: Visit) -> None:
    filled = Filled()
    for state, role in (
        ("found", Role.DISTRICT_CASEWORKER),
        ("prepared", Role.DISTRICT_APPROVER),
        ("agreed", Role.PAYMENT_OFFICER),
    ):
        page = [(f"recovery-{state}", reverse("workbench:recovery", args=[filled.claims[state].pk]))]
        seen = camera(visit, role)
        seen.shoot(page, "workbench", "typical")
        if state == "found":
            seen.shoot(page, "workbench", "error", before=sent("main form"))
            seen.shoot(named("workbench", ("recoveries",)), "workbench", "typical")
        if state == "prepared":
            seen.shoot(page, "workbench", "error", before=pressed("send_back"))


def lead_pages() -> Pages:
    places = (("city", "31"), ("district", world.DISTRICT), ("street", world.STREET))
    return [
        (name, (reverse("lead:map") if code == "31" else reverse("lead:unit", args=[code])) + "?days=90")
        for name, code in places
    ]


def test_lead(visit: Visit) -> None:
    """Nothing; then so little of it that medians are protected. A full city: screens_city.py."""
    lead = camera(visit, Role.CITY_LEAD)
    lead.shoot(lead_pages(), "lead", "empty")
    Filled()
    lead.shoot(lead_pages(), "lead", "small")
    city = reverse("lead:map")
    figures = [(f"city-{item.code}", f"{city}?days=90&figure={item.code}") for item in definitions.figures()]
    lead.shoot(figures, "lead", "small")
    lead.shoot(lead_pages()[:2], "lead", "elder", elder=True)


def test_audit(visit: Visit) -> None:
    auditor = camera(visit, Role.AUDITOR)
    auditor.shoot(named("audit", AUDIT_MENU), "audit", "empty")
    filled = Filled()
    with scope.acting(scope.SYSTEM):
        sample = ControlSample.objects.first()
    assert sample is not None
    page = [("sample", reverse("audit:sample", args=[sample.pk]))]
    auditor.shoot([*named("audit", AUDIT_MENU), *page], "audit", "typical")
    auditor.shoot(page, "audit", "full", before=opened)
    auditor.shoot(page, "audit", "error", before=pressed("object"))
    auditor.shoot(page, "audit", "elder", elder=True)
    person = filled.cases["doubt"].person_id
    auditor.shoot(
        [
            ("reads-person", reverse("audit:reads") + f"?person={person}"),
            ("history-person", reverse("audit:history") + f"?person={person}"),
        ],
        "audit",
        "typical",
    )
    assert auditor.grant is not None
    funds.confirm_sample(
        Actor.of(auditor.grant), sample_id=sample.pk, state="objected", finding="缴费月数对不上"
    )
    auditor.shoot([("sample-objected", page[0][1])], "audit", "typical")


def test_drafting(visit: Visit) -> None:
    officer = camera(visit, Role.LEGAL_OFFICER)
    menu = ("proposals", "new")
    officer.shoot(named("drafting", menu), "drafting", "empty")
    filled = Filled()
    drafted, proposed = filled.drafted.pk, filled.proposed.pk
    pages = [
        (f"{name}-{state}", reverse(f"drafting:{name}", args=[made]))
        for made, state in ((drafted, "draft"), (proposed, "submitted"))
        for name in ("proposal", "changes")
    ]
    pages += [(kind, reverse("drafting:trial", args=[proposed, kind])) for kind in ("examples", "city")]
    officer.shoot([*named("drafting", menu), *pages], "drafting", "typical")
    editor = [("editor", reverse("drafting:edit", args=[drafted, LABOUR_AGE]))]
    officer.shoot(editor, "drafting", "error")
    officer.shoot(editor, "drafting", "elder", elder=True)


def test_catalogue(visit: Visit) -> None:
    """Editors of items: the list, one item, a draft with mistakes, one that waits for a second signature."""
    editor = camera(visit, Role.CATALOGUE_EDITOR)
    editor.shoot(named("catalogue", ("items", "new")), "catalogue", "empty")
    with as_owner():
        cataloguing.install()
    published, one = catalogue_world.publish(), catalogue_world.editor()
    draft = catalogue_world.draft(one, "item: contract_advice\ntitle: {zh: 半截}\n")
    text = catalogue_world.COMPLETE.replace(catalogue_world.CODE, "other_advice")
    waiting = catalogue_world.draft(one, text, "other_advice")
    desk.submit_item_draft(one, draft_id=waiting.pk)
    pages = [
        ("item", reverse("catalogue:item", args=[catalogue_world.CODE])),
        ("version", reverse("catalogue:version", args=[published.pk])),
        ("waiting", reverse("catalogue:draft", args=[waiting.pk])),
    ]
    editor.shoot([*named("catalogue", ("items",)), *pages], "catalogue", "typical")
    editor.shoot([("draft", reverse("catalogue:draft", args=[draft.pk]))], "catalogue", "error")
