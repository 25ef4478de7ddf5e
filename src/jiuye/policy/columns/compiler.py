"""From checked expressions to nodes. What depends on nobody is folded first, by the one-case reader."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import numpy as np

from jiuye.policy.columns import nodes, operators, words
from jiuye.policy.columns.beyond import Firm, Fold, Home, Member
from jiuye.policy.columns.blocks import NEVER, NO_TEXT, Block, Number, Text, Truth, shared
from jiuye.policy.columns.calendar import CALENDAR, working_days
from jiuye.policy.columns.layout import NULL_LIST, Array, scale_of, scaled
from jiuye.policy.columns.reach import Reach
from jiuye.policy.columns.tables import Axes, Cutoff, Days, number_table, truth_table
from jiuye.policy.columns.words import Vocabulary
from jiuye.policy.errors import NotColumnar
from jiuye.policy.folding import Facts
from jiuye.policy.language import HOUSEHOLD as OVER_HOUSEHOLD
from jiuye.policy.law import Law
from jiuye.policy.parts import ConditionText

N = TypeVar("N", Truth, Number, Text)


def words_of(law: Law) -> dict[str, list[str]]:
    """The words of each text and list fact, by number; where there is no code table they grow."""
    return {
        name: list(law.codes.get(fact.type.codes or "", ()))
        for name, fact in law.facts.items()
        if fact.type.kind in ("text", "list")
    }


class Compiler(Reach):
    """Makes nodes for one law at one date. The same text gives the same node: worked out once a block.

    What rests on the employer alone is made by a compiler of its own, `firms`, whose blocks are employers:
    there a fact of the employer, and `employer.NAME` too, is a column.
    """

    def __init__(
        self, law: Law, on: date, words: dict[str, list[str]], vocabulary: Vocabulary | None = None
    ) -> None:
        super().__init__(law, on)
        self.words = words
        self.vocabulary = vocabulary or Vocabulary()
        self.cutoffs: list[Cutoff] = []
        self.folds: dict[tuple[str, str], Fold] = {}
        self.in_table = False
        self._members: dict[str, Member] = {}
        self._firms: Compiler | None = None
        self._made: dict[tuple[str, bool, bool, str], Any] = {}

    @property
    def firms(self) -> Compiler:
        if self._firms is None:
            self._firms = Compiler(self.law, self.on, self.words, self.vocabulary)
            self._firms.of_employers = True
            self._firms.cutoffs = self.cutoffs
        return self._firms

    def axes(self, node: Any) -> Axes | None:
        """One date and a few codes, if it depends on no more. Within a table only rules get tables again."""
        if self.in_table and not isinstance(node, ast.Name):
            return None
        shape = self.shape(node)
        return None if shape is None else Axes(shape.fact, shape.kind, shape.groups)

    def days(self, node: Any) -> Days:
        """A truth whose shape is that of one date, for every day of a table."""
        axes = self.axes(node)
        assert axes is not None
        return Days.of(self.direct(self.plain_truth, node), axes)

    def once(self, kind: str, node: Any, make: Callable[[], N]) -> N:
        key = (kind, self.in_table and not isinstance(node, ast.Name), self.in_home, ast.dump(node))
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
        facts = self.facts_in(node)
        if self.of_firm(facts):
            return self.firm_truth(self.firms.truth(node))
        if self.of_home(facts) and not isinstance(node, ast.Call):
            return self.home_truth(lambda: self.truth(node))
        match node:  # groups are taken apart: a part that is a plain cut-off beats a table of all
            case ast.Compare(left=left, ops=ops, comparators=rights) if len(ops) > 1:
                pairs = zip([left, *rights], ops, rights, strict=False)
                return _once(nodes.reduce([self.truth(_pair(a, op, b)) for a, op, b in pairs], True))
            case ast.Compare() | ast.IfExp():
                if (axes := self.axes(node)) is not None:
                    return truth_table(self.direct(self.plain_truth, node), axes, self.cutoffs)
        if isinstance(node, ast.Name) and node.id in self.asked_of_members and not self.in_table:
            return self.member_truth(node.id, self.plain_truth(node))
        return self.plain_truth(node)

    def member_truth(self, name: str, truth: Truth) -> Truth:
        if truth.always is not None or name in self.law.facts:
            return truth
        self._members[name] = Member(truth)
        return self._members[name].truth()

    def home_truth(self, make: Callable[[], Truth]) -> Truth:
        self.in_home = True
        try:
            made = make()
        finally:
            self.in_home = False
        return made if made.always is not None else Home(made).truth()

    def plain_truth(self, node: Any) -> Truth:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self.law.facts:
                return Truth(lambda block: block.columns[name] if name in block.columns else block.full(1))
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.truth_rule(name)
            case ast.Call(func=ast.Name(id=function)) if function in OVER_HOUSEHOLD:
                return self.fold(node).truth()
            case ast.BoolOp(op=op, values=values):
                return self.group(
                    values, isinstance(op, ast.And), self.facts_in, lambda by, part: by.truth(part)
                )
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
        return self.group(
            text.parts, text.quantifier == "all", self.facts_of_condition, lambda by, part: by.condition(part)
        )

    def facts_of_condition(self, text: ConditionText) -> Facts:
        return frozenset().union(*(self.facts_in(e.body) for e in text.expressions()))

    def group(
        self,
        parts: Sequence[Any],
        conjunction: bool,
        facts: Callable[[Any], Facts],
        make: Callable[[Compiler, Any], Truth],
    ) -> Truth:
        """AND or OR; parts about the employer alone are one look-up, and so are those about the household."""
        firm = [part for part in parts if self.of_firm(facts(part))]
        home = [part for part in parts if self.of_home(facts(part))]
        own = [
            make(self, p)
            for p in parts
            if (p not in firm or len(firm) < 2) and (p not in home or len(home) < 2)
        ]
        if len(firm) > 1:
            own.append(self.firm_truth(nodes.reduce([make(self.firms, p) for p in firm], conjunction)))
        if len(home) > 1:
            own.append(self.home_truth(lambda: nodes.reduce([make(self, p) for p in home], conjunction)))
        return _once(nodes.reduce(own, conjunction))

    def firm_truth(self, node: Truth) -> Truth:
        return node if node.always is not None else Firm(node).truth()

    def fold(self, node: Any) -> Fold:
        """Of all members of the household, this person included."""
        key = function, name = node.func.id, node.args[0].id
        if key not in self.folds:
            before, self.in_home = self.in_home, False
            member = self.truth(node.args[0])
            self.in_home = before
            self.folds[key] = Fold(function, member, 1 + self.level(name), self._members.get(name))
        return self.folds[key]

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
            return words.word_test(a, lambda word: word == literal)
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
            return words.word_test(self.text(left), lambda word: word in members)
        text = self.folded(left)
        if text is not None and isinstance(right, ast.Name | ast.Attribute):
            return Truth.constant(1) if text[0] is None else self.holds(_named(right), text)
        raise NotColumnar(
            f"“{ast.unparse(left)} in {ast.unparse(right)}” compares two values of the same person"
        )

    def overlap(self, left: Any, right: Any) -> Truth:
        if self.folded(left) is not None:
            left, right = right, left
        folded = self.folded(right)
        if folded is None or not isinstance(left, ast.Name | ast.Attribute):
            raise NotColumnar(
                f"overlaps({ast.unparse(left)}, {ast.unparse(right)}): one list must be a fixed one"
            )
        return Truth.constant(1) if folded[0] is None else self.holds(_named(left), folded[0])

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
        if self.of_firm(self.facts_in(node)):
            theirs = self.firms.number(node)
            return theirs if theirs.never or theirs.always is not None else Firm(theirs).number()
        if (axes := self.axes(node)) is not None:
            return number_table(self.direct(self.plain_number, node), axes)
        return self.plain_number(node)

    def plain_number(self, node: Any) -> Number:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self.law.facts:
                scale = scale_of(self.law.facts[name].type)
                return Number(lambda block: block.number(name), scale, fact=name)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.number_rule(name)
            case ast.Call(func=ast.Name(id="household_count")):
                return self.fold(node).number()
            case ast.UnaryOp(operand=operand):
                inner = self.number(operand)
                return nodes.strict(operators.negative, [inner], inner.scale)
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
            return operators.extreme(name == "min", args)
        if name == "round_cents":
            return operators.round_cents(args[0])
        if name == "add_working_days":
            if self.law.calendar is None:
                return NEVER
            return nodes.strict(operators.far(working_days(self.law.calendar.count)), args, 0)
        return nodes.strict(operators.far(CALENDAR[name]), args, 0)

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
        return words.word_number(self.text(key), entries.get, scale)

    # -- words --------------------------------------------------------

    def text(self, node: Any) -> Text:
        return self.once("text", node, lambda: self._text(node))

    def _text(self, node: Any) -> Text:
        if (folded := self.folded(node)) is not None:
            if folded[0] is None:
                return NO_TEXT
            literal = str(folded[0])
            return self.vocabulary.common(Text(lambda block: np.empty(0), (), literal))
        if self.of_firm(self.facts_in(node)):
            theirs = self.vocabulary.common(self.firms.text(node))
            return theirs if theirs.never or theirs.always is not None else Firm(theirs).text()
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self.law.facts:
                return Text(lambda block: block.places(name), self.words[name], fact=name)
            case ast.Name(id=name) | ast.Attribute(attr=name):
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
            open_ = np.int32(-1) if strict else np.where(x == y, x, np.int32(-1))
            return np.where(t == 2, x, np.where(t == 0, y, open_))

        return Text(shared(run), self.vocabulary.words)


def _pair(left: Any, op: ast.cmpop, right: Any) -> ast.Compare:
    """One comparison out of a chain."""
    return ast.Compare(left, [op], [right])


def _named(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _once(truth: Truth) -> Truth:
    return truth if truth.always is not None else Truth(shared(truth.run))
