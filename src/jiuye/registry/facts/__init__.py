"""The one place where registers become facts, as of any day, for one person or for everybody.

    known = facts.of_person(person_id, on)      # {name: value}, None = unknown; known.sources[name]
    batch = facts.batch(on, "310101", names=program.facts)
    program.run(batch.columns, len(batch))

Both read one SQL text, `definitions`. A register's value stands; what a person or a document stated fills
what no register has; what a member of staff recorded after looking into it overrides both.
"""

from jiuye.registry.facts.batch import Batch, batch
from jiuye.registry.facts.person import Contradiction, Facts, Source, contradictions, of_person

__all__ = ["Batch", "Contradiction", "Facts", "Source", "batch", "contradictions", "of_person"]
