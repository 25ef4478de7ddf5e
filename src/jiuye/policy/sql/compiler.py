"""From checked expressions to terms of SQL. What depends on nobody is folded, by the one-case reader."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import Any

from jiuye.policy.columns import compiler as columns
from jiuye.policy.columns.layout import scale_of, scaled
from jiuye.policy.folding import EMPLOYER, Facts, Folding, Steps
from jiuye.policy.forms import Forms
from jiuye.policy.law import Law
from jiuye.policy.sql.cuts import cut_text
from jiuye.policy.sql.dialects import Dialect
from jiuye.policy.sql.numbers import SIGNS, Numbers
from jiuye.policy.sql.stages import OPEN, Term
from jiuye.policy.values import BOOL, NUMBER, TEXT, Type

YES, NO = Term("TRUE", always=True, plain=True), Term("FALSE", always=False, plain=True)
PERHAPS = Term("CAST(NULL AS BOOLEAN)", always=None, plain=True)


class Compiler(Folding, Forms[Term, Term, Term]):
    """Makes terms for one law at one date.

    whose: "" or, while the employer of a person is read, `employer.`.
    facts, days: what is read of the tables, by (whose, name): as terms have it, and dates as they are.
    """

    refusal = "has no SQL form"

    def __init__(self, law: Law, on: date, dialect: Dialect, asks_household: bool) -> None:
        Folding.__init__(self, law, on)
        self.dialect, self.asks_household = dialect, asks_household
        self.made = Numbers(dialect)
        self.facts: dict[tuple[str, str], Term] = {}
        self.days: dict[tuple[str, str], Term] = {}
        self.whose = ""
        self.columns = columns.Compiler(law, on, columns.words_of(law))
        self._cuts: dict[tuple[str, str], Term | None] = {}
        self._rules: dict[tuple[str, str, str], Term] = {}

    def facts_in(self, node: Any) -> Facts:
        found = super().facts_in(node)
        return frozenset(name.removeprefix(EMPLOYER) for name in found) if self.whose else found

    # -- names --------------------------------------------------------

    def fact(self, name: str) -> Term:
        key = (self.whose, name)
        if key not in self.facts:
            column = f"f{len(self.facts)}"
            of = self.law.facts[name].type
            self.facts[key] = Term(
                self.dialect.name_of(column), 0, frozenset([column]), scale_of(of), plain=True
            )
        return self.facts[key]

    def day(self, name: str) -> Term:
        """A date, or a month as a date that lies in it, to be compared with days."""
        key = (self.whose, name)
        if key not in self.days:
            column = f"d{len(self.days)}"
            self.days[key] = Term(self.dialect.name_of(column), 0, frozenset([column]), plain=True)
        return self.days[key]

    def plain(self, whose: str, name: str) -> Term:
        """A column of the tables."""
        return Term(f"{'e' if whose else 'p'}.{self.dialect.name_of(name)}")

    def source(self, whose: str, name: str) -> Term:
        """A fact as the tables hold it, in the form that terms have."""
        column = self.plain(whose, name).text
        of = self.law.facts[name].type
        match of.kind:
            case "number" if of.exact:
                return Term(f"CAST({column} AS BIGINT)")
            case "number":
                scale = scale_of(of)
                places = f"CAST({column} AS DECIMAL(18, {scale}))"
                return Term(f"CAST({places} * {10**scale} AS BIGINT)", scale=scale)
            case "date":
                return Term(self.dialect.days(column))
            case "month":
                return Term(self.dialect.month(column))
        return Term(column)

    def missing(self, name: str) -> Term:
        """A fact that the tables don't hold."""
        of = self.law.facts[name].type
        if of.kind == "list":
            return Term(f"CAST(NULL AS {self.dialect.list_type})")
        return Term(self.nothing(of).text)

    def of(self, node: Any, of: Type) -> Term:
        """The term of an expression; `of`: the type it stands for, when it is perhaps `unknown` itself."""
        match of.kind:
            case "bool" | "unknown":
                return self.truth(node)
            case "text":
                return self.text(node)
        return self.number(node)

    def named(self, node: Any) -> Term:
        """A fact or rule by name, or one of the employer."""
        if isinstance(node, ast.Attribute):
            return self.of_employer(lambda node: self.by_name(node.attr, _type(node)), node)
        return self.by_name(node.id, node.t)

    named_truth = named_number = named_text = named

    def of_employer(self, make: Callable[[Any], Term], node: Any) -> Term:
        before, self.whose = self.whose, EMPLOYER
        try:
            return make(node)
        finally:
            self.whose = before

    def by_name(self, name: str, of: Type) -> Term:
        if name in self.law.facts:
            return self.fact(name)
        key = (self.whose, name, of.kind)
        if key not in self._rules:
            self._rules[key] = self.made.keep(self.rule(name, of), self.whose + name)
        return self._rules[key]

    @property
    def no_truth(self) -> Term:
        return PERHAPS

    @property
    def no_number(self) -> Term:
        return self.made.no_number

    @property
    def no_text(self) -> Term:
        return Term(f"CAST(NULL AS {self.dialect.text_type})", always=None, plain=True)

    def nothing(self, of: Type) -> Term:
        if of.kind in ("bool", "unknown"):
            return PERHAPS
        return self.no_text if of.kind == "text" else self.made.no_number

    def rule(self, name: str, of: Type) -> Term:
        match of.kind:
            case "bool" | "unknown":
                return self.truth_of_rule(name)
            case "text":
                return self.text_of_rule(name)
        return self.number_of_rule(name)

    # -- truth --------------------------------------------------------

    def truth(self, node: Any) -> Term:
        if (folded := self.folded(node)) is not None:
            return PERHAPS if folded[0] is None else YES if folded[0] else NO
        if not self.whose and all(name.startswith(EMPLOYER) for name in self.facts_in(node)):
            return self.of_employer(self.truth, node)
        single = isinstance(node, ast.IfExp) or (isinstance(node, ast.Compare) and len(node.ops) == 1)
        cut = self.cut(node) if single else None
        return self.truth_form(node) if cut is None else cut

    def cut(self, node: Any) -> Term | None:
        """What rests on one date and a few codes as comparisons of the date with literals."""
        key = (self.whose, ast.dump(node))
        if key not in self._cuts:
            reader = self.columns.firms if self.whose else self.columns
            steps = self.steps(node, lambda: reader.days(node))
            self._cuts[key] = None if steps is None else self._cut(steps)
        return self._cuts[key]

    def _cut(self, steps: Steps) -> Term:
        shape = steps.shape
        text, read = cut_text(
            steps,
            self.dialect,
            self.day(shape.fact).text,
            {name: self.fact(name).text for name, _, _ in shape.groups},
            {
                name: list(self.law.codes[self.law.facts[name].type.codes or ""])
                for name, kind, _ in shape.groups
                if kind == "text"
            },
        )
        of = [self.fact(name) for name, _, _ in shape.groups if name in read]
        if shape.fact in read:
            of.append(self.day(shape.fact))
        return {YES.text: YES, NO.text: NO, PERHAPS.text: PERHAPS}.get(text) or self.made.term(text, *of)

    def together(self, parts: list[Term], conjunction: bool) -> Term:
        """AND or OR; parts that are the same for everybody are folded away."""
        deciding, neutral = (NO, YES) if conjunction else (YES, NO)
        if any(part.always is deciding.always for part in parts):
            return deciding
        left = [part for part in parts if part.always is not neutral.always]
        if len(left) < 2:
            return left[0] if left else neutral
        if all(part.never for part in left):
            return PERHAPS
        word = " AND " if conjunction else " OR "
        return self.made.term("(" + word.join(part.text for part in left) + ")", *left)

    def negate(self, part: Term) -> Term:
        if part.always is not OPEN:
            return PERHAPS if part.never else NO if part.always else YES
        return self.made.term(f"(NOT {part.text})", part)

    def choose(self, test: Term, body: Term, orelse: Term, of: Type, strict: bool) -> Term:
        """body if test else orelse. Open test: open, unless the branches agree (never when `strict`)."""
        if isinstance(test.always, bool):
            return body if test.always else orelse
        if of.kind == "number":
            body, orelse = self.made.align(body, orelse)
        agree = not strict and not body.never and not orelse.never
        if test.never and not agree:
            return self.nothing(of)
        test = self.made.keep(test)
        a, b = (self.made.keep(body), self.made.keep(orelse)) if agree else (body, orelse)
        if agree and isinstance(a.always, int | str) and isinstance(b.always, int | str):
            agree = a.always == b.always
        same = f" WHEN {a.text} = {b.text} THEN {a.text}" if agree else ""
        text = f"(CASE WHEN {test.text} THEN {a.text} WHEN NOT {test.text} THEN {b.text}{same} END)"
        return self.made.term(text, test, a, b, scale=max(a.scale, b.scale))

    def choose_truth(self, test: Term, body: Term, orelse: Term, strict: bool) -> Term:
        return self.choose(test, body, orelse, BOOL, strict)

    def choose_number(self, test: Term, body: Term, orelse: Term, strict: bool) -> Term:
        return self.choose(test, body, orelse, NUMBER, strict)

    def choose_text(self, test: Term, body: Term, orelse: Term, strict: bool) -> Term:
        return self.choose(test, body, orelse, TEXT, strict)

    def compare_numbers(self, op: ast.cmpop, a: Term, b: Term) -> Term:
        if a.never or b.never:
            return PERHAPS
        a, b = self.made.align(a, b)
        return self.made.term(f"({a.text} {SIGNS[type(op)]} {b.text})", a, b)

    compare_truths = compare_texts = compare_numbers  # of no decimal places

    def among(self, text: Term, members: tuple[str, ...]) -> Term:
        if text.never:
            return PERHAPS
        if text.always is not OPEN:
            return YES if text.always in members else NO
        words = ", ".join(self.dialect.text(word) for word in members)
        return self.known(text, f"({text.text} IN ({words}))" if members else "")

    def holds(self, node: Any, members: tuple[str, ...]) -> Term:
        of = self.named(node)
        return self.known(of, self.dialect.overlap(of.text, members) if members else "")

    def known(self, of: Term, text: str) -> Term:
        """A test; without one it is never met by what is known."""
        return self.made.term(text or f"(CASE WHEN {of.text} IS NULL THEN NULL ELSE FALSE END)", of)

    def truth_of_home(self, node: Any) -> Term:
        """OR, AND or a count over all members, open where it isn't known who they are."""
        function, member = node.func.id, node.args[0]
        nothing = self.made.no_number if function == "household_count" else PERHAPS
        if not self.asks_household:
            return nothing
        inner = self.made.keep(self.by_name(member.id, member.t))
        home = Term("home", 0, frozenset(["home"]))
        over = self.made.of_home
        state = f"CASE WHEN {inner.text} THEN 2 WHEN NOT {inner.text} THEN 0 ELSE 1 END"
        match function:
            case "household_any":
                answer = f"CASE {over(f'MAX({state})')} WHEN 2 THEN TRUE WHEN 0 THEN FALSE END"
            case "household_all":
                answer = f"CASE {over(f'MIN({state})')} WHEN 0 THEN FALSE WHEN 2 THEN TRUE END"
            case _:
                open_ = over(f"MAX(CASE WHEN {inner.text} IS NULL THEN 1 ELSE 0 END)")
                count = over(f"SUM(CASE WHEN {inner.text} THEN 1 ELSE 0 END)")
                answer = f"CASE WHEN {open_} = 0 THEN CAST({count} AS BIGINT) END"
        return self.made.fold(self.made.term(f"(CASE WHEN home IS NOT NULL THEN {answer} END)", inner, home))

    count_of_home = truth_of_home

    # -- numbers, days, months --------------------------------------------------------

    def number(self, node: Any) -> Term:
        if (folded := self.folded(node)) is not None:
            return self.made.no_number if folded[0] is None else self.made.whole(*scaled(folded[0]))
        return self.number_form(node)

    def negative(self, number: Term) -> Term:
        return number if number.never else self.made.minus(number)

    def arithmetic(self, op: ast.operator, a: Term, b: Term) -> Term:
        return self.made.arithmetic(op, a, b)

    def call(self, name: str, args: list[Term], node: ast.Call) -> Term:
        if name in ("min", "max"):
            return self.made.least(name, args)
        if name == "round_cents":
            return self.made.round_cents(args[0])
        if name == "add_working_days":
            if self.law.calendar is None:
                return self.made.no_number
            return self.made.add_working_days(args[0], args[1], self.law.calendar.count)
        return self.made.calendar(name, args)

    def row(self, text: Term, rows: dict[str, Any]) -> Term:
        if text.never:
            return self.made.no_number
        scale = max(scaled(entry)[1] for entry in rows.values())
        entries = {word: scaled(entry, scale)[0] for word, entry in rows.items()}
        if text.always is not OPEN:
            found = entries.get(text.always)
            return self.made.no_number if found is None else self.made.whole(found, scale)
        cases = " ".join(
            f"WHEN {self.dialect.text(word)} THEN {self.dialect.number(entry)}"
            for word, entry in entries.items()
        )
        return self.made.term(f"(CASE {text.text} {cases} END)", text, scale=scale)

    # -- words --------------------------------------------------------

    def text(self, node: Any) -> Term:
        if (folded := self.folded(node)) is not None:
            word = folded[0]
            if word is None:
                return self.no_text
            return Term(self.dialect.text(str(word)), always=str(word), plain=True)
        return self.text_form(node)


def _type(node: Any) -> Type:
    found: Type = node.t
    return found
