"""A decision put again to the law that made it: the archived text, the facts stored with the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from jiuye.cities import archive
from jiuye.cities.archive import ArchiveError
from jiuye.cities.city import City
from jiuye.cities.facts import typed
from jiuye.desk.casefacts import MEMBERS
from jiuye.desk.catalogue import ONCE
from jiuye.desk.models import Decision, EmployerDecision, LawVersion
from jiuye.policy import FactError, Law, LawError, State
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.policy.values import Value, plain

AnyDecision = Decision | EmployerDecision
VERDICTS = ("equal", "differs", "impossible")
IGNORED = frozenset({"version"})


@dataclass(frozen=True)
class Difference:
    """`where` in the outcome, e.g. conditions.contributed.state; then and now."""

    where: str
    before: Any
    now: Any


@dataclass(frozen=True)
class Replay:
    """`impossible` says why there is nothing to compare (no text kept, facts of another form); else ''."""

    decision: AnyDecision
    differences: tuple[Difference, ...] = ()
    impossible: str = ""

    @property
    def verdict(self) -> str:
        return "impossible" if self.impossible else "differs" if self.differences else "equal"

    def to_json(self) -> dict[str, Any]:
        return {
            "decision": self.decision.number,
            "version": self.decision.law_version,
            "on": self.decision.on.isoformat(),
            "verdict": self.verdict,
            "why": self.impossible,
            "differences": [{"where": d.where, "before": d.before, "now": d.now} for d in self.differences],
        }


@lru_cache(maxsize=4)
def archived(version: str) -> City:
    """The law of that hash as it was. LookupError when its text wasn't kept; ArchiveError, LawError."""
    row = LawVersion.objects.filter(pk=version).first()
    if row is None:
        raise LookupError(f"the text of law version {version[:12] or '(none)'} isn't kept here")
    return archive.open_city(bytes(row.text), version)


def replay(decision: AnyDecision) -> Replay:
    """Ask the archived law the same questions with the stored facts, and compare everything it says."""
    if decision.former:
        return Replay(decision, impossible="decided in the system before, whose law isn't kept here")
    try:
        law = archived(decision.law_version).law
        again, lines = _asked_again(decision, law)
    except LookupError as problem:
        return Replay(decision, impossible=str(problem.args[0]))
    except (ArchiveError, LawError, FactError) as problem:
        return Replay(decision, impossible=str(problem))
    found = list(_compare("", decision.outcome, again))
    found += _amounts(decision, lines)
    return Replay(decision, tuple(found))


def _asked_again(decision: AnyDecision, law: Law) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """The stored outcome names the rules; the answers in the same form. With them the months it pays; None:
    it pays nothing.
    """
    if decision.rule not in law.rules:
        raise LookupError(f"{decision.rule} is no rule of that law")
    case = case_of(law, decision)
    stored = decision.outcome
    again: dict[str, Any] = case.outcome(decision.rule, decision.on).to_json()
    for part in ("months", "amounts"):
        if isinstance(stored.get(part), dict):
            on = date.fromisoformat(stored[part].get("on") or decision.on.isoformat())
            again[part] = case.outcome(stored[part]["rule"], on).to_json()
    if not again.get("amounts"):
        return again, None
    lines = again["amounts"]["schedule"]
    return again, lines or list(_month_by_month(decision, case, stored["amounts"]["rule"]))


def _month_by_month(decision: AnyDecision, case: Any, rule: str) -> Iterator[dict[str, Any]]:
    """Of an amount without a schedule of its own: what it is in every month that was granted."""
    for line in decision.effects.get("schedule", ()) if decision.kind == "grant" else ():
        first = date.fromisoformat(f"{line['month']}-01")
        found = case.outcome(rule, decision.on if decision.effects.get("per") == ONCE else first)
        value = found.value if found.state is State.MET else None
        yield {"month": line["month"], "index": line["index"], "value": plain(value)}


def case_of(law: Law, decision: AnyDecision) -> Any:
    """The stored facts as the case that law is asked about: a person's, or an employer's own. FactError."""
    own, members, employer = facts_of(law, decision.facts)
    if law.entity_of(decision.rule) == OF_EMPLOYER:
        return law.case(employer or {})
    return law.case(own, members, employer)


def facts_of(
    law: Law, stored: Mapping[str, Any]
) -> tuple[dict[str, Value], list[dict[str, Value]] | None, dict[str, Value] | None]:
    """The person's, the other members' and the employer's facts: `name`, `members[0].name`, `employer.name`.

    How many others there are, known facts or none, stands as `members`; decisions of before that was stored
    have only those of whom something was known. Raises FactError for what isn't a fact of that law.
    """
    own: dict[str, Value] = {}
    members: dict[int, dict[str, Value]] = {}
    employer: dict[str, Value] = {}
    for key, entry in stored.items():
        if key == MEMBERS:
            continue
        prefix, _, name = key.rpartition(".")
        if name not in law.facts:
            raise FactError(f"nothing is called {name}")
        value = value_of(law, name, entry["value"])
        if prefix.startswith("members["):
            members.setdefault(int(prefix[8:-1]), {})[name] = value
        elif prefix == "employer":
            employer[name] = value
        else:
            own[name] = value
    if MEMBERS in stored:
        return own, [members.get(n, {}) for n in range(int(stored[MEMBERS]["value"]))], employer or None
    return own, [members[n] for n in sorted(members)] or None, employer or None


def value_of(law: Law, name: str, raw: Any) -> Value:
    """A value from its JSON form: a decimal is written as text there."""
    of = law.facts[name].type
    if raw is None:
        return None
    if of.kind == "number" and isinstance(raw, str | float):
        try:
            number = Decimal(str(raw))
        except InvalidOperation:
            raise FactError(f"{raw!r} is no number") from None
        raw = int(number) if of.exact and number == int(number) else number
    return typed(of, raw)


def _compare(where: str, before: Any, now: Any) -> Iterator[Difference]:
    """What differs. A key that only one side has is of another form of outcomes, not another answer."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in before:
            if key in now and key not in IGNORED:
                yield from _compare(f"{where}.{key}".lstrip("."), before[key], now[key])
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (one, other) in enumerate(zip(before, now, strict=True)):
            name = one.get("name") or one.get("month") if isinstance(one, dict) else None
            yield from _compare(f"{where}.{name or number}", one, other)
    elif before != now:
        yield Difference(where, before, now)


def _amounts(decision: AnyDecision, lines: list[dict[str, Any]] | None) -> Iterator[Difference]:
    """The months granted, in cents; those without a standard then are the last known amount."""
    granted = decision.effects.get("schedule") if decision.kind == "grant" else None
    if granted is None or lines is None:
        return
    last: int | None = None
    total = 0
    if len(granted) != len(lines):
        yield Difference("effects.months", len(granted), len(lines))
    for one, line in zip(granted, lines, strict=False):
        value = line["value"]
        last = last if value is None else int(Decimal(str(value)) * 100)
        total += last or 0
        if one["month"] != line["month"] or one["amount_cents"] != last:
            before = f"{one['month']} {one['amount_cents']}"
            yield Difference(f"effects.schedule.{one['month']}", before, f"{line['month']} {last}")
    if len(granted) == len(lines) and decision.amount_cents != total:
        yield Difference("effects.total_cents", decision.amount_cents, total)
