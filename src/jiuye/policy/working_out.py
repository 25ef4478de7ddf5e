"""The facts of one case, of its household and of its employer, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeVar

from jiuye.policy.errors import FactError
from jiuye.policy.evaluating import FOLD, NO, YES, prepared
from jiuye.policy.known import Known, kleene
from jiuye.policy.parts import OF_EMPLOYER, PERSON, ConditionText, ParameterValue, Rule
from jiuye.policy.values import Month, Type, Value

if TYPE_CHECKING:
    from jiuye.policy.law import Law

Used = dict[tuple[str, date], ParameterValue]
Given = Mapping[str, Any]  # name: Value; a member's may also hold `employer`, a mapping of the same form
Key = tuple[Any, ...]
NO_HOUSEHOLD = Known(None, gaps=frozenset(["household"]))
OPEN = Known(None)
T = TypeVar("T")


class Shared:
    """What the members of a household and their employers have in common while one case is worked out."""

    def __init__(self) -> None:
        self.household: tuple[Worked, ...] | None = None
        self.used: Used = {}
        self.bound: Key = ()  # what a schedule has set for the month being worked out
        self.done: dict[Key, tuple[Any, Used]] = {}
        self.parameters: dict[tuple[str, date], Known] = {}
        self.values: Used = {}

    def once(self, key: Key, work: Callable[[], T]) -> T:
        """Worked out at most once; the parameters it looked at count every time."""
        key = (*key, self.bound)
        found = self.done.get(key)
        if found is None:
            outer, self.used = self.used, {}
            found = self.done[key] = work(), self.used
            self.used = outer
        used = found[1]
        if used:
            self.used.update(used)
        result: T = found[0]
        return result


class Worked:
    """One person or employer. Every rule is worked out at most once per date.

    `prefix` is how this one is called in `ask`: "" for the case itself, `employer.`, `members[0].`.
    """

    def __init__(
        self,
        law: Law,
        facts: Given,
        members: Sequence[Given] | None = None,
        employer: Given | None = None,
        *,
        shared: Shared | None = None,
        prefix: str = "",
    ) -> None:
        self.law, self.prefix = law, prefix
        self.facts: dict[str, Value] = {name: value for name, value in facts.items() if value is not None}
        self.entity = entity_of(law, self.facts, prefix)
        self.bound: dict[str, Known] = {}
        self.shared = shared or Shared()
        self._employer: Any = None  # a Self, which can't be said in __init__
        if self.entity == OF_EMPLOYER and (members is not None or employer is not None):
            raise FactError("an employer has neither household nor employer")
        if employer:
            firm = self._beside(employer, f"{prefix}employer.")
            if firm.entity == PERSON:
                raise FactError("employer: these are a person's facts")
            self._employer = firm
        if members is not None:
            others = [self._member(given, f"{prefix}members[{n}].") for n, given in enumerate(members)]
            self.shared.household = (self, *others)

    def _beside(self, facts: Given, prefix: str, employer: Given | None = None) -> Self:
        return type(self)(self.law, facts, None, employer, shared=self.shared, prefix=prefix)

    def _member(self, given: Given, prefix: str) -> Self:
        facts = {name: value for name, value in given.items() if name != "employer"}
        member = self._beside(facts, prefix, given.get("employer"))
        if member.entity == OF_EMPLOYER:
            raise FactError(f"{prefix[:-1]}: these are an employer's facts")
        return member

    @property
    def employer(self) -> Self:
        """The employer of this person; with nothing known of it, everything about it is unknown."""
        if self._employer is None:
            self._employer = self._beside({}, f"{self.prefix}employer.")
        found: Self = self._employer
        return found

    # -- names --------------------------------------------------------

    def name(self, name: str, on: date) -> Known:
        """A fact, parameter or rule by name. Facts may also state a rule or parameter: then that stands."""
        if self.bound and name in self.bound:
            return self.bound[name]
        stated = self.facts.get(name)
        if stated is not None:
            return YES if stated is True else NO if stated is False else Known(stated)
        law = self.law
        if name in law.facts:
            return Known(None, frozenset([self.prefix + name]))
        if name in law.parameters:
            return self._parameter(name, on)
        if name == "on":
            return Known(on)
        if name == "unknown":
            return OPEN
        return self.rule(name, on)

    def _parameter(self, name: str, on: date) -> Known:
        key, shared = (name, on), self.shared
        if key not in shared.parameters:
            found = self.law.parameters[name].at(on)
            if found is None or found.value is None:
                shared.parameters[key] = Known(None, gaps=frozenset([name]))
            else:
                recalled = frozenset([name] if found.status == "recalled" else ())
                shared.parameters[key] = Known(found.value, recalled=recalled)
                shared.values[key] = found
        if key in shared.values:
            used = shared.values[key]
            shared.used[name, used.first] = used
        return shared.parameters[key]

    def over_household(self, function: str, name: str, on: date) -> Known:
        """`household_any` and the like, the same for every member."""
        household = self.shared.household
        if household is None:
            return NO_HOUSEHOLD
        fold = FOLD[function]
        return self.shared.once(
            (function, name, on), lambda: fold([member.name(name, on) for member in household])
        )

    # -- rules --------------------------------------------------------

    def rule(self, name: str, on: date) -> Known:
        return self.shared.once((self.prefix, name, on), lambda: self._rule(name, on))

    def _rule(self, name: str, on: date) -> Known:
        rule = self.law.rule_at(name, on)
        if rule is None:
            return Known(None, gaps=frozenset([name]))
        if rule.condition:
            return self.answered(name, self.truth(rule.condition, on))
        return self.valued(rule, on)

    def valued(self, rule: Rule, on: date) -> Known:
        """The value of a rule that has one: `value` when `given` is met, `otherwise` when it isn't."""
        name, source = rule.name, rule.value
        assert source is not None, f"{name} is a schedule: it can't stand in an expression"
        guard = YES
        if rule.given is not None:
            guard = self.evaluate(rule.given.body, on)
            if guard.value is None:
                return self.answered(name, guard)
            if guard.value is False:
                if rule.otherwise is None:
                    return Known(None, recalled=guard.recalled, gaps=frozenset([name]))
                source = rule.otherwise
        result = self.evaluate(source.body, on)
        return self.answered(name, result._replace(recalled=result.recalled | guard.recalled))

    def answered(self, name: str, result: Known) -> Known:
        """Unknown with nothing to ask and no gap elsewhere: this rule itself leaves the case open."""
        if result.value is None and not result.ask and not result.gaps:
            return result._replace(gaps=frozenset([name]))
        return result

    def truth(self, text: ConditionText, on: date) -> Known:
        if text.when is not None:
            return prepared(text.when.body)(self, on)
        return kleene(text.quantifier == "all", (self.truth(part, on) for part in text.parts))

    def evaluate(self, node: Any, on: date) -> Known:
        return prepared(node)(self, on)


# -- facts as declared --------------------------------------------------------


def entity_of(law: Law, facts: Mapping[str, Value], prefix: str = "") -> str | None:
    """Whom these facts are about; None when they don't tell. Raises FactError."""
    found: dict[str, str] = {}
    for name, value in facts.items():
        entity = check_fact(law, name, value, prefix)
        if entity is not None and entity not in found:
            found[entity] = name
    if len(found) > 1:
        raise FactError(
            f"{prefix}{found[OF_EMPLOYER]} is about the employer, {prefix}{found[PERSON]} about a person"
        )
    return next(iter(found), None)


def check_fact(law: Law, name: str, value: Value, prefix: str = "") -> str | None:
    """Whom it is about. Raises FactError when `value` isn't what the law declares under that name."""
    declared = law.declared(name)
    if declared is None:
        raise FactError(f"nothing is called {prefix}{name}")
    of, entity = declared
    if not FITS[of.kind](of, value):
        raise FactError(f"{prefix}{name}: {of} expected, not {value!r}")
    if of.codes:
        for word in value if isinstance(value, tuple | list) else (value,):
            if word not in law.codes[of.codes]:
                raise FactError(f"{prefix}{name}: {word!r} isn't in code table {of.codes}")
    return entity


def _number(of: Type, value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool | Month)
    return whole or (isinstance(value, Decimal) and not of.exact and value.is_finite())


def _words(_of: Type, value: Any) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(word, str) for word in value)


FITS: dict[str, Callable[[Type, Any], bool]] = {
    "bool": lambda _of, value: value is True or value is False,
    "number": _number,
    "date": lambda _of, value: isinstance(value, date) and not isinstance(value, datetime),
    "month": lambda _of, value: isinstance(value, Month),
    "text": lambda _of, value: isinstance(value, str),
    "list": _words,
    "table": lambda _of, value: isinstance(value, dict),
    "schedule": lambda _of, _value: False,
}
