"""What can only be seen with the whole law at hand: versions side by side, names, cycles, types."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from jiuye.policy.checking import Scope, infer
from jiuye.policy.errors import Problem
from jiuye.policy.language import RESERVED, Expression, ExpressionError
from jiuye.policy.parts import OF_EMPLOYER, PERSON, Rule
from jiuye.policy.reader import DAY, Reader, gap
from jiuye.policy.values import BOOL, INT, MONTH, Type


def check(law: Reader) -> None:
    """Sort versions, type every rule in order of dependency, and add what is wrong to `law.problems`."""
    _versions(law)
    _exclusions(law)
    _unused(law)
    order = _order(law)
    typed: dict[str, Type] = {}
    broken: set[str] = set()
    for name in order:
        kinds = [_Types(law, typed, broken, rule).check() for rule in law.rules[name]]
        if len({of.kind for of in kinds if of.kind != "unknown"}) > 1:
            law.problems.append(
                f"{law.rules[name][-1].where}: versions of {name} give different kinds of value"
            )
        typed[name] = next((of for of in kinds if of.kind != "unknown"), kinds[0])
        for rule in law.rules[name]:
            rule.type = typed[name]


def _versions(law: Reader) -> None:
    for name, versions in law.rules.items():
        ordered = sorted(versions, key=lambda rule: rule.first)
        law.rules[name] = tuple(ordered)
        for before, after in pairwise(ordered):
            if before.last is None or before.last >= after.first:
                law.problems.append(f"{after.where}: two versions of {name} on {after.first}")
            elif before.last + DAY < after.first and not after.gap_before and not after.stop_of:
                law.problems.append(f"{after.where}: {gap(name, 'version', before.last, after.first)}")
            if before.entity != after.entity:
                law.problems.append(
                    f"{after.where}: one version of {name} is about the {before.entity}, "
                    f"another about the {after.entity}"
                )


def _unused(law: Reader) -> None:
    """What no rule reads: perhaps only a form or a page does, so it is no error."""
    read: set[str] = set()
    for versions in law.rules.values():
        for rule in versions:
            for expression in rule.expressions():
                read.update(expression.reads)
    for kind, names in (("fact", law.facts), ("parameter", law.parameters)):
        for name in names:
            if name not in read and (kind, name) in law.where:
                law.warnings.append(f"{law.where[kind, name]}: no rule reads the {kind} {name}")


def _exclusions(law: Reader) -> None:
    for name, where, line in law.excluding:
        if name not in law.rules:
            law.problem(where, line, f"excludes {name}: no rule is called so")


def _order(law: Reader) -> list[str]:
    """Rules so that each stands after those it speaks of. A cycle is reported with its path."""
    order: list[str] = []
    path: list[str] = []
    done: set[str] = set()

    def visit(name: str) -> None:
        if name in done:
            return
        if name in path:
            cycle = [*path[path.index(name) :], name]
            law.problems.append(f"{law.rules[name][0].where}: cycle {' → '.join(cycle)}")
            return
        path.append(name)
        for rule in law.rules[name]:
            for expression in rule.expressions():
                for other in expression.reads:
                    if other in law.rules:
                        visit(other)
        path.pop()
        done.add(name)
        order.append(name)

    for name in law.rules:
        visit(name)
    return order


class _Types:
    """`broken`: rules whose value has no type; what speaks of them isn't complained about as well."""

    def __init__(self, law: Reader, typed: dict[str, Type], broken: set[str], rule: Rule) -> None:
        self.law, self.typed, self.broken, self.rule = law, typed, broken, rule
        self.in_schedule = False

    def type_of(self, name: str) -> Type | None:
        """A name read plainly: of the same kind of case."""
        if self.entity_of(name) not in (None, self.rule.entity):
            if self.rule.entity == PERSON:
                raise ExpressionError(f"{name} is the employer's: employer.{name}")
            raise ExpressionError(f"{name} is a person's: a rule for the employer can't read it")
        return self.plain_type(name)

    def of_employer(self, name: str) -> Type | None:
        self.only_of_persons(f"employer.{name}")
        if self.entity_of(name) == PERSON or name in self.law.parameters:
            raise ExpressionError(f"employer.{name}: {name} isn't the employer's")
        return self.plain_type(name)

    def of_member(self, name: str) -> Type | None:
        self.only_of_persons("a household")
        if self.entity_of(name) == OF_EMPLOYER or name in self.law.parameters or name in RESERVED:
            raise ExpressionError(f"{name} isn't a member's")
        return self.plain_type(name)

    def only_of_persons(self, what: str) -> None:
        if self.rule.entity != PERSON:
            raise ExpressionError(f"{what} stands in a person's rule only")

    def entity_of(self, name: str) -> str | None:
        """Whom a fact or rule is about; None for what is about nobody."""
        if name in self.law.facts:
            return self.law.facts[name].entity
        return self.law.rules[name][0].entity if name in self.law.rules else None

    def plain_type(self, name: str) -> Type | None:
        if name in self.law.facts:
            return self.law.facts[name].type
        if name in self.law.parameters:
            return self.law.parameters[name].type
        if self.in_schedule and name in ("month", "index"):
            return MONTH if name == "month" else INT
        return self.typed.get(
            name, BOOL if name in self.law.rules else None
        )  # BOOL: part of a reported cycle

    def texts_of(self, name: str) -> Collection[str]:
        found = self.law.parameters.get(name)
        texts: list[str] = []
        for item in found.values if found else ():
            if isinstance(item.value, str):
                texts.append(item.value)
            elif isinstance(item.value, tuple | dict):
                texts.extend(item.value)
        return texts

    def infer(self, expression: Expression | None, kind: str | None, what: str) -> Type | None:
        """The expression's type, after a complaint when it isn't of `kind`."""
        if expression is None or not self.broken.isdisjoint(expression.reads):
            return None
        try:
            scope = Scope(self.type_of, self.of_employer, self.of_member, self.texts_of, self.law.codes)
            found = infer(expression, scope)
        except ExpressionError as error:
            self.law.problems.append(Problem(f"{expression.where}: {error}", expression.text, error.span))
            return None
        if kind is not None and found.kind not in (kind, "unknown"):
            said = f"{expression.where}: {what} must be a {kind}, “{expression.text}” is a {found}"
            self.law.problems.append(Problem(said, expression.text, (0, len(expression.text))))
            return None
        return found

    def check(self) -> Type:
        rule = self.rule
        self.infer(rule.given, "bool", "given")
        for expression in rule.condition.expressions() if rule.condition else ():
            self.infer(expression, "bool", "a condition")
        for expression in rule.goes_on.expressions() if rule.goes_on else ():
            self.infer(expression, "bool", "goes_on_for")
        if rule.schedule is not None:
            return self.schedule()
        if rule.value is None:
            return BOOL
        found = self.infer(rule.value, None, "value")
        if found is None:
            self.broken.add(rule.name)
        of = found or Type("unknown")
        if of.kind in ("list", "table"):
            self.law.problems.append(f"{rule.where}: a {of} can't be the value of a rule")
        other = self.infer(rule.otherwise, None if of.kind == "unknown" else of.kind, "otherwise")
        units = [unit for unit in (rule.unit, of.unit, other.unit if other else None) if unit]
        if len(set(units)) > 1:
            self.law.problems.append(
                f"{rule.where}: {rule.name} mixes units {' and '.join(dict.fromkeys(units))}"
            )
        if other is not None and of.kind == "unknown":
            of = other
        exact = of.exact and (other is None or other.exact)
        return Type(of.kind, units[0] if units else None, of.codes, exact)

    def schedule(self) -> Type:
        schedule, rule = self.rule.schedule, self.rule
        assert schedule is not None
        self.infer(schedule.first, "month", "first")
        count = self.infer(schedule.count, "number", "count")
        if count is not None and not count.exact:
            self.law.problems.append(f"{schedule.count.where}: count must be a whole number")
        self.in_schedule = True
        for name, expression in schedule.bind.items():
            if name not in self.law.facts or self.law.facts[name].entity != rule.entity:
                self.law.problems.append(f"{expression.where}: {name} isn't a fact to bind")
            else:
                self.infer(expression, self.law.facts[name].type.kind, name)
        value = self.infer(schedule.value, "number", "value")
        if value is not None and rule.unit and value.unit and rule.unit != value.unit:
            self.law.problems.append(f"{rule.where}: {rule.name} mixes units {rule.unit} and {value.unit}")
        return Type("schedule", rule.unit or (value.unit if value else None))
