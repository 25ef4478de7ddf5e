"""From checked expressions to terms of SQL. What depends on nobody is folded, by the one-case reader."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import Any

from jiuye.policy.columns import compiler as columns
from jiuye.policy.columns.layout import scale_of, scaled
from jiuye.policy.errors import NotColumnar
from jiuye.policy.folding import EMPLOYER, OVER_HOUSEHOLD, Facts, Folding, Steps
from jiuye.policy.law import Law
from jiuye.policy.parts import ConditionText
from jiuye.policy.sql.cuts import cut_text
from jiuye.policy.sql.dialects import Dialect
from jiuye.policy.sql.numbers import SIGNS, Numbers
from jiuye.policy.sql.stages import OPEN, Term
from jiuye.policy.values import Type

YES, NO = Term("TRUE", always=True, plain=True), Term("FALSE", always=False, plain=True)
PERHAPS = Term("CAST(NULL AS BOOLEAN)", always=None, plain=True)


class Compiler(Folding):
    """Makes terms for one law at one date.

    whose: "" or, while the employer of a person is read, `employer.`.
    facts, days: what is read of the tables, by (whose, name): as terms have it, and dates as they are.
    """

    def __init__(self, law: Law, on: date, dialect: Dialect, asks_household: bool) -> None:
        super().__init__(law, on)
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

    def of(self, node: Any, of: Type | None = None) -> Term:
        """The term of an expression; `of`: the type it stands for, when it is perhaps `unknown` itself."""
        match (of or _type(node)).kind:
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

    def nothing(self, of: Type) -> Term:
        if of.kind in ("bool", "unknown"):
            return PERHAPS
        if of.kind == "text":
            return Term(f"CAST(NULL AS {self.dialect.text_type})", always=None, plain=True)
        return self.made.no_number

    def rule(self, name: str, of: Type) -> Term:
        rule = self.rule_at(name)
        if rule is None:
            return self.nothing(of)
        if rule.condition is not None:
            return self.condition(rule.condition)
        assert rule.value is not None
        value = self.of(rule.value.body, of)
        if rule.given is None:
            return value
        other = self.of(rule.otherwise.body, of) if rule.otherwise else self.nothing(of)
        return self.choose(self.truth(rule.given.body), value, other, of, strict=True)

    def condition(self, text: ConditionText) -> Term:
        if text.when is not None:
            return self.truth(text.when.body)
        return self.group([self.condition(part) for part in text.parts], text.quantifier == "all")

    # -- truth --------------------------------------------------------

    def truth(self, node: Any) -> Term:
        if (folded := self.folded(node)) is not None:
            return PERHAPS if folded[0] is None else YES if folded[0] else NO
        if not self.whose and all(name.startswith(EMPLOYER) for name in self.facts_in(node)):
            return self.of_employer(self.truth, node)
        match node:
            case ast.Compare(left=left, ops=ops, comparators=rights) if len(ops) > 1:
                pairs = zip([left, *rights], ops, rights, strict=False)
                return self.group([self.truth(ast.Compare(a, [op], [b])) for a, op, b in pairs], True)
            case ast.Compare() | ast.IfExp() if (cut := self.cut(node)) is not None:
                return cut
            case ast.Name() | ast.Attribute():
                return self.named(node)
            case ast.Call(func=ast.Name(id=function), args=[member]) if function in OVER_HOUSEHOLD:
                return self.over_household(function, member)
            case ast.Call(args=[left, right]):
                return self.overlap(left, right)
            case ast.BoolOp(op=op, values=values):
                return self.group([self.truth(part) for part in values], isinstance(op, ast.And))
            case ast.UnaryOp(operand=operand):
                return self.negate(self.truth(operand))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose(
                    self.truth(test), self.truth(body), self.truth(orelse), _type(node), strict=False
                )
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.compare(left, op, right)
        raise NotColumnar(f"{ast.unparse(node)} has no SQL form")

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

    def group(self, parts: list[Term], conjunction: bool) -> Term:
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

    def compare(self, left: Any, op: ast.cmpop, right: Any) -> Term:
        if isinstance(op, ast.In | ast.NotIn):
            found = self.member(left, right)
            return found if isinstance(op, ast.In) else self.negate(found)
        a, b = self.of(left), self.of(right)
        if a.never or b.never:
            return PERHAPS
        if left.t.kind == "number":
            a, b = self.made.align(a, b)
        return self.made.term(f"({a.text} {SIGNS[type(op)]} {b.text})", a, b)

    def member(self, left: Any, right: Any) -> Term:
        """`text in list`: one side is the same for everybody."""
        if (folded := self.folded(right)) is not None:
            members: Any = folded[0]
            text = self.text(left)
            if members is None or text.never:
                return PERHAPS
            if text.always is not OPEN:
                return YES if text.always in members else NO
            words = ", ".join(self.dialect.text(word) for word in members)
            return self.known(text, f"({text.text} IN ({words}))" if members else "")
        folded = self.folded(left)
        if folded is not None and isinstance(right, ast.Name | ast.Attribute):
            return PERHAPS if folded[0] is None else self.holds(right, folded)
        raise NotColumnar(
            f"“{ast.unparse(left)} in {ast.unparse(right)}” compares two values of the same person"
        )

    def overlap(self, left: Any, right: Any) -> Term:
        if self.folded(left) is not None:
            left, right = right, left
        folded = self.folded(right)
        if folded is None or not isinstance(left, ast.Name | ast.Attribute):
            raise NotColumnar(
                f"overlaps({ast.unparse(left)}, {ast.unparse(right)}): one list must be a fixed one"
            )
        return PERHAPS if folded[0] is None else self.holds(left, folded[0])

    def holds(self, node: Any, words: Any) -> Term:
        """Whether a person's list holds one of these words."""
        of = self.named(node)
        return self.known(of, self.dialect.overlap(of.text, words) if words else "")

    def known(self, of: Term, text: str) -> Term:
        """A test; without one it is never met by what is known."""
        return self.made.term(text or f"(CASE WHEN {of.text} IS NULL THEN NULL ELSE FALSE END)", of)

    def over_household(self, function: str, member: Any) -> Term:
        """OR, AND or a count over all members, open where it isn't known who they are."""
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

    # -- numbers, days, months --------------------------------------------------------

    def number(self, node: Any) -> Term:
        if (folded := self.folded(node)) is not None:
            return self.made.no_number if folded[0] is None else self.made.whole(*scaled(folded[0]))
        match node:
            case ast.Name() | ast.Attribute():
                return self.named(node)
            case ast.UnaryOp(operand=operand):
                inner = self.number(operand)
                return (
                    self.made.term(f"(- {inner.text})", inner, scale=inner.scale)
                    if not inner.never
                    else inner
                )
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose(
                    self.truth(test), self.number(body), self.number(orelse), _type(node), strict=False
                )
            case ast.BinOp(left=left, op=op, right=right):
                return self.made.arithmetic(op, self.number(left), self.number(right))
            case ast.Call(func=ast.Name(id=name), args=[member]) if name in OVER_HOUSEHOLD:
                return self.over_household(name, member)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(node, name, [self.number(arg) for arg in args])
            case ast.Subscript(value=table, slice=key):
                return self.lookup(table, key)
        raise NotColumnar(f"{ast.unparse(node)} has no SQL form")

    def call(self, node: Any, name: str, args: list[Term]) -> Term:
        if name in ("min", "max"):
            return self.made.least(name, args)
        if name == "round_cents":
            return self.made.round_cents(args[0])
        if name == "add_working_days":
            if self.law.calendar is None:
                return self.made.no_number
            return self.made.add_working_days(args[0], args[1], self.law.calendar.count)
        return self.made.calendar(name, args)

    def lookup(self, table: Any, key: Any) -> Term:
        folded = self.folded(table)
        if folded is None:
            raise NotColumnar(f"{ast.unparse(table)} differs between people: it can't be looked up")
        rows: Any = folded[0]
        text = self.text(key)
        if rows is None or text.never or not rows:
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
                return self.nothing(Type("text"))
            return Term(self.dialect.text(str(word)), always=str(word), plain=True)
        match node:
            case ast.Name() | ast.Attribute():
                return self.named(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose(
                    self.truth(test), self.text(body), self.text(orelse), _type(node), strict=False
                )
        raise NotColumnar(f"{ast.unparse(node)} has no SQL form")


def _type(node: Any) -> Type:
    found: Type = node.t
    return found
