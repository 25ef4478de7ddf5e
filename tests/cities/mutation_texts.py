"""Mutants of the law: conditions left out or denied, limits moved by a step, words left out, sums changed.

They are made on the checked trees: a mutant is one rule version (or one parameter) with one place changed.
A condition is

* a named condition of `all`, `any`, `stops`, a rule's `when`, `given`, `goes_on_for`;
* an operand of `and` or `or`, a link of a chain `a <= b < c`, the test of `x if c else y`, wherever they are.

Left out, an operand is no longer there (a lone condition is always met, a lone one of `any` never). `unknown`
has no denial and so no such mutant. A limit is a comparison with `<`, `<=`, `>`, `>=`. Words are those of a
list in an expression and of a parameter that is a list and that some rule reads. In a sum an operand, a bound
of `min` or `max`, the rounding or the interval added to a date is left out, or its sign turned round.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from jiuye.policy import Law
from jiuye.policy.language import Expression
from jiuye.policy.parts import ConditionText, Parameter, Rule
from jiuye.policy.values import BOOL

DROP, NEGATE, BOUNDARY, WORD, SUM = "drop", "negate", "boundary", "word", "sum"
STEP: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
SIGN: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
Variant = tuple[str, str, Any]  # what was done, to which text, what stands there now
Changed = tuple[str, str, str, Any]  # where, what was done, to which text, what stands there now


@dataclass(frozen=True)
class Mutant:
    """`made` stands in the place of that version of the rule (counted from 0), or of the parameter.

    read_by: the rule versions whose answers may differ.
    """

    of: str
    version: int
    where: str
    kind: str
    text: str
    made: Rule | Parameter
    read_by: frozenset[tuple[str, int]]

    @property
    def name(self) -> str:
        return f"{self.of}#{self.version} {self.where}: {self.kind} {self.text}"


def mutants(law: Law, only: str | None = None) -> list[Mutant]:
    """All of them, in the order of the law; of one rule or parameter when it is named."""
    out: dict[str, Mutant] = {}
    for mutant in (*_of_rules(law), *_of_parameters(law)):
        if only is None or mutant.of == only:
            while mutant.name in out:  # the same words twice in one expression
                mutant = replace(mutant, text=f"{mutant.text} (again)")
            out[mutant.name] = mutant
    return list(out.values())


def _of_rules(law: Law) -> Iterator[Mutant]:
    for name, versions in law.rules.items():
        for number, rule in enumerate(versions):
            for where, kind, text, made in _of_rule(rule):
                yield Mutant(name, number, where, kind, text, made, frozenset([(name, number)]))


def _of_parameters(law: Law) -> Iterator[Mutant]:
    readers: dict[str, set[tuple[str, int]]] = {}
    for name, versions in law.rules.items():
        for number, rule in enumerate(versions):
            for expression in rule.expressions():
                for read in expression.reads:
                    readers.setdefault(read, set()).add((name, number))
    for name, parameter in law.parameters.items():
        for number, item in enumerate(parameter.values):
            if name in readers and isinstance(item.value, tuple):
                for word in item.value:
                    less = replace(item, value=tuple(other for other in item.value if other != word))
                    made = replace(parameter, values=_put(parameter.values, number, less))
                    yield Mutant(name, number, "values", WORD, word, made, frozenset(readers[name]))


# -- rules --------------------------------------------------------


def _of_rule(rule: Rule) -> Iterator[Changed]:
    for key in ("condition", "goes_on"):
        text = getattr(rule, key)
        if text is not None:
            where = "goes_on_for" if key == "goes_on" else "stops" if rule.stop_of else "condition"
            for place, kind, words, made in _of_condition(text, where):
                yield place, kind, words, replace(rule, **{key: made})
    if rule.given is not None:
        words = rule.given.text
        yield "given", DROP, words, replace(rule, given=None)
        yield from _denied(rule.given, "given", lambda made: replace(rule, given=made))
        yield from _inner(rule.given, "given", lambda made: replace(rule, given=made))
    for key in ("value", "otherwise"):
        expression = getattr(rule, key)
        if expression is not None:
            yield from _inner(expression, key, lambda made, key=key: replace(rule, **{key: made}))  # type: ignore[misc]
    schedule = rule.schedule
    if schedule is not None:
        for key in ("first", "count", "value"):
            yield from _inner(
                getattr(schedule, key),
                f"schedule.{key}",
                lambda made, key=key: replace(rule, schedule=replace(schedule, **{key: made})),  # type: ignore[misc]
            )


def _of_condition(text: ConditionText, where: str) -> Iterator[Changed]:
    """A rule's whole condition, or a version's `goes_on_for`: a group has its parts, a lone one itself."""
    if text.when is None:
        yield from _of_group(text, where)
        return
    yield where, DROP, text.when.text, replace(text, when=_constant(True, text.when))
    yield from _of_when(text, where)


def _of_group(text: ConditionText, where: str) -> Iterator[Changed]:
    for number, part in enumerate(text.parts):
        place = f"{where}.{part.name}"
        yield place, DROP, part.name, _without(text, number)
        changes = _of_when(part, place) if part.when is not None else _of_part(part, place)
        for at, kind, words, made in changes:
            yield at, kind, words, replace(text, parts=_put(text.parts, number, made))


def _of_part(part: ConditionText, place: str) -> Iterator[Changed]:
    """A group within a group: denied as a whole, then its own parts."""
    whole = _together(part)
    denied = Expression.made(ast.UnaryOp(ast.Not(), whole.body), f"not ({whole.text})", whole.where, BOOL)
    yield place, NEGATE, part.name, replace(part, when=denied, parts=())
    yield from _of_group(part, place)


def _of_when(text: ConditionText, where: str) -> Iterator[Changed]:
    assert text.when is not None
    for change in (_denied, _inner):
        yield from change(text.when, where, lambda made: replace(text, when=made))


def _without(text: ConditionText, number: int) -> ConditionText:
    parts = (*text.parts[:number], *text.parts[number + 1 :])
    if parts:
        return replace(text, parts=parts)
    first = next(text.expressions())
    return replace(text, when=_constant(text.quantifier == "all", first), parts=())


def _together(text: ConditionText) -> Expression:
    """A condition with its groups as one expression."""
    if text.when is not None:
        return text.when
    parts = [_together(part) for part in text.parts]
    op = ast.And() if text.quantifier == "all" else ast.Or()
    node = ast.BoolOp(op, [part.body for part in parts])
    return Expression.made(node, ast.unparse(node), parts[0].where, BOOL)


def _put(items: tuple[Any, ...], number: int, item: Any) -> tuple[Any, ...]:
    return (*items[:number], item, *items[number + 1 :])


# -- expressions --------------------------------------------------------


def _constant(value: bool, like: Expression) -> Expression:
    return Expression.made(ast.Constant(value), str(value), like.where, BOOL)


def _denied(expression: Expression, where: str, around: Callable[[Expression], Any]) -> Iterator[Changed]:
    body = expression.body
    if not _is_unknown(body):
        yield where, NEGATE, expression.text, around(_made(ast.UnaryOp(ast.Not(), body), expression))


def _inner(expression: Expression, where: str, around: Callable[[Expression], Any]) -> Iterator[Changed]:
    for kind, words, body in _variants(expression.body):
        yield where, kind, words, around(_made(body, expression))


def _made(body: Any, like: Expression) -> Expression:
    return Expression.made(body, ast.unparse(body), like.where, like.type)


def _is_unknown(node: Any) -> bool:
    return isinstance(node, ast.Name) and node.id == "unknown"


def _variants(node: Any) -> Iterator[Variant]:
    """Everything within an expression that can be changed, and the whole with that one change."""
    match node:
        case ast.BoolOp(op=op, values=values):
            for number, value in enumerate(values):
                rest = [*values[:number], *values[number + 1 :]]
                yield DROP, ast.unparse(value), rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
                if not _is_unknown(value):
                    denied = ast.UnaryOp(ast.Not(), value)
                    yield NEGATE, ast.unparse(value), ast.BoolOp(op, [*_put(tuple(values), number, denied)])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield DROP, ast.unparse(test), body
            if not _is_unknown(test):
                yield NEGATE, ast.unparse(test), ast.IfExp(test, orelse, body)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            yield from _compared(left, ops, rights)
        case ast.BinOp(left=left, op=op, right=right):
            yield from _reckoned(node, left, op, right)
        case ast.Call(func=ast.Name(id=function), args=args):
            yield from _called(node, function, args)
        case ast.List(elts=listed) if len(listed) > 1:
            for number, word in enumerate(listed):
                less = ast.List([*listed[:number], *listed[number + 1 :]])
                yield WORD, f"{ast.unparse(word)} of {ast.unparse(node)}", less
    for key, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            for kind, words, made in _variants(value):
                yield kind, words, _with(node, key, made)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, ast.expr):
                    for kind, words, made in _variants(item):
                        yield kind, words, _with(node, key, [*_put(tuple(value), number, made)])


def _compared(left: Any, ops: list[ast.cmpop], rights: list[Any]) -> Iterator[Variant]:
    operands = [left, *rights]
    for number, op in enumerate(ops):
        if type(op) in STEP:
            moved = [*_put(tuple(ops), number, STEP[type(op)]())]
            text = ast.unparse(ast.Compare(operands[number], [op], [operands[number + 1]]))
            yield BOUNDARY, text, ast.Compare(left, moved, rights)
    if len(ops) == 1:
        return
    links: list[ast.expr] = [ast.Compare(operands[n], [op], [operands[n + 1]]) for n, op in enumerate(ops)]
    for number, link in enumerate(links):
        rest = [*links[:number], *links[number + 1 :]]
        yield DROP, ast.unparse(link), rest[0] if len(rest) == 1 else ast.BoolOp(ast.And(), rest)
        denied = [*_put(tuple(links), number, ast.UnaryOp(ast.Not(), link))]
        yield NEGATE, ast.unparse(link), ast.BoolOp(ast.And(), denied)


def _reckoned(node: Any, left: Any, op: ast.operator, right: Any) -> Iterator[Variant]:
    text = ast.unparse(node)
    if type(op) in SIGN and not (_kind(left) == _kind(right) == "month"):  # months can't be added
        yield SUM, f"sign of {text}", ast.BinOp(left, SIGN[type(op)](), right)
    yield SUM, f"{ast.unparse(right)} of {text}", left
    if isinstance(op, ast.Add | ast.Mult) and _kind(left) == _kind(right):
        yield SUM, f"{ast.unparse(left)} of {text}", right


def _kind(node: Any) -> str:
    """Of what a checked tree says a value is; a literal has no mark."""
    return node.t.kind if hasattr(node, "t") else "number"


def _called(node: Any, function: str, args: list[Any]) -> Iterator[Variant]:
    text = ast.unparse(node)
    if function in ("min", "max"):
        for number, arg in enumerate(args):
            rest = [*args[:number], *args[number + 1 :]]
            yield (
                SUM,
                f"{ast.unparse(arg)} of {text}",
                rest[0] if len(rest) == 1 else _with(node, "args", rest),
            )
    elif function == "round_cents" or function.startswith("add_"):
        yield SUM, f"{function} of {text}", args[0]


def _with(node: Any, key: str, value: Any) -> Any:
    """The node with one field changed: a new one, for what was made of the old one is kept with it."""
    fields = {name: value if name == key else old for name, old in ast.iter_fields(node)}
    return type(node)(**fields)
