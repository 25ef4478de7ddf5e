"""Nightly checks of the registers: what no constraint can forbid and a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from django.db import connection

from jiuye.foundation import clock, scope

_MOST: Final = 1000


@dataclass(frozen=True)
class Finding:
    """A person in whose file something doesn't fit."""

    person_id: UUID
    unit_code: str


class Check:
    """`sql` selects (person_id, unit_code) as of %(on)s."""

    name: ClassVar[str]
    title: ClassVar[str]
    sql: ClassVar[str]

    def run(self, on: date) -> list[Finding]:
        with connection.cursor() as cursor:
            cursor.execute(f"{self.sql} LIMIT {_MOST}", {"on": on})
            return [Finding(*row) for row in cursor.fetchall()]


class RegisteredButEmployed(Check):
    name = "registered_but_employed"
    title = "失业登记有效，但有单位报在职"
    sql = """
        SELECT DISTINCT r.person_id, r.unit_code FROM registry_registration r
          JOIN registry_employmentspell s ON s.person_id = r.person_id AND s.start > r.opened_on
               AND s.start <= %(on)s AND (s."end" IS NULL OR s."end" >= %(on)s)
         WHERE r.kind = 'unemployment' AND r.opened_on <= %(on)s
           AND (r.closed_on IS NULL OR r.closed_on > %(on)s)"""


class WorkingAfterDeath(Check):
    name = "working_after_death"
    title = "登记死亡后仍有单位报在职"
    sql = """
        SELECT DISTINCT p.id, p.unit_code FROM registry_person p
          JOIN registry_employmentspell s ON s.person_id = p.id AND (s."end" IS NULL OR s."end" > p.died_on)
         WHERE p.died_on <= %(on)s"""


class PaidWithoutEmployment(Check):
    name = "paid_without_employment"
    title = "单位在缴费，但没有就业登记"
    sql = """
        SELECT DISTINCT c.person_id, c.unit_code FROM registry_contributionspell c
         WHERE NOT c.flexible AND c.closed_on IS NULL AND c.employer_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM registry_employmentspell s WHERE s.person_id = c.person_id
                AND s.employer_id = c.employer_id AND s.start <= %(on)s
                AND (s."end" IS NULL OR s."end" >= c.last_month))"""


class MoreUsedThanPaid(Check):
    name = "more_used_than_paid"
    title = "核定用去的缴费月数多于实际缴费月数"
    sql = """
        SELECT b.person_id, min(b.unit_code) FROM registry_benefitperiod b
         GROUP BY b.person_id
        HAVING sum(b.months_used) > coalesce((SELECT sum(
            (extract(year FROM c.last_month) - extract(year FROM c.first_month)) * 12
             + extract(month FROM c.last_month) - extract(month FROM c.first_month) + 1)
             FROM registry_contributionspell c WHERE c.person_id = b.person_id), 0)"""


class PointsToMergedFile(Check):
    name = "points_to_merged_file"
    title = "合并后的旧档案又有了新登记"
    sql = """
        SELECT DISTINCT p.id, p.unit_code FROM registry_person p
          JOIN registry_merge m ON m.absorbed_id = p.id AND m.undone_at IS NULL
          JOIN registry_employmentspell s ON s.person_id = p.id AND s.hire_registered_on > m.merged_at::date
         WHERE p.merged_into_id IS NOT NULL"""


ALL: Final = (
    RegisteredButEmployed(),
    WorkingAfterDeath(),
    PaidWithoutEmployment(),
    MoreUsedThanPaid(),
    PointsToMergedFile(),
)


def run(on: date | None = None) -> dict[str, list[Finding]]:
    """All checks, by name."""
    day = on or clock.today()
    with scope.acting(scope.SYSTEM):
        return {check.name: check.run(day) for check in ALL}
