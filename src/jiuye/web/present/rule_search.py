"""The index of the rule book: topics, what stands how, and finding a rule by whatever one knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiuye.cities.book import Book, Stands, reads
from jiuye.desk import menu_data
from jiuye.policy.parts import ConditionText
from jiuye.web import words
from jiuye.web.present.rules import Reading, short, standing, stands_words

Data = dict[str, Any]
MOST = 60  # parameters listed below what was found
_books: dict[tuple[str, str], tuple[dict[str, Entry], dict[str, Entry]]] = {}
_KEPT = 12  # versions and languages


@dataclass(frozen=True)
class Entry:
    """What can be searched of one rule or parameter. title: its names; clause: documents; words: the rest."""

    title: str
    clause: str
    words: str


@dataclass(frozen=True)
class Query:
    """What is looked for on the index; `only`: a value of Stands, doubtful, or all."""

    words: str = ""
    only: str = "all"

    @property
    def terms(self) -> list[str]:
        return self.words.casefold().split()


def index(reading: Reading, query: Query) -> Data:
    """Context of rules/index.html."""
    book, on = reading.book, reading.on
    stands = {name: book.stands(name, on) for name in book.law.rules}
    doubtful = {name for name in book.law.rules if book.recalled(name, on) or book.open(name, on)}
    found, near = _search(book, query)
    shown = [name for name in found if _fits(name, query.only, stands, doubtful)]
    parameters = _parameters(reading, query)
    rows = {name: _row(reading, name, stands[name], name in doubtful) for name in shown}
    among = {name: stands[name] for name in found}
    return {
        "topics": list(_topics(book, shown, rows)) if not query.terms else [],
        "hits": [rows[name] for name in shown] if query.terms else [],
        "near": near,
        "count": len(shown),
        "parameters": parameters[:MOST],
        "more_parameters": max(len(parameters) - MOST, 0),
        "filters": list(_filters(query, among, doubtful)),
        "since": since(reading) if on != reading.today else None,
    }


def since(reading: Reading) -> Data:
    """What stands otherwise on that day than today."""
    book, law = reading.book, reading.book.law
    early, late = sorted((reading.today, reading.on))
    there = {day: {name for name in law.rules if book.version(name, day)} for day in (early, late)}
    ended = [
        name for name in law.rules if name in there[early] - there[late] and not law.rules[name][0].stop_of
    ]
    begun = [
        name for name in law.rules if name in there[late] - there[early] and not law.rules[name][0].stop_of
    ]
    return {
        "ended": [reading.link(name) for name in ended],
        "begun": [reading.link(name) for name in begun],
        "early": words.day(early),
        "late": words.day(late),
    }


def _topics(book: Book, shown: list[str], rows: dict[str, Data]) -> Iterator[Data]:
    """Topics with their files and rules, as far as something of them is shown."""
    wanted = set(shown)
    for topic in book.topics:
        files = []
        for file, said in topic.files.items():
            names = [name for name in book.files[file] if name in wanted]
            if names:
                files.append({"title": words.pick(said), "rules": [rows[name] for name in names]})
        if files:
            yield {
                "code": topic.code,
                "title": words.pick(topic.words),
                "files": files,
                "count": sum(len(file["rules"]) for file in files),
            }


def _row(reading: Reading, name: str, stands: Stands, doubtful: bool) -> Data:
    rule = reading.book.shown(name, reading.on)
    return {
        **reading.link(name),
        "basis": words.said(rule.basis),
        "stands": standing(stands, reading.book.law.rules[name], reading.on)
        if stands is not Stands.NOW
        else None,
        "doubtful": doubtful,
    }


def _filters(query: Query, stands: dict[str, Stands], doubtful: set[str]) -> Iterator[Data]:
    for code, said in stands_words().items():
        count = sum(_fits(name, code, stands, doubtful) for name in stands)
        if count or code == query.only:
            yield {"code": code, "word": said, "count": count, "current": code == query.only}


def _fits(name: str, only: str, stands: dict[str, Stands], doubtful: set[str]) -> bool:
    if only == "doubtful":
        return name in doubtful
    if only == Stands.NOW:
        return stands[name] in (Stands.NOW, Stands.ENDING)
    return only == "all" or stands[name] == only


# -- finding -----------------------------------------------------------------------------------------------


def _search(book: Book, query: Query) -> tuple[list[str], bool]:
    """Rules that hold every word, those first whose name does; else those whose title has the signs in order.

    The second says that only near ones were found.
    """
    entries = _entries(book)[0]
    if not query.terms:
        return list(entries), False
    ranks = {name: rank for name, entry in entries.items() if (rank := _rank(entry, query.terms)) is not None}
    near = not ranks
    if near:
        wanted = "".join(query.terms)
        found = ((name, _in_order(wanted, entry.title)) for name, entry in entries.items())
        ranks = {name: rank for name, rank in found if rank is not None}
    benefits = {entry.rule for entry in menu_data.current().entries}
    return sorted(ranks, key=lambda name: (ranks[name], name not in benefits)), near


def _rank(entry: Entry, terms: list[str]) -> int | None:
    """0 to 2 a word: in the name, in a clause, elsewhere. None when one is missing."""
    total = 0
    for term in terms:
        place = next(
            (n for n, text in enumerate((entry.title, entry.clause, entry.words)) if _holds(text, term)), None
        )
        if place is None:
            return None
        total += place
    return total


def _holds(text: str, term: str) -> bool:
    """The word itself, or an English one without its plural."""
    return term in text or (len(term) > 3 and term.endswith("s") and term[:-1] in text)


def _in_order(wanted: str, title: str) -> int | None:
    """Every sign, in this order: 失业金 for 失业保险金. The earlier the last one, the nearer."""
    if len(wanted) < 2:
        return None
    place, first = -1, title.split("\n")[0]
    for sign in wanted:
        place = first.find(sign, place + 1)
        if place < 0:
            return None
    return place


def _parameters(reading: Reading, query: Query) -> list[Data]:
    if not query.terms:
        return []
    book, law = reading.book, reading.book.law
    ranked = [
        (rank, name)
        for name, entry in _entries(book)[1].items()
        if (rank := _rank(entry, query.terms)) is not None
    ]
    found = []
    for _rank_of, name in sorted(ranked, key=lambda pair: pair[0]):
        value = law.parameter(name, reading.on)
        found.append(
            {
                **reading.link(name),
                "value": short(book, law.parameters[name], value) if value else _("这一天没有数值"),
                "recalled": value is not None and value.status == "recalled",
            }
        )
    return found


def _entries(book: Book) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Of rules and of parameters, in the reader's script; made once for each version of the law."""
    key = book.law.version, str(get_language())
    found = _books.get(key)
    if found is None:
        if len(_books) >= _KEPT:
            _books.pop(next(iter(_books)))
        found = _books[key] = (
            {name: _entry(book, name) for name in book.law.rules},
            {name: _of_parameter(book, name) for name in book.law.parameters},
        )
    return found


def _entry(book: Book, name: str) -> Entry:
    versions = book.law.rules[name]
    topic, file = book.topic_of(name)
    titles = [*_both(versions[-1].title), name]
    clauses = [rule.basis for rule in versions] + [rule.id for rule in versions]
    more: list[str] = [*_both(topic.files[file]), *_both(topic.words)]
    for entry in menu_data.current().entries:
        if entry.rule == name:
            titles += _both(entry.title)
        if name in entry.rules:
            more += [*_both(entry.title), *_both(entry.plain)]
    for rule in versions:
        more += [*_both(rule.title), rule.note, *_both(rule.prefer)]
        for part in (rule.condition, rule.goes_on):
            for condition in _conditions(part):
                more += _both(condition.label)
                clauses.append(condition.basis)
        more += [word for other in reads(rule) for word in (other, *_label(book, other))]
    return Entry(_text(titles), _text(clauses), _text(more))


def _of_parameter(book: Book, name: str) -> Entry:
    of = book.law.parameters[name]
    sources = [key for value in of.values for key in value.source.split(";")]
    more = [of.note, *(value.note for value in of.values), *sources]
    more += [source.text for key in sources if (source := book.source(key)) is not None]
    return Entry(_text([*_both(of.label), name]), _text([of.basis]), _text(more))


def _label(book: Book, name: str) -> list[str]:
    law = book.law
    if name in law.facts:
        return _both(law.facts[name].label)
    if name in law.parameters:
        return _both(law.parameters[name].label)
    return _both(law.rules[name][-1].title) if name in law.rules else []


def _conditions(text: ConditionText | None) -> Iterator[ConditionText]:
    if text is not None:
        yield text
        for part in text.parts:
            yield from _conditions(part)


def _both(text: Any) -> list[str]:
    """Chinese, English, and the Chinese in the reader's script."""
    found = [str(text.get(key) or "") for key in ("zh", "en")] if text else []
    return [*found, words.said(found[0])] if found else []


def _text(parts: list[str]) -> str:
    return "\n".join(dict.fromkeys(part.casefold() for part in parts if part))


def near(reading: Reading, name: str) -> list[Data]:
    """Rules and parameters that share most words with a name nobody knows."""
    law, parts = reading.book.law, set(name.casefold().replace("-", "_").split("_"))
    scored = sorted(
        ((len(parts.intersection(other.split("_"))), other) for other in (*law.rules, *law.parameters)),
        key=lambda pair: (-pair[0], len(pair[1])),
    )
    return [reading.link(other) for score, other in scored[:6] if score]


def days(text: str) -> date | None:
    """A day of the calendar that laws are made in; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1949 <= found.year <= 2100 else None
