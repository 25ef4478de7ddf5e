"""The least that a test needs of the registers: people and employers, written as the owner."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.support.database import as_owner

if TYPE_CHECKING:
    from jiuye.registry.models import Employer, Person

NUMBER = count(1)
STREET = "310101002"  # 外滩街道, 黄浦区


def document_number(birth: date = date(1985, 5, 1), female: bool = True) -> str:
    """A valid number of the demonstration's area, different every time."""
    from jiuye.foundation import identifiers

    order = 2 * (next(NUMBER) % 499) + (0 if female else 1)
    first = f"{identifiers.DEMONSTRATION_AREA}{birth:%Y%m%d}{order:03d}"
    return first + identifiers.check_digit(first)


def person(unit_code: str = STREET, name: str = "测试人", **fields: Any) -> Person:
    from jiuye.foundation import names
    from jiuye.registry.models import Person

    birth = fields.pop("birth_date", date(1985, 5, 1))
    given: dict[str, Any] = {
        "name": name,
        "name_key": names.pinyin_key(name),
        "document_type": "01",
        "document_number": document_number(birth),
        "birth_date": birth,
        "sex": "2",
        "unit_code": unit_code,
    }
    with as_owner():
        return Person.objects.create(**(given | fields))


def employer(unit_code: str = STREET, name: str = "测试有限公司", **fields: Any) -> Employer:
    from jiuye.foundation import identifiers
    from jiuye.registry.models import Employer

    first = f"91310101{next(NUMBER):09d}"
    given: dict[str, Any] = {
        "credit_code": first + identifiers.uscc_check(first),
        "name": name,
        "kind": "10",
        "unit_code": unit_code,
    }
    with as_owner():
        return Employer.objects.create(**(given | fields))
