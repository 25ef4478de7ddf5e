"""How this city lets work wait and gives it out: handling.yaml, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jiuye.desk import city
from jiuye.desk.models.case import OPEN_STATES
from jiuye.desk.values import pick
from jiuye.policy.lines import read_yaml
from jiuye.registry.models.registration import RegistrationKind

NUMBERS: Final = ("park_days", "cover_days", "amber_days")
KEYS: Final = {*NUMBERS, "need", "suspend", "extend", "waits"}
OWNERS: Final = ("person", "staff", "system")
DUES: Final = ("promised", "days", "expected")
ENDS: Final = ("escalate",)


class HandlingError(ValueError):
    """handling.yaml can't be used; the message says why."""


@dataclass(frozen=True)
class Ground:
    """Why a case may stand still or take longer."""

    code: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Wait:
    """How an open state waits: who moves next, until when, `remind` working days before, how it ends.

    due: promised (the case's promised day), days (working days since it began) or expected (a day named then,
    at most `days` away). Nothing ends by silence unless a law says so.
    """

    owner: str
    due: str
    remind: int
    end: str
    days: int


@dataclass(frozen=True)
class Handling:
    """need: kind of registration -> working days a case comes earlier. park_days, cover_days: days.

    amber_days: working days before the promised day.
    """

    need: Mapping[str, int]
    park_days: int
    cover_days: int
    amber_days: int
    suspend: tuple[Ground, ...]
    extend: tuple[Ground, ...]
    waits: Mapping[str, Wait]


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
    return Handling(
        need=need,
        suspend=_grounds(node["suspend"]),
        extend=_grounds(node["extend"]),
        waits=_waits(node["waits"]),
        **{name: node[name] for name in NUMBERS},
    )


def ground_words(code: str) -> str:
    """In the reader's language; the code itself when the city no longer has it."""
    known = {one.code: one.words for one in (*current().suspend, *current().extend)}
    return pick(known[code]) if code in known else code


def _grounds(rows: Any) -> tuple[Ground, ...]:
    for row in rows:
        if set(row) != {"code", "zh", "en"}:
            raise HandlingError("handling.yaml: a ground has a code and words in zh and en")
    return tuple(Ground(row["code"], {"zh": row["zh"], "en": row["en"]}) for row in rows)


def _waits(node: Mapping[str, Any]) -> Mapping[str, Wait]:
    if set(node) != set(OPEN_STATES):
        raise HandlingError("handling.yaml: every open state, and no other, says how it waits")
    found = {}
    for state, row in node.items():
        if row["owner"] not in OWNERS or row["due"] not in DUES or row["end"] not in ENDS:
            raise HandlingError(f"handling.yaml: {state}: no such owner, due or end")
        if row["due"] != "promised" and not row.get("days"):
            raise HandlingError(f"handling.yaml: {state}: days are missing")
        found[state] = Wait(row["owner"], row["due"], int(row["remind"]), row["end"], int(row.get("days", 0)))
    return found
