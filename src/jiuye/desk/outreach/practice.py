"""How this city looks for people: outreach.yaml, checked against the menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jiuye.desk import city, menu_data
from jiuye.policy.lines import read_yaml

NUMBERS: Final = (
    "again_after_days", "ending_days", "law_ending_days", "unclaimed_days", "addressee_age",
    "task_working_days", "most_tasks_a_street",
)  # fmt: skip
KEYS: Final = {*NUMBERS, "registrations", "gone", "benefits"}
OF_A_BENEFIT: Final = {"confirm", "tell", "least_staff"}


class PracticeError(ValueError):
    """outreach.yaml can't be used; the message says why."""


@dataclass(frozen=True)
class Practice:
    """`confirm`: benefits for which a person's own yes may be supposed; `silent`: nobody is told of them.

    gone: life events after which nobody is written to. least_staff: benefit about a worker -> employers with
    fewer people aren't told of it, since they would guess whom it is about.
    """

    again_after_days: int
    ending_days: int
    law_ending_days: int
    unclaimed_days: int
    addressee_age: int
    task_working_days: int
    most_tasks_a_street: int
    registrations: Mapping[str, str]
    confirm: frozenset[str]
    silent: frozenset[str]
    gone: frozenset[str]
    least_staff: Mapping[str, int]


def current() -> Practice | None:
    """None: this city doesn't look for people."""
    return _read_checked(city.folder())


@cache
def _read_checked(folder: Path) -> Practice | None:
    if not (folder / "outreach.yaml").is_file():
        return None
    known = {entry.code for entry in menu_data.current().entries}
    return read(read_yaml(folder / "outreach.yaml"), known)


def read(node: Mapping[str, Any], known: set[str]) -> Practice:
    """From its text; `known`: benefits of the menu."""
    if set(node) != KEYS:
        raise PracticeError(f"outreach.yaml: {', '.join(sorted(set(node) ^ KEYS))}: unknown or missing")
    for name in NUMBERS:
        if not isinstance(node[name], int) or node[name] <= 0:
            raise PracticeError(f"outreach.yaml: {name} must be a whole number above 0")
    registrations, benefits = dict(node["registrations"] or {}), dict(node["benefits"] or {})
    if strange := {*registrations.values(), *benefits} - known:
        raise PracticeError(f"outreach.yaml: not in the menu: {', '.join(sorted(strange))}")
    gone = frozenset(node["gone"] or ())
    if unheard := gone - set(city.law().codes.get("life_event", ())):
        raise PracticeError(f"outreach.yaml: no life event: {', '.join(sorted(unheard))}")
    if wrong := [code for code, entry in benefits.items() if set(entry) - OF_A_BENEFIT]:
        raise PracticeError(f"outreach.yaml: unknown key of {', '.join(wrong)}")
    return Practice(
        **{name: node[name] for name in NUMBERS},
        registrations=registrations,
        confirm=frozenset(code for code, entry in benefits.items() if entry.get("confirm")),
        silent=frozenset(code for code, entry in benefits.items() if entry.get("tell") is False),
        gone=gone,
        least_staff={
            code: int(entry["least_staff"]) for code, entry in benefits.items() if "least_staff" in entry
        },
    )
