"""feeds.yaml of a city: which facts registers of other authorities supply, and what their silence means.

    feeds:      CODE: {label: {zh, en}, facts: {FACT: {}, FACT: {silence: VALUE}}}
    otherwise:  FACT: why no register feeds it (the case itself supplies it, nobody keeps such a register, …)

A fact of a feed that has delivered nothing about somebody is unknown; once the feed has delivered at all, a
`silence` is the answer. Every fact whose supplier is a register is fed by `definitions`, `employers`, a feed,
or says here why not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jiuye import cities
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml


class FeedError(ValueError):
    """feeds.yaml can't be used; the message says why."""


class Nothing:
    """No answer at all, which is something else than any value."""


NOTHING: Final = Nothing()


@dataclass(frozen=True)
class Feed:
    """`silence`: fact -> what is so where the register says nothing; NOTHING: that stays unknown."""

    code: str
    label: Mapping[str, str]
    silence: Mapping[str, Any]


@dataclass(frozen=True)
class Feeds:
    feeds: Mapping[str, Feed]
    otherwise: Mapping[str, str]

    def of(self, fact: str) -> Feed | None:
        """The feed that supplies it."""
        return next((feed for feed in self.feeds.values() if fact in feed.silence), None)


@cache
def current(city: str) -> Feeds:
    """Those of a city; a city without feeds.yaml has none."""
    path = cities.folder(city) / "feeds.yaml"
    if not path.is_file():
        return Feeds({}, {})
    found = read(read_yaml(path))
    if problems := list(_problems(found, cities.law(city))):
        raise FeedError("feeds.yaml: " + "; ".join(problems))
    return found


def read(node: Mapping[str, Any]) -> Feeds:
    """From its text."""
    feeds = {
        code: Feed(
            code,
            dict(entry["label"]),
            {fact: (more or {}).get("silence", NOTHING) for fact, more in entry["facts"].items()},
        )
        for code, entry in node["feeds"].items()
    }
    return Feeds(feeds, dict(node["otherwise"] or {}))


def _problems(feeds: Feeds, law: Law) -> Iterator[str]:
    seen: set[str] = set()
    for feed in feeds.feeds.values():
        if set(feed.label) != {"zh", "en"}:
            yield f"{feed.code}: label in zh and en expected"
        for name, silence in feed.silence.items():
            if name not in law.facts:
                yield f"{feed.code}: no fact {name}"
            elif not isinstance(silence, Nothing) and not _fits(law, name, silence):
                yield f"{feed.code}: {silence!r} is no value of {name}"
            if name in seen:
                yield f"{name}: in two feeds"
            seen.add(name)
    for name in feeds.otherwise:
        if name not in law.facts:
            yield f"otherwise: no fact {name}"
        if name in seen:
            yield f"{name}: fed, and not fed"


def _fits(law: Law, name: str, silence: Any) -> bool:
    fact = law.facts[name]
    match fact.type.kind:
        case "bool":
            return isinstance(silence, bool)
        case "number":
            return isinstance(silence, int) and not isinstance(silence, bool)
        case "text":
            return silence in law.codes.get(fact.codes or "", ())
    return False
