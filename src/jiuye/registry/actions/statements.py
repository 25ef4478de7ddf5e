"""What a person says about themselves: facts no register has, and the account they are paid to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.foundation import clock, names
from jiuye.foundation.action import action
from jiuye.foundation.errors import NotFound, UserError, UserErrors
from jiuye.foundation.roles import CASE_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.policy import Fact, Month
from jiuye.policy.values import plain
from jiuye.registry import people
from jiuye.registry.facts.text import law
from jiuye.registry.models import PayeeAccount, Person, StatedFact

_ROLES: Final = (Role.RESIDENT, *CASE_STAFF, Role.SYSTEM)
SOURCES: Final = ("person", "document", "staff")
_SHORTEST, _LONGEST = 8, 30  # digits of an account number
_CARD: Final = re.compile(r"62[0-9]{14,17}")


@action("registry.state_facts", roles=_ROLES)
def state_facts(
    actor: Actor,
    *,
    person_id: UUID,
    facts: Mapping[str, Any],
    source: str,
    as_of: date,
    case_id: UUID | None = None,
) -> list[StatedFact]:
    """Keep facts that somebody stated, values or their JSON forms. A later statement counts, none is deleted.

    A resident states only as `person`. UserErrors name every fact that has no such value.
    """
    if source not in SOURCES:
        raise ValueError(source)
    person = _person(actor, person_id)
    if actor.role is Role.RESIDENT and source != "person":
        raise NotFound
    errors: list[UserError] = []
    rows = []
    for name, value in facts.items():
        fact = law().facts.get(name)
        try:
            if fact is None:
                raise ValueError(name)
            kept = as_json(fact, value)
        except ValueError:
            errors.append(UserError(_("“%(name)s”不能这样填") % {"name": name}, field=name))
            continue
        rows.append(
            StatedFact(
                person=person,
                unit_code=person.unit_code,
                fact=name,
                value=kept,
                source=source,
                as_of=as_of,
                case_id=case_id,
                stated_by_id=actor.user_id,
            )
        )
    if errors:
        raise UserErrors(errors)
    return StatedFact.objects.bulk_create(rows)


@action("registry.set_payee_account", roles=_ROLES)
def set_payee_account(
    actor: Actor, *, person_id: UUID, bank_name: str, holder_name: str, number: str
) -> PayeeAccount:
    """Pay the person to this account from now on. The same account again changes nothing.

    UserErrors at bank_name, holder_name, number. Payments already locked keep the account they were locked
    with.
    """
    _person(actor, person_id)
    digits = "".join(c for c in number if not c.isspace() and c != "-")
    holder, bank = names.normalise(holder_name), bank_name.strip()
    _check(bank, holder, digits)
    person = people.locked(person_id)
    now = PayeeAccount.objects.select_for_update().filter(person=person, replaced_at__isnull=True).first()
    if now is not None:
        if (now.bank_name, now.holder_name, now.number) == (bank, holder, digits):
            return now
        now.replaced_at = clock.now()
        now.save(update_fields=["replaced_at"])
    return PayeeAccount.objects.create(
        person=person, unit_code=person.unit_code, bank_name=bank, holder_name=holder, number=digits
    )


def luhn(number: str) -> bool:
    """Whether the last digit of a card number is right (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def as_json(fact: Fact, value: Any) -> Any:
    """The JSON form of a value of that fact; ValueError when it isn't one."""
    if value is None:
        return None
    match fact.type.kind:
        case "bool":
            if isinstance(value, bool):
                return value
        case "number":
            return _number(fact, value)
        case "date":
            return date.fromisoformat(str(value)).isoformat()
        case "month":
            return str(value if isinstance(value, Month) else Month.parse(str(value)))
        case "text":
            return _codes(fact, [value])[0]
        case "list":
            if isinstance(value, list | tuple):
                return _codes(fact, value)
    raise ValueError(f"{value!r} is no value of {fact.name}")


def _number(fact: Fact, value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error
    if not number.is_finite() or (fact.type.exact and number != int(number)):
        raise ValueError(f"{value!r} is no value of {fact.name}")
    return plain(int(number) if fact.type.exact else number)


def _codes(fact: Fact, values: Iterable[Any]) -> list[str]:
    words = [str(value) for value in values]
    table = law().codes.get(fact.codes or "")
    if table is not None and any(word not in table for word in words):
        raise ValueError(f"{words} are not all in {fact.codes}")
    return words


def _person(actor: Actor, person_id: UUID) -> Person:
    """The person within the actor's scope."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None or (actor.role is Role.RESIDENT and actor.person_id != person_id):
        raise NotFound
    return person


def _check(bank: str, holder: str, digits: str) -> None:
    errors = []
    if not bank:
        errors.append(UserError(_("请填写开户银行"), field="bank_name"))
    if not holder:
        errors.append(UserError(_("请填写户名"), field="holder_name"))
    if not digits.isascii() or not digits.isdigit():
        errors.append(UserError(_("银行账号只有数字，请对照银行卡或存折再填一遍"), field="number"))
    elif not _SHORTEST <= len(digits) <= _LONGEST:
        errors.append(UserError(_("银行账号的位数不对，请对照银行卡或存折再填一遍"), field="number"))
    elif _CARD.fullmatch(digits) and not luhn(digits):
        errors.append(UserError(_("卡号有一位写错了，请对照银行卡再填一遍"), field="number"))
    if errors:
        raise UserErrors(errors)
