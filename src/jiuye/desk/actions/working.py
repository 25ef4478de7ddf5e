"""Work is given out: the next case, giving back, putting aside, standing in for a colleague."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, covering, handling, settle, story
from jiuye.desk.actions import lookup
from jiuye.desk.actions.district import apart_from_first_decision
from jiuye.desk.models import AbsenceCover, Case
from jiuye.desk.models.case import CaseState
from jiuye.foundation import city as calendars
from jiuye.foundation import clock, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, NotFound, SelfApproval, UserError
from jiuye.foundation.messages import notify
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import CASE_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import Registration

LOOK, MOST = 50, 1000  # cases weighed at a time; looked through at all
WORKED_ON = (CaseState.STREET, CaseState.DISTRICT)
LENT = (Role.STREET_CLERK, Role.DISTRICT_CASEWORKER)  # rights that can be lent: a signature can't
LONGEST = 200  # characters of a reason


@action("desk.next_case", roles={Role.STREET_CLERK, Role.DISTRICT_CASEWORKER})
def next_case(actor: Actor) -> Case | None:
    """Take the most urgent case that nobody has: by due date and need. None when there is none.

    Of two people who ask at once each gets another one: what somebody is just taking is passed over.
    """
    for case_id in _most_urgent(actor):
        free = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(
            pk=case_id, assigned_to_id__isnull=True, ended_at__isnull=True, handled_by=actor.prefix
        )
        case = free.first()
        if case is not None and _fits(actor, case):
            case.assigned_to_id = actor.user_id
            case.save(update_fields=["assigned_to_id"])
            story.note(case, actor, "taken")
            return case
    return None


@action("desk.give_back", roles=CASE_STAFF)
def give_back(actor: Actor, *, case_id: UUID) -> Case:
    """Nobody's again: whoever asks next for work gets it. Conflict when it is a colleague's."""
    case = _own(actor, case_id)
    case.assigned_to_id, case.parked_until, case.parked_reason = None, None, ""
    case.save(update_fields=["assigned_to_id", "parked_until", "parked_reason"])
    story.note(case, actor, "given_back")
    return case


@action("desk.park_case", roles=CASE_STAFF)
def park_case(actor: Actor, *, case_id: UUID, until: date | None, reason: str) -> Case:
    """Put aside one's own case until a day, on which it is back by itself. The clock goes on.

    Never beyond the promised day, nor longer than the city allows.
    """
    reason = _reason(reason, _("请写明为什么暂放"))
    if until is None:
        raise UserError(_("请填写暂放到哪一天"), "until", "required")
    case = _own(actor, case_id)
    if case.state not in WORKED_ON:
        raise Conflict(_("这件申请现在不能暂放"))
    today = clock.today()
    latest = today + timedelta(days=handling.current().park_days)
    if case.promised_due is not None:
        latest = min(latest, case.promised_due)
    if latest <= today:
        raise UserError(_("期限已经到了，不能再暂放"), "until", "too_late")
    if not today < until <= latest:
        words = _("暂放的日子要在明天和 %(latest)s 之间") % {"latest": latest.isoformat()}
        raise UserError(words, "until", "range")
    case.parked_until, case.parked_reason = until, reason
    case.save(update_fields=["parked_until", "parked_reason"])
    story.note(case, actor, "parked")
    return case


@action("desk.unpark_case", roles=CASE_STAFF)
def unpark_case(actor: Actor, *, case_id: UUID) -> Case:
    """Take up before its day what was put aside."""
    case = _own(actor, case_id)
    if case.parked_until is not None:
        case.parked_until, case.parked_reason = None, ""
        case.save(update_fields=["parked_until", "parked_reason"])
        story.note(case, actor, "unparked")
    return case


@action("desk.cover_absence", roles=CASE_STAFF)
def cover_absence(
    actor: Actor,
    *,
    absent_grant: int,
    colleague_id: int,
    starts_on: date | None,
    ends_on: date | None,
    reason: str,
) -> AbsenceCover:
    """A colleague does the cases of who is away, on these days. `absent_grant`: as what they are away.

    One says it for oneself, with a colleague who has the same role there; the district's approvers say it for
    everybody below, and lend the role for these days to who doesn't have it. Nobody is lent a signature.
    """
    reason = _reason(reason, _("请写明为什么替岗"))
    first, last = _days(starts_on, ends_on)
    with scope.elevated("staff of one's own unit"):
        away = Grant.objects.select_related("user").filter(pk=absent_grant).first()
        unit = away.unit_id if away is not None else None
        if away is None or unit is None or not unit.startswith(actor.prefix) or away.role not in CASE_STAFF:
            raise NotFound
        if away.user_id != actor.user_id and actor.role is not Role.DISTRICT_APPROVER:
            raise Forbidden(_("替别人安排替岗，要由区级复核人员办理"))
        if away.user_id == colleague_id:
            raise UserError(_("替岗的人要是另一位同事"), "colleague", "same")
        grants = Grant.objects.active(clock.today()).filter(user_id=colleague_id)
        if not grants.filter(role__in=[role.value for role in CASE_STAFF]).exists():
            raise UserError(_("请选择一位办件的同事"), "colleague", "required")
        has_it = grants.filter(role=away.role, unit_id=away.unit_id).exclude(valid_until__lt=last).exists()
        lent = None if has_it else _lend(actor, away, colleague_id, first, last)
        cover = AbsenceCover.objects.create(
            unit_code=unit,
            role=away.role,
            absent_id=away.user_id,
            colleague_id=colleague_id,
            starts_on=first,
            ends_on=last,
            reason=reason,
            grant=lent,
            made_by_id=lookup.user_of(actor),
            made_at=clock.now(),
        )
        notify(
            user_id=colleague_id,
            unit_code=cover.unit_code,
            kind="absence_cover",
            title=_("请您替岗：%(name)s") % {"name": away.user.display_name},
            body=_("%(first)s 到 %(last)s，%(reason)s。到期自动结束。")
            % {"first": first.isoformat(), "last": last.isoformat(), "reason": reason},
            link="/workbench/?filter=mine",
        )
    return cover


@action("desk.end_cover", roles=CASE_STAFF)
def end_cover(actor: Actor, *, cover_id: UUID) -> AbsenceCover:
    """Back before the last day: it ends now, and the lent right with it."""
    cover = AbsenceCover.objects.select_for_update().filter(pk=cover_id).first()
    if cover is None:
        raise NotFound
    if actor.role is not Role.DISTRICT_APPROVER and actor.user_id != cover.absent_id:
        raise Forbidden(_("由本人或区级复核人员结束替岗"))
    if cover.ended_at is None:
        cover.ended_at = clock.now()
        cover.save(update_fields=["ended_at"])
        if cover.grant_id is not None:
            with scope.elevated("a lent right ends with what it was lent for"):
                grant = Grant.objects.get(pk=cover.grant_id)
                yesterday = clock.today() - timedelta(days=1)
                # a right that would begin today or later is made one of a day that is over
                grant.valid_from, grant.valid_until = min(grant.valid_from, yesterday), yesterday
                grant.save(update_fields=["valid_from", "valid_until"])
    return cover


def _lend(actor: Actor, away: Grant, colleague_id: int, first: date, last: date) -> Grant:
    if actor.role is not Role.DISTRICT_APPROVER:
        raise UserError(_("这位同事没有这个岗位的权限，请区级复核人员安排"), "colleague", "no_right")
    if away.role not in LENT:
        raise UserError(_("复核签字的权限不能借出，请选一位有这个岗位的同事"), "colleague", "signature")
    return Grant.objects.create(
        user_id=colleague_id, role=away.role, unit_id=away.unit_id, valid_from=first, valid_until=last
    )


def _days(starts_on: date | None, ends_on: date | None) -> tuple[date, date]:
    if starts_on is None or ends_on is None:
        raise UserError(_("请填写从哪天到哪天"), "starts_on" if starts_on is None else "ends_on", "required")
    if starts_on < clock.today():
        raise UserError(_("替岗不能从过去的日子开始"), "starts_on", "past")
    most = handling.current().cover_days
    if not starts_on <= ends_on < starts_on + timedelta(days=most):
        raise UserError(_("替岗一次最多 %(days)d 天") % {"days": most}, "ends_on", "range")
    return starts_on, ends_on


def _own(actor: Actor, case_id: UUID) -> Case:
    case = lookup.staff_case(actor, case_id)
    if case.ended_at is not None:
        raise Conflict(_("这件申请已经办结"))
    if case.assigned_to_id is None or not covering.holds(actor, case):
        raise Conflict(_("这件申请不在您手上"))
    return case


def _reason(text: str, message: str) -> str:
    text = (text or "").strip()[:LONGEST]
    if not text:
        raise UserError(message, "reason", "required")
    return text


def _most_urgent(actor: Actor) -> Iterator[UUID]:
    """Keys of what nobody has: of every LOOK next due, who needs it most first."""
    today, weights, calendar = clock.today(), handling.current().need, calendars.calendar()
    back = Q(parked_until__isnull=True) | Q(parked_until__lte=today)
    rows = (
        Case.objects.filter(
            back,
            handled_by=actor.prefix,
            ended_at__isnull=True,
            assigned_to_id__isnull=True,
            state__in=WORKED_ON,
        )
        .order_by("promised_due", "id")
        .values_list("pk", "person_id", "promised_due")[:MOST]
    )
    waiting = list(rows)
    for start in range(0, len(waiting), LOOK):
        part = waiting[start : start + LOOK]
        kinds = Registration.objects.filter(
            person_id__in=[person for _pk, person, _due in part],
            kind__in=list(weights),
            closed_on__isnull=True,
        )
        need: dict[UUID, int] = {}
        for person, kind in kinds.values_list("person_id", "kind"):
            need[person] = max(need.get(person, 0), weights[kind])

        def rank(row: tuple[UUID, UUID, date | None], need: dict[UUID, int] = need) -> tuple[float, UUID]:
            left = calendar.working_days_between(today, row[2]) if row[2] else float("inf")
            return (left - need.get(row[1], 0), row[0])

        yield from (row[0] for row in sorted(part, key=rank))


def _fits(actor: Actor, case: Case) -> bool:
    """Whether this person may do this case: their level's item, not their own file nor their own decision."""
    try:
        item = settle.item_of(case)
        two_person.not_own_file(actor, case.person_id)
        apart_from_first_decision(actor, case)
    except (LookupError, SelfApproval, IncompatibleDuty):
        return False
    return case.about_decision_id is not None or catalogue.may(item, actor.role, catalogue.CHECK)
