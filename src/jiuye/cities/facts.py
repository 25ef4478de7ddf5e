"""Values written in YAML become facts of the right kind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiuye.policy import FactError, Law, Month
from jiuye.policy.explain import check_fact
from jiuye.policy.lines import YamlError, read_yaml
from jiuye.policy.values import Type, Value


def read(law: Law, path: Path) -> dict[str, Value]:
    """Facts of a case from a YAML file `name: value`; a rule's or parameter's name states its value.

    Raises FactError naming every problem at once.
    """
    try:
        content = read_yaml(path)
    except YamlError as problem:
        raise FactError(f"{path}:{problem.line}: {problem}") from None
    if not isinstance(content, dict):
        raise FactError(f"{path}: facts are written as `name: value`")
    facts: dict[str, Value] = {}
    problems = []
    for name, raw in content.items():
        try:
            facts[name] = value(law, name, raw)
            if facts[name] is not None:
                check_fact(law, name, facts[name])
        except ValueError as problem:
            problems.append(f"{path}:{getattr(content, 'lines', {}).get(name, 0)}: {problem}")
    if problems:
        raise FactError("\n".join(problems))
    return facts


def value(law: Law, name: str, raw: Any) -> Value:
    """`raw` as a value of that fact, rule or parameter; None stays unknown."""
    of = law.type_of(name)
    if of is None:
        raise FactError(f"nothing is called {name}")
    return None if raw is None else typed(of, raw)


def typed(of: Type, raw: Any) -> Value:
    """`raw` as a value of that type; FactError when it is of another kind."""
    match of.kind:
        case "bool" if isinstance(raw, bool):
            return raw
        case "number" if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            return raw
        case "date":
            return day(raw)
        case "month":
            return month(raw)
        case "text" if not isinstance(raw, bool | dict | list):
            return str(raw)
        case "list":
            items = raw if isinstance(raw, list) else [raw]
            return tuple(str(item) for item in items)
    raise FactError(f"not a {of.kind}: {raw}")


def month(raw: Any) -> Month:
    """YYYY-MM."""
    try:
        return Month.parse(str(raw))
    except (ValueError, IndexError):
        raise FactError(f"not a month: {raw}") from None


def day(raw: Any, take: str = "first_day") -> date:
    """A date given as day, month (its first or last day) or year (its first or last)."""
    text = str(raw)
    try:
        if take in ("year", "year_end"):
            return date(int(text), 1, 1) if take == "year" else date(int(text), 12, 31)
        if text.count("-") == 1:
            found = month(text)
            return found.last_day if take == "last_day" else found.first_day
        return date.fromisoformat(text)
    except ValueError:
        raise FactError(f"not a date: {raw}") from None
