"""Everything on a case that staff need on one screen. Opening it is recorded for the person to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from jiuye.desk import assess, casefacts, catalogue, city, covering, doubts, incomplete, settle
from jiuye.desk.actions import district
from jiuye.desk.catalogue import Item
from jiuye.desk.models import (
    Case,
    CaseEvent,
    Correction,
    Decision,
    Doubt,
    Evidence,
    Extension,
    HandOff,
    Rating,
    Suspension,
    Task,
)
from jiuye.desk.models.case import CaseState
from jiuye.desk.settle import Asked
from jiuye.desk.values import pick, words
from jiuye.foundation import clock, deadlines, two_person
from jiuye.foundation.errors import NotFound
from jiuye.foundation.models import User
from jiuye.foundation.readlog import record_read
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.foundation.sealed import mask
from jiuye.policy import State
from jiuye.registry import documents
from jiuye.registry.models import BenefitPeriod, ContributionSpell, EmploymentSpell, Person, Registration

MOST = 50  # rows of one kind on the screen


@dataclass(frozen=True)
class DoubtCard:
    """`sides`: of a contradiction what register and person say. `closable`: by the actor."""

    doubt: Doubt
    label: str
    subject: str
    todo: str
    sides: dict[str, str]
    closable: bool


@dataclass(frozen=True)
class FactLine:
    """A fact the rule looks at, with where it comes from; `value` None is unknown."""

    name: str
    label: str
    value: str
    source: str
    kind: str
    as_of: date | None
    stated: str  # what the person said, where that differs


@dataclass(frozen=True)
class DecisionSheet:
    """What there is to sign. `signatures`: who did, in words; `may_sign`, `why_not`: the actor, as next."""

    decision: Decision
    prepared_by: str
    signatures: tuple[str, ...]
    needed: int
    may_sign: bool
    why_not: str


@dataclass(frozen=True)
class CaseFile:
    case: Case
    item: Item
    title: str
    person: Person
    document: str  # masked
    phone: str
    address: str
    age: int
    clock: str
    days_left: int | None
    assigned: str
    cases: list[Case]
    spells: list[EmploymentSpell]
    contributions: list[ContributionSpell]
    registrations: list[Registration]
    benefits: list[BenefitPeriod]
    asked: Asked | None  # what the law says now; None for an ended case and where no rule decides
    facts: list[FactLine]
    doubts: list[DoubtCard]
    evidence: list[Evidence]
    handoffs: list[HandOff]
    sheet: DecisionSheet | None
    decisions: list[Decision]
    events: list[CaseEvent]
    tasks: list[Task]
    rating: Rating | None
    can: frozenset[str]  # actions that are open to the actor now
    correction: Correction | None
    suspensions: list[Suspension]
    extension: Extension | None
    gaps: list[incomplete.Gap]  # what is missing, while it can still be told


def case_file(actor: Actor, case_id: UUID, reason: str = "") -> CaseFile:
    """The file of a case within the actor's scope. NotFound otherwise. The number of queries is constant."""
    case = (
        Case.objects.select_related("person", "about", "about_decision", "receipt", "rating")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise NotFound
    person = case.person
    record_read(actor, person.pk, f"case:{case.number}", reason, person.unit_code)
    today = clock.today()
    events = list(CaseEvent.objects.filter(case=case))
    open_case = case.ended_at is None
    asked = settle.ask(case) if open_case and settle.decided_by_rule(case) else None
    cards = [_card(actor, doubt) for doubt in Doubt.objects.filter(case=case).order_by("opened_at", "id")]
    decisions = list(
        Decision.objects.filter(case=case)
        .select_related("letter", "prepared_by", "approved_by", "second_approved_by")
        .order_by("created_at")
    )
    sheet = decision_sheet(actor, case, decisions)
    correction = Correction.objects.filter(case=case).first()
    extension = Extension.objects.filter(case=case).first()
    can = _can(actor, case, asked, cards, sheet)
    if correction is not None:
        can -= {"correct"}
    if extension is not None:
        can -= {"extend"}
    return CaseFile(
        case=case,
        item=catalogue.of_case(case),
        title=pick(catalogue.title(case.item)),
        person=person,
        document=documents.masked(person),
        phone=mask("phone", person.phone),
        address=mask("address", person.address),
        age=_age(person.birth_date, today),
        clock=deadlines.state(case, today),
        days_left=deadlines.days_left(case, today),
        assigned=_name(case.assigned_to_id),
        cases=list(Case.objects.filter(person=person).exclude(pk=case.pk).order_by("-submitted_at")[:MOST]),
        spells=list(
            EmploymentSpell.objects.filter(person=person).select_related("employer").order_by("-start")[:MOST]
        ),
        contributions=list(
            ContributionSpell.objects.filter(person=person)
            .select_related("employer")
            .order_by("-first_month")[:MOST]
        ),
        registrations=list(Registration.objects.filter(person=person).order_by("-opened_on")[:MOST]),
        benefits=list(BenefitPeriod.objects.filter(person=person).order_by("-first_month")[:MOST]),
        asked=asked,
        facts=_facts(case, asked) if asked else [],
        doubts=cards,
        evidence=list(Evidence.objects.filter(case=case).select_related("file").order_by("recorded_at")),
        handoffs=list(HandOff.objects.filter(case=case).order_by("at")),
        sheet=sheet,
        decisions=decisions,
        events=events,
        tasks=list(Task.objects.filter(case=case).order_by("opened_at")),
        rating=getattr(case, "rating", None),
        can=can,
        correction=correction,
        suspensions=list(Suspension.objects.filter(case=case)),
        extension=extension,
        gaps=incomplete.gaps(case, asked) if "correct" in can else [],
    )


def decision_sheet(actor: Actor, case: Case, decisions: list[Decision]) -> DecisionSheet | None:
    """The decision that waits for a signature."""
    waiting = next((d for d in decisions if d.decided_at is None and d.withdrawn_at is None), None)
    if waiting is None:
        return None
    kind = district.APPEAL_DUTY if case.about_decision_id else district.DUTY
    needed = two_person.duties().band(kind, waiting.amount_cents).approvals
    given = [user for user in (waiting.approved_by, waiting.second_approved_by) if user is not None]
    roles = needed[len(given)] if len(given) < len(needed) else frozenset[Role]()
    why = ""
    if actor.user_id in (waiting.prepared_by_id, *(user.pk for user in given)):
        why = "self"
    elif actor.role not in roles:
        why = "role"
    return DecisionSheet(
        waiting,
        waiting.prepared_by.display_name if waiting.prepared_by else "",
        tuple(user.display_name for user in given),
        len(needed),
        not why,
        why,
    )


def _card(actor: Actor, doubt: Doubt) -> DoubtCard:
    kind = doubts.KINDS[doubt.kind]
    closable = doubt.closed_at is None and actor.role in kind.may_close
    return DoubtCard(
        doubt, str(kind.label), doubts.subject(doubt), str(kind.todo), doubts.sides(doubt), closable
    )


def _facts(case: Case, asked: Asked) -> list[FactLine]:
    law = city.law()
    stated = casefacts.statements(case)
    lines = []
    for name in assess.facts_behind(asked.item.rules, asked.on):
        fact, origin = law.facts[name], asked.known.origins.get(name)
        value = asked.known.values.get(name)
        said = stated.get(name)
        lines.append(
            FactLine(
                name,
                pick(fact.label),
                words(fact, value),
                origin.label if origin else "",
                origin.kind if origin else "",
                origin.as_of if origin else None,
                words(fact, said) if said is not None and said != value else "",
            )
        )
    return lines


def _can(
    actor: Actor, case: Case, asked: Asked | None, cards: list[DoubtCard], sheet: DecisionSheet | None
) -> frozenset[str]:
    """What the actor may do next; the actions themselves have the last word."""
    can: set[str] = set()
    at_street = len(case.handled_by or "") > len("310101")
    officer = actor.role in (Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)
    mine = case.ended_at is None and case.handled_by == actor.prefix
    free = covering.holds(actor, case)
    open_doubts = [card for card in cards if card.doubt.closed_at is None]
    if mine and case.assigned_to_id is None:
        can.add("take")
    if (
        mine
        and case.state in (CaseState.STREET, CaseState.DISTRICT)
        and actor.role is not Role.DISTRICT_APPROVER
    ):
        can |= {"ask", "evidence"}
    own = case.ended_at is None and case.assigned_to_id is not None and free
    if own and case.assigned_to_id != actor.user_id:
        can.add("take")  # a colleague's who is away
    if own:
        can.add("give_back")
        if case.parked_until is not None and case.parked_until > clock.today():
            can.add("unpark")
        elif case.state in (CaseState.STREET, CaseState.DISTRICT):
            can.add("park")
    if (
        mine
        and free
        and case.state in (CaseState.STREET, CaseState.DISTRICT)
        and actor.role is not Role.DISTRICT_APPROVER
    ):
        can |= {"correct", "suspend"}
    if mine and free and case.state == CaseState.SUSPENDED and actor.role is not Role.DISTRICT_APPROVER:
        can.add("resume")
    unlate = case.statutory_due is not None and (
        case.paused_on is not None or case.statutory_due >= clock.today()
    )
    if case.ended_at is None and unlate and actor.role is Role.DISTRICT_APPROVER:
        can.add("extend")
    if any(card.closable for card in open_doubts) and case.ended_at is None:
        can.add("close_doubt")
    if mine and at_street and case.state == CaseState.STREET:
        can.add("hand_over")
    if mine and officer and free and case.state == CaseState.DISTRICT:
        if asked is None or any(card.doubt.kind in doubts.END_WITH_WORDS for card in open_doubts):
            can.add("close")
        elif not open_doubts:
            can.add("grant" if asked.finding.state is State.MET else "refuse")
    by_words = asked is None and case.state == CaseState.STREET and case.about_decision_id is None
    if mine and free and by_words and catalogue.may(settle.item_of(case), actor.role, catalogue.DECIDE):
        can.add("close")
    if sheet is not None and case.state == CaseState.PREPARED:
        if sheet.may_sign:
            can.add("approve")
        if actor.role in district.SIGNERS:
            can.add("send_back")
    return frozenset(can)


def _name(user_id: int | None) -> str:
    if user_id is None:
        return ""
    return User.objects.filter(pk=user_id).values_list("display_name", flat=True).first() or ""


def _age(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
