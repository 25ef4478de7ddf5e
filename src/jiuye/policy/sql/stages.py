"""Columns worked out stage by stage: what several read is printed once, as a column of an earlier stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jiuye.policy.sql.dialects import Dialect
from jiuye.policy.working_days import Count

OPEN: Any = object()  # it differs between people
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Term:
    """A piece of SQL: the columns it reads, and the first stage at which all of them are there.

    A truth is a boolean, a number a bigint times 10**scale, a date days since 1970, a month year * 12 + month
    - 1, a text itself; each null where it is unknown. always: its value when it is the same for everybody.
    plain: nothing is gained by keeping it in a column.
    """

    text: str
    stage: int = 0
    reads: frozenset[str] = NONE
    scale: int = 0
    always: Any = OPEN
    plain: bool = False

    @property
    def never(self) -> bool:
        return self.always is None


class Stages:
    """The columns that were made. Those of a stage read those of the stages before it."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.made: list[dict[str, Term]] = []
        self.remarks: dict[str, str] = {}
        self.working: Count | None = None  # the calendar, if a term reads it
        self._columns: dict[str, Term] = {}
        self._homes: dict[str, str] = {}  # columns worked out once a household, by their text
        self._folds: set[str] = set()  # columns that rest on those

    def term(self, text: str, *of: Term, scale: int = 0) -> Term:
        """A term made of others."""
        stage = max((term.stage for term in of), default=0)
        return Term(text, stage, NONE.union(*(term.reads for term in of)), scale)

    def keep(self, term: Term, remark: str = "") -> Term:
        """The term as a column, if it is more than one already."""
        if term.plain or term.always is not OPEN:
            return term
        found = self._columns.get(term.text)
        if found is None:
            while len(self.made) <= term.stage:
                self.made.append({})
            name = f"c{len(self._columns)}"
            self.made[term.stage][name] = term
            quoted = self.dialect.name_of(name)
            found = Term(quoted, term.stage + 1, frozenset([name]), term.scale, plain=True)
            self._columns[term.text] = found
        if remark:
            self.remarks.setdefault(next(iter(found.reads)), remark)
        return (
            found
            if found.scale == term.scale
            else Term(found.text, found.stage, found.reads, term.scale, plain=True)
        )

    def of_home(self, aggregate: str) -> str:
        """An aggregate over what all members of a person's household come to; for `fold`."""
        if self.dialect.by_window:
            return f"{aggregate} OVER (PARTITION BY home)"
        return self.dialect.name_of(self._homes.setdefault(aggregate, f"h{len(self._homes)}"))

    def fold(self, term: Term) -> Term:
        """The column of a term made with `of_home`."""
        kept = self.keep(term)
        self._folds |= kept.reads
        return kept

    def _gather(self, last: Iterable[Term]) -> None:
        """Puts folds into a later stage where another one stands: they are worked out together."""
        used: dict[str, int] = {}
        for number, terms in enumerate([*(made.values() for made in self.made), last]):
            for name in frozenset().union(*(term.reads for term in terms)):
                used.setdefault(name, number)
        there: set[int] = set()
        for number in range(len(self.made) - 1, -1, -1):
            for name in self._folds & set(self.made[number]):
                later = [to for to in there if number < to < used.get(name, 0)]
                to = min(later, default=number)
                self.made[to][name] = self.made[number].pop(name)
                there.add(to)

    def printed(self, source: str, own: dict[str, Term], last: dict[str, Term]) -> str:
        """WITH … SELECT: `own` the columns read from `source`, `last` those of the answer."""
        self._gather(last.values())
        needed: list[set[str]] = [set() for _ in self.made]
        wanted = set().union(*(term.reads for term in last.values())) if last else set()
        for number in range(len(self.made) - 1, -1, -1):
            made = {name: term for name, term in self.made[number].items() if name in wanted}
            needed[number] = set(wanted)
            wanted = (wanted - set(made)).union(*(term.reads for term in made.values()))
        lines = [] if self.working is None else [self._calendar(self.working)]
        lines += [self._stage("facts", {n: t for n, t in own.items() if n in wanted or n == "id"}, source)]
        before = "facts"
        for number, made in enumerate(self.made):
            kept = sorted(needed[number], key=_order)
            columns = {name: made.get(name, Term(self.dialect.name_of(name))) for name in kept}
            name = f"stage{number + 1}"
            homes = {
                column: Term(aggregate)
                for aggregate, column in self._homes.items()
                if any(self.dialect.name_of(column) in term.text for term in columns.values())
            }
            if homes:
                of = {"of_home": Term("home"), **homes}
                lines.append(f"homes{number + 1} AS (\n{self._select(of, before)}\nGROUP BY home\n)")
                before = f"{before} LEFT JOIN homes{number + 1} ON of_home = home"
            lines.append(self._stage(name, {"id": Term("id"), **columns}, before))
            before = name
        return "WITH " + ",\n".join(lines) + "\n" + self._select(last, before)

    def _calendar(self, working: Count) -> str:
        counts, days = (self.dialect.numbers(column) for column in (working.counts, working.days))
        return f"working_days AS (\nSELECT {counts} AS counts, {days} AS days\n)"

    def _stage(self, name: str, columns: dict[str, Term], source: str) -> str:
        return f"{name} AS (\n{self._select(columns, source)}{self.dialect.fence}\n)"

    def _select(self, columns: dict[str, Term], source: str) -> str:
        return "SELECT\n" + ",\n".join(self._column(n, t) for n, t in columns.items()) + f"\nFROM {source}"

    def _column(self, name: str, term: Term) -> str:
        quoted = self.dialect.name_of(name)
        if term.text == quoted:
            return f"  {quoted}"
        remark = self.remarks.get(name)
        head = f"  -- {remark}\n" if remark else ""
        return f"{head}  {term.text} AS {quoted}"


def _order(name: str) -> tuple[str, int]:
    return name[0], int(name[1:]) if name[1:].isdigit() else 0
