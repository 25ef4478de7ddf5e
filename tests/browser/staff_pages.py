"""Every page of the staff's portals, and a world in which each of them has something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.urls import reverse

from jiuye.desk import actions as desk
from jiuye.desk.models import Case, Decision, Doubt, EmployerCase, Task
from jiuye.drafting import actions as drafting
from jiuye.drafting.models import Proposal
from jiuye.foundation import outbox, scope
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.funds import actions as funds
from jiuye.funds.models import ControlSample, Overpayment, PaymentRun
from jiuye.insight import comparing
from jiuye.insight.actions import compare_laws
from jiuye.insight.models import LawComparison
from jiuye.registry import actions as registry
from jiuye.registry.models import Person
from tests.desk import world
from tests.desk.test_employer_cases import CHECKED, Firm
from tests.drafting import world as law
from tests.support import make, money
from tests.support.users import granted

TODAY = date(2026, 12, 10)
LABOUR_AGE = "rules/labour_age.yaml"
NOVEMBER = date(2026, 11, 1)
UNITS = {
    Role.STREET_CLERK: world.STREET,
    Role.DISTRICT_CASEWORKER: world.DISTRICT,
    Role.DISTRICT_APPROVER: world.DISTRICT,
}
Pages = dict[Role, list[str]]

# What there is without anything in the registers.
BARE: Pages = {
    Role.STREET_CLERK: ["workbench:queue", "workbench:tasks", "workbench:people", "workbench:team"],
    Role.DISTRICT_CASEWORKER: ["workbench:queue", "workbench:employer_cases", "workbench:recoveries"],
    Role.DISTRICT_APPROVER: ["workbench:queue", "workbench:team", "workbench:lateness"],
    Role.PAYMENT_OFFICER: ["workbench:runs", "workbench:tasks"],
    Role.PAYMENT_APPROVER: ["workbench:runs"],
    Role.CITY_LEAD: ["lead:map", "lead:law_changes"],
    Role.LEGAL_OFFICER: ["drafting:proposals", "drafting:new"],
    Role.AUDITOR: ["audit:samples", "audit:reads", "audit:history"],
}


def bare() -> Pages:
    pages = {role: [reverse(name) for name in names] for role, names in BARE.items()}
    pages[Role.CITY_LEAD] += [reverse("lead:unit", args=[code]) for code in (world.DISTRICT, world.STREET)]
    return pages


def login(role: Role) -> Grant:
    return granted(role, UNITS.get(role), name="欧阳·买买提江")


@dataclass
class Filled:
    """Cases, runs, claims and samples in every state that looks different."""

    payers: money.Payers = field(default_factory=money.Payers.make)
    cases: dict[str, Case] = field(default_factory=dict)
    runs: dict[str, PaymentRun] = field(default_factory=dict)
    claims: dict[str, Overpayment] = field(default_factory=dict)
    firms: dict[Role, EmployerCase] = field(default_factory=dict)
    drafted: Proposal = field(init=False)
    proposed: Proposal = field(init=False)

    def __post_init__(self) -> None:
        self._law()
        self._cases()
        self._employers()
        self._money()
        outbox.drain()

    def _law(self) -> None:
        """A proposal in draft with a mistake, one that was tried and waits for a second person."""
        officer = law.officer()
        self.drafted = law.generous(officer)
        wrong = law.changed(LABOUR_AGE, "age >= labour_age_min", "age >= labour_age_mim")
        drafting.save_text(officer, proposal_id=self.drafted.pk, path=LABOUR_AGE, text=wrong, edition=0)
        self.proposed = law.generous(officer)
        law.tried(officer, self.proposed)
        drafting.submit_proposal(officer, proposal_id=self.proposed.pk)

    def _cases(self) -> None:
        who, self.cases["doubt"] = world.doubtful()
        clerk, officer, boss = world.clerk(), world.caseworker(), world.approver()
        _other, checked = world.doubtful()
        desk.record_evidence(
            clerk, case_id=checked.pk, kind="document", note="解除劳动合同通知书，单位盖章",
            facts={"separation_reason": "06"}, file=("通知书.pdf", "application/pdf", b"%PDF-1.7 x"),
        )  # fmt: skip
        with scope.acting(scope.SYSTEM):
            doubt = Doubt.objects.get(case=checked, closed_at__isnull=True)
        desk.close_doubt(clerk, doubt_id=doubt.pk, resolution="以通知书为准")
        desk.hand_to_district(clerk, case_id=checked.pk, note="单位解除，建议同意")
        self.cases["to grant"] = checked
        _asked, self.cases["asked"] = world.doubtful()
        desk.ask_person(clerk, case_id=self.cases["asked"].pk, text="有没有书面通知？")
        _one, self.cases["to refuse"] = world.refusable()
        _two, self.cases["to sign"] = world.refusable()
        desk.prepare_decision(officer, case_id=self.cases["to sign"].pk, kind="refusal", reason="缴费不足")
        sent_back = self._refused(officer, self.cases["to refuse"].pk)
        desk.send_back(boss, decision_id=sent_back.pk, reason="理由再写清楚些")
        who, self.cases["refused"] = world.refusable()
        refusal = self._refused(officer, self.cases["refused"].pk)
        desk.approve_decision(boss, decision_id=refusal.pk)
        outbox.drain()
        desk.rate_case(who.actor, case_id=self.cases["refused"].pk, score=1, comment="没人听我说")
        self.cases["appeal"] = desk.appeal(
            who.actor, decision_id=refusal.pk, words="单位没有如实上报", request_key=self.cases["refused"].pk
        )
        granted_to = world.resident(name="阿卜杜热合曼·买买提")
        self.cases["granted"] = world.submit(granted_to)[world.BENEFIT]

    def _employers(self) -> None:
        """One application to be checked, one to be signed."""
        for role in (Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER):
            self.firms[role] = Firm().apply()
        case = self.firms[Role.DISTRICT_APPROVER]
        officer = world.caseworker()
        desk.record_employer_facts(officer, case_id=case.pk, facts=CHECKED)
        desk.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="合同、缴费都核对过")

    def _refused(self, officer: scope.Actor, case_id: UUID) -> Decision:
        return desk.prepare_decision(
            officer, case_id=case_id, kind="refusal", reason="缴费不足，且系本人辞职"
        )

    def _money(self) -> None:
        payers = self.payers
        people = [
            money.beneficiary(f"领取人{n}", NOVEMBER, 4, paid_to=f"62220200000000{n}2345")[0]
            for n in range(4)
        ]
        money.beneficiary("没有账户的人", NOVEMBER, 3, paid_to=None)
        self.runs["answered"] = money.answered(payers, money.sent(payers, NOVEMBER), failing=(people[3].pk,))
        for person in people[:3]:
            self._hired(person)
        outbox.drain()
        with scope.acting(scope.SYSTEM):
            claims = list(Overpayment.objects.order_by("found_at"))
        for claim, state in zip(claims, ("found", "prepared", "agreed"), strict=True):
            self.claims[state] = claim
            if state == "found":
                continue
            funds.prepare_recovery(payers.caseworker, overpayment_id=claim.pk, reason="10月已就业")
            if state == "agreed":
                funds.approve_recovery(payers.district_approver, overpayment_id=claim.pk)
                resident = scope.Actor.of(granted(Role.RESIDENT, person=claim.person_id))
                funds.agree_plan(resident, overpayment_id=claim.pk, instalments=7)
        money.beneficiary("新来的人", date(2026, 12, 1), 3)
        run = funds.open_run(payers.officer, benefit=money.BENEFIT, month=date(2026, 12, 1))
        self.runs["locked"] = funds.lock_run(payers.officer, run_id=run.pk)
        outbox.drain()
        with scope.acting(scope.SYSTEM):
            drawn = list(ControlSample.objects.all()) or None
        if drawn is None:
            funds.fill_samples(scope.SYSTEM, month=TODAY)

    def _hired(self, person: Person) -> None:
        registry.register_hire(
            scope.SYSTEM,
            employer_id=make.employer(world.STREET, "上海江浦物流有限公司").pk,
            document_type="01",
            document_number=person.document_number,
            name=person.name,
            start=date(2026, 10, 26),
        )

    def _compared(self, ended: bool = True) -> LawComparison:
        """Another law over everybody here, with all there is to show: groups, months, sums."""
        lead = scope.Actor.of(granted(Role.CITY_LEAD, world.CITY))
        value = 2600 if ended else 2700
        row = compare_laws(lead, a="", b="", settings=[f"ui_rate_m01_12={value}@2026-12-01"])
        if ended:
            comparing.work(row.pk)
        return row

    def pages(self) -> Pages:
        """The pages that are about a thing, and the lists again, now with something in them."""
        pages = bare()
        for role, names in (
            (Role.STREET_CLERK, ("doubt", "asked", "granted")),
            (Role.DISTRICT_CASEWORKER, ("to grant", "to refuse", "appeal")),
            (Role.DISTRICT_APPROVER, ("to sign", "refused")),
        ):
            pages[role] += [reverse("workbench:case", args=[self.cases[name].pk]) for name in names]
        pages[Role.STREET_CLERK].append(reverse("workbench:person", args=[self.cases["doubt"].person_id]))
        for role, firm in self.firms.items():
            pages[role].append(reverse("workbench:employer_case", args=[firm.pk]))
        with scope.acting(scope.SYSTEM):
            tasks = {task.kind: task for task in Task.objects.filter(done_at__isnull=True)}
            sample = ControlSample.objects.first()
        assert sample is not None
        pages[Role.DISTRICT_CASEWORKER].append(reverse("workbench:tasks"))
        for task in tasks.values():
            pages[Role(task.owner_role)].append(reverse("workbench:task", args=[task.pk]))
        claims = {
            "found": Role.DISTRICT_CASEWORKER,
            "prepared": Role.DISTRICT_APPROVER,
            "agreed": Role.PAYMENT_OFFICER,
        }
        for state, role in claims.items():
            pages[role].append(reverse("workbench:recovery", args=[self.claims[state].pk]))
        pages[Role.PAYMENT_OFFICER].append(reverse("workbench:run", args=[self.runs["answered"].pk]))
        pages[Role.PAYMENT_APPROVER].append(reverse("workbench:run", args=[self.runs["locked"].pk]))
        for made in (self.drafted, self.proposed):
            pages[Role.LEGAL_OFFICER] += [
                reverse(f"drafting:{name}", args=[made.pk]) for name in ("proposal", "changes")
            ]
        pages[Role.LEGAL_OFFICER].append(reverse("drafting:edit", args=[self.drafted.pk, LABOUR_AGE]))
        pages[Role.LEGAL_OFFICER] += [
            reverse("drafting:trial", args=[self.proposed.pk, kind]) for kind in ("examples", "city")
        ]
        pages[Role.AUDITOR].append(reverse("audit:sample", args=[sample.pk]))
        pages[Role.CITY_LEAD] += [
            reverse("lead:law_change", args=[row.pk])
            for row in (self._compared(), self._compared(ended=False))
        ]
        with scope.acting(scope.SYSTEM):
            granted_one = Decision.objects.get(case=self.cases["granted"])
        pages[Role.STREET_CLERK].append(reverse("workbench:replay", args=[granted_one.pk]))
        return pages
