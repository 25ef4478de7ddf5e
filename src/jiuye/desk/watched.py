"""Rules that don't decide an item but, once met, need a person's judgement: watched.yaml of the city.

    ITEM: [RULE, ...]

Such a rule reads facts that hardly anybody has (work before 1998): while they are unknown nothing is held up;
where somebody stated or recorded them, the case goes to the staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from jiuye.desk import city
from jiuye.desk.casefacts import Known
from jiuye.desk.lacking import Situation
from jiuye.policy import Law, State
from jiuye.policy.lines import read_yaml


class WatchedError(ValueError):
    """watched.yaml can't be used; the message says why."""


def rules(item: str) -> tuple[str, ...]:
    """Those watched for an item."""
    return _read(city.folder()).get(item, ())


@cache
def _read(folder: Path) -> Mapping[str, tuple[str, ...]]:
    path = folder / "watched.yaml"
    found = {item: tuple(names) for item, names in (read_yaml(path) if path.is_file() else {}).items()}
    if wrong := list(_wrong(found, city.law())):
        raise WatchedError(f"watched.yaml: no condition: {', '.join(wrong)}")
    return found


def _wrong(found: Mapping[str, Iterable[str]], law: Law) -> Iterable[str]:
    for names in found.values():
        for name in names:
            if name not in law.rules or law.rules[name][0].type.kind != "bool":
                yield name


def met(item: str, known: Known, on: date) -> list[str]:
    """Which of them are met."""
    asked = Situation.of(known)
    return [name for name in rules(item) if asked.outcome(name, on).state is State.MET]
