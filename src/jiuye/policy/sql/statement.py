"""Rules prepared as one SELECT over a relation of people at one date."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jiuye.policy.errors import NotColumnar
from jiuye.policy.folding import EMPLOYER
from jiuye.policy.known import FIRST_MONTH, LAST_MONTH
from jiuye.policy.law import Law
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.policy.sql.compiler import Compiler
from jiuye.policy.sql.dialects import DIALECTS
from jiuye.policy.sql.stages import Term
from jiuye.policy.values import Type

NO_DAY = Term("CAST(NULL AS DATE)")


@dataclass(frozen=True)
class Tables:
    """Where facts lie. One row of `people` is a person, one of `employers` an employer; both have `id`.

    Facts are columns of their own names: boolean; bigint; decimal with at most two places; date; a month as a
    date that lies in it; texts; lists as arrays of texts. household, employer: columns of `people`, None when
    there is none. facts: the columns there are (None: all that are read); others are unknown for everybody.
    """

    people: str = "people"
    employers: str | None = "employers"
    id: str = "id"
    household: str | None = "household"
    employer: str | None = "employer"
    facts: Collection[str] | None = None


class Statement:
    """text: the SELECT. Its columns are `id` and for each rule `<rule>_state` (0, 1, 2) and, if it has a
    value, `<rule>_value` (a month as the date of its first day; null outside the years 1 to 9999).

    facts, employer_facts: the columns it reads. settings: what the engine should be set to. Engines raise
    when a number leaves 64 bits. Raises NotColumnar when a rule can't be asked this way.
    """

    def __init__(
        self, law: Law, rules: Sequence[str], on: date, dialect: str, tables: Tables | None = None
    ) -> None:
        self.law, self.on, self.rules = law, on, list(rules)
        self.dialect, self.tables = DIALECTS[dialect], tables or Tables()
        self.settings: Mapping[str, str] = self.dialect.settings
        self._compiler = Compiler(law, on, self.dialect, self.tables.household is not None)
        entities = {law.rules[name][-1].entity for name in rules}
        self._of_employers = entities == {OF_EMPLOYER}
        answers: dict[str, Term] = {}
        for name in rules:
            answers |= self._answer(name)
        for name in answers:
            if len(name.encode()) > self.dialect.longest_name:
                raise NotColumnar(f"{name}: too long for a column of {dialect}")
        read, days = self._compiler.facts, self._compiler.days
        self.facts = frozenset(name for whose, name in {*read, *days} if not whose)
        self.employer_facts = frozenset(name for whose, name in {*read, *days} if whose)
        own = {"id": Term(f"p.{self.dialect.name_of(self.tables.id)}")}
        if self.tables.household is not None:
            own["home"] = Term(f"p.{self.dialect.name_of(self.tables.household)}")
        for (whose, name), term in read.items():
            own[next(iter(term.reads))] = self._column(whose, name)
        for (whose, name), term in days.items():
            there = self._there(whose, name)
            own[next(iter(term.reads))] = self._compiler.plain(whose, name) if there else NO_DAY
        last = {"id": Term(self.dialect.name_of("id")), **answers}
        self.text = self._compiler.made.printed(self._from(), own, last)

    def _column(self, whose: str, name: str) -> Term:
        there = self._there(whose, name)
        return self._compiler.source(whose, name) if there else self._compiler.missing(name)

    def _there(self, whose: str, name: str) -> bool:
        held = self.tables.facts is None or name in self.tables.facts
        return held and (not whose or self._joined)

    @property
    def _joined(self) -> bool:
        return self.tables.employers is not None and self.tables.employer is not None

    def _from(self) -> str:
        people = f"{self.tables.people} p"
        if not self.employer_facts or not self._joined:
            return people
        key, of = self.dialect.name_of(self.tables.id), self.dialect.name_of(self.tables.employer or "")
        return f"{people} LEFT JOIN {self.tables.employers} e ON e.{key} = p.{of}"

    def _answer(self, name: str) -> dict[str, Term]:
        """State and value of one rule."""
        compiler, made = self._compiler, self._compiler.made
        of = self.law.rules[name][0].type
        theirs = self.law.rules[name][-1].entity == OF_EMPLOYER and not self._of_employers
        compiler.whose = EMPLOYER if theirs else ""
        try:
            value = compiler.by_name(name, of)
            rule = compiler.rule_at(name)
            guard = compiler.truth(rule.given.body) if rule and rule.given else None
        finally:
            compiler.whose = ""
        state = f"{name}_state"
        if rule is None:
            return {state: self._state("1")}
        if rule.condition is not None:
            return {
                state: self._state(
                    f"CASE WHEN {value.text} THEN 2 WHEN NOT {value.text} THEN 0 ELSE 1 END", value
                )
            }
        known = f"WHEN {value.text} IS NULL THEN 1 ELSE 2 END"
        if guard is None:
            return {state: self._state(f"CASE {known}", value), f"{name}_value": self._natural(value, of)}
        guard = made.keep(guard)
        text = f"CASE WHEN NOT {guard.text} THEN 0 {known}"
        return {state: self._state(text, value, guard), f"{name}_value": self._natural(value, of)}

    def _state(self, text: str, *of: Term) -> Term:
        return self._compiler.made.term(f"CAST({text} AS SMALLINT)", *of)

    def _natural(self, value: Term, of: Type) -> Term:
        """A value in the type that its kind has outside."""
        made, dialect = self._compiler.made, self.dialect
        match of.kind:
            case "date":
                return made.term(dialect.day(value.text), value)
            case "month":
                month = made.within(value, FIRST_MONTH, LAST_MONTH)
                return made.term(dialect.first_of(month.text), month)
        if of.kind == "number" and value.scale:
            unit = f"0.{'0' * (value.scale - 1)}1"
            places = f"DECIMAL({value.scale + 1}, {value.scale})"
            return made.term(f"(CAST({value.text} AS DECIMAL(19, 0)) * CAST({unit} AS {places}))", value)
        return value
