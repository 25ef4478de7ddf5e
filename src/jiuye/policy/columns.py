"""The same rules for a whole population, with NumPy.

Truth is a byte: 0 not met, 1 unknown, 2 met; AND is min, OR is max. Parameters and the as-of date are folded
first, so that “16 years old” becomes one cut-off day. Columns come in as:

* bool: uint8 0/1/2
* number (int, decimal, money): int64, decimals times 10**scale (see `encode`); NULL_NUMBER = unknown
* date: int32 days since 1970; month: int32 year*12+month-1; NULL_DAY = unknown
* code and text: int16 index into `Program.words[name]`; -1 = unknown
* list: uint64 bit per word; top bit = unknown
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiuye.policy.errors import NotColumnar
from jiuye.policy.explain import Case
from jiuye.policy.language import FUNCTIONS
from jiuye.policy.law import Law
from jiuye.policy.parts import ConditionText, Rule
from jiuye.policy.values import Month, Type, Value

NULL_NUMBER = np.int64(np.iinfo(np.int64).min)
NULL_DAY = np.int32(np.iinfo(np.int32).min)
NULL_LIST = np.uint64(1 << 63)
FACT_SCALE = 2  # decimals and money facts: two places
BLOCK = 65536
EPOCH = date(1970, 1, 1)
Array = NDArray[Any]


@dataclass
class Column:
    """Data of one expression over one block. Truth: uint8 without mask. Others: int64 data and unknown mask."""

    data: Array
    unknown: Array | None = None
    scale: int = 0


@dataclass
class Constant:
    """A value that is the same for everybody (folded); None = unknown."""

    value: Value


@dataclass(frozen=True)
class ColumnResult:
    """state: uint8 0/1/2. value: int64 (numbers times 10**scale, days, months, word index) or None."""

    state: Array
    value: Array | None
    scale: int
    words: tuple[str, ...] = ()


class _Old(TypeError):
    """The rule holds something only one case can be asked (a list, a schedule, working days)."""


class Program:
    """Rules folded at one date. `run(columns)` answers for all rows, in blocks that stay in cache."""

    def __init__(self, law: Law, rules: Sequence[str], on: date) -> None:
        self.law, self.on, self.rules = law, on, list(rules)
        self.words: dict[str, list[str]] = {}
        self.folded: dict[int, Any] = {}
        self.constants = Case(law, {})
        self.facts: set[str] = set()
        for name in rules:
            self.walk(name, set())

    # -- preparation ------------------------------------------------------------------------------------------

    def walk(self, name: str, seen: set[str]) -> None:
        """Find the facts in use and give every text fact its words."""
        rule = self.law.rule_at(name, self.on)
        if rule is None or name in seen:
            return
        seen.add(name)
        if rule.schedule is not None:
            raise NotColumnar(f"{name} is a schedule")
        for expression in rule.expressions():
            literals = {
                node.value
                for node in ast.walk(expression.body)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            for other in expression.names:
                if other in self.law.facts:
                    self.facts.add(other)
                    of = self.law.facts[other].type
                    if of.kind in ("text", "list"):
                        words = self.words.setdefault(other, [])
                        for word in [*self.law.codes.get(of.codes or "", {}), *sorted(literals)]:
                            if word not in words:
                                words.append(word)
                elif other in self.law.rules:
                    self.walk(other, seen)

    def encode(self, name: str, values: Sequence[Value]) -> Array:
        """Python values (None = unknown) as the column this program reads; unseen words are added."""
        of = self.law.facts[name].type
        if of.kind == "bool":
            return np.array([1 if v is None else 2 if v else 0 for v in values], dtype=np.uint8)
        if of.kind == "number":
            factor = 1 if of.exact else 10**FACT_SCALE
            return np.array([NULL_NUMBER if v is None else int(v * factor) for v in values], dtype=np.int64)  # type: ignore[operator]
        if of.kind == "date":
            return np.array([NULL_DAY if v is None else (v - EPOCH).days for v in values], dtype=np.int32)  # type: ignore[operator]
        if of.kind == "month":
            return np.array([NULL_DAY if v is None else int(v) for v in values], dtype=np.int32)  # type: ignore[call-overload]
        words = self.words.setdefault(name, [])
        for value in values:
            for word in value if isinstance(value, tuple) else (value,):
                if word is not None and word not in words:
                    words.append(str(word))
        index = {word: number for number, word in enumerate(words)}
        if of.kind == "text":
            return np.array([-1 if v is None else index[str(v)] for v in values], dtype=np.int16)
        bits = [
            int(NULL_LIST) if v is None else sum(1 << index[str(w)] for w in dict.fromkeys(v))  # type: ignore[union-attr,arg-type]
            for v in values
        ]
        return np.array(bits, dtype=np.uint64)

    # -- running ----------------------------------------------------------------------------------------------

    def run(self, columns: Mapping[str, Array]) -> dict[str, ColumnResult]:
        """Every rule for every row. A fact without a column is unknown for all."""
        size = len(next(iter(columns.values()))) if columns else 0
        pieces: dict[str, list[ColumnResult]] = {name: [] for name in self.rules}
        for start in range(0, max(size, 1), BLOCK):
            block = {name: array[start : start + BLOCK] for name, array in columns.items()}
            runner = _Block(self, block, min(BLOCK, size - start))
            for name in self.rules:
                pieces[name].append(runner.result(name))
        out = {}
        for name, parts in pieces.items():
            values = [part.value for part in parts]
            joined = None if values[0] is None else np.concatenate([v for v in values if v is not None])
            state = np.concatenate([part.state for part in parts])
            out[name] = ColumnResult(state, joined, parts[0].scale, parts[0].words)
        return out

    def fold(self, node: Any) -> Constant | None:
        """The node's value when it doesn't depend on anybody."""
        key = id(node)
        if key not in self.folded:
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - set(FUNCTIONS) - {"min", "max"}
            free = all(self.is_constant(name) for name in names)
            self.folded[key] = Constant(self.constants.evaluate(node, self.on).value) if free else None
        found: Constant | None = self.folded[key]
        return found

    def is_constant(self, name: str) -> bool:
        if name in self.law.facts or name in ("month", "index"):
            return False
        if name not in self.law.rules:
            return True
        rule = self.law.rule_at(name, self.on)
        return rule is None or all(self.is_constant(n) for e in rule.expressions() for n in e.names)

    def cutoff(self, node: Any) -> tuple[str, int, int] | None:
        """(fact, direction, sign) when `node` rises or falls with one date fact and nothing else varies."""
        match node:
            case ast.Name(id=name) if name in self.law.facts and self.law.facts[name].type.kind == "date":
                return name, 1, 1
            case ast.Name(id=name) if name in self.law.rules:
                rule = self.law.rule_at(name, self.on)
                if rule is not None and rule.value is not None and rule.given is None:
                    return self.cutoff(rule.value.body)
            case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS and FUNCTIONS[name][2]:
                return self._one(args, FUNCTIONS[name][2])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._one([left, right], (1, 1))
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return self._one([left, right], (1, -1))
        return None

    def _one(self, args: list[Any], directions: tuple[int, ...]) -> tuple[str, int, int] | None:
        varying = [(arg, way) for arg, way in zip(args, directions, strict=True) if self.fold(arg) is None]
        if len(varying) != 1 or any(
            (folded := self.fold(arg)) is not None and folded.value is None for arg in args
        ):
            return None
        found = self.cutoff(varying[0][0])
        return None if found is None else (found[0], found[1] * varying[0][1], 1)


class _Block:
    """One block of rows; each rule is worked out once."""

    def __init__(self, program: Program, columns: Mapping[str, Array], size: int) -> None:
        self.program, self.columns, self.size = program, columns, size
        self.done: dict[str, Column] = {}
        self.law, self.on = program.law, program.on

    def result(self, name: str) -> ColumnResult:
        rule = self.law.rule_at(name, self.on)
        if rule is None:
            return ColumnResult(np.ones(self.size, np.uint8), None, 0)
        column = self.rule(name)
        if rule.type.kind == "bool":
            if rule.condition is None:
                return ColumnResult(np.where(column.data == 1, 1, 2).astype(np.uint8), column.data.astype(np.int64), 0)
            return ColumnResult(column.data, None, 0)
        known = np.full(self.size, 2, np.uint8)
        if column.unknown is not None:
            known[column.unknown] = 1
        if rule.given is not None:
            known[self.truth(rule.given.body) == 0] = 0
        return ColumnResult(known, column.data, column.scale, tuple(self.program.words.get(f"rule {name}", ())))

    def rule(self, name: str) -> Column:
        if name not in self.done:
            self.done[name] = self._rule(name)
        return self.done[name]

    def _rule(self, name: str) -> Column:
        rule = self.law.rule_at(name, self.on)
        if rule is None:
            return self.constant(None, self.law.rules[name][0].type)
        if rule.condition is not None:
            return Column(self.condition(rule.condition))
        assert rule.value is not None
        value = self.evaluate(rule.value.body, rule.type)
        if rule.given is None:
            return value
        other = (
            self.evaluate(rule.otherwise.body, rule.type) if rule.otherwise else self.constant(None, rule.type)
        )
        return self.choose(self.truth(rule.given.body), value, other, rule.type, lenient=False)

    def condition(self, text: ConditionText) -> Array:
        if text.when is not None:
            return self.truth(text.when.body)
        parts = [self.condition(part) for part in text.parts]
        return self.reduce(parts, text.quantifier == "all")

    def reduce(self, parts: list[Array], conjunction: bool) -> Array:
        out = parts[0]
        for part in parts[1:]:
            out = np.minimum(out, part) if conjunction else np.maximum(out, part)
        return out

    def truth(self, node: Any) -> Array:
        column = self.evaluate(node, Type("bool"))
        return column.data

    def constant(self, value: Value, of: Type) -> Column:
        size = self.size
        if of.kind == "bool" or isinstance(value, bool):
            return Column(np.full(size, 1 if value is None else 2 if value else 0, np.uint8))
        if value is None:
            return Column(np.zeros(size, np.int64), np.ones(size, bool))
        if isinstance(value, Decimal):
            scale = max(0, -int(value.as_tuple().exponent))
            return Column(np.full(size, int(value.scaleb(scale)), np.int64), None, scale)
        if isinstance(value, date):
            return Column(np.full(size, (value - EPOCH).days, np.int64))
        if isinstance(value, int):
            return Column(np.full(size, int(value), np.int64))
        raise NotColumnar(f"{value!r} isn't a column")

    def evaluate(self, node: Any, of: Type) -> Column:  # noqa: PLR0911
        folded = self.program.fold(node)
        if folded is not None and not isinstance(folded.value, str | tuple | dict):
            return self.constant(folded.value, getattr(node, "t", of))
        match node:
            case ast.Name(id=name):
                return self.fact(name) if name in self.law.facts else self.rule(name)
            case ast.BoolOp(op=op, values=values):
                return Column(self.reduce([self.truth(v) for v in values], isinstance(op, ast.And)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Column(np.uint8(2) - self.truth(operand))
            case ast.UnaryOp(operand=operand):
                inner = self.evaluate(operand, of)
                return Column(-inner.data, inner.unknown, inner.scale)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                a, b = self.evaluate(body, of), self.evaluate(orelse, of)
                return self.choose(self.truth(test), a, b, of, lenient=True)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                items = [left, *rights]
                pairs = zip(items, ops, rights, strict=False)
                return Column(self.reduce([self.compare(a, op, b) for a, op, b in pairs], True))
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(self.evaluate(left, left.t), op, self.evaluate(right, right.t))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, args)
            case ast.Subscript(value=table, slice=key):
                return self.lookup(table, key)
        raise NotColumnar(f"{type(node).__name__} has no column form")

    def fact(self, name: str) -> Column:
        of = self.law.facts[name].type
        data = self.columns.get(name)
        if data is None:
            return self.constant(None, of)
        if of.kind == "bool":
            return Column(data)
        if of.kind == "list":
            return Column(data, (data & NULL_LIST) != 0)
        null: Any = {"number": NULL_NUMBER, "text": np.int16(-1)}.get(of.kind, NULL_DAY)
        unknown = data == null
        scale = 0 if of.kind != "number" or of.exact else FACT_SCALE
        return Column(data.astype(np.int64), unknown if unknown.any() else None, scale)

    def compare(self, left: Any, op: ast.cmpop, right: Any) -> Array:
        if isinstance(op, ast.In | ast.NotIn):
            truth = self.membership(left, right)
            return truth if isinstance(op, ast.In) else np.uint8(2) - truth
        if left.t.kind == "text" or right.t.kind == "text":
            return self.same_text(left, op, right)
        if left.t.kind == "bool":
            a, b = self.evaluate(left, left.t).data, self.evaluate(right, right.t).data
            return self.tri(a == b if isinstance(op, ast.Eq) else a != b, (a == 1) | (b == 1))
        cut = self.fold_comparison(left, op, right)
        if cut is not None:
            return cut
        a, b = self.align(self.evaluate(left, left.t), self.evaluate(right, right.t))
        result = _COMPARE[type(op)](a.data, b.data)
        return self.tri(result, _either(a.unknown, b.unknown))

    def tri(self, truth: Array, unknown: Array | None) -> Array:
        out = truth.view(np.uint8) << np.uint8(1) if truth.dtype == bool else truth
        if unknown is not None:
            out = np.where(unknown, np.uint8(1), out)
        return out

    def fold_comparison(self, left: Any, op: ast.cmpop, right: Any) -> Array | None:
        """`years_between(birth, on) >= 16` as `birth <= a day`: the day is found with the one-case reader."""
        if self.program.fold(right) is None:
            if self.program.fold(left) is None:
                return None
            left, right, op = right, left, _MIRROR.get(type(op), type(op))()
        found, limit = self.program.cutoff(left), self.program.fold(right)
        if found is None or limit is None or limit.value is None or type(op) not in _COMPARE:
            return None
        fact, direction, _ = found
        data = self.columns.get(fact)
        if data is None:
            return np.ones(self.size, np.uint8)
        if isinstance(op, ast.Eq | ast.NotEq):
            return None
        key = (id(left), id(right), type(op))
        if key not in self.program.folded:
            self.program.folded[key] = _first_true(self.program, left, op, right, fact, direction)  # type: ignore[index]
        rising, day = self.program.folded[key]  # type: ignore[index]
        return self.tri(data >= day if rising else data < day, data == NULL_DAY)

    def same_text(self, left: Any, op: ast.cmpop, right: Any) -> Array:
        literal, other = (left, right) if isinstance(left, ast.Constant) else (right, left)
        if not isinstance(literal, ast.Constant) or not isinstance(other, ast.Name):
            raise NotColumnar("texts are compared with a literal")
        column = self.evaluate(other, other.t)
        words = self.program.words[other.id]
        index = words.index(literal.value) if literal.value in words else -2
        equal = column.data == index
        return self.tri(equal if isinstance(op, ast.Eq) else ~equal, column.unknown)

    def membership(self, left: Any, right: Any) -> Array:
        if isinstance(left, ast.Name) and left.id in self.law.facts:
            words = self.program.words[left.id]
            folded = self.program.fold(right)
            if folded is None:
                raise NotColumnar("a list that differs between people")
            if folded.value is None:
                return np.ones(self.size, np.uint8)
            members: Any = folded.value
            table = np.array([word in members for word in words] + [False], dtype=bool)
            column = self.evaluate(left, left.t)
            return self.tri(table[column.data], column.unknown)
        if isinstance(left, ast.Constant) and isinstance(right, ast.Name):
            return self.overlap(right, (left.value,))
        raise NotColumnar("`in` between two people's values")

    def overlap(self, fact: Any, members: Sequence[str]) -> Array:
        column = self.evaluate(fact, fact.t)
        words = self.program.words[fact.id]
        mask = np.uint64(sum(1 << number for number, word in enumerate(words) if word in members))
        return self.tri((column.data & mask) != 0, column.unknown)

    def align(self, a: Column, b: Column) -> tuple[Column, Column]:
        scale = max(a.scale, b.scale)
        return tuple(  # type: ignore[return-value]
            c if c.scale == scale else Column(c.data * 10 ** (scale - c.scale), c.unknown, scale) for c in (a, b)
        )

    def arithmetic(self, a: Column, op: ast.operator, b: Column) -> Column:
        unknown = _either(a.unknown, b.unknown)
        if isinstance(op, ast.Mult):
            return Column(a.data * b.data, unknown, a.scale + b.scale)
        if isinstance(op, ast.FloorDiv):
            zero = b.data == 0
            data = a.data // np.where(zero, 1, b.data)
            return Column(data, _either(unknown, zero if zero.any() else None))
        a, b = self.align(a, b)
        return Column(a.data + b.data if isinstance(op, ast.Add) else a.data - b.data, unknown, a.scale)

    def call(self, name: str, args: list[Any]) -> Column:
        if name == "overlaps":
            facts = [arg for arg in args if isinstance(arg, ast.Name) and arg.id in self.law.facts]
            others = [self.program.fold(arg) for arg in args if arg not in facts]
            if len(facts) != 1 or others[0] is None:
                raise NotColumnar("overlaps needs one person's list and one fixed list")
            if others[0].value is None:
                return Column(np.ones(self.size, np.uint8))
            return Column(self.overlap(facts[0], others[0].value))  # type: ignore[arg-type]
        columns = [self.evaluate(arg, arg.t) for arg in args]
        if name in ("min", "max"):
            out = columns[0]
            for other in columns[1:]:
                a, b = self.align(out, other)
                pick = np.minimum if name == "min" else np.maximum
                out = Column(pick(a.data, b.data), _either(a.unknown, b.unknown), a.scale)
            return out
        unknown = None
        for column in columns:
            unknown = _either(unknown, column.unknown)
        data = _calendar(name, [_tame(column) for column in columns])
        return Column(data, unknown)

    def lookup(self, table: Any, key: Any) -> Column:
        folded = self.program.fold(table)
        if folded is None or not isinstance(folded.value, dict) or not isinstance(key, ast.Name):
            raise NotColumnar("a table is looked up by a fact")
        column = self.evaluate(key, key.t)
        entries: list[Any] = [folded.value.get(word) for word in self.program.words[key.id]] + [None]
        scale = max((-int(e.as_tuple().exponent) for e in entries if isinstance(e, Decimal)), default=0)
        missing = np.array([entry is None for entry in entries])
        values = np.array([0 if e is None else int(Decimal(e).scaleb(scale)) for e in entries], np.int64)
        return Column(values[column.data], _either(column.unknown, missing[column.data]), scale)

    def choose(self, test: Array, a: Column, b: Column, of: Type, lenient: bool) -> Column:
        if of.kind == "bool" or a.data.dtype == np.uint8:
            open_ = np.where((a.data == b.data) & lenient, a.data, np.uint8(1))
            return Column(np.where(test == 2, a.data, np.where(test == 0, b.data, open_)))
        a, b = self.align(a, b)
        none = np.zeros(self.size, bool)
        ua = none if a.unknown is None else a.unknown
        ub = none if b.unknown is None else b.unknown
        same = (a.data == b.data) & ~ua & ~ub if lenient else none
        data = np.where(test == 0, b.data, a.data)
        unknown = np.where(test == 2, ua, np.where(test == 0, ub, ~same))
        return Column(data, unknown if unknown.any() else None, a.scale)


def _either(a: Array | None, b: Array | None) -> Array | None:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def _tame(column: Column) -> Array:
    """Unknown days become an ordinary day, so that calendar arithmetic stays in range."""
    return column.data if column.unknown is None else np.where(column.unknown, 0, column.data)


def _civil(days: Array) -> tuple[Array, Array]:
    """(month index from year 0, day of month) of days since 1970."""
    stamp = days.astype("datetime64[D]")
    months = stamp.astype("datetime64[M]")
    return months.astype(np.int64) + 1970 * 12, (stamp - months.astype("datetime64[D]")).astype(np.int64) + 1


def _month_start(months: Array) -> Array:
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _calendar(name: str, args: list[Array]) -> Array:
    if name == "month_of":
        return _civil(args[0])[0]
    if name in ("first_day", "last_day"):
        return _month_start(args[0]) if name == "first_day" else _month_start(args[0] + 1) - 1
    if name == "add_days":
        return args[0] + args[1]
    if name == "days_between":
        return args[1] - args[0]
    if name == "add_months":
        month, day = _civil(args[0])
        start, after = _month_start(month + args[1]), _month_start(month + args[1] + 1)
        return start + np.minimum(day, after - start) - 1
    if name in ("months_between", "years_between"):
        (m1, d1), (m2, d2) = _civil(args[0]), _civil(args[1])
        if name == "months_between":
            return m2 - m1 - (d2 < d1)
        before = (m2 % 12 < m1 % 12) | ((m2 % 12 == m1 % 12) & (d2 < d1))
        return m2 // 12 - m1 // 12 - before
    raise NotColumnar(f"{name} is asked one case at a time")


def _first_true(
    program: Program, left: Any, op: ast.cmpop, right: Any, fact: str, direction: int
) -> tuple[bool, np.int32]:
    """(rising, day): the comparison holds from `day` on (rising) or before it."""
    test = ast.Compare(left, [op], [right])
    low, high = (date(1850, 1, 1) - EPOCH).days, (date(2199, 12, 31) - EPOCH).days
    rising = (direction > 0) == isinstance(op, ast.Gt | ast.GtE)

    def holds(day: int) -> bool:
        case = Case(program.law, {fact: EPOCH + timedelta(days=day)})
        return bool(case.evaluate(test, program.on).value)

    while low < high:
        middle = (low + high) // 2
        if holds(middle) == rising:
            high = middle
        else:
            low = middle + 1
    return rising, np.int32(low)


_COMPARE: dict[type[ast.cmpop], Any] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
_MIRROR: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
__all__ = ["Column", "ColumnResult", "Month", "NotColumnar", "Program", "Rule"]
