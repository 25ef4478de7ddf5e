"""A law as a book to leaf through: topics, who reads whom, what stands on a day and what is doubtful.

Knows the law and the city's files, no language and no page. One book is made for each version of a law.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from jiuye.policy import Law, Rule
from jiuye.policy.language import Expression
from jiuye.policy.lines import read_yaml
from jiuye.policy.parts import Parameter, ParameterValue
from jiuye.policy.values import Type, plain

SOON = 90  # days: what ends within them is said to end soon
DAY = timedelta(days=1)
_WHERE = frozenset({"where", "type", "base", "choices"})  # where a text stands isn't part of it
_NUMBER = re.compile(r"[\u4e00-\u9fff]*〔\d{4}〕\d+号")  # of a document: 沪人社规〔2026〕18号
_NAMED = re.compile(r"[\u4e00-\u9fff]{2,}?(?:法|条例|规定)")  # of a law: 社会保险法, 失业保险条例


class Stands(StrEnum):
    """How something dated stands on a day."""

    NOW = "now"
    ENDING = "ending"  # within SOON days, with nothing to follow
    ENDED = "ended"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Topic:
    """`files`: stem of a file of rules -> its words."""

    code: str
    words: Mapping[str, str]
    files: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Source:
    """What parameters name by key. `seen`: how much of it was read."""

    key: str
    text: str
    seen: str


class Book:
    """`readers`: who reads a fact, parameter or rule, in the order of the law; `files`: their rules."""

    def __init__(self, law: Law, folder: Path) -> None:
        self.law = law
        self.topics = _topics(folder, law)
        self.sources = _sources(folder)
        self.keys: Mapping[str, Mapping[str, str]] = _yaml(folder / "keys.yaml", {})  # parts of tables
        self.codes = _codes(law)
        self.files: dict[str, list[str]] = {}
        readers: dict[str, dict[str, None]] = {}
        for name, versions in law.rules.items():
            self.files.setdefault(file_of(versions[0]), []).append(name)
            for rule in versions:
                for read in reads(rule):
                    if read != name:
                        readers.setdefault(read, {})[name] = None
        self.readers = {name: tuple(found) for name, found in readers.items()}
        self._doubts: dict[date, dict[str, frozenset[str]]] = {}

    # -- on a day ------------------------------------------------------------------------------------------

    def stands(self, name: str, on: date) -> Stands:
        """A rule or parameter."""
        if name in self.law.parameters:
            return stands(self.law.parameters[name].values, on)
        return stands(self.law.rules[name], on)

    def version(self, name: str, on: date) -> Rule | None:
        """The version of a rule in force, for those who have no older one that goes on."""
        return next((rule for rule in self.law.rules[name] if rule.in_force(on)), None)

    def shown(self, name: str, on: date) -> Rule:
        """What a page of that day shows: the version in force, else the last one before, else the first."""
        versions = self.law.rules[name]
        past = [rule for rule in versions if rule.first <= on]
        return self.version(name, on) or (past[-1] if past else versions[0])

    def recalled(self, name: str, on: date) -> frozenset[str]:
        """Unverified parameters that a rule rests on that day, directly or through other rules."""
        return self._all_doubts(on)[name]

    def open(self, name: str, on: date) -> bool:
        """Whether the text itself leaves something open."""
        rule = self.version(name, on)
        return rule is not None and any("unknown" in item.names for item in rule.expressions())

    def _all_doubts(self, on: date) -> dict[str, frozenset[str]]:
        found = self._doubts.get(on)
        if found is None:
            if len(self._doubts) > 20:  # days somebody looked at; made anew in some milliseconds
                self._doubts.clear()
            found = self._doubts[on] = self._reckon_doubts(on)
        return found

    def _reckon_doubts(self, on: date) -> dict[str, frozenset[str]]:
        unsure = {
            name
            for name, parameter in self.law.parameters.items()
            if (value := parameter.at(on)) is not None and value.status == "recalled"
        }
        found: dict[str, frozenset[str]] = {}

        def of(name: str) -> frozenset[str]:
            if name not in found:
                found[name] = frozenset()  # a law has no cycles; households may come back to a rule
                rule = self.version(name, on)
                read = reads(rule) if rule is not None else ()
                found[name] = frozenset(unsure.intersection(read)).union(
                    *(of(other) for other in read if other in self.law.rules)
                )
            return found[name]

        for name in self.law.rules:
            of(name)
        return found

    # -- names ---------------------------------------------------------------------------------------------

    def topic_of(self, name: str) -> tuple[Topic, str]:
        """Topic and file of a rule."""
        file = file_of(self.law.rules[name][0])
        return next(topic for topic in self.topics if file in topic.files), file

    def source(self, key: str) -> Source | None:
        return self.sources.get(key)

    def sources_of(self, basis: str) -> list[Source]:
        """Sources that hold the documents a clause names: by number, or by the name of the law."""
        numbers = _NUMBER.findall(basis)
        names = [name for name in _NAMED.findall(_NUMBER.sub("", basis)) if len(name) > 2]
        return [
            source
            for source in self.sources.values()
            if any(number in source.text for number in numbers) or any(name in source.text for name in names)
        ]


def stands(dated: Sequence[Rule] | Sequence[ParameterValue], on: date) -> Stands:
    now = next((item for item in dated if item.in_force(on)), None)
    if now is None:
        return Stands.ENDED if any(item.first <= on for item in dated) else Stands.AHEAD
    if now.last is None or now.last > on + timedelta(days=SOON):
        return Stands.NOW
    return Stands.NOW if any(item.in_force(now.last + DAY) for item in dated) else Stands.ENDING


def ended_on(dated: Sequence[Rule] | Sequence[ParameterValue], on: date) -> date | None:
    """Its last day, of what has ended or will end with nothing to follow soon."""
    past = [item.last for item in dated if item.last is not None and item.last < on]
    return max(past) if past else None


def file_of(rule: Rule) -> str:
    """The stem of its file."""
    return Path(rule.where.split(":")[0]).stem


def reads(rule: Rule) -> tuple[str, ...]:
    """Facts, parameters and rules it looks at, whoever they are about."""
    return tuple(dict.fromkeys(name for item in rule.expressions() for name in item.reads))


def fingerprint(item: Rule | Parameter) -> str:
    """A hash of its text: the same as long as nothing about it is said otherwise, wherever it stands."""
    text = "\n".join(f"{where}={value}" for where, value in _said("", item))
    return sha256(text.encode()).hexdigest()


def _said(path: str, item: Any) -> Iterator[tuple[str, str]]:
    if isinstance(item, Expression):
        yield path, item.text
    elif isinstance(item, Type):
        yield path, str(item)
    elif is_dataclass(item) and not isinstance(item, type):
        for one in fields(item):
            if one.name not in _WHERE:
                yield from _said(f"{path}.{one.name}", getattr(item, one.name))
    elif isinstance(item, Mapping):
        for key, value in item.items():
            yield from _said(f"{path}.{key}", value)
    elif isinstance(item, tuple):
        for number, one in enumerate(item):
            yield from _said(f"{path}.{number}", one)
    elif item not in (None, ""):
        yield path, str(plain(item))


def _yaml(path: Path, otherwise: Any) -> Any:
    return read_yaml(path) if path.is_file() else otherwise


def _codes(law: Law) -> dict[str, str]:
    """Parameters that are lists or tables -> the code table of the facts they are asked about."""
    found: dict[str, str] = {}
    for versions in law.rules.values():
        for node in (
            node for rule in versions for item in rule.expressions() for node in ast.walk(item.body)
        ):
            match node:
                case ast.Subscript(value=ast.Name(id=name), slice=other):
                    pass
                case ast.Compare(left=other, ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name)]):
                    pass
                case ast.Call(func=ast.Name(id="overlaps"), args=[other, ast.Name(id=name)]):
                    pass
                case _:
                    continue
            of = getattr(other, "t", None)
            if name in law.parameters and of is not None and of.codes:
                found.setdefault(name, of.codes)
    return found


def _topics(folder: Path, law: Law) -> tuple[Topic, ...]:
    """topics.yaml; files it doesn't name stand at the end, so that no rule is ever missing."""
    rows = _yaml(folder / "topics.yaml", [])
    present = {file_of(versions[0]): versions[0].title for versions in law.rules.values()}
    found = [
        Topic(row["topic"], {"zh": row["zh"], "en": row["en"]},
              {file: words for file, words in row["files"].items() if file in present})
        for row in rows
    ]  # fmt: skip
    listed = {file for topic in found for file in topic.files}
    rest = {file: title for file, title in present.items() if file not in listed}
    if rest:
        found.append(Topic("more", {"zh": "其他", "en": "More"}, rest))
    return tuple(topic for topic in found if topic.files)


def _sources(folder: Path) -> dict[str, Source]:
    rows = _yaml(folder / "sources.yaml", {})
    return {str(key): Source(str(key), str(row["text"]), str(row["seen"])) for key, row in rows.items()}


_books: dict[tuple[str, Path], Book] = {}
_KEPT = 6  # versions of a law


def book(law: Law, folder: Path) -> Book:
    """The book of a law, made once for each version."""
    key = law.version, folder
    found = _books.get(key)
    if found is None:
        if len(_books) >= _KEPT:
            _books.pop(next(iter(_books)))
        found = _books[key] = Book(law, folder)
    return found
