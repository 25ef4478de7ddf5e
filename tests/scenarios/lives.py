"""What the lives in these scenarios have in common: an employer who reports, a person in 外滩街道."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiuye.foundation import outbox
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry import actions as registry
from jiuye.registry.models import Employer, Person
from jiuye.registry.staff_file import COLUMNS
from tests.factories import actor
from tests.support import make

TODAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Life:
    """A person with their login, and the employer's agent who reports about them."""

    person: Person
    me: Actor
    employer: Employer
    agent: Actor

    def reported(self, *, months: int, reason: str) -> None:
        """The employer's file: months paid until October, contract ended on 20 November."""
        last = date(2026, 10, 1)
        index = last.year * 12 + last.month - months
        first = date(index // 12, index % 12 + 1, 1)
        row = {
            "姓名": self.person.name,
            "证件类型": "居民身份证",
            "证件号码": self.person.document_number,
            "手机号码": "13800138000",
            "合同类型": "1",
            "合同开始日期": first.isoformat(),
            "合同到期日期": "2026-11-20",
            "终止日期": "2026-11-20",
            "终止原因": reason,
            "缴费起始月": f"{first:%Y-%m}",
            "缴费截止月": f"{last:%Y-%m}",
            "缴费基数": "8000",
        }
        lines = [",".join(COLUMNS), ",".join(row.get(column, "") for column in COLUMNS)]
        upload = registry.upload_staff_file(
            self.agent,
            employer_id=self.employer.pk,
            file_name="员工.csv",
            content="\n".join(lines).encode("utf-8-sig"),
        )
        assert (upload.kept, upload.bad) == (1, 0)
        outbox.drain()


def life(name: str) -> Life:
    person = make.person(
        name=name,
        hukou_code="310101",
        residence_code="310101",
        pension_kind="none",
        birth_date=date(1985, 5, 1),
    )
    employer = make.employer(name="上海晨光食品有限公司")
    return Life(
        person,
        actor(Role.RESIDENT, person=person.pk, name=name),
        employer,
        actor(Role.EMPLOYER_AGENT, employer=employer.pk),
    )
