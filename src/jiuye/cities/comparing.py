"""Another law over the whole city: the one function behind `jiuye law diff`, the pages and the sandbox.

    found = compare(before, after, source, groups)     # or on=…, rules=[…], progress=…
    found.to_json()                                     # what is stored and shown; nobody's key in it
    found.listed()                                      # who, key masked

Knows no database: `source` reads the people (registers: jiuye.desk.whole_city; files: cities.people_files).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from jiuye.cities import changes, effects
from jiuye.cities.answers import Answer, Progress, answers, facts_behind, quietly
from jiuye.cities.changes import Change
from jiuye.cities.effects import Effect, people_or_employers
from jiuye.cities.groups import Groups
from jiuye.cities.people import People, Rows, Source
from jiuye.policy import Law, NotColumnar
from jiuye.policy.parts import OF_EMPLOYER, PERSON


@dataclass
class Comparison:
    """`effects`: of the rules that make a difference for somebody. `asked`: every rule that was asked of all.
    `not_compared`: rule -> why it couldn't be asked of everybody.
    """

    laws: tuple[Law, Law]
    on: date
    changes: list[Change]
    people: People
    asked: list[str]
    effects: list[Effect] = field(default_factory=list)
    not_compared: dict[str, str] = field(default_factory=dict)
    groups: Groups = field(default_factory=Groups)

    def rows(self, entity: str) -> Rows:
        return rows_of(self.people, entity)

    def affected(self, entity: str) -> int:
        """How many persons, or employers, at least one rule treats otherwise."""
        mine = [one.rows[kind] for one in self.effects if one.entity == entity for kind in one.rows]
        return len(np.unique(np.concatenate(mine))) if mine else 0

    def listed(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Everybody whom a rule treats otherwise."""
        for one in self.effects:
            if one.same_for_all is None:
                yield from effects.listed(one, self.rows(one.entity), most)

    def examples(self, most: int) -> list[dict[str, Any]]:
        """Some of each kind, explained."""
        return [
            row
            for one in self.effects
            for row in effects.explained(self.laws, one, self.on, self.rows(one.entity), most)
        ]

    def to_json(self) -> dict[str, Any]:
        """Counts and sums, no single person."""
        return {
            "a": self.laws[0].version,
            "b": self.laws[1].version,
            "on": self.on.isoformat(),
            "changes": [change.to_json() for change in self.changes],
            "people": len(self.people),
            "employers": len(self.people.employers) if self.people.employers is not None else 0,
            "affected": {entity: self.affected(entity) for entity in (PERSON, OF_EMPLOYER)},
            "supposed": self.people.supposed,
            "asked": self.asked,
            "effects": [one.to_json() for one in self.effects],
            "not_compared": self.not_compared,
            "labels": self._labels(),
        }

    def _labels(self) -> dict[str, Any]:
        """Words of the groups that occur."""
        out: dict[str, Any] = {}
        for entity in (PERSON, OF_EMPLOYER):
            for grouping in self.groups.of(entity):
                keys = {
                    key
                    for one in self.effects
                    if one.entity == entity
                    for key in one.groups.get(grouping.code, ())
                }
                words = {
                    key: dict(grouping.label(self.laws[0], key, self.groups.districts))
                    for key in sorted(keys)
                }
                if words:
                    out.setdefault(entity, {})[grouping.code] = {
                        "title": dict(grouping.title), "words": words,
                    }  # fmt: skip
        return out


def rows_of(people: People, entity: str) -> Rows:
    """The people themselves, or their employers."""
    if entity != OF_EMPLOYER:
        return people
    return people.employers if people.employers is not None else Rows([], {})


def compare(
    a: Law,
    b: Law,
    source: Source,
    groups: Groups,
    on: date,
    rules: Sequence[str] | None = None,
    progress: Progress = quietly,
) -> Comparison:
    """Ask both laws of everybody, on that day. `rules`: only these, otherwise all that a change touches.

    Raises what the source raises.
    """
    found = changes.changes(a, b)
    touched = changes.affected(a, b, found)
    asked = [name for name in touched if rules is None or name in rules]
    people = read((a, b), asked, source, groups, [on])
    out = Comparison((a, b), on, found, people, asked, groups=groups)
    for entity in (PERSON, OF_EMPLOYER):
        rows = rows_of(people, entity)
        names = [name for name in asked if people_or_employers((a, b), name) == entity]
        if not names or not len(rows):
            continue
        both: list[Mapping[str, Answer]] = []
        for side, law in zip("ab", (a, b), strict=True):
            got, failed = answers(law, names, on, rows, _side(progress, side))
            both.append(got)
            out.not_compared |= failed
        for name in names:
            if name in out.not_compared:
                continue
            of = next(law.rules[name][-1].type for law in (b, a) if name in law.rules)
            sides = [
                got[name] if name in law.rules else Answer.nobody(len(rows), of)
                for law, got in zip((a, b), both, strict=True)
            ]
            pair = sides[0], sides[1]
            if looks_at_nobody((a, b), name, [on]):
                same = effects.for_all((a, b), name, pair)
                out.effects += [same] if same is not None else []
            elif (one := effects.effect((a, b), name, pair, rows)).anybody:
                out.effects.append(one)
    return out


def _side(progress: Progress, side: str) -> Progress:
    return lambda step, done, total: progress(f"{step} {side}", done, total)


def read(
    laws: tuple[Law, Law], rules: Sequence[str], source: Source, groups: Groups, days: Sequence[date]
) -> People:
    """Everybody as of the first of these days, with what rules read on any of them and what groups people."""
    own, theirs = groups.facts(PERSON), groups.facts(OF_EMPLOYER)
    for law in laws:
        for name in rules:
            more, of_firms = _needed(law, name, days) if name in law.rules else (frozenset(), frozenset())
            own, theirs = own | more, theirs | of_firms
    known = {name: law.facts[name] for law in laws for name in law.facts}
    people = source.read(
        days[0],
        frozenset(name for name in own if name in known and known[name].entity != OF_EMPLOYER),
        frozenset(name for name in theirs if name in known and known[name].entity == OF_EMPLOYER),
    )
    groups.fill(people, PERSON, laws[0], days[0])
    if people.employers is not None:
        groups.fill(people.employers, OF_EMPLOYER, laws[0], days[0])
    return people


def looks_at_nobody(laws: tuple[Law, Law], name: str, days: Sequence[date]) -> bool:
    """Whether neither law asks for a fact: its answer is a number of the law, the same for all."""
    return not any(any(_needed(law, name, days)) for law in laws if name in law.rules)


def _needed(law: Law, name: str, days: Sequence[date]) -> tuple[frozenset[str], frozenset[str]]:
    """Facts of persons and of employers: of what can be folded only those that are left on those days."""
    own: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()
    for on in days:
        try:
            program = law.columns([name], on)
        except NotColumnar:
            return facts_behind(law, [name])
        own, theirs = own | program.facts, theirs | program.employer_facts
    return (theirs, own) if law.entity_of(name) == OF_EMPLOYER else (own, theirs)
