"""An expression of the law in plain words, with links to what it reads: for people, not for machines."""

from __future__ import annotations

import ast
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from jiuye.cities.book import Book
from jiuye.policy.language import Expression
from jiuye.web import words
from jiuye.web.present import law as words_of

Name = Callable[[str], SafeString]  # how a name is shown, with its link and its present value
Cell = Callable[[str, str], SafeString]  # how the part of a parameter that is a table is shown: its value


def say(template: str, **parts: Any) -> SafeString:
    """A sentence with parts put in; whatever isn't marked safe is escaped."""
    return mark_safe(conditional_escape(template) % {k: conditional_escape(v) for k, v in parts.items()})  # noqa: S308


def joined(parts: list[SafeString], between: str) -> SafeString:
    return mark_safe(conditional_escape(between).join(parts))  # noqa: S308


class Sentence:
    """Says expressions of one book of law. `name` shows a name, `cell` a part of a table."""

    def __init__(self, book: Book, name: Name, cell: Cell) -> None:
        self.law, self.keys, self.codes = book.law, book.keys, book.codes
        self.name, self.cell = name, cell

    def __call__(self, expression: Expression) -> SafeString:
        return self.say(expression.body)

    def say(self, node: Any, table: str | None = None) -> SafeString:
        """`table`: of the codes that a text stands for here."""
        match node:
            case ast.Constant():
                return self.constant(node.value, table)
            case ast.Name():
                return self.named(node.id)
            case ast.Attribute():
                return say(_("单位的%(what)s"), what=self.name(node.attr))
            case ast.List():
                return joined([self.say(item, table) for item in node.elts], _("、"))
            case ast.Subscript():
                key = self.say(node.slice, self.table_of(node.value))
                said = say(_("%(table)s中“%(key)s”的一档"), table=self.say(node.value), key=key)
                if isinstance(node.slice, ast.Constant) and isinstance(node.value, ast.Name):
                    return joined([said, self.cell(node.value.id, str(node.slice.value))], "")
                return said
            case ast.IfExp():
                return self.choice(node, table)
            case ast.BoolOp():
                between = _("，并且") if isinstance(node.op, ast.And) else _("，或者")
                return joined([self.inner(item) for item in node.values], between)
            case ast.UnaryOp(op=ast.Not()):
                return say(_("并非“%(what)s”"), what=self.say(node.operand))
            case ast.UnaryOp():
                return say("−%(what)s", what=self.inner(node.operand))
            case ast.Compare():
                return self.compare(node)
            case ast.BinOp():
                return self.arithmetic(node)
            case ast.Call():
                return self.call(node)
        return format_html("{}", ast.unparse(node))

    def inner(self, node: Any, table: str | None = None) -> SafeString:
        """Inside another one: what has parts of its own stands in brackets."""
        said = self.say(node, table)
        listed = isinstance(node, ast.Call) and ast.unparse(node.func) in ("min", "max", "round_cents")
        simple = isinstance(
            node, ast.Name | ast.Constant | ast.Attribute | ast.Subscript | ast.Call | ast.Compare
        )
        simple = simple or isinstance(getattr(node, "op", None), ast.Not)
        return said if simple and not listed else say(_("（%(what)s）"), what=said)

    def constant(self, value: Any, table: str | None) -> SafeString:
        if isinstance(value, bool):
            return conditional_escape(_("是") if value else _("否"))
        if isinstance(value, int | Decimal):
            return conditional_escape(words_of.number(value, None))
        shown = words_of.code(table, value, self.law) if table else self.key(value)
        foreign = shown == value and not value.isascii() and not words.chinese()  # a Chinese word as such
        return format_html('<span lang="zh-hans">{}</span>' if foreign else "{}", shown)

    def key(self, value: str) -> str:
        """A part of a table, in words where the city has them."""
        return words.pick(self.keys.get(value)) or value

    def named(self, name: str) -> SafeString:
        special = {
            "on": _("当天"),
            "unknown": _("规定没有写明"),
            "month": _("所算的那个月"),
            "index": _("第几个月"),
        }
        return conditional_escape(special[name]) if name in special else self.name(name)

    # -- what several parts make -----------------------------------------------------------------------

    def choice(self, node: ast.IfExp, table: str | None) -> SafeString:
        """If … then …; if … then …; otherwise …: however many branches follow one another."""
        table = table or self.table_of(node)
        said = say(_("如果%(test)s，就是%(yes)s"), test=self.say(node.test), yes=self.inner(node.body, table))
        if isinstance(node.orelse, ast.IfExp):
            return joined([said, self.choice(node.orelse, table)], _("；"))
        return joined([said, say(_("否则是%(no)s"), no=self.inner(node.orelse, table))], _("；"))

    def compare(self, node: ast.Compare) -> SafeString:
        sides = [node.left, *node.comparators]
        if isinstance(sides[0], ast.Constant) and isinstance(node.ops[0], ast.In | ast.NotIn):
            has = isinstance(node.ops[0], ast.In)  # one word in a list that the case has
            template = _("%(list)s里有“%(what)s”") if has else _("%(list)s里没有“%(what)s”")
            what = self.say(sides[0], self.table_of(sides[1]))
            return say(template, list=self.say(sides[1]), what=what)
        if len(node.ops) == 1:
            left = self.inner(sides[0], self.table_of(sides[1]))
            return say("%(left)s%(rest)s", left=left, rest=self.beside(node.ops[0], sides[0], sides[1]))
        if len(node.ops) == 2 and type(node.ops[0]) in TURNED:  # low <= x < high
            parts = [
                self.beside(TURNED[type(node.ops[0])](), sides[1], sides[0]),
                self.beside(node.ops[1], sides[1], sides[2]),
            ]
            return say("%(left)s%(rest)s", left=self.inner(sides[1]), rest=joined(parts, _("，")))
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        return joined(
            [say("%(a)s%(b)s", a=self.inner(a), b=self.beside(op, a, b)) for a, op, b in pairs], _("，")
        )

    def beside(self, op: ast.cmpop, left: Any, right: Any) -> SafeString:
        """What is said after the left side: “不少于 12”."""
        kind = getattr(getattr(left, "t", None), "kind", "") or getattr(getattr(right, "t", None), "kind", "")
        words = {
            ast.Eq: _("等于%(b)s"),
            ast.NotEq: _("不等于%(b)s"),
            ast.GtE: _("不少于%(b)s"),
            ast.Gt: _("多于%(b)s"),
            ast.LtE: _("不多于%(b)s"),
            ast.Lt: _("少于%(b)s"),
            ast.In: _("属于“%(b)s”"),
            ast.NotIn: _("不属于“%(b)s”"),
        }
        if kind in ("date", "month"):
            words |= {
                ast.Eq: _("就是%(b)s"),
                ast.NotEq: _("不是%(b)s"),
                ast.GtE: _("不早于%(b)s"),
                ast.Gt: _("晚于%(b)s"),
                ast.LtE: _("不晚于%(b)s"),
                ast.Lt: _("早于%(b)s"),
            }
        elif kind in ("text", "bool"):
            words |= {ast.Eq: _("是“%(b)s”"), ast.NotEq: _("不是“%(b)s”")}
        shown = self.say if isinstance(right, ast.List) else self.inner
        return say(words[type(op)], b=shown(right, self.table_of(left)))

    def arithmetic(self, node: ast.BinOp) -> SafeString:
        sign = {ast.Add: "%(a)s + %(b)s", ast.Sub: "%(a)s − %(b)s", ast.Mult: "%(a)s × %(b)s"}
        template = sign.get(type(node.op)) or _("%(a)s ÷ %(b)s 取整数")
        return say(template, a=self.factor(node.left, node.op), b=self.factor(node.right, node.op))

    def factor(self, node: Any, op: ast.operator) -> SafeString:
        """Within a sum a product needs no brackets, nor a product within a product."""
        plain = {ast.Add: (ast.Add, ast.Mult), ast.Mult: (ast.Mult,)}.get(type(op), ())
        return (
            self.say(node) if isinstance(node, ast.BinOp) and isinstance(node.op, plain) else self.inner(node)
        )

    def call(self, node: ast.Call) -> SafeString:
        assert isinstance(node.func, ast.Name)
        name, arguments = node.func.id, node.args
        if name in ("min", "max"):
            template = _("%(list)s，取较小的") if name == "min" else _("%(list)s，取较大的")
            return say(template, list=joined([self.say(item) for item in arguments], _("，和")))
        if name in ("add_months", "add_days", "add_working_days") and (back := _positive(arguments[1])):
            return say(_("%(a)s往前推%(n)s的那一天"), a=self.say(arguments[0]), n=self.span(back, name))
        if name in ("add_months", "add_days", "add_working_days"):
            return say(_("%(a)s再过%(n)s的那一天"), a=self.say(arguments[0]), n=self.span(arguments[1], name))
        if name.startswith("household_"):
            template = {
                "household_any": _("家里有人“%(what)s”"),
                "household_all": _("家里每个人都“%(what)s”"),
                "household_count": _("家里“%(what)s”的人数"),
            }[name]
            return say(template, what=self.say(arguments[0]))
        other = {
            "years_between": _("从%(a)s到%(b)s的整年数"),
            "months_between": _("从%(a)s到%(b)s的整月数"),
            "days_between": _("从%(a)s到%(b)s的天数"),
            "month_of": _("%(a)s所在的月"),
            "first_day": _("%(a)s的第一天"),
            "last_day": _("%(a)s的最后一天"),
            "overlaps": _("%(a)s里有一项属于“%(b)s”"),
            "round_cents": _("%(a)s，四舍五入到分"),
        }.get(name)
        if other is None:
            return format_html("{}", ast.unparse(node))
        last = arguments[-1]
        second = self.say(last, self.table_of(arguments[0])) if name == "overlaps" else self.say(last)
        return say(other, a=self.say(arguments[0]), b=second)

    def span(self, node: Any, function: str) -> SafeString:
        """So many months or days; a parameter says its unit itself."""
        if isinstance(node, ast.Name) and node.id in self.law.parameters:
            return self.name(node.id)
        unit = {"add_months": "month", "add_days": "day", "add_working_days": "working day"}[function]
        one = isinstance(node, ast.Constant) and node.value == 1
        return mark_safe(words_of.counted(1 if one else 2, unit, self.inner(node)))  # noqa: S308

    def table_of(self, node: Any) -> str | None:
        """The code table of what stands here; of a parameter that of the facts it is compared with."""
        if isinstance(node, ast.Name) and node.id in self.codes:
            return self.codes[node.id]
        of = getattr(node, "t", None)
        return of.codes if of is not None else None


TURNED = {ast.LtE: ast.GtE, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.Gt: ast.Lt}


def _positive(node: Any) -> Any:
    """n of -n or -1 * n."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return inner
        case ast.BinOp(
            op=ast.Mult(), left=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)), right=inner
        ):
            return inner
    return None
