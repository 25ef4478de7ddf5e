"""The counter's work on a case with doubts: ask, hear, record, clear, hand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city, doubts, settle, story
from jiuye.desk.actions import lookup
from jiuye.desk.models import Case, Doubt, Evidence, HandOff
from jiuye.desk.models.case import OPEN_STATES, CaseState
from jiuye.desk.values import from_json, to_json
from jiuye.foundation import clock, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Forbidden, UserError, UserErrors
from jiuye.foundation.files import store_file
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry import actions as registry

OFFICERS = {Role.STREET_CLERK, Role.DISTRICT_CASEWORKER}
EVIDENCE = ("document", "statement", "call", "register")
ALLOWED_MEDIA = ("application/pdf", "image/jpeg", "image/png")
LARGEST = 10 * 1024 * 1024  # bytes


@action("desk.ask_person", roles=OFFICERS)
def ask_person(actor: Actor, *, case_id: UUID, text: str) -> Case:
    """Ask the person something. The clock stands still until they answer."""
    text = _required(text, "text", _("请写明要问什么"))
    case = lookup.staff_case(actor, case_id)
    _mine(actor, case)
    story.move(case, actor, "asked", text)
    story.tell(case, "asked", text=text)
    return case


@action("desk.answer", roles={Role.RESIDENT})
def answer(actor: Actor, *, case_id: UUID, text: str) -> Case:
    """The person answers; the clock goes on where it stood, in the queue of who asked."""
    text = _required(text, "text", _("请写下您的回答"))
    lookup.case(case_id)
    with scope.elevated("an answer in an own case"):
        case = lookup.locked(case_id)
        at_street = len(case.handled_by or "") >= story.STREET_DIGITS
        story.move(case, actor, "answered_street" if at_street else "answered_district", text)
        story.tell(case, "answered")
        if case.assigned_to_id is not None:
            notify(
                user_id=case.assigned_to_id,
                unit_code=case.unit_code,
                kind="case_answered",
                title=_("本人已答复：%(number)s") % {"number": case.number},
                body=text,
                link=f"/workbench/cases/{case.pk}/",
            )
    return case


@action("desk.record_evidence", roles=OFFICERS)
def record_evidence(
    actor: Actor,
    *,
    case_id: UUID,
    kind: str,
    note: str,
    facts: Mapping[str, Any] | None = None,
    file: tuple[str, str, bytes] | None = None,
) -> Evidence:
    """What was seen or heard, and the facts it proves (as JSON values). `file`: (name, media type, content).

    A proven fact counts from now on before what registers or the person say, with this record as its source.
    """
    problems: list[UserError] = []
    if kind not in EVIDENCE:
        problems.append(UserError(_("请选择证据的种类"), "kind"))
    if not note.strip():
        problems.append(UserError(_("请写明看到或听到了什么"), "note", "required"))
    proven = _proven(facts or {}, problems)
    if file is not None and (file[1] not in ALLOWED_MEDIA or len(file[2]) > LARGEST):
        problems.append(UserError(_("只收 PDF、JPEG、PNG，不超过 10 MB"), "file"))
    if problems:
        raise UserErrors(problems)
    case = lookup.staff_case(actor, case_id)
    if case.state not in OPEN_STATES:
        raise UserError(_("这件申请已经办结，不能再记证据"), code="ended")
    _mine(actor, case)
    stored = None
    if file is not None:
        name, media_type, content = file
        stored = store_file(
            content=content,
            name=name,
            media_type=media_type,
            kind="evidence",
            person_id=case.person_id,
            unit_code=case.unit_code,
        )
    evidence = Evidence.objects.create(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        kind=kind,
        note=note.strip(),
        facts=proven,
        file=stored,
        recorded_by_id=lookup.user_of(actor),
        recorded_by_name=actor.name,
        recorded_at=clock.now(),
    )
    if proven:
        source = "document" if kind == "document" else "staff"
        with scope.elevated("a proven fact is known from now on") as system:
            registry.state_facts(
                system,
                person_id=case.person_id,
                facts=proven,
                source=source,
                as_of=clock.today(),
                case_id=case.pk,
            )
    story.note(case, actor, "evidence")
    for doubt in Doubt.objects.filter(case=case, kind="unknown_fact", about__in=list(proven)):
        if doubt.closed_at is None:
            _close(doubt, actor, _("已有证据：%(note)s") % {"note": note.strip()[:200]})
    return evidence


@action("desk.close_doubt", roles={Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER})
def close_doubt(actor: Actor, *, doubt_id: UUID, resolution: str) -> Doubt:
    """Say how a doubt was cleared. Who may stands with its kind; Forbidden for others."""
    resolution = _required(resolution, "resolution", _("请写明是怎么核实的"))
    doubt = lookup.doubt(doubt_id)
    case = lookup.staff_case(actor, doubt.case_id)
    if actor.role not in doubts.KINDS[doubt.kind].may_close:
        raise Forbidden(_("这种疑点不由您的岗位关闭"))
    if doubt.closed_at is not None:
        return doubt
    if doubt.kind == "contradiction" and not Evidence.objects.filter(case=case).exists():
        raise UserError(_("请先记录核实的证据，再关闭这处疑点"), "resolution", "evidence_needed")
    _close(doubt, actor, resolution)
    story.note(case, actor, "doubt_closed", doubts.subject(doubt))
    return doubt


@action("desk.hand_to_district", roles={Role.STREET_CLERK})
def hand_to_district(actor: Actor, *, case_id: UUID, note: str) -> Case:
    """Give the case to the district with what the street found. What is still open goes along."""
    note = _required(note, "note", _("请写明核实的情况和您的意见"))
    case = lookup.staff_case(actor, case_id)
    _mine(actor, case)
    from_unit, to_unit = case.handled_by or "", story.district_of(case.unit_code)
    story.move(case, actor, "sent_to_district", handled_by=to_unit)
    Doubt.objects.filter(case=case, closed_at__isnull=True, owner_role=Role.STREET_CLERK.value).update(
        owner_role=Role.DISTRICT_CASEWORKER.value
    )
    HandOff.objects.create(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        from_unit=from_unit,
        to_unit=to_unit,
        note=note,
        by_id=lookup.user_of(actor),
        at=clock.now(),
    )
    story.tell(case, "to_district")
    return case


def _mine(actor: Actor, case: Case) -> None:
    """Only who has the case in their queue works on it: the street at the street, the district afterwards."""
    at_street = case.state == CaseState.STREET or len(case.handled_by or "") >= story.STREET_DIGITS
    if (actor.role is Role.STREET_CLERK) != at_street:
        raise Forbidden(_("这件申请现在不在您这一级办理"))
    if not catalogue.may(settle.item_of(case), actor.role, catalogue.CHECK):
        raise Forbidden(_("这个事项不由您这一级核实"))
    two_person.not_own_file(actor, case.person_id)


def _close(doubt: Doubt, actor: Actor, resolution: str) -> None:
    doubt.closed_at, doubt.closed_by_id, doubt.resolution = clock.now(), actor.user_id, resolution
    doubt.save(update_fields=["closed_at", "closed_by_id", "resolution"])


def _proven(facts: Mapping[str, Any], problems: list[UserError]) -> dict[str, Any]:
    declared = city.law().facts
    proven = {}
    for name, raw in facts.items():
        try:
            proven[name] = to_json(from_json(declared[name], raw))
        except (KeyError, ValueError):
            problems.append(UserError(_("这项情况的值不对"), f"facts.{name}"))
    return proven


def _required(text: str, field: str, message: str) -> str:
    text = (text or "").strip()
    if not text:
        raise UserError(message, field, "required")
    return text
