"""The people of the story: always the same, with keys that other rooms may refer to.

Dates follow today, so that the story begins on the day of the demonstration. All live in one street.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from jiuye.foundation import clock
from jiuye.registry.demo.numbers import account, credit_code, number, phone
from jiuye.registry.demo.work import months_of

DISTRICT: Final = "310104"  # 徐汇区
STREET: Final = "310104011"  # 田林街道
COMMUNITY: Final = "310104011001"

EMPLOYER_ID: Final = UUID("00000000-0000-7000-8000-0000000000e1")
EMPLOYER_NAME: Final = "上海晨光食品有限公司"
EMPLOYER_CODE: Final = credit_code(1)
OTHER_EMPLOYER_ID: Final = UUID("00000000-0000-7000-8000-0000000000e2")
OTHER_EMPLOYER_NAME: Final = "上海江浦物流有限公司"
OTHER_EMPLOYER_CODE: Final = credit_code(2)

WANG_XIUYING: Final = UUID("00000000-0000-7000-8000-000000000001")
LI_GUOQIANG: Final = UUID("00000000-0000-7000-8000-000000000002")
CHEN_XIAODONG: Final = UUID("00000000-0000-7000-8000-000000000003")


@dataclass(frozen=True)
class Persona:
    """A resident of the story. `worked`: months before the last day; `last_day`: of the employment."""

    id: UUID
    name: str
    birth: date
    female: bool
    number: str
    phone: str
    account: str
    bank: str
    education: str
    category: str
    worked: int
    last_day: date
    reason: str
    base_cents: int
    address: str

    @property
    def start(self) -> date:
        """First day of the employment: so many whole months before its last."""
        month = self.last_day.year * 12 + self.last_day.month - 1 - (self.worked - 1)
        return date(month // 12, month % 12 + 1, 1)

    @property
    def paid(self) -> tuple[date, date]:
        """First and last month paid in."""
        epoch = date(1970, 1, 1)
        return months_of((self.start - epoch).days, (self.last_day - epoch).days, clock.today())


def residents(today: date | None = None) -> list[Persona]:
    """Wang is entitled (contract expired, 105 months paid). Li's employer reports a resignation he denies.
    Chen has too few months and resigned."""
    day = today or clock.today()
    last = day.replace(day=1) - timedelta(days=1)
    return [
        _persona(WANG_XIUYING, "王秀英", day, 38, 4, True, 105, last, "01", 1_080_000, "70", "F50"),
        _persona(LI_GUOQIANG, "李国强", day, 46, 5, False, 134, last, "10", 1_260_000, "60", "M60"),
        _persona(CHEN_XIAODONG, "陈晓东", day, 25, 6, False, 7, last, "10", 860_000, "30", "M60"),
    ]


def persona(person_id: UUID) -> Persona:
    """One of them; KeyError for anybody else."""
    return {one.id: one for one in residents()}[person_id]


def employers() -> list[tuple[UUID, str, str, str]]:
    """(key, name, credit code, unit) of the employers of the story."""
    return [
        (EMPLOYER_ID, EMPLOYER_NAME, EMPLOYER_CODE, STREET),
        (OTHER_EMPLOYER_ID, OTHER_EMPLOYER_NAME, OTHER_EMPLOYER_CODE, STREET),
    ]


def rows(today: date) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(table, row) of everything but people and accounts, whose values are sealed by the loader."""
    for place, one in enumerate(residents(today)):
        first, last = one.paid
        key = f"00000000-0000-7000-8000-00000000010{place}"
        done = min(one.last_day + timedelta(days=5), today)
        yield (
            "registry_employmentspell",
            (key, str(one.id), str(EMPLOYER_ID), COMMUNITY, one.name, one.number[-4:], one.start,
             one.last_day, "1", one.last_day if one.reason == "01" else None, "6-02-01-05",
             one.reason, min(one.start + timedelta(days=10), today), done, "employer"),
        )  # fmt: skip
        yield (
            "registry_contributionspell",
            (key, str(one.id), str(EMPLOYER_ID), COMMUNITY, first, last, one.base_cents, DISTRICT, False,
             one.last_day),
        )  # fmt: skip


def _persona(
    key: UUID,
    name: str,
    today: date,
    age: int,
    order: int,
    female: bool,
    worked: int,
    last_day: date,
    reason: str,
    base_cents: int,
    education: str,
    category: str,
) -> Persona:
    birth = (
        date(today.year - age - 1, 12, 20)
        if (today.month, today.day) < (12, 20)
        else date(today.year - age, 12, 20)
    )
    birth = birth.replace(day=10 + order)
    return Persona(
        id=key,
        name=name,
        birth=birth,
        female=female,
        number=number(f"{birth:%Y%m%d}", order, not female),
        phone=phone(9_000_000 + order),
        account=account(900_000 + order),
        bank="上海银行" if order % 2 else "中国工商银行",
        education=education,
        category=category,
        worked=worked,
        last_day=last_day,
        reason=reason,
        base_cents=base_cents,
        address=f"上海市徐汇区演示路{order}弄{order}号101室",
    )
