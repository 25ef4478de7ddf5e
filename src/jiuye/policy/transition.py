"""A rule after versions that go on for some: one text that chooses, which every reader reads like any other.

“The old version where its `goes_on_for` is met, else the next” is written as `old if goes_on else next`, so
that an open test with two answers that agree is decided, as everywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from jiuye.policy.language import Expression
from jiuye.policy.parts import ConditionText, Rule
from jiuye.policy.values import BOOL, Type

_UNKNOWN = Type("unknown")


def chosen(versions: Sequence[Rule], on: date, made: dict[tuple[int, ...], Rule]) -> Rule | None:
    """What stands on that day: the version in force, or one text with the versions that go on before it.

    `made` keeps what was put together, by the numbers of the versions.
    """
    base = next((number for number, rule in enumerate(versions) if rule.in_force(on)), None)
    earlier = [
        number
        for number, rule in enumerate(versions)
        if rule.goes_on is not None and rule.last is not None and rule.last < on
    ]
    if not earlier:
        return None if base is None else versions[base]
    key = (*earlier, -1 if base is None else base)
    if key not in made:
        made[key] = _together([versions[n] for n in earlier], None if base is None else versions[base])
    return made[key]


def _together(earlier: Sequence[Rule], base: Rule | None) -> Rule:
    choices = tuple((rule.goes_on, rule) for rule in earlier if rule.goes_on is not None)
    shape = base or earlier[-1]
    out = replace(
        shape, choices=choices, base=base, goes_on=None, first=date.min, last=None, excludes=shape.excludes
    )
    if shape.schedule is not None:
        return out  # months are worked out one case at a time: the version is chosen there
    if shape.condition is not None:
        text = _condition(base.condition) if base and base.condition else _open(shape)
        for test, rule in reversed(choices):
            assert rule.condition is not None
            text = _if(_condition(test), _condition(rule.condition), text, BOOL)
        out.condition = replace(shape.condition, when=text, quantifier="all", parts=())
        return out
    given = (base.given or _true(base)) if base else _open(shape)
    value = base.value if base and base.value else _open(shape)
    otherwise = base.otherwise if base and base.otherwise else _open(shape)
    for test, rule in reversed(choices):
        goes_on = _condition(test)
        assert rule.value is not None
        given = _if(goes_on, rule.given or _true(rule), given, BOOL)
        value = _if(goes_on, rule.value, value, shape.type)
        otherwise = _if(goes_on, rule.otherwise or _open(rule), otherwise, shape.type)
    out.given, out.value, out.otherwise = given, value, otherwise
    return out


def _typed(node: Any, of: Type) -> Any:
    node.t = of
    return node


def _open(rule: Rule) -> Expression:
    return Expression.made(_typed(ast.Name("unknown", ast.Load()), _UNKNOWN), "unknown", rule.where, _UNKNOWN)


def _true(rule: Rule) -> Expression:
    return Expression.made(_typed(ast.Constant(True), BOOL), "True", rule.where, BOOL)


def _if(test: Expression, body: Expression, orelse: Expression, of: Type) -> Expression:
    node = _typed(ast.IfExp(test.body, body.body, orelse.body), of)
    return Expression.made(node, f"({body.text}) if ({test.text}) else ({orelse.text})", body.where, of)


def _condition(text: ConditionText) -> Expression:
    """A condition with its groups as one expression."""
    if text.when is not None:
        return text.when
    parts = [_condition(part) for part in text.parts]
    if len(parts) == 1:
        return parts[0]
    conjunction = text.quantifier == "all"
    node = _typed(ast.BoolOp(ast.And() if conjunction else ast.Or(), [part.body for part in parts]), BOOL)
    joined = (" and " if conjunction else " or ").join(f"({part.text})" for part in parts)
    return Expression.made(node, joined, parts[0].where, BOOL)
