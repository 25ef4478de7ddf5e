"""Making a decision: what the law says now, its record, its letter, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from jiuye.desk import assess, casefacts, catalogue, doubts, letters, story, watched
from jiuye.desk.assess import Finding
from jiuye.desk.casefacts import Known
from jiuye.desk.catalogue import Item
from jiuye.desk.doubts import Found
from jiuye.desk.models import Case, Decision
from jiuye.desk.models.decision import DecisionKind
from jiuye.foundation import clock, outbox, readlog, scope
from jiuye.foundation.models import Grant
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import STAFF
from jiuye.foundation.scope import Actor
from jiuye.registry import actions as registry
from jiuye.registry.models import DuplicateProposal


@dataclass(frozen=True)
class Asked:
    """A case put to the law: the item it is about (of an appeal: that of the first decision), which day."""

    case: Case
    item: Item
    on: date
    known: Known
    finding: Finding

    @property
    def state(self) -> str:
        return self.finding.state.name


def item_of(case: Case) -> Item:
    """The item whose rule decides this case."""
    return catalogue.of_case(case.about or case)


def decided_by_rule(case: Case) -> bool:
    """Whether the law decides it: every application, and the review of a refusal. Others end with words."""
    first = case.about_decision
    if first is not None and (first.kind != DecisionKind.REFUSAL or case.about is None):
        return False
    return item_of(case).rule is not None


def waits_for(case: Case) -> Case | None:
    """The unfinished case, submitted with this one, whose grant this one needs."""
    before = catalogue.of_case(case).after
    if before is None:
        return None
    return Case.objects.filter(
        person_id=case.person_id, request_key=case.request_key, item=before, ended_at__isnull=True
    ).first()


def ask(case: Case) -> Asked:
    """Ask the law about a case: today; an appeal as of the day of the decision it is about.

    Always with everything that is known of the person, whatever the asking member of staff may see. While
    another case has to be granted first, its grant is supposed. LookupError where no rule decides.
    """
    with scope.elevated("the law is asked with all facts of the person"):
        on = case.about_decision.on if case.about_decision else clock.today()
        item = item_of(case)
        known = casefacts.of_case(case, on)
        if before := waits_for(case):
            known = known.supposing(catalogue.of_case(before).made(on))
        return Asked(case, item, on, known, assess.find(item, known.values, on, others=known.others))


def find_doubts(asked: Asked) -> list[Found]:
    """Every reason why this case can't be decided by itself."""
    case = asked.case
    with scope.elevated("doubts are looked for in all registers"):
        found = doubts.of_finding(asked.finding)
        names = assess.facts_behind(asked.item.rules, asked.on)
        found += [Found("law_gap", name) for name in watched.met(asked.item.code, asked.known, asked.on)]
        found += casefacts.contradictions(asked.known, casefacts.statements(case), names)
        if _is_staff(case.person_id):
            found.append(Found("own_staff", ""))
        pairs = DuplicateProposal.objects.filter(
            Q(person=case.person_id) | Q(other=case.person_id), state="open"
        )
        if pairs.exists():
            found.append(Found("likely_duplicate", ""))
        if casefacts.held(asked.item, asked.known, asked.on):
            found.append(Found("already_held", asked.item.code))
        if other := _beside(asked):
            found.append(Found("not_together", other.code))
        if before := waits_for(case):
            found.append(Found("waiting_for", before.item, {"case": str(before.pk), "number": before.number}))
    return found


def _beside(asked: Asked) -> Item | None:
    """What is drawn already in months that this would pay, and isn't given beside it."""
    lines = asked.finding.lines
    if not lines or asked.item.rule is None:
        return None
    return casefacts.beside(asked.item.rule, asked.known, lines[0].month, lines[-1].month)


def _is_staff(person_id: UUID) -> bool:
    """Whether the applicant also works for the service."""
    users = Grant.objects.filter(person_id=person_id).values("user_id")
    return Grant.objects.filter(user_id__in=users, role__in=[role.value for role in STAFF]).exists()


def record(asked: Asked, kind: DecisionKind, reason: str = "", automatic: bool = False) -> Decision:
    """A decision as it would be now, not yet decided."""
    case, finding = asked.case, asked.finding
    grant = kind is DecisionKind.GRANT
    follows = assess.effects(finding, asked.on, asked.known.values) if grant else {}
    _record_readings(asked)
    return Decision.objects.create(
        number=next_number("decision", case.unit_code),
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        kind=kind,
        rule=finding.outcome.rule,
        law_version=finding.outcome.version,
        on=asked.on,
        outcome=finding.to_json(),
        facts=_facts(asked),
        effects=follows,
        amount_cents=follows.get("total_cents", 0),
        automatic=automatic,
        reason=reason,
        corrects=case.about_decision if grant else None,
        created_at=clock.now(),
    )


def _facts(asked: Asked) -> dict[str, Any]:
    """What the law may have looked at."""
    rules = asked.item.rules
    household = assess.looks_at_household(rules, asked.on)
    return asked.known.to_json(assess.facts_behind(rules, asked.on), household)


def _record_readings(asked: Asked) -> None:
    """Members of the household whose facts the law may look at can see that it did."""
    if asked.known.members and assess.looks_at_household(asked.item.rules, asked.on):
        for member in asked.known.members:
            readlog.record_use(scope.current(), member, "household", asked.case.number)


def refresh(decision: Decision, asked: Asked) -> None:
    """Bring a decision prepared on an earlier day up to now: law and months of the day it is made."""
    grant = decision.kind == DecisionKind.GRANT
    decision.law_version = asked.finding.outcome.version
    decision.on = asked.on
    decision.outcome = asked.finding.to_json()
    decision.facts = _facts(asked)
    decision.effects = assess.effects(asked.finding, asked.on, asked.known.values) if grant else {}
    decision.amount_cents = decision.effects.get("total_cents", 0)


def settle(decision: Decision, asked: Asked, actor: Actor, event: str) -> None:
    """Decide: letter, effects on the registers, the case's end, the event for money, the message."""
    case = asked.case
    title = asked.item.title
    decision.letter = letters.decision_letter(decision, asked.finding, title)
    decision.decided_at = clock.now()
    decision.save()
    if registration := decision.effects.get("registration"):
        with scope.elevated("a granted registration is entered") as system:
            registry.open_registration(
                system,
                person_id=case.person_id,
                kind=registration["kind"],
                opened_on=date.fromisoformat(registration["opened_on"]),
                open_reason=registration["open_reason"],
                expires_on=date.fromisoformat(registration["expires_on"])
                if registration["expires_on"]
                else None,
                case_id=case.pk,
            )
    story.move(case, actor, event)
    story.note(case, actor, "letter", decision.number)
    outbox.emit("decision_made", f"decision:{decision.pk}", decision=decision.pk)
    story.tell(case, "granted" if decision.kind == DecisionKind.GRANT else "refused")
