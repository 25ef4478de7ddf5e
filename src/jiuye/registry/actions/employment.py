"""An employer registers a hire and an end. The registers tell upward that employment started or ended."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.foundation import clock, messages, names, outbox, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, NotFound, UserError, UserErrors
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry import documents, people
from jiuye.registry.codes import known
from jiuye.registry.models import Employer, EmploymentSpell, Person

_ROLES: Final = (Role.EMPLOYER_AGENT, Role.STREET_CLERK, Role.SYSTEM)


@action("registry.register_hire", roles=_ROLES)
def register_hire(
    actor: Actor,
    *,
    employer_id: UUID,
    document_type: str,
    document_number: str,
    name: str,
    start: date,
    contract_type: str | None = None,
    contract_until: date | None = None,
    occupation: str | None = None,
) -> EmploymentSpell:
    """Register that somebody began to work. The same hire again is the same spell.

    UserErrors at document_type, document_number, name, start, contract_type, contract_until.
    """
    employer = _employer(actor, employer_id)
    person = people.locked(
        _person(document_type, document_number, name, start, contract_type, contract_until).pk
    )
    if person.died_on is not None and person.died_on < start:
        raise UserError(_("录用日期有误，请核对"), field="start")
    with scope.elevated("an earlier spell may lie outside the actor's scope"):
        beside = _overlapping(person, employer, start)
    if beside is not None:
        if beside.start == start and beside.end is None:
            return beside
        raise UserError(
            _("此人在本单位已有%(start)s开始的就业登记，时间重叠") % {"start": beside.start.isoformat()},
            field="start",
            code="overlap",
        )
    spell = EmploymentSpell(
        person=person,
        employer=employer,
        unit_code=person.unit_code,
        reported_name=names.normalise(name),
        document_tail=person.document_number[-4:],
        start=start,
        contract_type=contract_type,
        contract_until=contract_until,
        occupation=occupation,
        hire_registered_on=clock.today(),
        source="employer" if actor.role is Role.EMPLOYER_AGENT else "counter",
    )
    try:
        with transaction.atomic(), scope.elevated("the spell belongs to the unit where the person lives"):
            spell.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict from error
    outbox.emit("employment_started", key=str(spell.pk), spell=spell.pk, person=person.pk)
    return spell


@action("registry.register_end", roles=_ROLES)
def register_end(actor: Actor, *, spell_id: UUID, end: date, separation_reason: str) -> EmploymentSpell:
    """Register the last day of work and why it ended. The same end again changes nothing.

    UserErrors at end, separation_reason. NotFound for another employer's spell.
    """
    spell = EmploymentSpell.objects.select_for_update(of=("self",)).filter(pk=spell_id).first()
    if spell is None or (actor.role is Role.EMPLOYER_AGENT and spell.employer_id != actor.employer_id):
        raise NotFound
    if spell.end is not None:
        if (spell.end, spell.separation_reason) == (end, separation_reason):
            return spell
        raise UserError(_("已经登记过离职，需要更正请到街镇窗口办理"), field="end", code="ended")
    errors = []
    if end < spell.start:
        errors.append(UserError(_("离职日期不能早于录用日期"), field="end"))
    if end > clock.today():
        errors.append(UserError(_("离职日期不能晚于今天"), field="end"))
    if not known("separation_reason", separation_reason):
        errors.append(UserError(_("请选择离职原因"), field="separation_reason"))
    if errors:
        raise UserErrors(errors)
    spell.end, spell.separation_reason, spell.end_registered_on = end, separation_reason, clock.today()
    spell.save(update_fields=["end", "separation_reason", "end_registered_on"])
    outbox.emit("employment_ended", key=str(spell.pk), spell=spell.pk, person=spell.person_id)
    messages.notify(
        person_id=spell.person_id,
        unit_code=spell.unit_code,
        kind="employment_ended",
        title=_("单位登记了您的离职"),
        body=ended_words(spell.employer.name, end),
    )
    return spell


def ended_words(employer: str, end: date | None) -> str:
    """What the person is told when an employer reports an end."""
    return _("%(employer)s登记您的最后工作日是%(end)s。如果与事实不符，请联系单位或到街镇窗口核实。") % {
        "employer": employer,
        "end": end,
    }


def _employer(actor: Actor, employer_id: UUID) -> Employer:
    """The employer an agent acts for, or any for staff."""
    employer = Employer.objects.filter(pk=employer_id).first()
    if employer is None or (actor.role is Role.EMPLOYER_AGENT and actor.employer_id != employer_id):
        raise NotFound
    return employer


def _person(
    document_type: str,
    document_number: str,
    name: str,
    start: date,
    contract_type: str | None,
    contract_until: date | None,
) -> Person:
    """Whose hire it is, with a new file where there is none; or everything that is wrong with the report."""
    errors: list[UserError] = []
    if not known("id_type", document_type):
        raise UserError(_("请选择证件类型"), field="document_type")
    document = documents.read(document_type, document_number)
    if not document.check.acceptable:
        errors.append(UserError(document.check.zh, field="document_number", code=document.check.reason))
    strange = names.unsupported(name)
    if not names.normalise(name):
        errors.append(UserError(_("请填写姓名"), field="name"))
    elif strange:
        errors.append(
            UserError(_("姓名中有无法识别的字符：%(list)s") % {"list": "、".join(strange)}, field="name")
        )
    if start > clock.today():
        errors.append(UserError(_("录用日期不能晚于今天"), field="start"))
    if contract_until is not None and contract_until < start:
        errors.append(UserError(_("合同到期日期不能早于录用日期"), field="contract_until"))
    if contract_type is not None and not known("contract_type", contract_type):
        errors.append(UserError(_("请选择合同类型"), field="contract_type"))
    if errors:
        raise UserErrors(errors)
    newcomer = people.Newcomer(document, name)
    person = people.find([newcomer.key]).get(newcomer.key)
    if person is None:
        if not newcomer.can_be_filed:
            raise UserError(
                _("这个证件号码还没有登记，请本人先到街镇窗口建档"), field="document_number", code="unknown"
            )
        if newcomer.document.check.birth is not None and start <= newcomer.document.check.birth:
            raise UserError(_("录用日期有误，请核对"), field="start")
        person = people.file([newcomer])[newcomer.key]
    if not people.same_name(person, name):
        raise UserError(_("姓名与证件号码登记的姓名不一致，请核对"), field="name", code="other_name")
    return person


def _overlapping(person: Person, employer: Employer, start: date) -> EmploymentSpell | None:
    """A spell with this employer that goes on at `start` or later."""
    return (
        EmploymentSpell.objects.filter(
            Q(end__isnull=True) | Q(end__gte=start), person=person, employer=employer
        )
        .order_by("-start")
        .first()
    )
