"""A truth that rests on one date and a few codes, printed: comparisons of plain columns with literals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from jiuye.policy.folding import Row, Shape, Steps
from jiuye.policy.spans import EPOCH
from jiuye.policy.sql.dialects import Dialect
from jiuye.policy.values import Month

STATES = ("FALSE", "CAST(NULL AS BOOLEAN)", "TRUE")


def cut_text(
    steps: Steps, dialect: Dialect, day: str, codes: Mapping[str, str], words: Mapping[str, Sequence[str]]
) -> tuple[str, set[str]]:
    """(the text, the facts it reads). day, codes: the columns; words: of each code that is a text."""
    read: set[str] = set()

    def of(groups: Sequence[tuple[str, str, int]], rows: Sequence[Row]) -> str:
        if not groups:
            text = _over_days(rows[0], day, steps.shape)
            if text not in STATES:
                read.add(steps.shape.fact)
            return text
        (name, kind, count), *rest = groups
        size = len(rows) // count
        parts = [of(rest, rows[n * size : (n + 1) * size]) for n in range(count)]
        if len(set(parts)) == 1:
            return parts[0]
        read.add(name)
        column = codes[name]
        if kind == "bool":
            failed, unknown, met = parts
            cases = [f"WHEN {column} THEN {met}", f"WHEN NOT {column} THEN {failed}"]
        else:
            unknown, *known = parts
            by_text: dict[str, list[str]] = {}
            for word, part in zip(words[name], known, strict=True):
                by_text.setdefault(part, []).append(dialect.text(word))
            cases = [
                f"WHEN {column} IN ({', '.join(listed)}) THEN {part}" for part, listed in by_text.items()
            ]
        return f"(CASE {' '.join(cases)} ELSE {unknown} END)"

    return of(steps.shape.groups, steps.rows), read


def _over_days(row: Row, day: str, shape: Shape) -> str:
    unknown, steps = row
    states = [state for _, state in steps]
    if set(states) == {unknown}:
        return STATES[unknown]
    firsts = [_literal(start, shape) for start, _ in steps[1:]]
    if unknown == 1:
        match states:
            case [0, 2]:
                return f"({day} >= {firsts[0]})"
            case [2, 0]:
                return f"({day} < {firsts[0]})"
            case [0, 2, 0]:
                return f"({day} >= {firsts[0]} AND {day} < {firsts[1]})"
            case [2, 0, 2]:
                return f"({day} < {firsts[0]} OR {day} >= {firsts[1]})"
    cases = [f"WHEN {day} < {end} THEN {STATES[state]}" for end, state in zip(firsts, states, strict=False)]
    if states[-1] != unknown:
        cases.append(f"WHEN {day} IS NOT NULL THEN {STATES[states[-1]]}")
    return f"(CASE {' '.join(cases)} ELSE {STATES[unknown]} END)"


def _literal(start: int, shape: Shape) -> str:
    """The first day of a step."""
    found = Month(start).first_day if shape.kind == "month" else EPOCH + timedelta(days=start)
    return f"DATE '{found.isoformat()}'"
