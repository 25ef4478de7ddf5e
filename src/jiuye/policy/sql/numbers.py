"""Arithmetic and the calendar in SQL: whole numbers, null in and null out, nothing outside the calendar."""

from __future__ import annotations

import ast
from datetime import timedelta

from jiuye.policy.known import FIRST_MONTH, LAST_MONTH
from jiuye.policy.spans import EPOCH, FIRST_DAY, LAST_DAY
from jiuye.policy.sql.stages import OPEN, Stages, Term
from jiuye.policy.values import Month
from jiuye.policy.working_days import MONDAY, WORKED, Count

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=",
    ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


ABOVE = 1 << 23  # more than the calendar has days


class Numbers(Stages):
    """Terms of numbers, days and months."""

    def whole(self, value: int, scale: int = 0) -> Term:
        return Term(self.dialect.number(value), scale=scale, always=value, plain=True)

    @property
    def no_number(self) -> Term:
        return Term("CAST(NULL AS BIGINT)", always=None, plain=True)

    def align(self, *terms: Term) -> list[Term]:
        """The same numbers with as many decimal places as the most exact of them."""
        scale = max(term.scale for term in terms)
        return [self._rescaled(term, scale) for term in terms]

    def _rescaled(self, term: Term, scale: int) -> Term:
        if term.scale == scale or term.never:
            return term
        factor = 10 ** (scale - term.scale)
        if isinstance(term.always, int):
            return self.whole(term.always * factor, scale)
        return self.term(f"({term.text} * {self.dialect.number(factor)})", term, scale=scale)

    def arithmetic(self, op: ast.operator, a: Term, b: Term) -> Term:
        if a.never or b.never:
            return self.no_number
        if isinstance(op, ast.FloorDiv):
            return self.floor(a, b)
        scale = a.scale + b.scale
        if not isinstance(op, ast.Mult):
            a, b = self.align(a, b)
            scale = a.scale
        return self.term(f"({a.text} {SIGNS[type(op)]} {b.text})", a, b, scale=scale)

    def minus(self, a: Term) -> Term:
        return self.term(f"(- {a.text})", a, scale=a.scale)

    def floor(self, a: Term, b: Term) -> Term:
        """Division rounded down, as // does it; by zero it is unknown. Engines round towards zero."""
        if b.always == 0:
            return self.no_number
        a, b = self.keep(a), self.keep(b)
        by = b.text if isinstance(b.always, int) else f"NULLIF({b.text}, {self.dialect.number(0)})"
        rest = f"((({a.text} % {by}) + {b.text}) % {by})"
        return self.term(f"(({a.text} - {rest}) {self.dialect.integer} {by})", a, b)

    def divided(self, a: Term, by: int) -> str:
        """Of what isn't negative."""
        return f"({a.text} {self.dialect.integer} {self.dialect.number(by)})"

    def least(self, name: str, terms: list[Term]) -> Term:
        """min or max; LEAST and GREATEST pass over nulls in some engines, so nulls are asked for first."""
        if any(term.never for term in terms):
            return self.no_number
        kept = [self.keep(term) for term in self.align(*terms)]
        open_ = " OR ".join(f"{term.text} IS NULL" for term in kept if term.always is OPEN)
        function = "LEAST" if name == "min" else "GREATEST"
        items = ", ".join(term.text for term in kept)
        return self.term(
            f"(CASE WHEN {open_} THEN NULL ELSE {function}({items}) END)"
            if open_
            else f"{function}({items})",
            *kept,
            scale=kept[0].scale,
        )

    def round_cents(self, a: Term) -> Term:
        """Half a cent goes away from zero."""
        if a.scale <= 2 or a.never:
            return a
        cent = 10 ** (a.scale - 2)
        a = self.keep(a)
        half, unit = self.dialect.number(cent // 2), self.dialect.number(cent)
        up = f"((abs({a.text}) + {half}) {self.dialect.integer} {unit})"
        return self.term(f"(CASE WHEN {a.text} < 0 THEN -{up} ELSE {up} END)", a, scale=2)

    # -- the calendar --------------------------------------------------------

    def within(self, term: Term, low: int, high: int) -> Term:
        """Unknown outside."""
        a = self.keep(term)
        low_, high_ = self.dialect.number(low), self.dialect.number(high)
        return self.keep(self.term(f"(CASE WHEN {a.text} BETWEEN {low_} AND {high_} THEN {a.text} END)", a))

    def month_of(self, days: Term) -> Term:
        if isinstance(days.always, int):
            return self.whole(int(Month.of_date(EPOCH + timedelta(days=days.always))))
        return self.keep(self.term(self.dialect.month(self.dialect.day(days.text)), days))

    def day_of_month(self, days: Term) -> Term:
        if isinstance(days.always, int):
            return self.whole((EPOCH + timedelta(days=days.always)).day)
        return self.keep(self.term(self.dialect.day_of_month(self.dialect.day(days.text)), days))

    def month_start(self, month: Term) -> Term:
        return self.keep(self.term(self.dialect.days(self.dialect.first_of(month.text)), month))

    def next_start(self, month: Term) -> Term:
        after = self.dialect.first_of(f"({month.text} + {self.dialect.number(1)})")
        return self.keep(self.term(self.dialect.days(after), month))

    def calendar(self, name: str, args: list[Term]) -> Term:
        if any(term.never for term in args):
            return self.no_number
        args = [self.keep(term) for term in args]
        a, b = args[0], args[-1]
        match name:
            case "month_of":
                return self.month_of(a)
            case "first_day":
                return self.month_start(self.within(a, FIRST_MONTH, LAST_MONTH))
            case "last_day":
                start = self.next_start(self.within(a, FIRST_MONTH, LAST_MONTH - 1))
                return self.term(f"({start.text} - {self.dialect.number(1)})", start)
            case "add_days":
                return self.within(self.term(f"({a.text} + {b.text})", a, b), FIRST_DAY, LAST_DAY)
            case "days_between":
                return self.term(f"({b.text} - {a.text})", a, b)
            case "add_months":
                return self.add_months(a, b)
        month, to_month = self.month_of(a), self.month_of(b)
        day, to_day = self.day_of_month(a), self.day_of_month(b)
        of = (month, to_month, day, to_day)
        if name == "months_between":
            short = f"(CASE WHEN {to_day.text} < {day.text} THEN 1 ELSE 0 END)"
            return self.term(f"({to_month.text} - {month.text} - {short})", *of)
        year, to_year = self.divided(month, 12), self.divided(to_month, 12)
        place, to_place = (f"({m.text} % 12) * 32 + {d.text}" for m, d in ((month, day), (to_month, to_day)))
        short = f"(CASE WHEN {to_place} < {place} THEN 1 ELSE 0 END)"
        return self.term(f"({to_year} - {year} - {short})", *of)

    def add_months(self, days: Term, count: Term) -> Term:
        """The same day so many months later; a day that month doesn't have becomes its last day."""
        month, day = self.month_of(days), self.day_of_month(days)
        moved = self.within(
            self.term(f"({month.text} + {count.text})", month, count), FIRST_MONTH, LAST_MONTH
        )
        start, after = self.month_start(moved), self.next_start(moved)
        length = f"({after.text} - {start.text})"
        held = f"(CASE WHEN {day.text} > {length} THEN {length} ELSE {day.text} END)"
        return self.term(f"({start.text} + {held} - {self.dialect.number(1)})", day, start, after)

    def add_working_days(self, start: Term, count: Term, working: Count) -> Term:
        """As WorkingCalendar.add_to: the days are numbered, counted on, and looked up again."""
        if start.never or count.never:
            return self.no_number
        self.working = working
        day, some = self.keep(start), self.least("min", [count, self.whole(LAST_DAY - FIRST_DAY + 1)])
        some = self.keep(some)
        total = self.keep(self.term(f"({self._numbered(day.text, working)} + {some.text})", day, some))
        found = self._found(total.text, working)
        text = f"(CASE WHEN {some.text} = 0 THEN {day.text} WHEN {some.text} > 0 THEN {found} END)"
        return self.within(self.term(text, day, some, total), FIRST_DAY, LAST_DAY)

    def _numbered(self, day: str, working: Count) -> str:
        """How many working days there were up to a day."""
        n, worked = self.dialect.number, self.dialect.number(WORKED)
        week, place = self._split(f"({day} + {n(MONDAY)})", 7)
        late = self._later(day, working.last, working)
        plain = (
            f"({worked} * {week} + CASE WHEN {place} < {WORKED} THEN {place} + 1 ELSE {worked} END + {late})"
        )
        return self._among("counts", day, working.first, working.last, plain)

    def _found(self, total: str, working: Count) -> str:
        """The working day of that number."""
        n = self.dialect.number
        week, place = self._split(f"({total} - {self._later(total, working.after, working)} - 1)", WORKED)
        plain = f"({n(7)} * {week} + {place} - {n(MONDAY)})"
        return self._among("days", total, working.before + 1, working.after, plain)

    def _later(self, value: str, last: int, working: Count) -> str:
        n = self.dialect.number
        return f"CASE WHEN {value} > {n(last)} THEN {n(working.shift)} ELSE {n(0)} END"

    def _split(self, text: str, by: int) -> tuple[str, str]:
        """Quotient rounded down and rest; engines round towards zero: first it is moved above zero."""
        weeks, n = ABOVE // by, self.dialect.number
        above = f"({text} + {n(weeks * by)})"
        return f"({above} {self.dialect.integer} {n(by)} - {n(weeks)})", f"({above} % {n(by)})"

    def _among(self, column: str, value: str, first: int, last: int, other: str) -> str:
        """The entry of the calendar for a value from first to last, else the other text."""
        if last < first:
            return other
        n, listed = self.dialect.number, f"(SELECT {column} FROM working_days)"  # noqa: S608 (names of ours)
        entry = self.dialect.element(listed, f"{value} - {n(first - 1)}")
        return f"(CASE WHEN {value} BETWEEN {n(first)} AND {n(last)} THEN {entry} ELSE {other} END)"
