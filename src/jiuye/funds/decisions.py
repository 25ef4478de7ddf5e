"""Decisions that money matters make: a stop and an extension by the law itself, a recovery by two persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.desk.models import Decision
from jiuye.foundation import clock
from jiuye.foundation.models import StoredFile
from jiuye.foundation.numbering import next_number
from jiuye.policy import Outcome
from jiuye.policy.values import Value, plain


def draft(
    kind: str,
    outcome: Outcome,
    facts: Mapping[str, Value],
    *,
    person_id: UUID,
    unit_code: str,
    effects: Mapping[str, Any],
    amount_cents: int = 0,
    corrects: Decision | None = None,
    automatic: bool = False,
    reason: str = "",
    on: date | None = None,
    letter: Callable[[Decision], StoredFile] | None = None,
) -> Decision:
    """A decision about a person that no application asked for. An automatic one is decided at once, its
    letter made.
    """
    now = clock.now()
    decision = Decision(
        number=next_number("decision", unit_code),
        case=corrects.case if corrects else None,
        person_id=person_id,
        unit_code=unit_code,
        kind=kind,
        rule=outcome.rule,
        law_version=outcome.version,
        on=on or outcome.on,
        outcome=outcome.to_json(),
        facts={name: {"value": plain(value), "kind": "register"} for name, value in facts.items()},
        effects=dict(effects),
        amount_cents=amount_cents,
        automatic=automatic,
        reason=reason,
        corrects=corrects,
        created_at=now,
        decided_at=now if automatic else None,
    )
    if letter is not None:
        decision.letter = letter(decision)
    decision.save(force_insert=True)
    return decision
