"""Who visits pages in the permission table, and the things that the pages are about.

Two streets in two districts; in each a resident, an employer and the staff. A thing is made when a row asks
for it. To add one: a method of `World` that returns the keyword arguments of the URL.
"""

from __future__ import annotations

from typing import Any

from django.test import Client

from jiuye.foundation.roles import Role
from tests.support import make
from tests.support.users import granted, signed_in

HERE, ELSEWHERE = "310101002", "310104003"


class World:
    """Things are those of `resident`, who lives in HERE, and of `agent`'s employer, also there."""

    def __init__(self) -> None:
        self.person = make.person(HERE, "王秀英")
        self.stranger = make.person(ELSEWHERE, "李建国")
        self.employer = make.employer(HERE, "外滩测试有限公司")
        self.other_employer = make.employer(ELSEWHERE, "徐汇测试有限公司")

    def client(self, visitor: str) -> Client:
        """`visitor` is a role, with " elsewhere" behind it for the same role in the other place."""
        name, _, where = visitor.partition(" ")
        role, elsewhere = Role(name), bool(where)
        if role is Role.RESIDENT:
            return signed_in(granted(role, person=(self.stranger if elsewhere else self.person).pk))
        if role is Role.EMPLOYER_AGENT:
            return signed_in(granted(role, employer=(self.other_employer if elsewhere else self.employer).pk))
        street = ELSEWHERE if elsewhere else HERE
        length = {"street_clerk": 9, "district_caseworker": 6, "district_approver": 6}.get(name, 2)
        return signed_in(granted(role, street[:length]))

    def thing(self, name: str) -> dict[str, Any]:
        """Keyword arguments of the URL for this thing."""
        made: dict[str, Any] = getattr(self, f"make_{name}")()
        return made

    def make_person(self) -> dict[str, Any]:
        return {"person_id": self.person.pk}

    def make_unit(self) -> dict[str, Any]:
        return {"code": HERE[:6]}
