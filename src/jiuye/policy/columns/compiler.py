"""From checked expressions to nodes. What depends on nobody is folded first, by the one-case reader."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import numpy as np

from jiuye.policy.columns import nodes, operators
from jiuye.policy.columns.calendar import CALENDAR, one_by_one
from jiuye.policy.columns.layout import NULL_LIST, Array, scale_of, scaled
from jiuye.policy.columns.nodes import NEVER, NO_TEXT, Block, Number, Text, Truth, Vocabulary
from jiuye.policy.columns.tables import MOST_GROUPS, Axes, Cutoff, number_table, truth_table
from jiuye.policy.errors import NotColumnar
from jiuye.policy.explain import Case
from jiuye.policy.known import in_calendar
from jiuye.policy.language import FUNCTIONS
from jiuye.policy.law import Law
from jiuye.policy.parts import ConditionText, Rule
from jiuye.policy.values import Value

N = TypeVar("N", Truth, Number, Text)
LANGUAGE = {*FUNCTIONS, "min", "max", "on", "unknown"}


class Compiler:
    """Makes nodes for one law at one date. The same text gives the same node: worked out once a block."""

    def __init__(self, law: Law, on: date, words: dict[str, list[str]]) -> None:
        self.law, self.on, self.words = law, on, words
        self.constants = Case(law, {})
        self.vocabulary = Vocabulary()
        self.cutoffs: list[Cutoff] = []
        self.in_table = False
        self._made: dict[tuple[str, bool, str], Any] = {}
        self._facts: dict[str, frozenset[str]] = {}

    # -- what an expression depends on --------------------------------------------------------

    def facts_of(self, name: str) -> frozenset[str]:
        """The facts behind a name."""
        if name in self.law.facts:
            return frozenset([name])
        if name not in self.law.rules:
            return frozenset()
        if name not in self._facts:
            rule = self.law.rule_at(name, self.on)
            names = {other for e in rule.expressions() for other in e.names} if rule else set()
            self._facts[name] = frozenset().union(*(self.facts_of(other) for other in names))
        return self._facts[name]

    def facts_in(self, node: Any) -> frozenset[str]:
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - LANGUAGE
        return frozenset().union(*(self.facts_of(name) for name in names))

    def folded(self, node: Any) -> tuple[Value] | None:
        """The node's value, in a tuple, when it is the same for everybody."""
        if self.facts_in(node):
            return None
        return (self.constants.evaluate(node, self.on).value,)

    def rule_at(self, name: str) -> Rule | None:
        rule = self.law.rule_at(name, self.on)
        if rule is not None and rule.schedule is not None:
            raise NotColumnar(f"{rule.where}: {name} is a schedule; its months are asked one case at a time")
        return rule

    def heavy(self, node: Any) -> bool:
        """Whether a look-up beats working it out."""
        for part in ast.walk(node):
            match part:
                case ast.Call(func=ast.Name(id="add_working_days")):
                    return False  # too slow to ask for every day
                case ast.Call() | ast.BinOp() | ast.IfExp() | ast.Subscript():
                    return True
                case ast.Name(id=name) if name in self.law.rules:
                    rule = self.law.rule_at(name, self.on)
                    if rule is not None and any(self.heavy(e.body) for e in rule.expressions()):
                        return True
        return False

    def axes(self, node: Any) -> Axes | None:
        """One date and a few codes, if it depends on no more. Within a table only rules get tables again."""
        if self.in_table and not isinstance(node, ast.Name):
            return None
        days, groups, size = [], [], 1
        for name in sorted(self.facts_in(node)):
            of = self.law.facts[name].type
            if of.kind in ("date", "month"):
                days.append((name, of.kind))
            elif of.kind == "bool" or (of.kind == "text" and of.codes):
                states = 3 if of.kind == "bool" else len(self.words[name]) + 1
                groups.append((name, of.kind, states))
                size *= states
            else:
                return None
        if len(days) != 1 or size > MOST_GROUPS or not self.heavy(node):
            return None
        return Axes(*days[0], tuple(groups))

    def once(self, kind: str, node: Any, make: Callable[[], N]) -> N:
        key = (kind, self.in_table and not isinstance(node, ast.Name), ast.dump(node))
        if key not in self._made:
            self._made[key] = make()
        found: N = self._made[key]
        return found

    def direct(self, make: Callable[[Any], N], node: Any) -> N:
        """What a table is made of."""
        before, self.in_table = self.in_table, True
        try:
            return make(node)
        finally:
            self.in_table = before

    # -- truth --------------------------------------------------------

    def truth(self, node: Any) -> Truth:
        return self.once("truth", node, lambda: self._truth(node))

    def _truth(self, node: Any) -> Truth:
        if (folded := self.folded(node)) is not None:
            return Truth.constant(1 if folded[0] is None else 2 * bool(folded[0]))
        match (
            node
        ):  # groups are taken apart: a part that is a plain cut-off is worth more than a table of all
            case ast.Compare(left=left, ops=ops, comparators=rights) if len(ops) > 1:
                pairs = zip([left, *rights], ops, rights, strict=False)
                return _once(nodes.reduce([self.truth(_pair(a, op, b)) for a, op, b in pairs], True))
            case ast.Compare() | ast.IfExp():
                if (axes := self.axes(node)) is not None:
                    return truth_table(self.direct(self.plain_truth, node), axes, self.cutoffs)
        return self.plain_truth(node)

    def plain_truth(self, node: Any) -> Truth:
        match node:
            case ast.Name(id=name) if name in self.law.facts:
                return Truth(lambda block: block.columns[name] if name in block.columns else block.full(1))
            case ast.Name(id=name):
                return self.truth_rule(name)
            case ast.BoolOp(op=op, values=values):
                return _once(nodes.reduce([self.truth(part) for part in values], isinstance(op, ast.And)))
            case ast.UnaryOp(operand=operand):
                return nodes.negate(self.truth(operand))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                made = nodes.choose_truth(
                    self.truth(test), self.truth(body), self.truth(orelse), strict=False
                )
                return _once(made)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _once(self.compare(left, op, right))
            case ast.Call(args=[left, right]):
                return self.overlap(left, right)
        raise NotColumnar(f"{ast.unparse(node)} has no column form")

    def truth_rule(self, name: str) -> Truth:
        rule = self.rule_at(name)
        if rule is None:
            return Truth.constant(1)
        if rule.condition is not None:
            return _once(self.condition(rule.condition))
        assert rule.value is not None
        value = self.truth(rule.value.body)
        if rule.given is None:
            return value
        other = self.truth(rule.otherwise.body) if rule.otherwise else Truth.constant(1)
        return _once(nodes.choose_truth(self.truth(rule.given.body), value, other, strict=True))

    def condition(self, text: ConditionText) -> Truth:
        if text.when is not None:
            return self.truth(text.when.body)
        return nodes.reduce([self.condition(part) for part in text.parts], text.quantifier == "all")

    def compare(self, left: Any, op: ast.cmpop, right: Any) -> Truth:
        if isinstance(op, ast.In | ast.NotIn):
            found = self.member(left, right)
            return found if isinstance(op, ast.In) else nodes.negate(found)
        if left.t.kind == "text":
            same = self.same_text(self.text(left), self.text(right))
            return same if isinstance(op, ast.Eq) else nodes.negate(same)
        if left.t.kind == "bool":
            return operators.same_truth(self.truth(left), self.truth(right), isinstance(op, ast.Eq))
        a, b = self.number(left), self.number(right)
        return operators.compare(a, op, b)

    def same_text(self, a: Text, b: Text) -> Truth:
        if a.always is not None:
            a, b = b, a
        if a.never or b.never:
            return Truth.constant(1)
        if b.always is not None:
            literal = b.always
            return nodes.word_test(a, lambda word: word == literal)
        first, second = self.vocabulary.common(a), self.vocabulary.common(b)

        def run(block: Block) -> Array:
            x, y = first.run(block), second.run(block)
            return nodes.tri(x == y, (x < 0) | (y < 0))

        return Truth(run)

    def member(self, left: Any, right: Any) -> Truth:
        """`text in list`: one side is the same for everybody."""
        if (folded := self.folded(right)) is not None:
            members: Any = folded[0]
            if members is None:
                return Truth.constant(1)
            return nodes.word_test(self.text(left), lambda word: word in members)
        text = self.folded(left)
        if text is not None and isinstance(right, ast.Name):
            return Truth.constant(1) if text[0] is None else self.holds(right.id, text)
        raise NotColumnar(
            f"“{ast.unparse(left)} in {ast.unparse(right)}” compares two values of the same person"
        )

    def overlap(self, left: Any, right: Any) -> Truth:
        if self.folded(left) is not None:
            left, right = right, left
        folded = self.folded(right)
        if folded is None or not isinstance(left, ast.Name):
            raise NotColumnar(
                f"overlaps({ast.unparse(left)}, {ast.unparse(right)}): one list must be a fixed one"
            )
        return Truth.constant(1) if folded[0] is None else self.holds(left.id, folded[0])

    def holds(self, fact: str, members: Any) -> Truth:
        """Whether a person's list holds one of these words."""
        words = self.words[fact]

        def run(block: Block) -> Array:
            if fact not in block.columns:
                return block.full(1)
            data = block.columns[fact]
            mask = np.uint64(sum(1 << place for place, word in enumerate(words) if word in members))
            unknown = block.once(("open", fact), lambda: (data & NULL_LIST) != 0)
            return nodes.tri((data & mask) != 0, unknown)

        return Truth(run)

    # -- numbers --------------------------------------------------------

    def number(self, node: Any) -> Number:
        return self.once("number", node, lambda: self._number(node))

    def _number(self, node: Any) -> Number:
        if (folded := self.folded(node)) is not None:
            return NEVER if folded[0] is None else Number.constant(*scaled(folded[0]))
        if (axes := self.axes(node)) is not None:
            return number_table(self.direct(self.plain_number, node), axes)
        return self.plain_number(node)

    def plain_number(self, node: Any) -> Number:
        match node:
            case ast.Name(id=name) if name in self.law.facts:
                scale = scale_of(self.law.facts[name].type)
                return Number(lambda block: block.number(name), scale, fact=name)
            case ast.Name(id=name):
                return self.number_rule(name)
            case ast.UnaryOp(operand=operand):
                inner = self.number(operand)
                return nodes.strict(lambda x: (-x, None), [inner], inner.scale)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return nodes.choose_number(self.truth(test), self.number(body), self.number(orelse), False)
            case ast.BinOp(left=left, op=op, right=right):
                return operators.arithmetic(op, self.number(left), self.number(right))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, [self.number(arg) for arg in args])
            case ast.Subscript(value=table, slice=key):
                return self.lookup(table, key)
        raise NotColumnar(f"{ast.unparse(node)} has no column form")

    def number_rule(self, name: str) -> Number:
        rule = self.rule_at(name)
        if rule is None:
            return NEVER
        assert rule.value is not None
        value = self.number(rule.value.body)
        if rule.given is None:
            return value
        other = self.number(rule.otherwise.body) if rule.otherwise else NEVER
        return nodes.choose_number(self.truth(rule.given.body), value, other, True)

    def call(self, name: str, args: list[Number]) -> Number:
        if name in ("min", "max"):
            pick = np.minimum if name == "min" else np.maximum
            args = nodes.align(*args)

            def least(*items: Any) -> tuple[Any, None]:
                out = items[0]
                for item in items[1:]:
                    out = pick(out, item)
                return out, None

            return nodes.strict(least, args, args[0].scale)
        if name == "round_cents":
            return operators.round_cents(args[0])
        if name == "add_working_days":
            if self.law.add_working_days is None:
                return NEVER
            return nodes.strict(one_by_one(in_calendar(self.law.add_working_days)), args, 0)
        function = CALENDAR[name]
        return nodes.strict(lambda *items: function(*(np.asarray(item) for item in items)), args, 0)

    def lookup(self, table: Any, key: Any) -> Number:
        folded = self.folded(table)
        if folded is None:
            raise NotColumnar(
                f"{ast.unparse(table)} differs between people: it can't be looked up in columns"
            )
        rows: Any = folded[0]
        if rows is None:
            return NEVER
        scale = max((scaled(entry)[1] for entry in rows.values()), default=0)
        entries = {word: scaled(entry, scale)[0] for word, entry in rows.items()}
        return nodes.word_number(self.text(key), entries.get, scale)

    # -- words --------------------------------------------------------

    def text(self, node: Any) -> Text:
        return self.once("text", node, lambda: self._text(node))

    def _text(self, node: Any) -> Text:
        if (folded := self.folded(node)) is not None:
            if folded[0] is None:
                return NO_TEXT
            literal = str(folded[0])
            return self.vocabulary.common(Text(lambda block: np.empty(0), (), literal))
        match node:
            case ast.Name(id=name) if name in self.law.facts:
                return Text(lambda block: block.places(name), self.words[name])
            case ast.Name(id=name):
                return self.text_rule(name)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose_text(self.truth(test), self.text(body), self.text(orelse), False)
        raise NotColumnar(f"{ast.unparse(node)} has no column form")

    def text_rule(self, name: str) -> Text:
        rule = self.rule_at(name)
        if rule is None:
            return NO_TEXT
        assert rule.value is not None
        value = self.text(rule.value.body)
        if rule.given is None:
            return value
        other = self.text(rule.otherwise.body) if rule.otherwise else NO_TEXT
        return self.choose_text(self.truth(rule.given.body), value, other, True)

    def choose_text(self, test: Truth, body: Text, orelse: Text, strict: bool) -> Text:
        a, b = self.vocabulary.common(body), self.vocabulary.common(orelse)

        def run(block: Block) -> Array:
            t, x, y = test.run(block), a.run(block), b.run(block)
            open_ = np.int64(-1) if strict else np.where(x == y, x, np.int64(-1))
            return np.where(t == 2, x, np.where(t == 0, y, open_))

        return Text(nodes.shared(run), self.vocabulary.words)


def _pair(left: Any, op: ast.cmpop, right: Any) -> ast.Compare:
    """One comparison out of a chain."""
    return ast.Compare(left, [op], [right])


def _once(truth: Truth) -> Truth:
    return truth if truth.always is not None else Truth(nodes.shared(truth.run))
