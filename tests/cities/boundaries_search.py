"""A case in which one threshold decides, and the value of a fact at which it does.

Facts are tried one by one, as the law itself asks for them, until everything that must hold does; then one
fact that the threshold measures is moved by bisection to where the comparison turns.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

from jiuye.policy import Case, Law, Month, Outcome
from jiuye.policy.parts import OF_EMPLOYER, ConditionText, Rule
from jiuye.policy.values import Type, Value
from tests.cities.boundaries_turn import Edges, edges_of
from tests.cities.boundaries_values import days_around, scalars, shifted, turning, value_on
from tests.cities.boundaries_walk import MEASURED, Threshold, read_by

Facts = Mapping[str, Value]
Wanted = Sequence[tuple[Any, bool | None]]  # a condition or tree, and what it must be (None: anything known)
DAY = timedelta(days=1)
BUDGET, MOST, MIXED = 2500, 80, 60  # cases looked at, solutions in order and from all over
NO_WORD = ("0", "9")  # codes of tables that mean: not known, not told
# the step on either side where a fact isn't whole: a fen, a basis point, else as the unit is used
WIDTH = {"ratio": Decimal("0.0001"), "hour": Decimal(1), "minute": Decimal(1), "metre": Decimal(1)}
HUNDREDTH = Decimal("0.01")
FURTHEST = {"date": 366 * 110, "month": 12 * 110, "number": 10**9}
NEAR = timedelta(days=800)
# numbers to try: of some units first, then of all
FIRST = {"yuan": (5000, 0, 1000, 100000), "ratio": (Decimal("0.01"), Decimal("0.03"), Decimal("0.5"))}
PLAIN = (1, 0, 2, 12, 24, 6, 3, 36, 100, 5, 10, 60, 1000, 10000, 100000)


@dataclass(frozen=True)
class Found:
    """facts: without the one that moves. moves: that one. sides: its value below, at and above."""

    on: date
    facts: Facts
    moves: str
    sides: Mapping[str, Value]

    def side(self, value: Value) -> tuple[Facts, date]:
        """The case and the day when the fact has that value."""
        if self.moves == "on":
            assert isinstance(value, date)
            return self.facts, value
        return {**self.facts, self.moves: value}, self.on


class Asked:
    """Cases of one law, each fact called as `ask` calls it. Persons live alone."""

    def __init__(self, law: Law) -> None:
        self.law = law

    def case(self, rule: Rule, facts: Facts) -> Case:
        if rule.entity == OF_EMPLOYER:
            return Case(self.law, dict(facts))
        own = {name: value for name, value in facts.items() if "." not in name}
        firm = {name[9:]: value for name, value in facts.items() if name.startswith("employer.")}
        return Case(self.law, own, [], firm or None)

    def outcome(self, rule: Rule, facts: Facts, on: date) -> Outcome:
        return self.case(rule, facts).outcome(rule.name, on)

    def value(self, rule: Rule, node: Any, facts: Facts, on: date) -> Any:
        return self.case(rule, facts).evaluate(node, on).value


def answer(outcome: Outcome) -> Value:
    """What counts of an outcome, in one word or value."""
    if not outcome.in_force:
        return "not in force"
    if outcome.schedule:
        total = "open" if outcome.total is None else outcome.total
        return f"{len(outcome.schedule)} months, {total}"
    if outcome.value is not None:
        return outcome.value
    return {0: "not met", 1: "open", 2: "met"}[int(outcome.state)]


class Solver:
    """Facts of one rule's cases."""

    def __init__(self, asked: Asked, rule: Rule) -> None:
        self.asked, self.law, self.rule = asked, asked.law, rule
        self.left = 0
        self.mixing: Random | None = None
        self.beside: tuple[date, ...] = ()  # further days whose parameters give numbers to try
        self._numbers: dict[date, list[int | Decimal]] = {}

    def solved(self, wanted: Wanted, on: date, facts: Facts, budget: int = BUDGET) -> Iterator[Facts]:
        """Every set of facts with which all that is wanted is so. What the law leaves open passes."""
        self.left = budget
        return self._solved(wanted, facts, on)

    def _solved(self, wanted: Wanted, facts: Facts, on: date) -> Iterator[Facts]:
        self.left -= 1
        if self.left <= 0:
            return
        case = self.asked.case(self.rule, facts)
        ask: str | None = None
        for node, truth in wanted:
            is_text = isinstance(node, ConditionText)
            known = case.truth(node, on) if is_text else case.evaluate(node, on)
            if known.value is None:
                if known.ask and ask is None:
                    ask = case.order(known.ask)[0]
            elif truth is not None and known.value is not truth:
                return
        if ask is None:
            yield facts
            return
        values = list(self.candidates(ask, on))
        if self.mixing is not None:
            self.mixing.shuffle(values)
        for value in values:
            yield from self._solved(wanted, {**facts, ask: value}, on)

    def decided(self) -> list[tuple[Any, bool | None]]:
        """What must be known for the rule to have an answer."""
        rule = self.rule
        if rule.schedule is None:
            return [(ast.Name(rule.name, ast.Load()), None)]
        guard: list[tuple[Any, bool | None]] = [(rule.given.body, True)] if rule.given else []
        return [*guard, (rule.schedule.first.body, None), (rule.schedule.count.body, None)]

    # -- values to try --------------------------------------------------------

    def candidates(self, name: str, on: date) -> Sequence[Value]:
        fact = self.law.fact(name)
        words = [word for word in self.law.codes.get(fact.type.codes or "", ("a",)) if word not in NO_WORD]
        match fact.type.kind:
            case "bool":
                return [True, False]
            case "number":
                first = FIRST.get(fact.type.unit or "", ())
                numbers = [*first, *(n for n in self.numbers(on) if n not in first)]
                return [n for n in numbers if isinstance(n, int) or not fact.type.exact]
            case "date":
                return days_around(on, years="birth" in name)
            case "month":
                return [Month(Month.of_date(on) + n) for n in (0, -1, 1, -6, 6, -12, 12, -24, -36, -120)]
            case "list":
                return [(), *((word,) for word in words)]
        return words

    def numbers(self, on: date) -> list[int | Decimal]:
        """Plain ones, and those around the parameters that the rule and the rules it names read."""
        if on not in self._numbers:
            read = {name for e in self.rule.expressions() for name in e.reads}
            for other in read & self.law.rules.keys():
                for version in self.law.rules[other]:
                    read |= {name for e in version.expressions() for name in e.reads}
            near: set[int | Decimal] = set()
            for name in sorted(read & self.law.parameters.keys()):
                for day in (on, *self.beside):
                    for value in scalars(value_on(self.law, name, day)):
                        near |= {value, value + 1, value - 1}
            self._numbers[on] = [*PLAIN, *sorted(n for n in near if n >= 0 and n not in PLAIN)]
        return self._numbers[on]


class Search(Solver):
    """The search for one threshold."""

    def __init__(self, asked: Asked, of: Threshold) -> None:
        super().__init__(asked, of.version)
        self.of = of

    def days(self, today: date) -> list[tuple[str, list[date]]]:
        """(stretch, days in it): one for each value of the parameters that the threshold compares with.

        The first day is the one to use; the others have other values of parameters elsewhere in the rule.
        """
        first, last = self.rule.first, self.rule.last or date.max
        if self.of.where.startswith("goes_on_for"):
            first, last = last + DAY, date.max
        own = self.parameters(self.of.operands)
        around = self.parameters([e.body for e in self.rule.expressions()])
        starts = self.starts(own, first, last)
        out = []
        for start, end in zip(starts, [*(cut - DAY for cut in starts[1:]), last], strict=True):
            if any(value_on(self.law, name, start) is None for name in own):
                continue
            days = [today] if start <= today <= end else [end if end < today else start]
            days += [cut for cut in self.starts(around, start, end) if cut != date.min]
            out.append(("" if len(starts) == 1 else str(start), list(dict.fromkeys(days))))
        return out

    def parameters(self, nodes: Sequence[Any]) -> list[str]:
        names = (part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name))
        return sorted({name for name in names if name in self.law.parameters})

    def starts(self, names: Sequence[str], first: date, last: date) -> list[date]:
        """`first`, and every day after it on which one of the parameters gets another value, or ends."""
        cuts = {first}
        for name in names:
            values = self.law.parameters[name].values
            days = {item.first for item in values} | {item.last + DAY for item in values if item.last}
            cuts |= {
                day
                for day in days - {date.min}
                if value_on(self.law, name, day) != value_on(self.law, name, day - DAY)
            }
        return sorted(cut for cut in cuts if first <= cut <= last)

    # -- one case --------------------------------------------------------

    def find(self, days: Sequence[date]) -> Found | None:
        """The clearest case: with a value on each side and one at which both are equal, if there is one.

        At first every parameter has the value of the day; then switches that no fact moves are turned.
        """
        for facts in ({}, *self.switches(days[0])):
            for on in days:
                if (found := self.on_day(on, facts)) is not None:
                    return found
        return None

    def on_day(self, on: date, facts: Facts) -> Found | None:
        wanted = [*self.of.needs, *((operand, None) for operand in self.of.operands), *self.decided()]
        best: tuple[tuple[bool, ...], Found] | None = None
        for solution in self.solutions(wanted, on, facts):
            for name in self.movable(solution):
                found = self.moved(solution, name, on)
                clear = self.clear(found) if found is not None else ()
                if found is not None and clear and (best is None or clear > best[0]):
                    best = clear, found
                    if all(clear):
                        return found
        return best[1] if best else None

    def solutions(self, wanted: Wanted, on: date, facts: Facts) -> Iterator[Facts]:
        """The first in order, then some from all over."""
        self.mixing = None
        yield from islice(self.solved(wanted, on, facts), MOST)
        for seed in range(MIXED):
            self.mixing = Random(seed)
            yield from islice(self.solved(wanted, on, facts, BUDGET // 10), 1)

    def switches(self, on: date) -> Iterator[Facts]:
        """Each parameter of the rule that is true or false, stated the other way round."""
        for name in self.parameters([e.body for e in self.rule.expressions()]):
            value = value_on(self.law, name, on)
            if isinstance(value, bool):
                yield {name: not value}

    def movable(self, facts: Facts) -> list[str]:
        """Facts of the case that the threshold measures, those it names itself first.

        The day comes first where the threshold is about it, else last.
        """
        rests = read_by(self.law, self.of.node)
        parts = [part for operand in self.of.operands for part in ast.walk(operand)]
        named = {part.id for part in parts if isinstance(part, ast.Name)}
        named |= {f"employer.{part.attr}" for part in parts if isinstance(part, ast.Attribute)}
        found = [n for n in facts if n in rests and self.law.fact(n).type.kind in MEASURED]
        found.sort(key=lambda name: name not in named)
        if "on" not in rests:
            return found
        left = self.of.operands[0]
        return ["on", *found] if isinstance(left, ast.Name) and left.id == "on" else [*found, "on"]

    # -- moving one fact --------------------------------------------------------

    def moved(self, facts: Facts, name: str, on: date) -> Found | None:
        """The boundary when only this fact moves."""
        start: Any = on if name == "on" else facts[name]
        of = Type("date") if name == "on" else self.law.fact(name).type
        width = 1 if of.kind != "number" or of.exact else WIDTH.get(of.unit or "", HUNDREDTH)
        rest = {key: value for key, value in facts.items() if key != name}
        case = Found(on, rest, name, {})
        if self.of.kind == "term":
            start = turning(start, self.of.node.func.id)

        def at(place: int) -> Any:
            return shifted(start, of, width * place)

        def sign(place: int) -> int | None:
            value = at(place)
            return None if value is None else self.sign(*case.side(value))

        if self.of.kind == "term":
            places = {"below": -1, "at": 0, "above": 1}
        else:
            edges = edges_of(sign, FURTHEST[of.kind])
            if edges is None:
                return None
            places = self.places(edges)
        sides = {side: at(place) for side, place in places.items()}
        return Found(on, rest, name, {side: value for side, value in sides.items() if value is not None})

    def sign(self, facts: Facts, on: date) -> int | None:
        """-1, 0 or 1: how the operands compare. For a step its value."""
        case = self.asked.case(self.rule, facts)
        values = [case.evaluate(operand, on).value for operand in self.of.operands]
        if None in values:
            return None
        if self.of.kind == "step":
            return int(values[0])
        return int(values[0] > values[1]) - int(values[0] < values[1])

    def places(self, edges: Edges) -> dict[str, int]:
        """Where below, at and above lie, counted in steps from the value that the fact had.

        Where both sides of a comparison are equal for longer (an age, a month), at is the end of that time at
        which the comparison turns; a cap is shown from its first to beyond its last.
        """
        if self.of.kind == "step":
            return {"below": edges.last, "at": edges.last + 1, "above": edges.last + 2}
        if edges.equal is None:
            return {"below": edges.last, "above": edges.last + 1}
        low, high = edges.equal
        if low is None or high is None:
            place = high if low is None else low
            assert place is not None
            return {"below": place - 1, "at": place, "above": place + 1}
        if self.of.kind == "cap" or isinstance(self.of.node.ops[0], ast.Eq | ast.NotEq):
            return {"below": low - 1, "at": low, "above": high + 1}
        turns_low = isinstance(self.of.node.ops[0], ast.Lt | ast.GtE) is edges.rising
        place = low if turns_low else high
        return {"below": place - 1, "at": place, "above": place + 1}

    def clear(self, found: Found) -> tuple[bool, ...]:
        """How clearly the boundary shows; () when the rule, in force on every side, answers all alike.

        What had to be so still is; nothing is left to ask or to decide; the day isn't far off; there is a
        value on either side and one at which both are equal.
        """
        sides = [found.side(value) for value in found.sides.values()]
        outcomes = [self.asked.outcome(self.rule, *side) for side in sides]
        answers = [answer(outcome) for outcome in outcomes]
        if not all(outcome.in_force for outcome in outcomes) or all(item == answers[0] for item in answers):
            return ()
        return (
            all(self.kept(*side) for side in sides),
            not any(outcome.ask for outcome in outcomes),
            "open" not in answers,
            all(abs(on - found.on) < NEAR for _, on in sides),
            "below" in found.sides,
            "at" in found.sides,
        )

    def kept(self, facts: Facts, on: date) -> bool:
        """Whether nothing that is needed is otherwise."""
        case = self.asked.case(self.rule, facts)
        for node, truth in self.of.needs:
            is_text = isinstance(node, ConditionText)
            known = case.truth(node, on) if is_text else case.evaluate(node, on)
            if known.value is (not truth):
                return False
        return True
