"""Boundary cases of the whole law, made from its text: around every threshold, and every day that changes it.

`python -m tests.cities.boundaries --write` makes the files of `boundaries_expected` again, `--check` says
what differs from them. A difference is a change of the law: it is to be read before the files are written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from jiuye.cities.city import City, city
from jiuye.policy import Month
from jiuye.policy.lines import read_yaml
from jiuye.policy.parts import Rule
from tests.cities.boundaries_dates import changes
from tests.cities.boundaries_search import Asked, Found, Search, answer
from tests.cities.boundaries_walk import Threshold, thresholds

HERE = Path(__file__).parent
EXPECTED, UNCOVERED = HERE / "boundaries_expected", HERE / "boundaries_uncovered.yaml"
TODAY = date(2026, 11, 25)  # a day on which most of the law is in force; fixed, so that cases stay
HEAD = """\
# Boundary cases of rules/{stem}.yaml, made from its text: `python -m tests.cities.boundaries --write`.
# moves: the fact that is moved by one step of its unit, the rest stays. holds: the comparison (of a cap, step
# or term its value); answer: the whole rule. days: the rule the day before, on and after a change of the law.
"""
NAMING = ("version", "condition", "text", "row", "number", "day", "parameter")  # keys that tell entries apart
Entry = dict[str, Any]


@dataclass(frozen=True)
class Boundary:
    """One boundary with its case: `entry` is what the file says of it. of: None for a day of the law."""

    key: str
    rule: Rule
    found: Found
    entry: Entry
    of: Threshold | None = None


class Boundaries:
    """All of a city's, and the names of those for which no case decides. `only`: of these rules alone."""

    def __init__(self, of: City, only: Collection[str] = ()) -> None:
        self.law, self.asked, self.only = of.law, Asked(of.law), only
        self.uncovered: list[str] = []

    @cached_property
    def all(self) -> list[Boundary]:
        return [*self._thresholds(), *self._days()]

    def _thresholds(self) -> Iterator[Boundary]:
        for of in thresholds(self.law):
            if self.only and of.rule not in self.only:
                continue
            search = Search(self.asked, of)
            for stretch, days in search.days(TODAY):
                key = f"{of.name} since {stretch}" if stretch else of.name
                found = search.find(days)
                if found is None:
                    self.uncovered.append(key)
                else:
                    yield Boundary(key, of.version, found, self._entry(of, found), of)

    def _entry(self, of: Threshold, found: Found) -> Entry:
        entry: Entry = {"condition": of.where, "text": of.text, "clause": of.basis}
        if of.version.first != date.min:
            entry["version"] = of.version.first
        if of.variant:
            entry["row"] = of.variant
        if of.number:
            entry["number"] = of.number + 1
        entry |= {"on": found.on, "facts": dict(found.facts), "moves": found.moves}
        for side, value in found.sides.items():
            facts, on = found.side(value)
            outcome = self.asked.outcome(of.version, facts, on)
            held = self.asked.value(of.version, of.node, facts, on)
            entry[side] = {"value": value, "holds": held, "answer": answer(outcome)}
        return entry

    def _days(self) -> Iterator[Boundary]:
        for change in changes(self.asked, self.only):
            key = f"{change.what} {change.on}"
            if not change.shows:
                self.uncovered.append(key)
                continue
            found = change.found
            entry: Entry = {"day": change.on}
            if change.what != change.rule.name:
                entry["parameter"] = change.what
            entry["facts"] = dict(found.facts)
            for side, value in zip(("before", "on", "after"), found.sides.values(), strict=True):
                entry[side] = answer(self.asked.outcome(change.rule, *found.side(value)))
            yield Boundary(key, change.rule, found, entry)

    @cached_property
    def files(self) -> dict[str, dict[str, list[Boundary]]]:
        """By file and rule."""
        files: dict[str, dict[str, list[Boundary]]] = {}
        for boundary in self.all:
            stem = Path(boundary.rule.where.split(":")[0]).stem
            files.setdefault(stem, {}).setdefault(boundary.rule.name, []).append(boundary)
        return files

    def texts(self) -> dict[str, str]:
        """The files as they should be, by name."""
        return {
            f"{stem}.yaml": HEAD.format(stem=stem) + _file(rules)
            for stem, rules in sorted(self.files.items())
        }

    def differences(self) -> list[str]:
        """What the files say otherwise than the law: the case, and what was and is said of it."""
        now = keyed(
            (f"{stem}.yaml", rule, boundary.entry)
            for stem, rules in self.files.items()
            for rule, boundaries in rules.items()
            for boundary in boundaries
        )
        then = keyed(item for item in expected() if not self.only or self.asked_for(*item))
        out = [f"{key}: in the file only" for key in then.keys() - now.keys()]
        out += [f"{key}: not in the file" for key in now.keys() - then.keys()]
        for key in now.keys() & then.keys():
            if now[key] != then[key]:
                sides = [name for name, text in now[key].items() if then[key].get(name) != text]
                sides += [name for name in then[key] if name not in now[key]]
                said = [f"    {s}: {then[key].get(s, '-')} → {now[key].get(s, '-')}" for s in sides]
                out.append("\n".join([f"{key}:", *said]))
        for name, text in () if self.only else self.texts().items():
            if not out and (EXPECTED / name).read_text(encoding="utf-8") != text:
                out.append(f"{name}: written otherwise")
        return sorted(out)

    def asked_for(self, _file: str, rule: str, entry: Mapping[str, Any]) -> bool:
        """Whether it is of the rules alone that are looked at; a parameter may be shown by any."""
        return rule in self.only and "parameter" not in entry


def expected() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(file, rule, entry) of the files as they stand."""
    for path in sorted(EXPECTED.glob("*.yaml")):
        for rule, content in read_yaml(path).items():
            for entry in [*content.get("thresholds", []), *content.get("days", [])]:
                yield path.name, rule, entry


def keyed(entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
    """What is said of each case, by file, rule, condition and row."""
    out: dict[str, dict[str, str]] = {}
    for name, rule, entry in entries:
        words = [str(entry[key]) for key in NAMING if key in entry]
        key, number = f"{name}: {rule}: {', '.join(words)}", 2
        while key in out:
            key, number = f"{key.partition(' (')[0]} ({number})", number + 1
        out[key] = {part: scalar(value) for part, value in entry.items()}
    return out


def _file(rules: Mapping[str, list[Boundary]]) -> str:
    lines = []
    for name, boundaries in rules.items():
        lines.append(f"\n{name}:")
        lines.append(f"  title: {scalar(boundaries[0].rule.title['en'])}")
        own = [boundary.entry for boundary in boundaries if boundary.of is not None]
        if own:
            lines.append("  thresholds:")
        for entry in own:
            for place, (key, value) in enumerate(entry.items()):
                lines.append(f"  {'- ' if place == 0 else '  '}{key}: {scalar(value)}")
        days = [boundary.entry for boundary in boundaries if boundary.of is None]
        if days:
            lines.append("  days:")
        lines += [f"  - {scalar(entry)}" for entry in days]
    return "\n".join(lines).removeprefix("\n") + "\n"


def scalar(value: Any) -> str:
    """Flow style that YAML reads again as it was."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {scalar(item)}" for key, item in value.items()) + "}"
        case tuple() | list():
            return "[" + ", ".join(scalar(item) for item in value) + "]"
        case None:
            return "open"
        case bool():
            return str(value).lower()
        case Month() | date():
            return f'"{value}"'
        case int():
            return str(value)
        case Decimal():
            return format(value, "f") if value != value.to_integral_value() else str(int(value))
    text = str(value)
    plain = text.replace(" ", "").replace("_", "").isalpha() and text not in ("true", "false", "null", "on")
    return text if plain else json.dumps(text, ensure_ascii=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the files of boundaries_expected")
    parser.add_argument("--check", action="store_true", help="say what differs from them")
    arguments = parser.parse_args()
    made = Boundaries(city())
    EXPECTED.mkdir(exist_ok=True)
    found = made.differences()
    if arguments.write:
        texts = made.texts()
        for path in EXPECTED.glob("*.yaml"):
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            (EXPECTED / name).write_text(text, encoding="utf-8")
    listed = read_yaml(UNCOVERED) if UNCOVERED.exists() else {}
    unexplained = [name for name in made.uncovered if name not in listed]
    sys.stdout.write("\n".join([*found, *(f"no case decides {name}" for name in unexplained), ""]))
    sys.stdout.write(f"{len(made.all)} boundaries, {len(made.uncovered)} that no case decides\n")
    return 1 if arguments.check and (found or unexplained) else 0


if __name__ == "__main__":
    raise SystemExit(main())
