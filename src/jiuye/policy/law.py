"""A folder of law, read and checked: facts, code tables, dated parameters, rules.

Folder: facts.yaml, codes.yaml, units.yaml, parameters/*.yaml, rules/*.yaml. One namespace holds facts,
parameters and rules. Whatever is wrong (unknown name, unit or key, cycle, overlapping dates) is reported at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from jiuye.policy.errors import LawError
from jiuye.policy.language import Expression, ExpressionError, infer
from jiuye.policy.lines import LinedDict, read_yaml
from jiuye.policy.values import BOOL, DATE, INT, LIST, MONTH, NUMBER, TEXT, Type, Value

if TYPE_CHECKING:
    from jiuye.policy.columns import Program
    from jiuye.policy.explain import Outcome

FACT_KINDS = {"bool": BOOL, "int": INT, "decimal": NUMBER, "date": DATE, "month": MONTH, "text": TEXT}
FACT_KEYS = {"type", "unit", "label", "question", "supplier", "evidence", "hint", "asked_of"}
RULE_KEYS = {
    "rule", "id", "title", "basis", "from", "until", "given", "otherwise", "all", "any", "when", "value", "unit",
    "schedule", "note", "remedy",
}  # fmt: skip
CONDITION_KEYS = {"when", "all", "any", "basis", "zh", "en", "remedy"}
SUPPLIERS = ("register", "person", "document", "staff")  # cheapest first: this is the order of asking


@dataclass(frozen=True)
class Fact:
    """A named value about a person or case. `supplier` says who gives it first."""

    name: str
    type: Type
    label: Mapping[str, str]
    question: Mapping[str, str]
    supplier: str
    evidence: Mapping[str, str]
    hint: Mapping[str, str]

    @property
    def codes(self) -> str | None:
        return self.type.codes


@dataclass(frozen=True)
class ParameterValue:
    """One value in force from `first` to `last` (inclusive; None = until further notice)."""

    value: Value
    first: date
    last: date | None
    source: str
    status: str
    confidence: Decimal | None
    note: str

    def in_force(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


@dataclass(frozen=True)
class Parameter:
    name: str
    label: Mapping[str, str]
    type: Type
    basis: str
    values: tuple[ParameterValue, ...]

    def at(self, on: date) -> ParameterValue | None:
        return next((item for item in self.values if item.in_force(on)), None)


@dataclass(frozen=True)
class ConditionText:
    """One named condition: an expression, or a group (`all`/`any`) of further conditions."""

    name: str
    basis: str
    label: Mapping[str, str]
    remedy: Mapping[str, str]
    when: Expression | None = None
    quantifier: str = "all"
    parts: tuple[ConditionText, ...] = ()

    def expressions(self) -> Iterator[Expression]:
        if self.when is not None:
            yield self.when
        for part in self.parts:
            yield from part.expressions()


@dataclass(frozen=True)
class ScheduleText:
    first: Expression
    count: Expression
    value: Expression
    bind: Mapping[str, Expression]


@dataclass
class Rule:
    """One version of a rule, in force `first`..`last`."""

    name: str
    id: str
    title: Mapping[str, str]
    basis: str
    first: date
    last: date | None
    given: Expression | None
    otherwise: Expression | None
    condition: ConditionText | None
    value: Expression | None
    schedule: ScheduleText | None
    unit: str | None
    where: str
    type: Type = BOOL

    @property
    def kind(self) -> str:
        return "schedule" if self.schedule else "value" if self.value else "condition"

    def expressions(self) -> Iterator[Expression]:
        for item in (self.given, self.otherwise, self.value):
            if item is not None:
                yield item
        if self.condition:
            yield from self.condition.expressions()
        if self.schedule:
            yield from (self.schedule.first, self.schedule.count, self.schedule.value)
            yield from self.schedule.bind.values()

    def in_force(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


@dataclass
class Law:
    facts: dict[str, Fact] = field(default_factory=dict)
    codes: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    version: str = ""
    add_working_days: Callable[[date, int], date] | None = None

    @staticmethod
    def load(path: Path, add_working_days: Callable[[date, int], date] | None = None) -> Law:
        """Read a folder of law. Raises LawError listing every problem with file and line."""
        law = _Reader(path).read()
        law.add_working_days = add_working_days
        return law

    def rule_at(self, name: str, on: date) -> Rule | None:
        return next((rule for rule in self.rules[name] if rule.in_force(on)), None)

    def parameter(self, name: str, on: date) -> ParameterValue | None:
        return self.parameters[name].at(on)

    def type_of(self, name: str) -> Type | None:
        if name in self.facts:
            return self.facts[name].type
        if name in self.parameters:
            return self.parameters[name].type
        if name in self.rules:
            return self.rules[name][0].type
        return None

    def explain(self, rule: str, facts: Mapping[str, Value], on: date) -> Outcome:
        """Decide one case; see `Outcome`."""
        from jiuye.policy.explain import Case

        return Case(self, facts).outcome(rule, on)

    def questions(self, rules: Sequence[str], facts: Mapping[str, Value], on: date) -> list[Fact]:
        """The facts that would decide these rules and that nobody supplied, cheapest supplier first."""
        asked = dict.fromkeys(name for rule in rules for name in self.explain(rule, facts, on).ask)
        return [self.facts[name] for name in asked]

    def columns(self, rules: Sequence[str], on: date) -> Program:
        """The same rules for a whole population; see `Program`."""
        from jiuye.policy.columns import Program

        return Program(self, rules, on)


def _both(node: Any, fallback: str = "") -> dict[str, str]:
    if isinstance(node, dict):
        zh = str(node.get("zh", fallback))
        return {"zh": zh, "en": str(node.get("en", zh))}
    text = str(node or fallback)
    return {"zh": text, "en": text}


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.law = Law()
        self.problems: list[str] = []
        self.digest = hashlib.sha256()

    def read(self) -> Law:
        for name, take in (("units.yaml", self.units), ("codes.yaml", self.codes), ("facts.yaml", self.facts)):
            if (self.path / name).exists():
                self.each(self.path / name, take)
        for path in sorted((self.path / "parameters").glob("*.yaml")):
            self.each(path, self.parameter_file)
        for path in sorted((self.path / "rules").glob("*.yaml")):
            self.each(path, self.rule_file)
        self.names()
        self.overlaps()
        self.types()
        if self.problems:
            raise LawError(self.problems)
        self.law.version = self.digest.hexdigest()
        return self.law

    def each(self, path: Path, take: Callable[[Any, str], None]) -> None:
        where = str(path.relative_to(self.path))
        self.digest.update(where.encode() + b"\0" + path.read_bytes())
        try:
            content = read_yaml(path)
        except yaml.YAMLError as error:
            self.problems.append(f"{where}: {error}")
            return
        take(content, where)

    def problem(self, where: str, line: int, message: str) -> None:
        self.problems.append(f"{where}:{line}: {message}")

    def keys(self, node: LinedDict, allowed: set[str], where: str) -> None:
        for key in node:
            if key not in allowed:
                self.problem(where, node.line_of(key), f"unknown key {key}")

    def units(self, content: LinedDict, where: str) -> None:
        self.law.units = {str(key): value for key, value in content.items()}

    def unit(self, text: Any, where: str, line: int) -> str | None:
        if text is None:
            return None
        if str(text) not in self.law.units:
            self.problem(where, line, f"unknown unit {text}")
            return None
        return self.law.units[str(text)]

    def codes(self, content: LinedDict, where: str) -> None:
        for table, rows in content.items():
            self.law.codes[table] = {str(code): _both(label) for code, label in rows.items()}

    def facts(self, content: LinedDict, where: str) -> None:
        for name, node in content.items():
            line = content.line_of(name)
            self.keys(node, FACT_KEYS, where)
            kind, _, table = str(node.get("type", "")).partition(":")
            unit = self.unit(node.get("unit"), where, line)
            if kind in ("code", "list"):
                if table and table not in self.law.codes:
                    self.problem(where, line, f"unknown code table {table}")
                of = Type("text" if kind == "code" else "list", codes=table or None)
            elif kind == "money":
                of = Type("number", "yuan", exact=False)
            elif kind in FACT_KINDS:
                base = FACT_KINDS[kind]
                of = Type(base.kind, unit, exact=base.exact)
            else:
                self.problem(where, line, f"unknown type {node.get('type')}")
                continue
            supplier = str(node.get("supplier", "person"))
            if supplier not in SUPPLIERS:
                self.problem(where, line, f"unknown supplier {supplier}")
            if "label" not in node:
                self.problem(where, line, f"fact {name} has no label")
            label = _both(node.get("label"), name)
            self.law.facts[name] = Fact(
                name, of, label, _both(node.get("question"), label["zh"]), supplier,
                _both(node.get("evidence")), _both(node.get("hint")),
            )  # fmt: skip

    def day(self, text: Any, where: str, line: int) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            self.problem(where, line, f"not a date: {text}")
            return None

    def parameter_file(self, content: LinedDict, where: str) -> None:
        for node in content.get("parameters", []):
            name = str(node.get("id"))
            unit = self.unit(node.get("unit"), where, node.line_of("unit"))
            values = []
            for item in node.get("values", []):
                first = self.day(item.get("from"), where, item.line) or date.min
                last = self.day(item.get("to"), where, item.line)
                status = str(item.get("status", "recalled"))
                if status not in ("verified", "recalled"):
                    self.problem(where, item.line, f"unknown status {status}")
                confidence = item.get("confidence")
                value = _parameter_value(item.get("value"))
                if unit == "date":
                    value = self.day(value, where, item.line)
                values.append(
                    ParameterValue(
                        value, first, last, str(item.get("source", "")), status,
                        None if confidence is None else Decimal(str(confidence)), str(item.get("note", "")),
                    )
                )  # fmt: skip
                if last and last < first:
                    self.problem(where, item.line, f"{name} ends before it begins")
            values.sort(key=lambda item: item.first)
            for before, after in zip(values, values[1:], strict=False):
                if before.last is None or before.last >= after.first:
                    self.problem(where, node.line, f"{name} has two values on {after.first}")
            if name in self.law.parameters:
                self.problem(where, node.line, f"parameter {name} stands twice")
            label = {"zh": str(node.get("name_zh", name)), "en": str(node.get("name_en", name))}
            of = _parameter_type([item.value for item in values], unit)
            basis = str(node.get("rule", ""))
            self.law.parameters[name] = Parameter(name, label, of, basis, tuple(values))

    def expression(self, text: Any, where: str, line: int) -> Expression | None:
        if text is None:
            return None
        if isinstance(text, bool):
            text = str(text)
        try:
            made = Expression(str(text))
        except ExpressionError as error:
            self.problem(where, line, str(error))
            return None
        made.where = f"{where}:{line}"  # type: ignore[attr-defined]
        return made

    def condition(self, name: str, node: LinedDict, where: str, line: int) -> ConditionText:
        self.keys(node, CONDITION_KEYS, where)
        groups = [key for key in ("all", "any") if key in node]
        if len(groups) + ("when" in node) != 1:
            self.problem(where, line, f"condition {name} needs exactly one of when, all, any")
        label, remedy = {"zh": str(node.get("zh", "")), "en": str(node.get("en", ""))}, _both(node.get("remedy"))
        basis = str(node.get("basis", ""))
        if not (label["zh"] and label["en"]):
            self.problem(where, line, f"condition {name} needs its words in zh and en")
        if groups:
            return ConditionText(
                name, basis, label, remedy, None, groups[0], self.parts(node[groups[0]], where)
            )
        return ConditionText(name, basis, label, remedy, self.expression(node.get("when"), where, line))

    def parts(self, node: LinedDict, where: str) -> tuple[ConditionText, ...]:
        return tuple(self.condition(name, part, where, node.line_of(name)) for name, part in node.items())

    def rule_file(self, content: list[LinedDict], where: str) -> None:
        for node in content:
            self.keys(node, RULE_KEYS, where)
            name = str(node.get("rule"))
            title, basis = _both(node.get("title"), name), str(node.get("basis", ""))
            condition = None
            for group in ("all", "any"):
                if group in node:
                    parts = self.parts(node[group], where)
                    condition = ConditionText(name, basis, title, {}, None, group, parts)
            if "when" in node:
                when = self.expression(node["when"], where, node.line_of("when"))
                condition = ConditionText(name, basis, title, _both(node.get("remedy")), when)
            schedule = None
            if "schedule" in node:
                line, part = node.line_of("schedule"), node["schedule"]
                self.keys(part, {"first", "count", "value", "bind"}, where)
                made = [self.expression(part.get(key), where, line) for key in ("first", "count", "value")]
                if all(made):
                    bind = {
                        key: found
                        for key, text in part.get("bind", {}).items()
                        if (found := self.expression(text, where, line))
                    }
                    schedule = ScheduleText(made[0], made[1], made[2], bind)  # type: ignore[arg-type]
                else:
                    self.problem(where, line, "a schedule needs first, count and value")
            rule = Rule(
                name, str(node.get("id", "")), title, basis,
                self.day(node.get("from"), where, node.line) or date.min,
                self.day(node.get("until"), where, node.line),
                self.expression(node.get("given"), where, node.line_of("given")),
                self.expression(node.get("otherwise"), where, node.line_of("otherwise")),
                condition,
                self.expression(node.get("value"), where, node.line_of("value")),
                schedule,
                self.unit(node.get("unit"), where, node.line_of("unit")),
                f"{where}:{node.line}",
            )  # fmt: skip
            if sum(item is not None for item in (condition, rule.value, schedule)) != 1:
                self.problem(where, node.line, f"rule {name} needs exactly one of all/any/when, value, schedule")
            if not basis:
                self.problem(where, node.line, f"rule {name} has no basis")
            self.law.rules[name] = (*self.law.rules.get(name, ()), rule)

    def names(self) -> None:
        seen: dict[str, str] = {"on": "language", "unknown": "language", "month": "language", "index": "language"}
        for kind, names in (("fact", self.law.facts), ("parameter", self.law.parameters), ("rule", self.law.rules)):
            for name in names:
                if name in seen:
                    self.problems.append(f"{kind} {name}: already a name of {seen[name]}")
                seen[name] = kind

    def overlaps(self) -> None:
        for name, versions in self.law.rules.items():
            ordered = sorted(versions, key=lambda rule: rule.first)
            self.law.rules[name] = tuple(ordered)
            for before, after in zip(ordered, ordered[1:], strict=False):
                if before.last is None or before.last >= after.first:
                    self.problems.append(f"{after.where}: two versions of {name} on {after.first}")
                elif after.first - before.last > timedelta(days=1):
                    pass  # a gap is lawful: nothing is in force, the answer is unknown

    def types(self) -> None:
        """Type rules in order of dependency; what can't be ordered is a cycle."""
        typed: dict[str, Type] = {}
        waiting = dict(self.law.rules)
        while waiting:
            ready = [
                name
                for name, versions in waiting.items()
                if not any(
                    other in waiting
                    for rule in versions
                    for expression in rule.expressions()
                    for other in expression.names
                )
            ]
            if not ready:
                self.problems.append(f"{next(iter(waiting.values()))[0].where}: cycle among {', '.join(waiting)}")
                return
            for name in ready:
                kinds = {self.type_rule(rule, typed) for rule in waiting.pop(name)} - {None}
                if len({item.kind for item in kinds if item}) > 1:
                    self.problems.append(f"rule {name}: its versions give different kinds of value")
                typed[name] = next((item for item in kinds if item), BOOL)
                for rule in self.law.rules[name]:
                    rule.type = typed[name]

    def type_rule(self, rule: Rule, typed: Mapping[str, Type]) -> Type | None:
        in_schedule = {"month": MONTH, "index": INT}

        def lookup(name: str) -> Type | None:
            if name in typed:
                return typed[name]
            return self.law.type_of(name) or (in_schedule.get(name) if rule.schedule else None)

        kinds: dict[int, Type] = {}
        for expression in rule.expressions():
            try:
                kinds[id(expression)] = infer(expression, lookup, self.law.codes)
            except ExpressionError as error:
                self.problems.append(f"{getattr(expression, 'where', rule.where)}: {error}")
        for expression in rule.condition.expressions() if rule.condition else ():
            if kinds.get(id(expression), BOOL).kind not in ("bool", "unknown"):
                self.problems.append(f"{rule.where}: “{expression.text}” isn't a condition")
        if rule.schedule:
            for name in rule.schedule.bind:
                if name not in self.law.facts:
                    self.problems.append(f"{rule.where}: {name} isn't a fact to bind")
            return Type("schedule", rule.unit)
        if rule.value is None:
            return BOOL
        of = kinds.get(id(rule.value), INT)
        if rule.unit and of.unit and rule.unit != of.unit:
            self.problems.append(f"{rule.where}: {rule.name} gives {of.unit}, not {rule.unit}")
        return Type(of.kind, rule.unit or of.unit, of.codes, of.exact)


def _parameter_value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    return value  # type: ignore[no-any-return]


def _parameter_type(values: list[Value], unit: str | None) -> Type:
    if unit == "date":
        return DATE
    kinds = set()
    exact = True
    for value in values:
        if value is None:
            continue
        if isinstance(value, bool):
            kinds.add("bool")
        elif isinstance(value, int | Decimal):
            kinds.add("number")
            exact = exact and isinstance(value, int)
        else:
            kinds.add({dict: "table", tuple: "list", str: "text"}.get(type(value), "text"))
    return Type(kinds.pop() if len(kinds) == 1 else "text", unit, exact=exact)
