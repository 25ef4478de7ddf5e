"""Cases that wait today: claims of people out of work whom the law doesn't grant at once, as it finds them.

Some say their employer dismissed them though a resignation was reported (the street finds out), others lack
something (two people of the district will refuse), some were asked something. A few are late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from jiuye.desk import assess, casefacts, catalogue, city, doubts
from jiuye.desk.demo.common import BATCH, Maker
from jiuye.desk.demo.former import BENEFIT, REGISTRATION
from jiuye.desk.models import Case, CaseEvent, Doubt
from jiuye.desk.models.case import CaseState
from jiuye.desk.values import from_json
from jiuye.foundation import deadlines, scope
from jiuye.foundation.roles import Role
from jiuye.policy import State
from jiuye.policy.values import Value
from jiuye.registry.demo import personas
from jiuye.registry.models import EmploymentSpell, Person, Registration, StatedFact

SHARE: Final = 90  # one waiting case for so many people
MOST: Final = 1_000
LATELY: Final = timedelta(days=3 * 365)
VOLUNTARY: Final = ("04", "10")
DISMISSED: Final = "06"
COMMUNITY: Final = 12  # digits


@dataclass(frozen=True)
class Candidate:
    """Somebody out of work: how their last job ended; whether they are on the register already."""

    person: UUID
    unit: str
    reason: str | None
    registered: bool


class Waiting(Maker):
    def __init__(self) -> None:
        super().__init__(2)

    def load(self) -> None:
        chosen = self.chosen()
        numbers = self.numbers([one.unit for one in chosen])
        made: list[tuple[Candidate, Case]] = []
        said: list[StatedFact] = []
        for one, number in zip(chosen, numbers, strict=True):
            case = self.submitted(one, number)
            made.append((one, case))
            said += self.statements(case, one.reason in VOLUNTARY and self.dice.random() < 0.7)
        Registration.objects.bulk_create(
            [self.registration(one, case) for one, case in made if not one.registered], batch_size=BATCH
        )
        Case.objects.bulk_create([case for _one, case in made], batch_size=BATCH)
        StatedFact.objects.bulk_create(said, batch_size=BATCH)
        with scope.acting(scope.SYSTEM):
            self.hand_on([case for _one, case in made], said)

    def hand_on(self, cases: list[Case], said: list[StatedFact]) -> None:
        """What the law finds says where each case waits. Whom it would grant at once has not applied yet."""
        item = catalogue.item(BENEFIT)
        names = assess.facts_behind(item.rules, self.today)
        declared = city.law().facts
        stated: dict[UUID, dict[str, Value]] = {}
        for row in said:
            value = from_json(declared[row.fact], row.value)
            stated.setdefault(row.person_id, {})[row.fact] = value
        events: list[CaseEvent] = []
        opened: list[Doubt] = []
        kept: list[Case] = []
        dropped: list[UUID] = []
        for case in cases:
            known = casefacts.of_person(case.person_id, self.today)
            finding = assess.find(item, known.values, self.today, others=known.others)
            found = doubts.of_finding(finding)
            found += casefacts.contradictions(known, stated[case.person_id], names)
            if finding.state is State.MET and not found:
                dropped.append(case.pk)
                continue
            open_ = [self.opened(case, one) for one in found]
            self.place(case, any(doubt.owner_role == Role.STREET_CLERK for doubt in open_))
            events += self.story(case)
            opened += open_
            kept.append(case)
        StatedFact.objects.filter(person__in=[row.person_id for row in said], case_id__in=dropped).delete()
        Case.objects.filter(pk__in=dropped).delete()
        fields = ["state", "handled_by", "paused_on", "pause_reason"]
        Case.objects.bulk_update(kept, fields, batch_size=BATCH)
        Doubt.objects.bulk_create(opened, batch_size=BATCH)
        CaseEvent.objects.bulk_create(events, batch_size=BATCH)

    def opened(self, case: Case, found: doubts.Found) -> Doubt:
        doubt = doubts.new(case, found)
        doubt.opened_at = case.submitted_at + timedelta(minutes=1)
        doubt.id = self.key(doubt.opened_at)
        return doubt

    def place(self, case: Case, street: bool) -> None:
        case.state = CaseState.STREET if street else CaseState.DISTRICT
        case.handled_by = case.unit_code[:9] if street else case.unit_code[:6]
        if street and self.dice.random() < 0.15:
            case.state = CaseState.ASKED
            deadlines.pause(case, min(case.submitted_at.date() + timedelta(days=1), self.today), "等本人补充")

    def chosen(self) -> list[Candidate]:
        """People on the register without a claim, then others out of work; the story's district first."""
        most = min(MOST, Person.objects.count() // SHARE)
        story = {one.id for one in personas.residents(self.today)}
        busy = story | set(Case.objects.filter(item=BENEFIT).values_list("person_id", flat=True))
        registered = set(
            Registration.objects.filter(kind="unemployment", closed_on__isnull=True).values_list(
                "person_id", flat=True
            )
        )
        last = EmploymentSpell.objects.order_by("person_id", "-start", "-id").distinct("person_id")
        rows = last.values_list("person_id", "person__unit_code", "end", "separation_reason")
        found = [
            Candidate(person, unit, reason, person in registered)
            for person, unit, end, reason in rows
            if end is not None
            and self.today - LATELY * (3 if unit.startswith(personas.DISTRICT) else 1) < end < self.today
            and person not in busy
            and len(unit) == COMMUNITY
        ]
        found.sort(key=lambda one: one.person)
        self.dice.shuffle(found)
        found.sort(key=lambda one: (not one.unit.startswith(personas.DISTRICT), not one.registered))
        return found[:most]

    def submitted(self, one: Candidate, number: str) -> Case:
        """Some days ago; a few so long ago that the promise is broken."""
        ago = self.dice.choices((0, 1, 2, 3, 5, 6, 9), (18, 22, 20, 17, 13, 6, 4))[0]
        on = self.today - timedelta(days=ago)
        street = one.unit[:9]
        return self.case(
            one.person, one.unit, BENEFIT, on, number, state=CaseState.SUBMITTED, handled_by=street
        )

    def registration(self, one: Candidate, case: Case) -> Registration:
        """Registered on the day of the claim, in the same step."""
        effect = catalogue.item(REGISTRATION).registration
        assert effect is not None
        on: date = case.submitted_at.date()
        return Registration(
            id=self.key(case.submitted_at),
            person_id=one.person,
            unit_code=one.unit,
            kind="unemployment",
            opened_on=on,
            open_reason=effect.reasons.get(str(one.reason), effect.otherwise),
            case_id=case.pk,
        )

    def statements(self, case: Case, disputes: bool) -> list[StatedFact]:
        facts: dict[str, object] = {"able_to_work": True, "wants_work": True}
        if disputes:
            facts["separation_reason"] = DISMISSED
        return [
            StatedFact(
                id=self.key(case.submitted_at),
                person_id=case.person_id,
                unit_code=case.unit_code,
                fact=name,
                value=value,
                source="person",
                as_of=case.submitted_at.date(),
                case_id=case.pk,
            )
            for name, value in facts.items()
        ]

    def story(self, case: Case) -> list[CaseEvent]:
        at = case.submitted_at
        event = "sent_to_district" if case.state == CaseState.DISTRICT else "sent_to_street"
        told = [
            self.event(case, at, "submitted", role=Role.RESIDENT),
            self.event(case, at + timedelta(minutes=1), event, before="submitted"),
        ]
        if case.state == CaseState.ASKED:
            asked = self.event(
                case, at + timedelta(hours=2), "asked", before="street", role=Role.STREET_CLERK
            )
            asked.text = "请问您有单位出具的解除劳动合同证明吗？"
            told.append(asked)
        return told
