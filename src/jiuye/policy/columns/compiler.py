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
from jiuye.policy.folding import Facts
from jiuye.policy.forms import Forms, pairs
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


class Compiler(Reach, Forms[Truth, Number, Text]):
    """Makes nodes for one law at one date. The same text gives the same node: worked out once a block.

    What rests on the employer alone is made by a compiler of its own, `firms`, whose blocks are employers:
    there a fact of the employer, and `employer.NAME` too, is a column.
    """

    refusal = "has no column form"

    def __init__(
        self, law: Law, on: date, words: dict[str, list[str]], vocabulary: Vocabulary | None = None
    ) -> None:
        Reach.__init__(self, law, on)
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
        return Days.of(self.direct(self.truth_form, node), axes)

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
            case ast.Compare(ops=ops) if len(ops) > 1:
                return self.together([self.truth(pair) for pair in pairs(node)], True)
            case ast.Compare() | ast.IfExp():
                if (axes := self.axes(node)) is not None:
                    return truth_table(self.direct(self.truth_form, node), axes, self.cutoffs)
        if isinstance(node, ast.Name) and node.id in self.asked_of_members and not self.in_table:
            return self.member_truth(node.id, self.truth_form(node))
        return self.truth_form(node)

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

    @property
    def no_truth(self) -> Truth:
        return Truth.constant(1)

    @property
    def no_number(self) -> Number:
        return NEVER

    @property
    def no_text(self) -> Text:
        return NO_TEXT

    def named_truth(self, node: Any) -> Truth:
        name = named(node)
        if name in self.law.facts:
            return Truth(lambda block: block.columns[name] if name in block.columns else block.full(1))
        return self.truth_of_rule(name)

    def truth_of_home(self, node: Any) -> Truth:
        return self.fold(node).truth()

    def negate(self, truth: Truth) -> Truth:
        return nodes.negate(truth)

    def choose_truth(self, test: Truth, body: Truth, orelse: Truth, strict: bool) -> Truth:
        return _once(nodes.choose_truth(test, body, orelse, strict=strict))

    def together(self, parts: list[Truth], conjunction: bool) -> Truth:
        return _once(nodes.reduce(parts, conjunction))

    def all_or_any(self, values: Sequence[Any], conjunction: bool) -> Truth:
        return self.group(values, conjunction, self.facts_in, lambda by, part: by.truth(part))

    def parts(self, text: ConditionText, conjunction: bool) -> Truth:
        return self.group(
            text.parts, conjunction, self.facts_of_condition, lambda by, part: by.condition(part)
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
        return _once(super().compare(left, op, right))

    def compare_numbers(self, op: ast.cmpop, a: Number, b: Number) -> Truth:
        return operators.compare(a, op, b)

    def compare_truths(self, op: ast.cmpop, a: Truth, b: Truth) -> Truth:
        return operators.same_truth(a, b, isinstance(op, ast.Eq))

    def compare_texts(self, op: ast.cmpop, a: Text, b: Text) -> Truth:
        same = self.same_text(a, b)
        return same if isinstance(op, ast.Eq) else nodes.negate(same)

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

    def among(self, text: Text, members: tuple[str, ...]) -> Truth:
        return words.word_test(text, lambda word: word in members)

    def holds(self, node: Any, members: tuple[str, ...]) -> Truth:
        fact = named(node)
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
            return number_table(self.direct(self.number_form, node), axes)
        return self.number_form(node)

    def named_number(self, node: Any) -> Number:
        name = named(node)
        if name in self.law.facts:
            scale = scale_of(self.law.facts[name].type)
            return Number(lambda block: block.number(name), scale, fact=name)
        return self.number_of_rule(name)

    def count_of_home(self, node: Any) -> Number:
        return self.fold(node).number()

    def negative(self, number: Number) -> Number:
        return nodes.strict(operators.negative, [number], number.scale)

    def choose_number(self, test: Truth, body: Number, orelse: Number, strict: bool) -> Number:
        return nodes.choose_number(test, body, orelse, strict)

    def arithmetic(self, op: ast.operator, a: Number, b: Number) -> Number:
        return operators.arithmetic(op, a, b)

    def call(self, name: str, args: list[Number], node: ast.Call) -> Number:
        if name in ("min", "max"):
            return operators.extreme(name == "min", args)
        if name == "round_cents":
            return operators.round_cents(args[0])
        if name == "add_working_days":
            if self.law.calendar is None:
                return NEVER
            return nodes.strict(operators.far(working_days(self.law.calendar.count)), args, 0)
        return nodes.strict(operators.far(CALENDAR[name]), args, 0)

    def row(self, text: Text, rows: dict[str, Any]) -> Number:
        scale = max((scaled(entry)[1] for entry in rows.values()), default=0)
        entries = {word: scaled(entry, scale)[0] for word, entry in rows.items()}
        return words.word_number(text, entries.get, scale)

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
        return self.text_form(node)

    def named_text(self, node: Any) -> Text:
        name = named(node)
        if name in self.law.facts:
            return Text(lambda block: block.places(name), self.words[name], fact=name)
        return self.text_of_rule(name)

    def choose_text(self, test: Truth, body: Text, orelse: Text, strict: bool) -> Text:
        a, b = self.vocabulary.common(body), self.vocabulary.common(orelse)

        def run(block: Block) -> Array:
            t, x, y = test.run(block), a.run(block), b.run(block)
            open_ = np.int32(-1) if strict else np.where(x == y, x, np.int32(-1))
            return np.where(t == 2, x, np.where(t == 0, y, open_))

        return Text(shared(run), self.vocabulary.words)


def named(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _once(truth: Truth) -> Truth:
    return truth if truth.always is not None else Truth(shared(truth.run))
