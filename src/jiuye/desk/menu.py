"""The menu (点单式): every benefit for one person or employer, with amounts, effort and what is missing.

The answers are those of `Law.explain`, as in a real case; nothing here tests a condition itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from jiuye.desk import assess, casefacts, catalogue, city, lacking, menu_data
from jiuye.desk.catalogue import Bundle, Item
from jiuye.desk.lacking import Missing, Situation
from jiuye.desk.menu_data import Entry
from jiuye.desk.models import Case, EmployerCase
from jiuye.policy import Law, Month, Outcome, State
from jiuye.policy.values import Value

YEAR = 12  # months over which benefits of different kinds are compared
SOON = 90  # days; a deadline or the end of a rule within them is urgent


class Group(StrEnum):
    ENTITLED = "entitled"
    NEARLY = "nearly"
    NOT = "not"
    HAD = "had"


@dataclass(frozen=True)
class Paid:
    """One month of money, in cents. `provisional`: that month has no standard yet, the last one stands in."""

    month: Month
    cents: int
    provisional: bool = False


@dataclass(frozen=True)
class Money:
    """What a benefit brings. `cents`: a month, once or a year, as `per` says; `lines`: month by month.

    months: how many are paid, None where the law sets no number. `most`: the law gives only a ceiling.
    """

    per: str
    cents: int
    months: int | None
    lines: tuple[Paid, ...]
    calculation: str = ""

    @property
    def total_cents(self) -> int | None:
        """All of it; None while no end is set."""
        if self.lines:
            return sum(line.cents for line in self.lines)
        return self.cents if self.per == "once" else None

    @property
    def within_a_year(self) -> int:
        """What comes in twelve months: the measure by which benefits are compared."""
        if self.lines:
            return sum(line.cents for line in self.lines[:YEAR])
        if self.per == "month":
            return self.cents * min(YEAR, YEAR if self.months is None else self.months)
        return self.cents

    def by_month(self, first: Month, count: int) -> list[int]:
        """Cents of each of `count` months from `first`; what comes once comes in the first."""
        if self.lines:
            paid = {line.month: line.cents for line in self.lines}
            return [paid.get(Month(first + place), 0) for place in range(count)]
        if self.per == "month":
            most = count if self.months is None else min(count, self.months)
            return [self.cents] * most + [0] * (count - most)
        return [self.cents] + [0] * (count - 1)


@dataclass(frozen=True)
class Line:
    """One benefit for one person or employer.

    supposes: facts only the person knows; the amounts hold if they say yes. after: the item that has to be
    granted first; then the state supposes it is. documents: facts that a document must still prove.
    ends_on: the last day of a rule with no successor. deadline: last day to ask. beside: what the person
    draws that isn't given together with it.
    """

    entry: Entry
    group: Group
    state: State
    outcome: Outcome
    money: Money | None
    missing: tuple[Missing, ...]
    supposes: tuple[str, ...]
    documents: tuple[str, ...]
    deadline: date | None
    ends_on: date | None
    after: Item | None
    bundle: Bundle | None
    open_case: Case | EmployerCase | None
    on: date
    beside: Item | None = None

    @property
    def soonest(self) -> date | None:
        """From when it is to be had, if every missing condition is a matter of time."""
        dates = [one.earliest for one in self.missing if one.state is State.NOT_MET]
        known = [day for day in dates if day is not None]
        return max(known) if known and len(known) == len(dates) else None

    @property
    def urgent_by(self) -> date | None:
        """A last day that is near."""
        days = [day for day in (self.deadline, self.ends_on) if day is not None and day >= self.on]
        near = [day for day in days if day <= self.on + timedelta(days=SOON)]
        return min(near) if near else None

    @property
    def worth(self) -> int:
        return self.money.within_a_year if self.money else 0

    @property
    def in_force(self) -> bool:
        return self.outcome.in_force


@dataclass(frozen=True)
class Choice:
    """Benefits that can't be had for the same month, the better one first. `prefer`: the law's own words."""

    lines: tuple[Line, ...]
    prefer: Mapping[str, str]

    @property
    def better(self) -> Line | None:
        """None where money doesn't tell."""
        first, second = self.lines[:2]
        return first if first.worth > second.worth else None


@dataclass(frozen=True)
class Menu:
    """Lines in the order of the page: what can be had and is near its last day, by money, as in menu.yaml."""

    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    on: date

    def of(self, group: Group) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.group is group)


def of_person(
    known: casefacts.Known, cases: Iterable[Case], on: date, audience: str = menu_data.PERSON
) -> Menu:
    """The menu of known facts; `audience` household: what the whole household can have."""
    return reckon(menu_data.current().of(audience), Situation.of(known), on, known=known, cases=list(cases))


def of_employer(
    facts: Mapping[str, Value],
    worker: Mapping[str, Value],
    on: date,
    cases: Iterable[EmployerCase] = (),
    had: Collection[str] = (),
) -> Menu:
    """`facts` of the employer; `worker`: those of a worker whom benefits about workers look at. `had`: what
    the employer itself was granted for this month or for good.
    """
    entries = menu_data.current().of(menu_data.EMPLOYER)
    own, about = Situation(dict(facts)), Situation(dict(worker), None, dict(facts))
    found = [
        _line(entry, about if entry.about_worker else own, on, None, cases, entry.code in had)
        for entry in entries
    ]
    return _menu(found, on)


def reckon(
    entries: Iterable[Entry],
    asked: Situation,
    on: date,
    known: casefacts.Known | None = None,
    cases: Iterable[Case] = (),
) -> Menu:
    return _menu([_line(entry, asked, on, known, cases) for entry in entries], on)


def _menu(lines: list[Line], on: date) -> Menu:
    ordered = sorted(lines, key=_order)
    return Menu(tuple(ordered), tuple(_choices(ordered)), on)


def _order(line: Line) -> tuple[date, int]:
    """Near last days of what can be had first, then what brings most; else the order of the data stays."""
    presses = line.group is Group.ENTITLED or bool(line.supposes)
    return (line.urgent_by if presses else None) or date.max, -line.worth


def _line(
    entry: Entry,
    asked: Situation,
    on: date,
    known: casefacts.Known | None,
    cases: Iterable[Case | EmployerCase],
    had: bool = False,
) -> Line:
    item = catalogue.find(entry.item)
    held = had or (entry.held_when is not None and asked.facts.get(entry.held_when) is True)
    held = held or (item is not None and known is not None and casefacts.held(item, known, on))
    after = _first(item, asked, on)
    if after is not None:
        asked = asked.supposing(after.made(on))
    outcome = asked.outcome(entry.rule, on)
    paying, supposes = (asked, ()) if outcome.state is State.MET else lacking.suppose(outcome, asked)
    money = _money(entry, paying, on) if outcome.state is State.MET or supposes else None
    missing = () if held or not outcome.in_force else tuple(lacking.missing(outcome, asked))
    beside = casefacts.beside(entry.rule, known, Month.of_date(on)) if known and not held else None
    return Line(
        entry=entry,
        group=Group.NOT if beside else _group(held, outcome, missing),
        state=outcome.state,
        outcome=outcome,
        money=money,
        missing=missing,
        supposes=supposes,
        documents=tuple(name for name in entry.documents if asked.facts.get(name) is None),
        deadline=_day(entry, paying, on),
        ends_on=_last(entry, on, asked.law),
        after=after,
        bundle=catalogue.bundle_of(entry.item) if entry.item else None,
        open_case=next((case for case in cases if entry.item and case.item == entry.item), None),
        on=on,
        beside=beside,
    )


def _first(item: Item | None, asked: Situation, on: date) -> Item | None:
    """What has to be granted before, if the person hasn't got it and isn't barred from it."""
    first = catalogue.find(item.after) if item else None
    if first is None or first.rule is None or asked.facts.get(first.held_when or "") is True:
        return None
    outcome = asked.outcome(first.rule, on)
    likely = outcome.state is State.MET or bool(lacking.suppose(outcome, asked)[1])
    return first if likely else None


def _group(held: bool, outcome: Outcome, missing: tuple[Missing, ...]) -> Group:
    """Nearly: only facts are missing, or each reason passes with time or can be put right by the person."""
    if held:
        return Group.HAD
    if not outcome.in_force:
        return Group.NOT
    if outcome.state is State.MET:
        return Group.ENTITLED
    if outcome.state is State.UNKNOWN:
        return Group.NEARLY
    unmet = [one for one in missing if one.state is State.NOT_MET]
    curable = bool(unmet) and all(one.earliest is not None or any(one.remedy.values()) for one in unmet)
    return Group.NEARLY if curable else Group.NOT


def _money(entry: Entry, asked: Situation, on: date) -> Money | None:
    count = asked.outcome(entry.months, on).value if entry.months else None
    months = int(count) if isinstance(count, int | Decimal) and not isinstance(count, bool) else None
    if entry.schedule:
        return _scheduled(asked.outcome(entry.schedule, on))
    if entry.amount is None:
        return None
    found = asked.outcome(entry.amount, on)
    value = found.value
    if found.state is not State.MET or isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Money(entry.per or "month", to_cents(value), months, (), found.calculation)


def _scheduled(found: Outcome) -> Money | None:
    """Months without a standard yet take the last known amount, as on a decision."""
    lines: list[Paid] = []
    for line in found.schedule:
        amount = to_cents(line.value) if line.value is not None else lines[-1].cents if lines else None
        if amount is None:
            return None
        lines.append(Paid(line.month, amount, line.value is None))
    if not lines:
        return None
    return Money("month", lines[0].cents, len(lines), tuple(lines), found.calculation)


def to_cents(yuan: Decimal | int) -> int:
    """Whole cents; half a cent goes away from zero."""
    try:
        return assess.cents(yuan)
    except ValueError:
        return int((Decimal(yuan) * 100).quantize(Decimal(1), rounding="ROUND_HALF_UP"))


def _day(entry: Entry, asked: Situation, on: date) -> date | None:
    value = asked.outcome(entry.deadline, on).value if entry.deadline else None
    return value if isinstance(value, date) else None


def _last(entry: Entry, on: date, law: Law) -> date | None:
    """The last day of the rule in force, unless another version follows."""
    version = law.rule_at(entry.rule, on)
    if version is None or version.last is None:
        return None
    return None if law.rule_at(entry.rule, version.last + timedelta(days=1)) else version.last


def ended_on(line: Line) -> date | None:
    """Of a rule that is no longer in force: its last day."""
    past = [
        version.last
        for version in city.law().rules[line.entry.rule]
        if version.last and version.last < line.on
    ]
    return max(past) if past else None


def _choices(lines: list[Line]) -> list[Choice]:
    """Pairs that exclude each other, as far as the person may have to choose now."""
    law = city.law()
    open_ = [
        line
        for line in lines
        if line.group in (Group.ENTITLED, Group.HAD)
        or line.supposes
        or (line.beside is not None and line.state is State.MET)
    ]
    found = []
    for place, one in enumerate(open_):
        for other in open_[place + 1 :]:
            if not _exclude(one, other, law):
                continue
            pair = sorted((one, other), key=lambda line: -line.worth)
            found.append(Choice(tuple(pair), _prefer(pair, law)))
    return found


def _exclude(one: Line, other: Line, law: Law) -> bool:
    """Whether the law says of any rule of the one that it excludes a rule of the other."""
    rules = set(other.entry.rules)
    return any(rules.intersection(law.excluded(name)) for name in one.entry.rules)


def _prefer(lines: list[Line], law: Law) -> Mapping[str, str]:
    for line in lines:
        version = law.rule_at(line.entry.rule, line.on)
        if version is not None and version.prefer:
            return version.prefer
    return {}
