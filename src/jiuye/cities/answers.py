"""Rules put to everybody: with the column reader, and one case at a time where that can't be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np

from jiuye.cities.people import People, Rows
from jiuye.policy import FactError, Law, NotColumnar, Rule, State
from jiuye.policy.columns import ColumnError, Program
from jiuye.policy.columns.layout import NULL_NUMBER, Array, ColumnResult, encode, scaled
from jiuye.policy.parts import OF_EMPLOYER, ConditionText
from jiuye.policy.values import BOOL, Month, Type, Value

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
TOGETHER: Final = 24  # rules asked of everybody at a time
_GUARD: Final = "_guard"


def quietly(step: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass
class Answer:
    """One rule for everybody. A schedule counts as met when its first amount is known, as for a grant; its
    value is the sum of the months whose amount is known, by month in `months`: (how many people, sum).
    `open_months`: months of people who are met, whose amount nobody knows yet.
    """

    result: ColumnResult
    months: dict[Month, tuple[int, Decimal]] = field(default_factory=dict)
    open_months: int = 0

    @property
    def state(self) -> Array:
        return self.result.state

    @property
    def kind(self) -> str:
        return self.result.type.kind

    @property
    def met(self) -> Array:
        found: Array = self.result.state == State.MET
        return found

    def total(self) -> Decimal:
        """The sum of the numbers of those who have one."""
        value = self.result.value
        if value is None or self.kind != "number":
            return Decimal(0)
        held = value[self.met & (value != NULL_NUMBER)]
        return Decimal(sum(int(part) for part in _sums(held))).scaleb(-self.result.scale)

    @staticmethod
    def nobody(size: int, of: Type = BOOL) -> Answer:
        """Of a rule that isn't there: nobody meets it."""
        value = None if of.kind == "bool" else np.full(size, NULL_NUMBER)
        return Answer(ColumnResult(np.zeros(size, np.uint8), value, 0, (), number_of(of)))


def _sums(values: Array) -> Iterable[Any]:
    """Of pieces so small that int64 holds their sum."""
    return (
        piece.astype(object).sum() if len(piece) and abs(piece).max() > 1 << 40 else piece.sum()
        for piece in np.array_split(values, max(1, len(values) >> 20))
    )


def number_of(of: Type) -> Type:
    """A schedule answers with a number."""
    return Type("number", of.unit, exact=False) if of.kind == "schedule" else of


def facts_behind(law: Law, rules: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Facts of persons, and of employers, that any version of these rules may look at."""
    todo, seen = list(rules), set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            for rule in law.rules.get(name, ()):
                for expression in rule.expressions():
                    todo += expression.reads
    facts = [law.facts[name] for name in seen if name in law.facts]
    return (
        frozenset(one.name for one in facts if one.entity != OF_EMPLOYER),
        frozenset(one.name for one in facts if one.entity == OF_EMPLOYER),
    )


def answers(
    law: Law, rules: Sequence[str], on: date, rows: Rows, progress: Progress = quietly
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Every rule for every row; of those that couldn't be asked why. All are about people, or all about
    employers. A rule that isn't in force is met by nobody.
    """
    found: dict[str, Answer] = {}
    asked = []
    for name in rules:
        if name in law.rules and law.rule_at(name, on) is not None:
            asked.append(name)
        else:
            versions = law.rules.get(name)
            found[name] = Answer.nobody(len(rows), versions[-1].type if versions else BOOL)
    alone: list[str] = []
    for start in range(0, len(asked), TOGETHER):
        some = asked[start : start + TOGETHER]
        got = _columns(law, some, on, rows)
        if got is None:  # one of them can't be asked so: which?
            for name in some:
                one = _columns(law, [name], on, rows)
                if one is None:
                    alone.append(name)
                else:
                    found |= one
        else:
            found |= got
        progress("columns", start + len(some), len(asked))
    more, failed = one_by_one(law, alone, on, rows, progress) if alone else ({}, {})
    return found | more, failed


def run(program: Program, rows: Rows) -> dict[str, ColumnResult]:
    """The program over people or employers. Raises ColumnError, OverflowError."""
    own = rows.for_program(program, program.facts)
    if not isinstance(rows, People):
        return program.run(own, len(rows))
    firms = rows.employers
    theirs = firms.for_program(program, program.employer_facts) if firms is not None else {}
    return program.run(
        own,
        len(rows),
        household=rows.household,
        employer=rows.employer if theirs else None,
        employers=theirs or None,
    )


def _columns(law: Law, rules: Sequence[str], on: date, rows: Rows) -> dict[str, Answer] | None:
    try:
        return {name: Answer(one) for name, one in run(law.columns(rules, on), rows).items()}
    except (NotColumnar, OverflowError, ColumnError, FactError):
        return None


# -- one case at a time ----------------------------------------------------------------------------------


def one_by_one(
    law: Law, rules: Sequence[str], on: date, rows: Rows, progress: Progress = quietly
) -> tuple[dict[str, Answer], dict[str, str]]:
    """The same with explain. Whom what a rule is `given` shuts out is seen in columns first."""
    making = {name: _Making(law, name, len(rows)) for name in rules}
    wanted = {name: _worth_asking(law, name, on, rows, making[name]) for name in rules}
    listed = np.flatnonzero(np.logical_or.reduce(list(wanted.values())))
    own, theirs = facts_behind(law, rules)
    part = _only(rows, own, theirs)
    household = any(
        expression.of_household for name in _reached(law, rules) for rule in law.rules[name]
        for expression in rule.expressions()
    )  # fmt: skip
    failed: dict[str, str] = {}
    for done, row in enumerate(map(int, listed), 1):
        case = None
        for name in rules:
            if wanted[name][row] and name not in failed:
                try:
                    case = case or case_of(law, part, row, household)
                    making[name].add(row, case.outcome(name, on))
                except (FactError, ArithmeticError) as problem:
                    failed[name] = str(problem)
        if done % 500 == 0 or done == len(listed):
            progress("cases", done, len(listed))
    return {name: made.answer() for name, made in making.items() if name not in failed}, failed


def case_of(law: Law, rows: Rows, row: int, household: bool = True) -> Any:
    """One row as a case to be explained. FactError."""
    facts = rows.facts(law, row)
    if not isinstance(rows, People):
        return law.case(facts)
    return law.case(facts, rows.others(law, row) if household else None, rows.works_for(law, row))


def _reached(law: Law, rules: Iterable[str]) -> set[str]:
    todo, seen = list(rules), set()
    while todo:
        name = todo.pop()
        if name in law.rules and name not in seen:
            seen.add(name)
            todo += [read for rule in law.rules[name] for one in rule.expressions() for read in one.reads]
    return seen


def _only(rows: Rows, own: frozenset[str], theirs: frozenset[str]) -> Rows:
    """The columns that matter, so that a case holds no more."""
    names = own if isinstance(rows, People) else theirs
    part = replace(rows, columns={name: c for name, c in rows.columns.items() if name in names})
    if isinstance(part, People) and part.employers is not None:
        columns = {name: c for name, c in part.employers.columns.items() if name in theirs}
        part.employers = replace(part.employers, columns=columns) if columns else None
    return part


def _worth_asking(law: Law, name: str, on: date, rows: Rows, making: _Making) -> Array:
    """Whom the rule's `given` lets through; the others' states are filled in."""
    everybody: Array = np.ones(len(rows), bool)
    rule = law.rule_at(name, on)
    if rule is None or rule.given is None or rule.choices or rule.otherwise is not None:
        return everybody
    guard = Rule(
        _GUARD, "", {}, "", date.min, None, None, None, ConditionText(_GUARD, "", {}, {}, rule.given), None,
        None, None, rule.where, entity=rule.entity,
    )  # fmt: skip
    got = _columns(replace(law, rules={**law.rules, _GUARD: (guard,)}, _together={}), [_GUARD], on, rows)
    if got is None:
        return everybody
    state = got[_GUARD].state
    open_too = rule.schedule is None  # a value may be known though its `given` isn't
    through: Array = (state == State.MET) | (open_too & (state == State.UNKNOWN))
    making.state[~through] = state[~through]
    return through


class _Making:
    """The answers to one rule, case by case."""

    def __init__(self, law: Law, name: str, size: int) -> None:
        self.of = number_of(law.rules[name][-1].type)
        self.state: Array = np.zeros(size, np.uint8)
        self.values: dict[int, Value] = {}
        self.months: dict[Month, list[Any]] = {}
        self.open_months = 0

    def add(self, row: int, outcome: Any) -> None:
        self.state[row] = outcome.state
        if self.of.kind == "number" and outcome.schedule:
            self._schedule(row, outcome.schedule)
        elif outcome.value is not None:
            self.values[row] = outcome.value

    def _schedule(self, row: int, lines: Sequence[Any]) -> None:
        if lines[0].value is None:
            self.state[row] = State.UNKNOWN
            return
        self.state[row] = State.MET
        held = [line for line in lines if line.value is not None]
        self.open_months += len(lines) - len(held)
        self.values[row] = sum((Decimal(line.value) for line in held), Decimal(0))
        for line in held:
            month = self.months.setdefault(line.month, [0, Decimal(0)])
            month[0] += 1
            month[1] += line.value

    def answer(self) -> Answer:
        words: list[str] = []
        value: Array | None = None
        scale = 0
        if self.of.kind == "text":
            of = Type("text")  # whatever words came out
            placed = encode(of, words, list(self.values.values())) if self.values else np.empty(0, np.int16)
            value = np.full(len(self.state), NULL_NUMBER)
            value[list(self.values)] = placed
        elif self.of.kind != "bool" or self.values:
            numbers = {row: scaled(one) for row, one in self.values.items()}
            scale = max((places for _number, places in numbers.values()), default=0)
            value = np.full(len(self.state), NULL_NUMBER)
            for row, (number, places) in numbers.items():
                value[row] = number * 10 ** (scale - places)
        months = {month: (count, total) for month, (count, total) in sorted(self.months.items())}
        return Answer(ColumnResult(self.state, value, scale, tuple(words), self.of), months, self.open_months)


Answers = Mapping[str, Answer]
