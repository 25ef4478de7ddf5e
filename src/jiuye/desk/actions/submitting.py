"""A person's own steps before anybody decides: draft, submission, withdrawal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import assess, catalogue, city, forms, letters, story
from jiuye.desk.actions import lookup
from jiuye.desk.catalogue import Bundle, Item
from jiuye.desk.models import Case, Decision, Draft
from jiuye.desk.models.case import CaseState
from jiuye.desk.values import to_json
from jiuye.foundation import clock, deadlines, outbox, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import CASE_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.registry import actions as registry
from jiuye.registry.models import EmploymentSpell, Person

CHANNELS = ("web", "counter")
COUNTER = set(CASE_STAFF)  # who takes in applications at a counter, each at the levels of the item
APPLICANTS = {Role.RESIDENT, *COUNTER}


@action("desk.save_draft", roles=APPLICANTS)
def save_draft(
    actor: Actor,
    *,
    bundle: str,
    answers: Mapping[str, Any],
    person_id: UUID,
    step: str = "",
    request_key: UUID | None = None,
) -> Draft:
    """Keep what was typed so far, one draft a person and bundle, the same on every device."""
    person = _person(actor, person_id)
    catalogue.bundle(bundle)
    draft = Draft.objects.select_for_update().filter(person=person, bundle=bundle).first()
    if draft is None:
        draft = Draft(person=person, unit_code=person.unit_code, bundle=bundle)
        if request_key is not None:
            draft.request_key = request_key
        draft.answers = "{}"
        Draft.objects.bulk_create([draft], ignore_conflicts=True)
        draft = Draft.objects.select_for_update().get(person=person, bundle=bundle)
    draft.answers = json.dumps(dict(answers), ensure_ascii=False)
    draft.step = step
    draft.save()
    return draft


@action("desk.discard_draft", roles=APPLICANTS)
def discard_draft(actor: Actor, *, bundle: str, person_id: UUID) -> None:
    """Throw an unfinished form away."""
    Draft.objects.filter(person=_person(actor, person_id), bundle=bundle).delete()


@action("desk.submit_bundle", roles=APPLICANTS)
def submit_bundle(
    actor: Actor,
    *,
    bundle: str,
    answers: Mapping[str, Any],
    request_key: UUID,
    channel: str,
    person_id: UUID,
) -> list[Case]:
    """Apply for everything in a bundle that the person has not yet. One case an item, one receipt for all.

    The same `request_key` again, or an item that is already being handled, gives the cases that are there: a
    double click, a lost connection or a second device makes no second case. Raises UserErrors.
    """
    if channel not in CHANNELS:
        raise UserError(_("不认识这个办理渠道"), "channel")
    return apply_for(
        actor, bundle=bundle, answers=answers, request_key=request_key, channel=channel, person_id=person_id
    )


def apply_for(
    actor: Actor,
    *,
    bundle: str,
    answers: Mapping[str, Any],
    request_key: UUID,
    channel: str,
    person_id: UUID,
) -> list[Case]:
    """`submit_bundle` within an action; the system applies where the law gives without being asked."""
    person = _person(actor, person_id)
    entry = catalogue.bundle(bundle)
    if actor.role in COUNTER and not any(
        catalogue.may(item, actor.role, catalogue.ACCEPT) for item in entry.items
    ):
        raise Forbidden(_("这个事项不在您这一级受理"))
    if done := _submitted(person_id, request_key):
        return done
    form = forms.form(person_id, bundle, clock.today(), answers)
    if form.nothing_to_do:
        if form.open_cases:
            return list(form.open_cases)
        raise UserError(_("这些事项您都已经办好了，不用再申请"), code="held")
    checked = forms.check(form, answers)
    if checked.errors:
        raise UserErrors(checked.errors.values())
    with scope.elevated("opening the cases of a submission"):
        _take_charge(person)
        cases = [_open(person, entry, catalogue.item(code), request_key, channel) for code in form.items]
        fresh = [case for case, mine in cases if mine]
        if not fresh:  # somebody with the same person's key was faster
            return _submitted(person_id, request_key) or [case for case, _mine in cases]
        _keep_answers(actor, person, fresh, checked)
        for case in fresh:
            if catalogue.of_case(case).tell:
                case.words = checked.words
                case.save(update_fields=["words"])
        file = letters.receipt(fresh, person)
        for case in fresh:
            case.receipt = file
            case.save(update_fields=["receipt"])
            story.note(case, actor, "submitted")
            story.tell(case, "submitted")
            outbox.emit("case_submitted", f"case:{case.pk}", case=case.pk)
        Draft.objects.filter(person=person, bundle=bundle).delete()
    return sorted([*form.open_cases, *(case for case, _mine in cases)], key=lambda case: case.submitted_at)


@action("desk.withdraw_case", roles={Role.RESIDENT})
def withdraw_case(actor: Actor, *, case_id: UUID) -> Case:
    """The person no longer wants it. A decision that is being prepared falls away."""
    lookup.case(case_id)
    with scope.elevated("withdrawing an own case"):
        case = lookup.locked(case_id)
        story.move(case, actor, "withdrawn")
        Decision.objects.filter(case=case, decided_at__isnull=True, withdrawn_at__isnull=True).update(
            withdrawn_at=clock.now(), withdrawn_reason=_("本人撤回申请")
        )
        story.tell(case, "withdrawn")
    return case


def _person(actor: Actor, person_id: UUID) -> Person:
    """The applicant: oneself, or at the counter somebody in the clerk's scope."""
    if actor.role is Role.RESIDENT and actor.person_id != person_id:
        raise Forbidden
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def _submitted(person_id: UUID, request_key: UUID) -> list[Case]:
    rows = Case.objects.filter(person_id=person_id, request_key=request_key, about_decision__isnull=True)
    return list(rows.order_by("submitted_at", "id"))


def _open(person: Person, bundle: Bundle, item: Item, request_key: UUID, channel: str) -> tuple[Case, bool]:
    """The case of this request and item; whether it was made now. ON CONFLICT waits for whoever is faster."""
    today = clock.today()
    unit = person.unit_code
    promised = bundle.promised_days or item.promised_days
    assert promised is not None, f"{item.code} has no time limit"
    statutory = item.statutory_days if item.statutory_days != catalogue.NO_LIMIT else promised
    assert statutory is not None, f"{item.code} has no time limit"
    case = Case(
        number=next_number("case", unit),
        person=person,
        unit_code=unit,
        item=item.code,
        item_version=item.version,
        bundle=bundle.code,
        request_key=request_key,
        channel=channel,
        state=CaseState.SUBMITTED,
        handled_by=story.street_of(unit),
        submitted_at=clock.now(),
    )
    deadlines.start(case, today, city.whole(promised, today), city.whole(statutory, today))
    Case.objects.bulk_create([case], ignore_conflicts=True)
    there = Case.objects.filter(person=person, item=item.code, request_key=request_key).first()
    if there is None:
        there = Case.objects.filter(
            person=person, item=item.code, ended_at__isnull=True, about_decision__isnull=True
        ).first()
    if there is None:
        raise Conflict
    return there, there.pk == case.pk


def responsible_unit(person: Person) -> str:
    """The unit of usual residence; where it is unknown that of residence or household, or of the last job.

    Sees all registers: call it elevated.
    """
    if len(person.unit_code) >= story.DISTRICT_DIGITS:
        return person.unit_code
    for code in (person.residence_code, person.hukou_code):
        if code and code.startswith(person.unit_code):
            return code
    spells = EmploymentSpell.objects.filter(person=person).order_by("-start", "-id")
    at_work = spells.values_list("employer__unit_code", flat=True).first()
    return story.street_of(at_work) if at_work else person.unit_code


def _take_charge(person: Person) -> None:
    """A person of unknown residence gets the unit that is responsible for them, so that it can see them."""
    unit = responsible_unit(person)
    if unit != person.unit_code:
        person.unit_code = unit
        person.save(update_fields=["unit_code"])


def _keep_answers(actor: Actor, person: Person, cases: list[Case], checked: forms.Checked) -> None:
    """Statements go with the last case whose rules look at them; a new account replaces the old one."""
    today = clock.today()
    system = scope.current()
    by_case: dict[UUID, dict[str, Any]] = {}
    for name, value in {**checked.facts, **checked.disputed}.items():
        owner = cases[-1]
        for case in cases:
            if name in assess.facts_behind(catalogue.of_case(case).rules, today):
                owner = case
        by_case.setdefault(owner.pk, {})[name] = to_json(value)
    for case_id, stated in by_case.items():
        registry.state_facts(
            system, person_id=person.pk, facts=stated, source="person", as_of=today, case_id=case_id
        )
    if checked.account:
        try:
            registry.set_payee_account(system, person_id=person.pk, **checked.account)
        except UserErrors as problems:
            raise UserErrors(
                UserError(error.message, f"account.{error.field}", error.code) for error in problems.errors
            ) from problems
