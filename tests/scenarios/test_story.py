"""The story from the employer's file to the last figure, with nothing but actions, each by who may do it.

What people get was reckoned by hand from the law (沪人社规〔2026〕18号 五、六、七; 沪人社规〔2026〕7号): two
months for every whole year paid in; from the month after the application; 2,340 yuan for the first twelve
months, 1,872 afterwards. Wang paid 105 months: 8 years, 16 months, 12 × 2,340 + 4 × 1,872 = 35,568. Li paid
134: 11 years, 22 months, 12 × 2,340 + 10 × 1,872 = 46,800.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader

from jiuye.desk import actions as desk
from jiuye.desk import entitlements, forms
from jiuye.desk import queries as desk_queries
from jiuye.desk.models import Case, Decision, Doubt, Task
from jiuye.desk.models.case import CaseState
from jiuye.foundation import outbox, readlog, scope
from jiuye.foundation.errors import IncompatibleDuty, SelfApproval, UserError
from jiuye.foundation.messages import inbox
from jiuye.foundation.models import ReadLogEntry, StoredFile
from jiuye.foundation.scope import Actor
from jiuye.funds import actions as funds
from jiuye.funds import queries as funds_queries
from jiuye.funds import tasks as funds_tasks
from jiuye.funds.checks import run_checks
from jiuye.funds.demo_bank import make_return
from jiuye.funds.models import Award, ControlSample, Overpayment, Payment, PaymentRun
from jiuye.insight import queries as insight
from jiuye.insight.queries import Period
from jiuye.registry import actions as registry
from jiuye.registry import queries as registry_queries
from jiuye.registry.demo import personas
from jiuye.registry.models import EmploymentSpell, Registration, Upload, UploadProblem
from tests.scenarios.cast import BENEFIT, FIRST_DAY, REGISTRATION, Cast, Days, gather, staff_file
from tests.support.money import balance

pytestmark = pytest.mark.django_db

WANG, LI, CHEN = "王秀英", "李国强", "陈晓东"
HIGHER, LOWER = 234000, 187200  # cents: months 1–12, months 13–24
DECEMBER, JANUARY, FEBRUARY, MARCH = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    return Days(monkeypatch)


def upload(cast: Cast) -> Upload:
    done = registry.upload_staff_file(
        cast["agent"], employer_id=cast.employer.pk, file_name="员工名册.csv", content=staff_file()
    )
    outbox.drain()
    return done


def apply(
    cast: Cast, name: str, key: UUID | None = None, answers: dict[str, str] | None = None
) -> dict[str, Case]:
    """The form as she finds it, answered and sent; the system does its part."""
    me = cast[name]
    with scope.acting(me):
        form = forms.form(cast.id(name), "unemployed", FIRST_DAY)
    cases = desk.submit_bundle(
        me,
        bundle="unemployed",
        answers={
            "able_to_work": "yes",
            "wants_work": "yes",
            "account.bank_name": "上海银行",
            "account.holder_name": name,
            "account.number": cast.accounts[name],
            **(answers or {}),
        },
        request_key=key or form.request_key,
        channel="web",
        person_id=cast.id(name),
    )
    outbox.drain()
    return {case.item: reread(case) for case in cases}


def reread(case: Case) -> Case:
    with scope.acting(scope.SYSTEM):
        return Case.objects.select_related("receipt").get(pk=case.pk)


def words(file: StoredFile | None) -> str:
    """The text of a PDF without its line breaks."""
    assert file is not None
    return "".join(
        "".join(page.extract_text().split()) for page in PdfReader(BytesIO(bytes(file.content))).pages
    )


def letter(decision: Decision) -> str:
    with scope.acting(scope.SYSTEM):
        return words(Decision.objects.select_related("letter").get(pk=decision.pk).letter)


def schedule(cast: Cast, name: str) -> list[int]:
    """Cents of every month, in order."""
    with scope.acting(cast[name]):
        award = Award.objects.get(person_id=cast.id(name))
        return list(award.schedule.order_by("month").values_list("amount_cents", flat=True))


def states(cast: Cast, name: str) -> list[str]:
    """What the person reads of each month under "my payments", in order."""
    with scope.acting(cast[name]):
        return [month.state for month in reversed(funds_queries.my_payments(cast.id(name)))]


def titles(cast: Cast, name: str) -> list[str]:
    with scope.acting(cast[name]):
        return list(inbox(cast[name]).values_list("title", flat=True))


def settle_doubt(cast: Cast, case: Case) -> Decision:
    """The street finds out that it was a dismissal; two people of the district grant."""
    clerk = cast["clerk"]
    with scope.acting(clerk):
        assert [row.case.pk for row in desk_queries.queue(clerk, filter="doubts").rows] == [case.pk]
        desk_queries.case_file(clerk, case.pk)
        (doubt,) = Doubt.objects.filter(case=case, closed_at__isnull=True)
    desk.ask_person(clerk, case_id=case.pk, text="单位有没有给您书面通知？")
    desk.answer(cast[LI], case_id=case.pk, text="有一份解除通知书")
    desk.record_evidence(
        clerk,
        case_id=case.pk,
        kind="document",
        note="解除劳动合同通知书，单位盖章",
        facts={"separation_reason": "06"},
        file=("通知书.pdf", "application/pdf", b"%PDF-1.7 notice"),
    )
    desk.close_doubt(clerk, doubt_id=doubt.pk, resolution="以通知书为准")
    desk.hand_to_district(clerk, case_id=case.pk, note="单位解除，建议同意")
    decision = desk.prepare_decision(cast["caseworker"], case_id=case.pk, kind="grant", reason="有通知书为证")
    with pytest.raises(SelfApproval):
        desk.approve_decision(same_person(cast, "caseworker", "approver"), decision_id=decision.pk)
    desk.approve_decision(cast["approver"], decision_id=decision.pk)
    outbox.drain()
    return decision


def same_person(cast: Cast, user: str, role: str) -> Actor:
    """The user of one login in the role of another."""
    return replace(cast[role], user_id=cast[user].user_id)


def pay(cast: Cast, month: date, *, failing: tuple[str, ...] = (), supplementary: bool = False) -> PaymentRun:
    """Open, lock, sign, send; the bank answers. Every step is done twice: that must change nothing."""
    officer, approver = cast["payer"], cast["payment approver"]
    begin = funds.open_supplementary_run if supplementary else funds.open_run
    run = begin(officer, benefit=BENEFIT, month=month)
    for _time in range(2):
        funds.lock_run(officer, run_id=run.pk)
    with pytest.raises(SelfApproval):
        funds.approve_run(same_person(cast, "payer", "payment approver"), run_id=run.pk)
    for _time in range(2):
        funds.approve_run(approver, run_id=run.pk)
        funds_tasks.advance(run.pk)
    people = tuple(cast.id(name) for name in failing)
    with scope.acting(officer):
        name, content = make_return(officer, run.pk, people=people)
    for _time in range(2):
        funds.take_return(officer, run_id=run.pk, file_name=name, content=content)
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        return PaymentRun.objects.get(pk=run.pk)


def hire(cast: Cast, name: str, start: date) -> EmploymentSpell:
    spell = registry.register_hire(
        cast["other agent"],
        employer_id=cast.other_employer.pk,
        document_type="01",
        document_number=cast.people[name].document_number,
        name=name,
        start=start,
        contract_type="1",
        contract_until=date(2029, 12, 31),
    )
    outbox.drain()
    return spell


def test_the_whole_story(days: Days) -> None:
    cast = gather()

    # 1. The employer's file: 1,000 rows, 50 of them bad; everything else is kept.
    done = upload(cast)
    assert (done.rows, done.kept, done.bad) == (1000, 950, 50)
    with scope.acting(cast["agent"]):
        problems = list(UploadProblem.objects.filter(upload=done))
        assert len({problem.row for problem in problems}) == 50
        assert all(problem.column and problem.message for problem in problems)
    assert upload(cast).pk == done.pk  # sent again: the same upload

    # 2. What Wang sees: her file, and what she is entitled to.
    with scope.acting(cast[WANG]):
        file = registry_queries.my_file(cast.id(WANG))
        menu = {entry.item.code: entry for entry in entitlements.menu(cast.id(WANG), FIRST_DAY)}
        form = forms.form(cast.id(WANG), "unemployed", FIRST_DAY)
    assert [(spell.end, spell.separation_reason) for spell in file.spells] == [(date(2026, 10, 31), "01")]
    assert (menu[BENEFIT].months, menu[BENEFIT].total_cents) == (16, 12 * HIGHER + 4 * LOWER)
    assert menu[BENEFIT].total_cents == 3_556_800
    assert menu[BENEFIT].likely
    assert {question.name for question in form.questions} == {"able_to_work", "wants_work"}

    # 3. One form, sent twice and from a second device: two cases, granted by themselves.
    cases = apply(cast, WANG)
    assert {item: case.pk for item, case in apply(cast, WANG, cases[BENEFIT].request_key).items()} == {
        item: case.pk for item, case in cases.items()
    }
    assert {case.state for case in cases.values()} == {CaseState.GRANTED}
    assert cases[BENEFIT].promised_due == date(2026, 12, 2)  # five working days
    assert cases[BENEFIT].number in words(cases[BENEFIT].receipt)
    assert schedule(cast, WANG) == [HIGHER] * 12 + [LOWER] * 4
    with scope.acting(cast[WANG]):
        registration = Registration.objects.get(person_id=cast.id(WANG), kind="unemployment")
        decision = Decision.objects.get(case=cases[BENEFIT])
        assert (registration.opened_on, registration.closed_on) == (FIRST_DAY, None)
        assert (decision.automatic, decision.amount_cents) == (True, 3_556_800)
    assert "35,568.00" in letter(decision)
    with scope.acting(scope.SYSTEM):
        drawn = ControlSample.objects.filter(decision=decision).first()

    # 4. Li says something else than his employer; Chen is refused, and others look again.
    li = apply(cast, LI, answers={"not:separation_reason": "06"})
    assert (li[REGISTRATION].state, li[BENEFIT].state) == (CaseState.GRANTED, CaseState.STREET)
    granted = settle_doubt(cast, li[BENEFIT])
    assert schedule(cast, LI) == [HIGHER] * 12 + [LOWER] * 10
    assert "46,800.00" in letter(granted)
    chen = apply(cast, CHEN)[BENEFIT]
    assert chen.state == CaseState.DISTRICT  # nobody is refused by a machine
    refusal = desk.prepare_decision(
        cast["caseworker"], case_id=chen.pk, kind="refusal", reason="缴费不满一年且系本人辞职"
    )
    desk.approve_decision(cast["approver"], decision_id=refusal.pk)
    outbox.drain()
    text = letter(refusal)
    for part in ("满一年", "非因本人意愿中断就业", "第四十五条", "复核", "行政复议", "行政诉讼"):
        assert part in text, part
    review = desk.appeal(
        cast[CHEN], decision_id=refusal.pk, words="单位没有如实上报", request_key=form.request_key
    )
    outbox.drain()
    for name in ("caseworker", "approver"):
        with pytest.raises(IncompatibleDuty):
            desk.take_case(cast[name], case_id=review.pk)
    kept = desk.prepare_decision(
        cast["other caseworker"], case_id=review.pk, kind="refusal", reason="查无新证据，维持"
    )
    with pytest.raises(IncompatibleDuty):
        desk.approve_decision(cast["approver"], decision_id=kept.pk)
    desk.approve_decision(cast["other approver"], decision_id=kept.pk)
    outbox.drain()
    assert reread(review).state == CaseState.REFUSED

    # 5. December: two people, one transfer comes back; with the right account it is paid once.
    days.go(date(2026, 12, 8))
    run = pay(cast, DECEMBER, failing=(LI,))
    assert (run.count, run.total_cents, run.state) == (2, 2 * HIGHER, "reconciled")
    assert states(cast, WANG)[:2] == ["paid", "planned"]
    assert states(cast, LI)[0] == "returned"
    owed_to_li = {"bank": -HIGHER, "transit": 0, "receivable": 0, "payable": HIGHER, "expense": 2 * HIGHER}
    assert balance() == owed_to_li
    with pytest.raises(UserError):
        pay(cast, DECEMBER, supplementary=True)  # the account is still the wrong one
    registry.set_payee_account(
        cast[LI], person_id=cast.id(LI), bank_name="中国工商银行", holder_name=LI, number="9900000000912345"
    )
    again = pay(cast, DECEMBER, supplementary=True)
    assert (again.count, again.total_cents, again.sequence) == (1, HIGHER, 1)
    assert states(cast, LI)[0] == "paid"
    with scope.acting(scope.SYSTEM):
        paid = Payment.objects.filter(state="paid").values_list("person_id", "amount_cents")
        assert sorted(paid) == sorted([(cast.id(WANG), HIGHER), (cast.id(LI), HIGHER)])
    days.go(date(2027, 1, 8))
    assert pay(cast, JANUARY).total_cents == 2 * HIGHER
    days.go(date(2027, 2, 9))
    assert pay(cast, FEBRUARY).total_cents == 2 * HIGHER

    # 6. She works since 11 January, told on 22 February: February was paid and not due.
    days.go(date(2027, 2, 22))
    spell = hire(cast, WANG, date(2027, 1, 11))
    assert hire(cast, WANG, date(2027, 1, 11)).pk == spell.pk  # registered twice
    assert states(cast, WANG) == ["paid", "paid", "to_repay", *["stopped"] * 13]
    with scope.acting(cast[WANG]):
        registration.refresh_from_db()
        assert (registration.closed_on, registration.close_reason) == (date(2027, 1, 11), "02")
        claim = Overpayment.objects.get()
        assert (claim.months, claim.amount_cents) == (["2027-02-01"], HIGHER)
    assert sum("停发" in title for title in titles(cast, WANG)) == 1
    funds.prepare_recovery(cast["caseworker"], overpayment_id=claim.pk, reason="2027年1月11日已就业")
    with pytest.raises(SelfApproval):
        funds.approve_recovery(same_person(cast, "caseworker", "approver"), overpayment_id=claim.pk)
    funds.approve_recovery(cast["approver"], overpayment_id=claim.pk)
    outbox.drain()
    plan = funds.agree_plan(cast[WANG], overpayment_id=claim.pk, instalments=3)
    with scope.acting(cast[WANG]):
        assert [part.amount_cents for part in plan.instalments.order_by("number")] == [78000] * 3
    days.go(date(2027, 3, 8))
    march = pay(cast, MARCH)
    assert (march.count, march.total_cents) == (1, HIGHER)
    with scope.acting(scope.SYSTEM):
        assert list(march.payments.values_list("person_id", flat=True)) == [cast.id(LI)]
    with scope.acting(cast["payer"]):
        for instalment in plan.instalments.order_by("number"):
            funds.pay_instalment(cast["payer"], instalment_id=instalment.pk)
    # Paid: Wang December to February, of which she gave back February; Li December to March.
    assert balance() == {
        "bank": -6 * HIGHER, "transit": 0, "receivable": 0, "payable": 0, "expense": 6 * HIGHER
    }  # fmt: skip
    assert run_checks() == []

    # 7. A bad rating is work for tomorrow; the lead sees the figures, the auditor every look at the file.
    desk.rate_case(cast[WANG], case_id=cases[BENEFIT].pk, score=1, comment="等电话等了半天")
    with scope.acting(cast["caseworker"]):
        (task,) = [one for one in desk_queries.tasks(cast["caseworker"]) if one.kind == "answer_rating"]
    assert task.due_on == date(2027, 3, 9)
    desk.finish_task(cast["caseworker"], task_id=task.pk, answer="已回电，加派了接线人员")
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(pk=task.pk).done_at is not None
    days.go(date(2027, 3, 31))
    lead, period = cast["lead"], Period(FIRST_DAY, date(2027, 3, 31))
    district = insight.total(lead, personas.DISTRICT, period, period.last)
    assert (district.submitted, district.ended, district.open, district.ratings) == (7, 7, 0, 1)
    assert district.paid_cents == 7 * HIGHER  # what she gave back was paid all the same
    streets = insight.by_unit(lead, personas.DISTRICT, period, period.last)
    assert {row.code for row in streets if row.submitted} == {personas.STREET}
    if drawn is None:
        funds_tasks.nightly_samples(date(2026, 12, 1))
    auditor = cast["auditor"]
    with scope.acting(auditor):
        assert [line for line in funds_queries.samples(auditor) if line.sample.unit_code == personas.STREET]
        (mine,) = ReadLogEntry.objects.filter(person_id=cast.id(LI))
    assert (mine.user_name, mine.what) == ("周丽", f"case:{li[BENEFIT].number}")
    with scope.acting(cast[LI]):
        assert [read.user_name for read in readlog.reads_of(cast.id(LI))] == ["周丽"]
