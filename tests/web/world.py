"""Who visits pages in the permission table, and the things that the pages are about.

Two streets in two districts; in each a resident, an employer and the staff. A thing is made when a row asks
for it. To add one: a method of `World` that returns the keyword arguments of the URL.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.test import Client

from jiuye.desk import actions as desk_actions
from jiuye.desk import city
from jiuye.desk.actions import cataloguing
from jiuye.desk.models import Case, Decision, EmployerCase, Outreach, OutreachRun, Task
from jiuye.drafting import actions as drafting_actions
from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import actions as funds_actions
from jiuye.funds.models import ControlSample, Overpayment, PaymentRun
from jiuye.insight import comparing
from jiuye.insight.actions import compare_laws
from jiuye.registry import actions as registry_actions
from jiuye.registry.duplicates import propose_duplicates
from jiuye.registry.models import DuplicateProposal, Employer, EmploymentSpell, Person
from tests.desk import catalogue_world
from tests.desk import world as desk
from tests.support import make, money
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

TODAY = date(2026, 12, 10)
HERE, ELSEWHERE = "310101002", "310104003"
Arguments = dict[str, Any]
LENGTH = {Role.STREET_CLERK: 9, Role.DISTRICT_CASEWORKER: 6, Role.DISTRICT_APPROVER: 6}  # of the unit's code


class World:
    """Things belong to `resident` and to `employer`, who live HERE."""

    @cached_property
    def resident(self) -> desk.Resident:
        """Her employer reported a resignation; she may say otherwise."""
        return desk.resident(reason="10", unit=HERE)

    @cached_property
    def employer(self) -> Employer:
        return make.employer(HERE, "外滩测试有限公司")

    @cached_property
    def cases(self) -> dict[str, Case]:
        """Registered at once; the benefit waits in the street, because of a doubt."""
        return desk.submit(self.resident, {"not:separation_reason": "06"})

    @cached_property
    def beneficiary(self) -> tuple[Person, PaymentRun]:
        """Paid for December."""
        payers = money.Payers.make()
        person, _award = money.beneficiary(unit=HERE)
        return person, money.answered(payers, money.sent(payers))

    @cached_property
    def agent(self) -> Actor:
        return Actor.of(granted(Role.EMPLOYER_AGENT, employer=self.employer.pk))

    def client(self, visitor: str, thing: str) -> Client:
        """`visitor` is a role, with " elsewhere" behind it for the same role in the other place."""
        name, _, elsewhere = visitor.partition(" ")
        role = Role(name)
        if role is Role.RESIDENT:
            owner = self.beneficiary[0].pk if thing in ("overpayment", "run") else self.resident.id
            return signed_in(granted(role, person=make.person(ELSEWHERE).pk if elsewhere else owner))
        if role is Role.EMPLOYER_AGENT:
            employer = make.employer(ELSEWHERE) if elsewhere else self.employer
            return signed_in(granted(role, employer=employer.pk))
        return signed_in(granted(role, (ELSEWHERE if elsewhere else HERE)[: LENGTH.get(role, 2)]))

    def thing(self, name: str) -> Arguments:
        """Keyword arguments of the URL for this thing."""
        made: Arguments = getattr(self, f"make_{name}")()
        return made

    def make_person(self) -> Arguments:
        return {"person_id": self.resident.id}

    def make_duplicate(self) -> Arguments:
        """A second file of the resident's name and birthday."""
        return {"proposal_id": self._duplicate().pk}

    def make_merge(self) -> Arguments:
        pair = self._duplicate()
        worker = desk.caseworker(HERE[:6])
        merge = registry_actions.merge_people(
            worker, kept_id=pair.person_id, absorbed_id=pair.other_id, reason="同一人"
        )
        return {"merge_id": merge.pk}

    def _duplicate(self) -> DuplicateProposal:
        with scope.acting(scope.SYSTEM):
            first = Person.objects.get(pk=self.resident.id)
        make.person(HERE, first.name, birth_date=first.birth_date, sex=first.sex)
        propose_duplicates()
        with scope.acting(scope.SYSTEM):
            return DuplicateProposal.objects.get(person_id=first.pk)

    def make_case(self) -> Arguments:
        return {"case_id": self.cases[desk.BENEFIT].pk}

    def make_cover(self) -> Arguments:
        """A clerk of the street stands in for another."""
        absent, colleague = desk.clerk(), desk.clerk()
        with scope.acting(scope.SYSTEM):
            grant = Grant.objects.get(user_id=absent.user_id)
        cover = desk_actions.cover_absence(
            absent,
            absent_grant=grant.pk,
            colleague_id=colleague.user_id or 0,
            starts_on=TODAY,
            ends_on=TODAY,
            reason="年假",
        )
        return {"cover_id": cover.pk}

    def make_ended_case(self) -> Arguments:
        return {"case_id": self.cases[desk.REGISTRATION].pk}

    def make_submission(self) -> Arguments:
        return {"request_key": self.cases[desk.BENEFIT].request_key}

    def make_draft(self) -> Arguments:
        desk_actions.save_draft(
            self.resident.actor,
            bundle="unemployed",
            answers={**desk.YES, **desk.ACCOUNT},
            person_id=self.resident.id,
            request_key=new_id(),
        )
        return {}

    def make_comparison(self) -> Arguments:
        lead = Actor.of(granted(Role.CITY_LEAD, "31"))
        row = compare_laws(lead, a="", b="", settings=["ui_min_contribution_months=24"])
        comparing.work(row.pk)
        return {"comparison_id": row.pk}

    def make_decision(self) -> Arguments:
        with scope.acting(scope.SYSTEM):
            return {"decision_id": Decision.objects.get(case=self.cases[desk.REGISTRATION]).pk}

    def _prepared_refusal(self) -> Decision:
        _who, case = desk.refusable()
        self.resident = _who
        return desk_actions.prepare_decision(
            desk.caseworker(HERE[:6]), case_id=case.pk, kind="refusal", reason="缴费不足且系本人辞职"
        )

    def make_outreach(self) -> Arguments:
        """She lost her job through no fault of her own; the night found her."""
        self.resident = desk.resident(unit=HERE)
        desk_actions.reach_out(
            scope.SYSTEM, benefit=desk.BENEFIT, people=[self.resident.id], on=clock.today()
        )
        with scope.acting(scope.SYSTEM):
            return {"outreach_id": Outreach.objects.get(person_id=self.resident.id).pk}

    def make_employer_outreach(self) -> Arguments:
        """The night found something for her employer."""
        with as_owner():
            row = Outreach.objects.create(
                employer=self.employer, unit_code=HERE, benefit="stable_job_refund", kind="new", period=TODAY,
                found_on=TODAY, way="prepared", law_version="x",
            )  # fmt: skip
        return {"outreach_id": row.pk}

    def make_night(self) -> Arguments:
        with as_owner():
            OutreachRun.objects.create(on=TODAY, law_version="x", started_at=clock.now())
        return {"day": TODAY.isoformat()}

    def make_unsigned(self) -> Arguments:
        return {"decision_id": self._prepared_refusal().pk}

    def make_refusal(self) -> Arguments:
        decision = self._prepared_refusal()
        desk_actions.approve_decision(desk.approver(HERE[:6]), decision_id=decision.pk)
        outbox.drain()
        return {"decision_id": decision.pk}

    def make_receipt(self) -> Arguments:
        return {"file_id": self.cases[desk.BENEFIT].receipt_id}

    def make_task(self) -> Arguments:
        """A bad rating, to be answered in the street or the district that decided."""
        desk_actions.rate_case(
            self.resident.actor, case_id=self.cases[desk.REGISTRATION].pk, score=1, comment="等了很久"
        )
        outbox.drain()
        with scope.acting(scope.SYSTEM):
            return {"task_id": Task.objects.get(kind="answer_rating").pk}

    def make_run(self) -> Arguments:
        return {"run_id": self.beneficiary[1].pk}

    def make_overpayment(self) -> Arguments:
        """It turns out that the beneficiary had found work before the month she was paid for."""
        person, _run = self.beneficiary
        registry_actions.register_hire(
            scope.SYSTEM,
            employer_id=self.employer.pk,
            document_type="01",
            document_number=person.document_number,
            name=person.name,
            start=date(2026, 11, 16),
            contract_type="1",
            contract_until=date(2029, 12, 31),
        )
        outbox.drain()
        with scope.acting(scope.SYSTEM):
            return {"overpayment_id": Overpayment.objects.get().pk}

    def make_sample(self) -> Arguments:
        person, _award = money.beneficiary(unit=HERE)
        with scope.acting(scope.SYSTEM):
            decision = Decision.objects.get(person=person, kind="grant")
            funds_actions.draw_sample(scope.SYSTEM, decision_id=decision.pk)
            drawn = ControlSample.objects.filter(decision=decision).first()
        if drawn is None:  # not drawn by chance: filled up to the least number
            (drawn,) = funds_actions.fill_samples(scope.SYSTEM, month=TODAY)
        return {"sample_id": drawn.pk}

    def make_upload(self) -> Arguments:
        from jiuye.registry import staff_file

        content = ",".join(staff_file.COLUMNS) + "\n某人" + "," * (len(staff_file.COLUMNS) - 1) + "\n"
        done = registry_actions.upload_staff_file(
            self.agent, employer_id=self.employer.pk, file_name="名册.csv", content=content.encode()
        )
        return {"upload_id": done.pk}

    def make_spell(self) -> Arguments:
        with scope.acting(scope.SYSTEM):
            spell: EmploymentSpell = registry_actions.register_hire(
                self.agent,
                employer_id=self.employer.pk,
                document_type="01",
                document_number=make.document_number(),
                name="陈晓东",
                start=date(2026, 12, 1),
                contract_type="1",
                contract_until=date(2029, 12, 31),
            )
        return {"spell_id": spell.pk}

    @cached_property
    def employer_case(self) -> EmployerCase:
        """For a person hired in December."""
        return desk_actions.submit_employer_case(
            self.agent,
            item="employer_hiring_subsidy",
            answers={},
            request_key=new_id(),
            spell_id=self.make_spell()["spell_id"],
        )

    def make_employer_case(self) -> Arguments:
        return {"case_id": self.employer_case.pk}

    def make_employer_decision(self) -> Arguments:
        made = desk_actions.prepare_employer_decision(
            desk.caseworker(HERE[:6]), case_id=self.employer_case.pk, kind="refusal", reason="不是困难人员"
        )
        return {"decision_id": made.pk}

    def make_district(self) -> Arguments:
        return {"code": HERE[:6]}

    def make_installed_item(self) -> Arguments:
        with as_owner():
            cataloguing.install()
        return {"code": "certificate_grant"}

    def make_item_draft(self) -> Arguments:
        return {"draft_id": catalogue_world.draft(catalogue_world.editor()).pk}

    def make_item_version(self) -> Arguments:
        return {"version_id": catalogue_world.publish().pk}

    def make_proposal(self) -> Arguments:
        """Another text of one file of the law."""
        officer = Actor.of(granted(Role.LEGAL_OFFICER))
        made = drafting_actions.open_proposal(officer, title="改领取期限", reason="与邻市一致")
        text = (city.folder() / "rules" / "labour_age.yaml").read_text(encoding="utf-8") + "# 说明\n"
        drafting_actions.save_text(
            officer, proposal_id=made.pk, path="rules/labour_age.yaml", text=text, edition=0
        )
        return {"proposal_id": made.pk}
