"""Likely duplicates: the same name and the same date of birth. A person decides."""

from __future__ import annotations

from typing import Final

from django.db import connection

from jiuye.foundation import clock, history, scope
from jiuye.foundation.ids import new_id
from jiuye.registry.models import DuplicateProposal, Person

#: A name and a birthday shared by more people than this says nothing.
_MOST_ALIKE: Final = 5
_MOST_PAIRS: Final = 10_000
# The same sex too; one of the two has another document than the other or was typed wrongly.
_PAIRS: Final = """
SELECT one.id, other.id FROM (
    SELECT name, birth_date, sex FROM registry_person WHERE merged_into_id IS NULL
     GROUP BY name, birth_date, sex HAVING count(*) BETWEEN 2 AND %(alike)s
) same
  JOIN registry_person one USING (name, birth_date, sex)
  JOIN registry_person other USING (name, birth_date, sex)
 WHERE (one.created_at, one.id) < (other.created_at, other.id)
   AND one.merged_into_id IS NULL AND other.merged_into_id IS NULL
   AND NOT EXISTS (SELECT FROM registry_duplicateproposal known
        WHERE known.person_id IN (one.id, other.id) AND known.other_id IN (one.id, other.id))
 ORDER BY one.id, other.id LIMIT %(pairs)s
"""


def propose_duplicates() -> int:
    """Propose every pair that isn't known yet; how many. A pair once dismissed is not proposed again."""
    with scope.acting(scope.SYSTEM), history.context("registry.propose_duplicates"):
        with connection.cursor() as cursor:
            cursor.execute(_PAIRS, {"alike": _MOST_ALIKE, "pairs": _MOST_PAIRS})
            pairs = cursor.fetchall()
        units = dict(
            Person.objects.filter(pk__in=[older for older, _newer in pairs]).values_list("pk", "unit_code")
        )
        now = clock.now()
        DuplicateProposal.objects.bulk_create(
            [
                DuplicateProposal(
                    id=new_id(),
                    person_id=older,
                    other_id=newer,
                    unit_code=units[older],
                    reason="name_and_birth",
                    created_at=now,
                )
                for older, newer in pairs
            ],
            ignore_conflicts=True,
        )
    return len(pairs)
