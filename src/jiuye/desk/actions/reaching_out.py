"""Policy finds people: what the night writes, and what people answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, menu_data
from jiuye.desk.actions.employers import submit_employer_case
from jiuye.desk.actions.submitting import apply_for
from jiuye.desk.models import Case, Outreach, PushChoice
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.desk.outreach import contact, endings, firms, practice, street, words
from jiuye.desk.outreach.endings import Ending
from jiuye.desk.outreach.firms import Firm
from jiuye.desk.outreach.search import Search
from jiuye.foundation import clock, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.policy.law import Expiry
from jiuye.registry.models import Employer, Person

OFFERS = (OutreachKind.NEW, OutreachKind.UNCLAIMED)


def _practice() -> practice.Practice:
    found = practice.current()
    if found is None:
        raise LookupError("this city has no outreach.yaml")
    return found


@action("desk.reach_out", roles={Role.SYSTEM})
def reach_out(actor: Actor, *, benefit: str, people: Sequence[UUID], on: date) -> contact.Told:
    """Tell some people of a benefit that was found for them; who knows is left alone."""
    entry = next(one for one in menu_data.current().entries if one.code == benefit)
    told = contact.tell(entry, people, on, _practice())
    for row in told.rows:
        if row.way == OutreachWay.DIRECT:
            _give(actor, row)
    return told


def _give(actor: Actor, row: Outreach) -> None:
    """Apply for the person; where that doesn't go through they are told instead."""
    try:
        with transaction.atomic():
            _apply(actor, row, "system")
    except (UserError, UserErrors, Conflict):
        row.refresh_from_db()
        row.way = OutreachWay.MESSAGE
        row.save(update_fields=["way"])
        words.send([row])


@action("desk.reach_out_to_employers", roles={Role.SYSTEM})
def reach_out_to_employers(actor: Actor, *, benefit: str, found: Sequence[Firm], on: date) -> contact.Told:
    """Tell some employers of a benefit that was found for them; who knows is left alone."""
    entry = next(one for one in menu_data.current().entries if one.code == benefit)
    return firms.tell(entry, found, on, _practice())


@action("desk.settle_outreach", roles={Role.SYSTEM})
def settle_outreach(actor: Actor, *, benefit: str, found: Search, on: date) -> int:
    """Close what was claimed or has lapsed."""
    return endings.settle(benefit, found, on)


@action("desk.end_outreach", roles={Role.SYSTEM})
def end_outreach(actor: Actor, *, on: date) -> int:
    """What was to end has ended."""
    return endings.pass_by(on, _practice())


@action("desk.tell_of_endings", roles={Role.SYSTEM})
def tell_of_endings(actor: Actor, *, found: Sequence[Ending], on: date) -> list[Outreach]:
    """Awards and registrations that end soon."""
    return endings.tell_of_endings(found, on, _practice())


@action("desk.tell_of_law", roles={Role.SYSTEM})
def tell_of_law(actor: Actor, *, ids: Sequence[UUID], ending: Expiry, on: date) -> list[Outreach]:
    """The law of a benefit ends: those who were found for it (rows) hear until when."""
    return endings.tell_of_law(ids, ending, on, _practice())


@action("desk.ask_streets", roles={Role.SYSTEM})
def ask_streets(actor: Actor, *, ids: Sequence[UUID], on: date) -> list[Outreach]:
    """Nothing came of a message: the street rings up."""
    return endings.ask_streets(ids, on, _practice())


@action("desk.accept_offer", roles={Role.RESIDENT})
def accept_offer(actor: Actor, *, outreach_id: UUID) -> list[Case]:
    """One tap: apply for what was prepared, from registers alone. Again gives the same cases.

    Raises UserErrors where something has changed since and a question is open: then there is the form.
    """
    row = _own(actor, outreach_id)
    if row.way != OutreachWay.PREPARED:
        raise UserError(_("这件事要您填几个情况，请到申请表里办"), code="form")
    return _apply(actor, row, "web")


@action("desk.decline_offer", roles={Role.RESIDENT, Role.EMPLOYER_AGENT})
def decline_offer(actor: Actor, *, outreach_id: UUID) -> Outreach:
    """The person, or the employer, doesn't want it: nobody rings up about it."""
    row = _own(actor, outreach_id)
    if row.ended_on is None:
        with scope.elevated("an offer is declined"):
            _end(row, OutreachEnd.DECLINED)
    return row


@action("desk.accept_employer_offer", roles={Role.EMPLOYER_AGENT})
def accept_employer_offer(actor: Actor, *, outreach_id: UUID) -> Outreach:
    """One tap of an authorised person: an application made from the registers, or, where there is no form for
    it, a task of the district. Again it is the same one. UserErrors where a question is open after all.
    """
    row = _own(actor, outreach_id)
    if row.way != OutreachWay.PREPARED:
        raise UserError(_("这件事还要材料或者说明，请联系区就业服务机构"), code="form")
    if row.end == OutreachEnd.DECLINED:
        raise Conflict(_("情况变了，这件事现在不能这样办了"))
    if row.ended_on is None:
        entry = next((one for one in menu_data.current().entries if one.code == row.benefit), None)
        item = catalogue.find(entry.item) if entry else None
        if item is not None:
            submit_employer_case(actor, item=item.code, answers={}, request_key=row.request_key)
        with scope.elevated("an employer's offer is taken up"):
            row.task = None if item else street.apply(row, clock.today(), _practice())
            row.ended_on, row.end = clock.today(), OutreachEnd.CLAIMED
            row.save(update_fields=["ended_on", "end", "task"])
    return row


@action("desk.choose_push", roles={Role.RESIDENT, Role.EMPLOYER_AGENT})
def choose_push(actor: Actor, *, wanted: bool) -> PushChoice:
    """Whether I, or the employer I act for, want to be told. Off: open offers end, and nobody is rung up."""
    if actor.employer_id is not None:
        whose: dict[str, Any] = {"employer": Employer.objects.get(pk=actor.employer_id)}
    elif actor.person_id is not None:
        whose = {"person": Person.objects.get(pk=actor.person_id)}
    else:
        raise Forbidden
    (subject,) = whose.values()
    values = {"wanted": wanted, "chosen_at": clock.now(), "unit_code": subject.unit_code}
    choice, _new = PushChoice.objects.update_or_create(**whose, defaults=values)
    if not wanted:
        with scope.elevated("open offers end with a no"):
            rows = Outreach.objects.filter(**whose, ended_on__isnull=True)
            rows.update(ended_on=clock.today(), end=OutreachEnd.DECLINED)
    return choice


def mark_claimed(person_id: UUID, case: Case) -> int:
    """An application came in: what the person was told of it is settled. As the system."""
    entries = [entry.code for entry in menu_data.current().entries if entry.item == case.item]
    rows = Outreach.objects.filter(
        person_id=person_id, benefit__in=entries, kind__in=OFFERS, ended_on__isnull=True
    )
    return rows.update(ended_on=clock.today(), end=OutreachEnd.CLAIMED, case=case)


def _apply(actor: Actor, row: Outreach, channel: str) -> list[Case]:
    entry = next((one for one in menu_data.current().entries if one.code == row.benefit), None)
    bundle = catalogue.bundle_of(entry.item) if entry and entry.item else None
    if bundle is None or row.person_id is None:
        raise Conflict(_("这件事现在不能在这里办了"))
    cases = apply_for(
        actor,
        bundle=bundle.code,
        answers={},
        request_key=row.request_key,
        channel=channel,
        person_id=row.person_id,
    )
    mine = next((case for case in cases if entry and case.item == entry.item), None)
    if row.ended_on is None:
        with scope.elevated("an offer is taken up"):
            row.case = mine
            _end(row, OutreachEnd.CLAIMED)
    return cases


def _own(actor: Actor, outreach_id: UUID) -> Outreach:
    """One's own offer, or that of the employer one acts for, locked against a second tap."""
    with scope.elevated("an offer is answered"):
        row = Outreach.objects.select_for_update().filter(pk=outreach_id, kind__in=OFFERS).first()
    own = row is not None and (row.person_id or row.employer_id) == (actor.person_id or actor.employer_id)
    if row is None or not own:
        raise NotFound
    if row.ended_on is not None and row.end not in (OutreachEnd.CLAIMED, OutreachEnd.DECLINED):
        raise Conflict(_("情况变了，这件事现在不能这样办了"))
    return row


def _end(row: Outreach, end: str) -> None:
    row.ended_on, row.end = clock.today(), end
    row.save(update_fields=["ended_on", "end", "case"])
