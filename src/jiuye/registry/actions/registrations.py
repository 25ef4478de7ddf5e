"""Opening and closing registrations (employment, unemployment, flexible work)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.foundation.action import action
from jiuye.foundation.errors import NotFound, UserError
from jiuye.foundation.roles import CASE_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.registry import people
from jiuye.registry.models import Person, Registration
from jiuye.registry.models.registration import RegistrationKind

_ROLES = (*CASE_STAFF, Role.SYSTEM)


@action("registry.open_registration", roles=_ROLES)
def open_registration(
    actor: Actor,
    *,
    person_id: UUID,
    kind: str,
    opened_on: date,
    open_reason: str,
    case_id: UUID | None = None,
    expires_on: date | None = None,
) -> Registration:
    """Open one; the same case again is the same registration. UserError when one of its kind is open."""
    if kind not in RegistrationKind.values:
        raise ValueError(kind)
    if not Person.objects.filter(pk=person_id).exists():
        raise NotFound
    person = people.locked(person_id)
    standing = Registration.objects.filter(person=person, kind=kind, closed_on__isnull=True).first()
    if standing is not None:
        if case_id is not None and standing.case_id == case_id:
            return standing
        raise UserError(
            _("%(kind)s已经有效，无需重复办理") % {"kind": RegistrationKind(kind).label}, code="already_open"
        )
    if Registration.objects.filter(person=person, kind=kind, closed_on__gt=opened_on).exists():
        raise UserError(_("同类登记期间重叠"), field="opened_on")
    return Registration.objects.create(
        person=person,
        unit_code=person.unit_code,
        kind=kind,
        opened_on=opened_on,
        open_reason=open_reason,
        expires_on=expires_on,
        case_id=case_id,
    )


@action("registry.close_registration", roles=_ROLES)
def close_registration(
    actor: Actor, *, registration_id: UUID, closed_on: date, close_reason: str, reason: str = ""
) -> Registration:
    """End a registration with the day before `closed_on`. Closing a closed one changes nothing."""
    registration = Registration.objects.select_for_update().filter(pk=registration_id).first()
    if registration is None:
        raise NotFound
    if registration.closed_on is not None:
        return registration
    if closed_on < registration.opened_on:
        raise UserError(_("注销日期不能早于登记日期"), field="closed_on")
    registration.closed_on, registration.close_reason = closed_on, close_reason
    registration.save(update_fields=["closed_on", "close_reason"])
    return registration
