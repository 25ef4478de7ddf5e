"""The one place where registers become facts, as of any day, for one person or for everybody.

    known = facts.of_person(person_id, on)      # {name: value}, None = unknown; known.sources[name]
    facts.household_of(person_id, on)           # of the other members; None: no household is known
    facts.of_employer(employer_id, on)
    batch = facts.batch(on, names=program.facts, employer_names=[...])
    program.run(batch.columns, len(batch), household=batch.household, employer=batch.employer, ...)

All read one SQL text, `definitions`. A register's value stands; what a person or a document stated fills
what no register has; what a member of staff recorded after looking into it overrides both.
"""

from jiuye.registry.facts.batch import Batch, batch
from jiuye.registry.facts.person import (
    Contradiction,
    Facts,
    Source,
    contradictions,
    household_of,
    members_of,
    of_employer,
    of_employers,
    of_people,
    of_person,
)

__all__ = [
    "Batch", "Contradiction", "Facts", "Source", "batch", "contradictions", "household_of", "members_of",
    "of_employer", "of_employers", "of_people", "of_person",
]  # fmt: skip
