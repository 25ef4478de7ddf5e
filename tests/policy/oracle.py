"""A second, naive reading of the language, written against its description and not against the engine.

Expressions are nested tuples; `text` writes one as rule text, `Oracle` works it out for one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jiuye.policy.values import Month

Tree = tuple[Any, ...]


def text(tree: Tree) -> str:
    match tree:
        case ("literal", value):
            return repr(value) if not isinstance(value, Decimal) else str(value)
        case ("name", name):
            return str(name)
        case ("list", *words):
            return "[" + ", ".join(repr(word) for word in words) + "]"
        case ("and" | "or" as op, *parts):
            return "(" + f" {op} ".join(text(part) for part in parts) + ")"
        case ("not", part):
            return f"(not {text(part)})"
        case ("minus", part):
            return f"(-{text(part)})"
        case ("if", test, body, orelse):
            return f"({text(body)} if {text(test)} else {text(orelse)})"
        case ("compare", first, *rest):
            return "(" + text(first) + "".join(f" {op} {text(part)}" for op, part in rest) + ")"
        case ("+" | "-" | "*" | "//" as op, left, right):
            return f"({text(left)} {op} {text(right)})"
        case ("employer", name):
            return f"employer.{name}"
        case ("row", table, key):
            return f"{text(table)}[{text(key)}]"
        case (name, *args):
            return f"{name}(" + ", ".join(text(arg) for arg in args) + ")"
    raise AssertionError(tree)


@dataclass
class Version:
    """One version of a rule: either a condition (with all/any as nested and/or) or a value."""

    first: date
    last: date
    body: Tree
    is_value: bool
    given: Tree | None = None
    otherwise: Tree | None = None


class Oracle:
    def __init__(
        self, rules: dict[str, list[Version]], parameters: Any, facts: dict[str, Any], on: date
    ) -> None:
        self.rules, self.parameters, self.facts, self.on = rules, parameters, facts, on

    def answer(self, name: str) -> tuple[str, Any]:
        """(state, value)."""
        version = self.version(name)
        if version is None:
            return "UNKNOWN", None
        value = self.rule(name)
        if not version.is_value:
            return {True: "MET", False: "NOT_MET", None: "UNKNOWN"}[value], None
        if version.given is not None and self.work(version.given) is False:
            return "NOT_MET", value
        return ("UNKNOWN" if value is None else "MET"), value

    def version(self, name: str) -> Version | None:
        return next((v for v in self.rules[name] if v.first <= self.on <= v.last), None)

    def rule(self, name: str) -> Any:
        version = self.version(name)
        if version is None:
            return None
        if version.given is not None:
            due = self.work(version.given)
            if due is None:
                return None
            if due is False:
                return None if version.otherwise is None else self.work(version.otherwise)
        return self.work(version.body)

    def name(self, name: str) -> Any:
        if name == "on":
            return self.on
        if name == "unknown":
            return None
        if name in self.rules:
            return self.rule(name)
        if name in self.parameters:
            fitting = [value for first, last, value in self.parameters[name] if first <= self.on <= last]
            return fitting[0] if fitting else None
        return self.facts.get(name)

    def work(self, tree: Tree) -> Any:
        match tree:
            case ("literal", value):
                return value
            case ("name", name):
                return self.name(name)
            case ("list", *words):
                return tuple(words)
            case ("and", *parts):
                values = [self.work(part) for part in parts]
                return False if False in values else None if None in values else True
            case ("or", *parts):
                values = [self.work(part) for part in parts]
                return True if True in values else None if None in values else False
            case ("not", part):
                value = self.work(part)
                return None if value is None else not value
            case ("if", test, body, orelse):
                choice, a, b = self.work(test), self.work(body), self.work(orelse)
                if choice is None:
                    return a if a is not None and a == b else None
                return a if choice else b
            case ("compare", first, *rest):
                left, verdicts = self.work(first), []
                for op, part in rest:
                    right = self.work(part)
                    verdicts.append(None if left is None or right is None else compared(op, left, right))
                    left = right
                return False if False in verdicts else None if None in verdicts else True
        values = [self.work(part) for part in tree[1:]]
        return None if None in values else self.function(tree[0], *values)

    def function(self, name: str, *args: Any) -> Any:
        match name:
            case "minus":
                return -args[0]
            case "row":
                return args[0].get(args[1])
            case "+" | "-" | "*" | "//":
                return reckoned(name, *args)
            case "min":
                return sorted(args)[0]
            case "max":
                return sorted(args)[-1]
            case "round_cents":
                cents = Fraction(args[0]) * 100
                whole = int(abs(cents) + Fraction(1, 2))
                return Decimal(whole if cents > 0 else -whole).scaleb(-2)
            case "overlaps":
                return any(word in args[1] for word in args[0])
            case "years_between":
                return years(*args)
            case "months_between":
                return months(*args)
            case "days_between":
                return args[1].toordinal() - args[0].toordinal()
            case "add_days":
                ordinal = args[0].toordinal() + args[1]
                return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None
            case "add_working_days":
                return worked(*args)
            case "add_months":
                return moved(*args)
            case "month_of":
                return Month.of(args[0].year, args[0].month)
            case "first_day":
                return day(int(args[0]) // 12, int(args[0]) % 12 + 1, 1)
            case "last_day":
                after = day((int(args[0]) + 1) // 12, (int(args[0]) + 1) % 12 + 1, 1)
                return None if after is None or after == date.min else after - timedelta(days=1)
        raise AssertionError(name)


def compared(op: str, a: Any, b: Any) -> bool:
    return bool(
        {
            "==": lambda: a == b, "!=": lambda: a != b, "<": lambda: a < b, "<=": lambda: a <= b,
            ">": lambda: a > b, ">=": lambda: a >= b, "in": lambda: a in b, "not in": lambda: a not in b,
        }[op]()
    )  # fmt: skip


def reckoned(op: str, a: Any, b: Any) -> Any:
    if isinstance(a, Month):
        if isinstance(b, Month):
            return int(a) - int(b)
        return Month(int(a) + b) if op == "+" else Month(int(a) - b)
    if op == "//":
        return None if b == 0 else a // b
    return a + b if op == "+" else a - b if op == "-" else a * b


def day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except (ValueError, OverflowError):
        return None


def moved(start: date, count: int) -> date | None:
    index = start.year * 12 + start.month - 1 + count
    for back in range(4):
        found = day(index // 12, index % 12 + 1, start.day - back) if start.day > back else None
        if found is not None:
            return found
    return None


def worked(start: date, count: int) -> date | None:
    """Day by day; the day itself isn't counted."""
    from tests.policy.random_laws import HOLIDAYS

    found = start
    while count > 0:
        if found == date.max:
            return None
        found += timedelta(days=1)
        count -= HOLIDAYS.get(found, found.isoweekday() < 6)
    return None if count < 0 else found


def years(start: date, end: date) -> int:
    """The most years whose anniversary has come; 29 February comes on 1 March in a common year."""
    count = end.year - start.year + 1
    while anniversary(start, start.year + count) > (end.year, end.month, end.day):
        count -= 1
    return count


def anniversary(start: date, year: int) -> tuple[int, int, int]:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (
        (year, 3, 1) if (start.month, start.day) == (2, 29) and not leap else (year, start.month, start.day)
    )


def months(start: date, end: date) -> int:
    """The most months after which the day of the month has come."""
    count = 0
    month = start.year * 12 + start.month
    step = 1 if (end.year * 12 + end.month, end.day) >= (month, start.day) else -1
    while step == 1 and (month + count + 1, start.day) <= (end.year * 12 + end.month, end.day):
        count += 1
    while step == -1 and (month + count, start.day) > (end.year * 12 + end.month, end.day):
        count -= 1
    return count
