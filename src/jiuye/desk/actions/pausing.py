"""When a case may stand still or take longer: returned once with all that is missing, suspended, extended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city, covering, handling, incomplete, settle, story
from jiuye.desk.actions import lookup
from jiuye.desk.models import Case, Correction, Extension, Suspension
from jiuye.desk.models.case import CaseState
from jiuye.foundation import city as calendars
from jiuye.foundation import clock, deadlines, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, UserError
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

OFFICERS = {Role.STREET_CLERK, Role.DISTRICT_CASEWORKER}
LONGEST = 2000  # characters


@action("desk.return_for_correction", roles=OFFICERS)
def return_for_correction(
    actor: Actor, *, case_id: UUID, materials: Iterable[str] = (), words: str = ""
) -> Correction:
    """Tell the person at once everything that is missing; both clocks stand still until they answer.

    What the law finds unknown or unmet and what nothing on file proves is always named; `materials` (names of
    `incomplete.Gap`) and `words` come to it. Only once a case: Conflict the second time.
    """
    words = (words or "").strip()[:LONGEST]
    case = _worked_on(actor, case_id)
    if Correction.objects.filter(case=case).exists():
        raise Conflict(_("缺什么只能一次告知，这件已经告知过了"))
    gaps = incomplete.gaps(case)
    chosen = set(materials)
    if strange := chosen - {gap.name for gap in gaps}:
        raise UserError(_("没有这份材料：%(names)s") % {"names": "、".join(sorted(strange))}, "materials")
    missing = [gap for gap in gaps if gap.certain or gap.name in chosen]
    if not missing and not words:
        raise UserError(_("什么都不缺，不用退回补正"), "words", "nothing_missing")
    today = clock.today()
    due = calendars.calendar().add_working_days(today, handling.current().waits["asked"].days).date
    correction = Correction.objects.create(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        missing=[gap.kept() for gap in missing],
        words=words,
        due_on=due,
        by_id=lookup.user_of(actor),
        at=clock.now(),
    )
    with story.in_language_of(case.person_id):
        text = incomplete.listed(correction)
    story.move(case, actor, "returned", text)
    story.tell(case, "returned", text=text)
    return correction


@action("desk.suspend_case", roles=OFFICERS)
def suspend_case(
    actor: Actor, *, case_id: UUID, ground: str, words: str, expected_on: date | None
) -> Suspension:
    """Let both clocks stand still on a legal ground. `expected_on`: when it should go on."""
    words = _said(words)
    known = {one.code for one in handling.current().suspend}
    if ground not in known:
        raise UserError(_("请选择依据"), "ground", "required")
    case = _worked_on(actor, case_id)
    today = clock.today()
    latest = calendars.calendar().add_working_days(today, handling.current().waits["suspended"].days).date
    if expected_on is None or not today < expected_on <= latest:
        raise UserError(
            _("预计恢复的日子要在明天和 %(latest)s 之间") % {"latest": latest.isoformat()},
            "expected_on",
            "range",
        )
    suspension = Suspension.objects.create(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        ground=ground,
        words=words,
        since=today,
        expected_on=expected_on,
        by_id=lookup.user_of(actor),
    )
    with story.in_language_of(case.person_id):
        text = handling.ground_words(ground) + _("：") + words
    story.move(case, actor, "suspended", text)
    story.tell(case, "suspended", text=text)
    return suspension


@action("desk.resume_case", roles=OFFICERS)
def resume_case(actor: Actor, *, case_id: UUID, words: str) -> Case:
    """What it waited for has come: both clocks go on where they stood."""
    words = _said(words)
    case = lookup.staff_case(actor, case_id)
    if case.state != CaseState.SUSPENDED:
        raise Conflict(_("这件申请没有中止"))
    _may(actor, case)
    Suspension.objects.filter(case=case, ended_on__isnull=True).update(
        ended_on=clock.today(), ended_words=words, ended_by_id=actor.user_id
    )
    at_street = len(case.handled_by or "") >= story.STREET_DIGITS
    story.move(case, actor, "resumed_street" if at_street else "resumed_district", words)
    story.tell(case, "resumed")
    return case


@action("desk.extend_case", roles={Role.DISTRICT_APPROVER})
def extend_case(actor: Actor, *, case_id: UUID, ground: str, days: int, words: str) -> Extension:
    """Give both clocks some working days more: once, before the legal day, within the law's limit.

    A head of the district decides it (行政许可法第四十二条: 经本行政机关负责人批准).
    """
    words = _said(words)
    if ground not in {one.code for one in handling.current().extend}:
        raise UserError(_("请选择依据"), "ground", "required")
    today = clock.today()
    most = city.whole("case_extension_working_days", today)
    if not 1 <= days <= most:
        raise UserError(_("最多延长 %(days)d 个工作日") % {"days": most}, "days", "range")
    case = lookup.staff_case(actor, case_id)
    if case.ended_at is not None:
        raise Conflict(_("这件申请已经办结"))
    if Extension.objects.filter(case=case).exists():
        raise Conflict(_("这件申请已经延长过一次"))
    late = case.paused_on is None and case.statutory_due is not None and case.statutory_due < today
    if late or case.statutory_due is None:
        raise UserError(_("法定时限已经过了，不能再延长"), "days", "too_late")
    extension = Extension.objects.create(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        ground=ground,
        words=words,
        days=days,
        by_id=lookup.user_of(actor),
        at=clock.now(),
    )
    deadlines.extend(case, days)
    case.save(update_fields=[*deadlines.FIELDS])
    with story.in_language_of(case.person_id):
        text = handling.ground_words(ground) + _("：") + words
    story.note(case, actor, "extended", text)
    story.tell(case, "extended", text=text)
    return extension


def _worked_on(actor: Actor, case_id: UUID) -> Case:
    """A locked case in the hands of the actor's level, where nothing waits."""
    case = lookup.staff_case(actor, case_id)
    if case.state not in (CaseState.STREET, CaseState.DISTRICT):
        raise Conflict(_("这件申请现在不在核实，请刷新页面看看"))
    _may(actor, case)
    return case


def _may(actor: Actor, case: Case) -> None:
    if case.handled_by != actor.prefix:
        raise Forbidden(_("这件申请现在不在您这一级办理"))
    if not covering.holds(actor, case):
        raise Conflict(_("这件申请已由同事办理"))
    if case.about_decision_id is None and not catalogue.may(
        settle.item_of(case), actor.role, catalogue.CHECK
    ):
        raise Forbidden(_("这个事项不由您这一级核实"))
    two_person.not_own_file(actor, case.person_id)


def _said(words: str) -> str:
    words = (words or "").strip()[:LONGEST]
    if not words:
        raise UserError(_("请写明为什么"), "words", "required")
    return words
