"""How this city lets work wait and gives it out: handling.yaml, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jiuye.desk import city
from jiuye.policy.lines import read_yaml
from jiuye.registry.models.registration import RegistrationKind

NUMBERS: Final = ("park_days", "cover_days", "amber_days")
KEYS: Final = {*NUMBERS, "need"}


class HandlingError(ValueError):
    """handling.yaml can't be used; the message says why."""


@dataclass(frozen=True)
class Handling:
    """need: kind of registration -> working days a case comes earlier. park_days, cover_days: days.

    amber_days: working days before the promised day.
    """

    need: Mapping[str, int]
    park_days: int
    cover_days: int
    amber_days: int


def current() -> Handling:
    return _read(city.folder())


@cache
def _read(folder: Path) -> Handling:
    return read(read_yaml(folder / "handling.yaml"))


def read(node: Mapping[str, Any]) -> Handling:
    """From its text. HandlingError for what is unknown, missing or not a number of days."""
    if set(node) != KEYS:
        raise HandlingError(f"handling.yaml: {', '.join(sorted(set(node) ^ KEYS))}: unknown or missing")
    need = dict(node["need"] or {})
    if strange := set(need) - set(RegistrationKind.values):
        raise HandlingError(f"handling.yaml: no such registration: {', '.join(sorted(strange))}")
    for name, value in [*need.items(), *((name, node[name]) for name in NUMBERS)]:
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise HandlingError(f"handling.yaml: {name} must be a whole number above 0")
    return Handling(need=need, **{name: node[name] for name in NUMBERS})
