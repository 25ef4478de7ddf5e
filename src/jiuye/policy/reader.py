"""A folder of law read into parts: units, code tables, facts, parameters and rules.

Each is a file (`facts.yaml`), a folder of files (`rules/*.yaml`) or both.

Whatever is wrong is collected as "file:line: message" and reported at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from jiuye.policy.language import NAME, RESERVED, Expression, ExpressionError
from jiuye.policy.lines import LinedDict, LinedList, YamlError, read_yaml
from jiuye.policy.parts import (
    SUPPLIERS,
    ConditionText,
    Fact,
    Parameter,
    ParameterValue,
    Rule,
    ScheduleText,
)
from jiuye.policy.values import BOOL, DATE, INT, MONTH, NUMBER, TEXT, Month, Type, Value

FACT_KINDS = {"bool": BOOL, "int": INT, "decimal": NUMBER, "date": DATE, "month": MONTH, "text": TEXT}
FACT_KEYS = {"type", "unit", "label", "question", "supplier", "evidence", "hint", "asked_of"}
PARAMETER_KEYS = {"id", "name_zh", "name_en", "unit", "rule", "note", "values"}
PARAMETER_FILE_KEYS = {"schema", "jurisdiction", "compiled", "parameters"}
VALUE_KEYS = {"from", "to", "value", "source", "status", "confidence", "note"}
RULE_KEYS = {
    "rule", "id", "title", "basis", "from", "until", "given", "otherwise", "all", "any", "when", "value",
    "unit", "schedule", "note", "remedy",
}  # fmt: skip
CONDITION_KEYS = {"when", "all", "any", "basis", "zh", "en", "remedy", "note"}
SCHEDULE_KEYS = {"first", "count", "value", "bind"}


def both(node: Any, fallback: str = "") -> dict[str, str]:
    """A text in both languages; one text stands for both."""
    if isinstance(node, dict):
        zh = str(node.get("zh", fallback))
        return {"zh": zh, "en": str(node.get("en", zh))}
    text = str(node or fallback)
    return {"zh": text, "en": text}


class Reader:
    """Reads one folder. What it found stands in its attributes, what was wrong in `problems`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.units: dict[str, str | None] = {}
        self.codes: dict[str, dict[str, dict[str, str]]] = {}
        self.facts: dict[str, Fact] = {}
        self.parameters: dict[str, Parameter] = {}
        self.rules: dict[str, tuple[Rule, ...]] = {}
        self.where: dict[tuple[str, str], str] = {}  # (kind, name): file:line
        self.digest = hashlib.sha256()

    def read(self) -> None:
        if not self.path.is_dir():
            self.problems.append(f"{self.path}: no such folder")
            return
        self.file(self.path / "units.yaml", self.take_units)
        for name, take in (
            ("codes", self.take_codes),
            ("facts", self.take_facts),
            ("parameters", self.take_parameters),
            ("rules", self.take_rules),
        ):
            self.file(self.path / f"{name}.yaml", take)
            for path in sorted((self.path / name).glob("*.yaml")):
                self.file(path, take)

    def file(self, path: Path, take: Callable[[Any, str], None]) -> None:
        if not path.exists():
            return
        where = str(path.relative_to(self.path))
        self.digest.update(where.encode() + b"\0" + path.read_bytes())
        try:
            content = read_yaml(path)
        except YamlError as error:
            self.problem(where, error.line, str(error))
            return
        take(content, where)

    # -- small checks --------------------------------------------------------

    def problem(self, where: str, line: int, message: str) -> None:
        self.problems.append(f"{where}:{line}: {message}")

    def mapping(self, node: Any, where: str, line: int, what: str) -> LinedDict:
        """The node if it is a mapping; otherwise a complaint and an empty one."""
        if isinstance(node, LinedDict):
            return node
        self.problem(where, line, f"{what}: keys with values expected")
        empty = LinedDict()
        empty.line, empty.lines = line, {}
        return empty

    def sequence(self, node: Any, where: str, line: int, what: str) -> list[tuple[int, Any]]:
        if isinstance(node, LinedList):
            return list(zip(node.lines, node, strict=True))
        if not isinstance(node, LinedDict) or node:
            self.problem(where, line, f"{what}: a list expected")
        return []

    def keys(self, node: LinedDict, allowed: set[str], where: str) -> None:
        for key in node:
            if key not in allowed:
                self.problem(where, node.line_of(key), f"unknown key {key}")

    def named(self, kind: str, name: str, where: str, line: int) -> None:
        """One namespace for facts, parameters and rules; words of the language are taken."""
        if not NAME.match(name):
            self.problem(where, line, f"{name!r} can't be a name: letters, digits and _ only")
        elif name in RESERVED:
            self.problem(where, line, f"{name} is a word of the language")
        for other in ("fact", "parameter", "rule"):
            if (other, name) in self.where and (other != kind or kind != "rule"):
                self.problem(where, line, f"{name} is already a {other} ({self.where[other, name]})")
        self.where.setdefault((kind, name), f"{where}:{line}")

    def unit(self, text: Any, where: str, line: int) -> str | None:
        if text is None:
            return None
        if str(text) not in self.units:
            self.problem(where, line, f"unknown unit {text}")
            return None
        return self.units[str(text)]

    def day(self, text: Any, where: str, line: int) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            self.problem(where, line, f"not a date: {text}")
            return None

    def expression(self, text: Any, where: str, line: int) -> Expression | None:
        if text is None:
            return None
        if isinstance(text, bool):
            text = str(text)
        if isinstance(text, dict | list):
            self.problem(where, line, "an expression expected (put it in quotes)")
            return None
        try:
            return Expression(str(text), f"{where}:{line}")
        except ExpressionError as error:
            self.problem(where, line, str(error))
            return None

    # -- files --------------------------------------------------------

    def take_units(self, content: Any, where: str) -> None:
        for word, unit in self.mapping(content, where, 1, "units").items():
            self.units[word] = None if unit is None else str(unit)

    def take_codes(self, content: Any, where: str) -> None:
        content = self.mapping(content, where, 1, "code tables")
        for table, rows in content.items():
            rows = self.mapping(rows, where, content.line_of(table), f"code table {table}")
            self.codes[table] = {code: both(label, code) for code, label in rows.items()}

    def take_facts(self, content: Any, where: str) -> None:
        content = self.mapping(content, where, 1, "facts")
        for name in content:
            line = content.line_of(name)
            node = self.mapping(content[name], where, line, f"fact {name}")
            self.named("fact", name, where, line)
            self.keys(node, FACT_KEYS, where)
            of = self.fact_type(node, where, line)
            supplier = str(node.get("supplier", "person"))
            if supplier not in SUPPLIERS:
                self.problem(where, node.line_of("supplier"), f"unknown supplier {supplier}")
            if "label" not in node:
                self.problem(where, line, f"fact {name} has no label")
            if of is not None:
                label = both(node.get("label"), name)
                question, evidence, hint = node.get("question"), node.get("evidence"), node.get("hint")
                self.facts[name] = Fact(
                    name,
                    of,
                    label,
                    both(question or label),
                    supplier,
                    both(evidence),
                    both(hint),
                    len(self.facts),
                )

    def fact_type(self, node: LinedDict, where: str, line: int) -> Type | None:
        kind, _, table = str(node.get("type", "")).partition(":")
        unit = self.unit(node.get("unit"), where, node.line_of("unit"))
        if kind in ("code", "list"):
            if (table or kind == "code") and table not in self.codes:
                self.problem(where, node.line_of("type"), f"unknown code table {table}")
            return Type("text" if kind == "code" else "list", codes=table or None)
        if kind == "money" and not table:
            return Type("number", unit or self.units.get("money"), exact=False)
        if kind in FACT_KINDS and not table:
            base = FACT_KINDS[kind]
            return Type(base.kind, unit, exact=base.exact)
        self.problem(
            where, node.line_of("type") if "type" in node else line, f"unknown type {node.get('type')}"
        )
        return None

    def take_parameters(self, content: Any, where: str) -> None:
        content = self.mapping(content, where, 1, "parameter file")
        self.keys(content, PARAMETER_FILE_KEYS, where)
        items = content.get("parameters", LinedDict())
        for line, item in self.sequence(items, where, content.line_of("parameters"), "parameters"):
            node = self.mapping(item, where, line, "parameter")
            self.keys(node, PARAMETER_KEYS, where)
            name = str(node.get("id"))
            self.named("parameter", name, where, line)
            unit = self.unit(node.get("unit"), where, node.line_of("unit"))
            dated = self.sequence(node.get("values"), where, node.line_of("values"), f"values of {name}")
            values = [self.parameter_value(name, value, unit, where, at) for at, value in dated]
            values.sort(key=lambda value: value.first)
            for before, after in pairwise(values):
                if before.last is None or before.last >= after.first:
                    self.problem(where, line, f"{name} has two values on {after.first}")
            label = {"zh": str(node.get("name_zh", name)), "en": str(node.get("name_en", name))}
            of = parameter_type([value.value for value in values], unit)
            words = {key: str(node.get(key, "")) for key in ("rule", "note", "unit")}
            self.parameters[name] = Parameter(
                name, label, of, words["rule"], tuple(values), words["note"], words["unit"]
            )

    def parameter_value(
        self, name: str, item: Any, unit: str | None, where: str, line: int
    ) -> ParameterValue:
        node = self.mapping(item, where, line, f"value of {name}")
        self.keys(node, VALUE_KEYS, where)
        first = self.day(node.get("from"), where, node.line_of("from")) or date.min
        last = self.day(node.get("to"), where, node.line_of("to"))
        if last and last < first:
            self.problem(where, line, f"{name} ends before it begins")
        status = str(node.get("status", "recalled"))
        if status not in ("verified", "recalled"):
            self.problem(where, node.line_of("status"), f"unknown status {status}")
        value = _parameter_value(node.get("value"))
        if unit == "date":
            value = self.day(value, where, node.line_of("value"))
        elif unit == "calendar month" and value is not None:
            try:
                value = Month.parse(str(value))
            except ValueError:
                self.problem(where, node.line_of("value"), f"not a month: {value}")
        confidence = node.get("confidence")
        return ParameterValue(
            value, first, last, str(node.get("source", "")), status,
            None if confidence is None else Decimal(str(confidence)), str(node.get("note", "")),
        )  # fmt: skip

    def take_rules(self, content: Any, where: str) -> None:
        for line, item in self.sequence(content, where, 1, "rules"):
            node = self.mapping(item, where, line, "rule")
            name = str(node.get("rule"))
            self.named("rule", name, where, line)
            self.rules[name] = (*self.rules.get(name, ()), self.rule(name, node, where, line))

    def rule(self, name: str, node: LinedDict, where: str, line: int) -> Rule:
        self.keys(node, RULE_KEYS, where)
        if not node.get("basis"):
            self.problem(where, line, f"rule {name} has no basis")
        if "title" not in node:
            self.problem(where, line, f"rule {name} has no title")
        kinds = [key for key in ("all", "any", "when", "value", "schedule") if key in node]
        if len(kinds) != 1:
            self.problem(where, line, f"rule {name} needs exactly one of all, any, when, value, schedule")
        if "given" in node and not {"value", "schedule"} & set(kinds):
            self.problem(where, node.line_of("given"), "given stands before a value or a schedule only")
        if "otherwise" in node and not ("given" in node and "value" in kinds):
            self.problem(where, node.line_of("otherwise"), "otherwise needs given and value")
        title, basis, remedy = (
            both(node.get("title"), name),
            str(node.get("basis", "")),
            both(node.get("remedy")),
        )
        condition = None
        for group in ("all", "any"):
            if group in node:
                parts = self.parts(node[group], where, node.line_of(group))
                condition = ConditionText(name, basis, title, remedy, None, group, parts)
        if "when" in node:
            when = self.expression(node["when"], where, node.line_of("when"))
            condition = ConditionText(name, basis, title, remedy, when)
        first = self.day(node.get("from"), where, node.line_of("from")) or date.min
        last = self.day(node.get("until"), where, node.line_of("until"))
        if last and last < first:
            self.problem(where, line, f"{name} ends before it begins")
        return Rule(
            name, str(node.get("id", "")), title, basis, first, last,
            self.expression(node.get("given"), where, node.line_of("given")),
            self.expression(node.get("otherwise"), where, node.line_of("otherwise")),
            condition,
            self.expression(node.get("value"), where, node.line_of("value")),
            self.schedule(node, where) if "schedule" in node else None,
            self.unit(node.get("unit"), where, node.line_of("unit")),
            f"{where}:{line}", note=str(node.get("note", "")),
        )  # fmt: skip

    def parts(self, node: Any, where: str, line: int) -> tuple[ConditionText, ...]:
        node = self.mapping(node, where, line, "conditions")
        if not node:
            self.problem(where, line, "a group needs at least one condition")
        return tuple(self.condition(name, node[name], where, node.line_of(name)) for name in node)

    def condition(self, name: str, item: Any, where: str, line: int) -> ConditionText:
        node = self.mapping(item, where, line, f"condition {name}")
        self.keys(node, CONDITION_KEYS, where)
        kinds = [key for key in ("all", "any", "when") if key in node]
        if len(kinds) != 1:
            self.problem(where, line, f"condition {name} needs exactly one of when, all, any")
        label, remedy = (
            {"zh": str(node.get("zh", "")), "en": str(node.get("en", ""))},
            both(node.get("remedy")),
        )
        if not (label["zh"] and label["en"]):
            self.problem(where, line, f"condition {name} needs its words in zh and en")
        basis = str(node.get("basis", ""))
        if kinds and kinds[0] != "when":
            parts = self.parts(node[kinds[0]], where, node.line_of(kinds[0]))
            return ConditionText(name, basis, label, remedy, None, kinds[0], parts)
        when = self.expression(node.get("when"), where, node.line_of("when"))
        return ConditionText(name, basis, label, remedy, when)

    def schedule(self, node: LinedDict, where: str) -> ScheduleText | None:
        line = node.line_of("schedule")
        part = self.mapping(node["schedule"], where, line, "schedule")
        self.keys(part, SCHEDULE_KEYS, where)
        first, count, value = (
            self.expression(part.get(key), where, part.line_of(key)) for key in ("first", "count", "value")
        )
        if first is None or count is None or value is None:
            self.problem(where, line, "a schedule needs first, count and value")
            return None
        bind = {}
        if "bind" in part:
            texts = self.mapping(part["bind"], where, part.line_of("bind"), "bind")
            for name, text in texts.items():
                found = self.expression(text, where, texts.line_of(name))
                if found is not None:
                    bind[name] = found
        return ScheduleText(first, count, value, bind)


def _parameter_value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, dict):
        return dict(value)
    return value  # type: ignore[no-any-return]


def parameter_type(values: list[Value], unit: str | None) -> Type:
    """What the values have in common; “mixed” can't stand in an expression."""
    if unit == "date":
        return DATE
    if unit == "calendar month":
        return MONTH
    kinds, exact = set(), True
    for value in values:
        if value is None:
            continue
        numbers = value.values() if isinstance(value, dict) else [value]
        plain = all(isinstance(n, int | Decimal) and not isinstance(n, bool) for n in numbers)
        exact = exact and not any(isinstance(n, Decimal) for n in numbers)
        match value:
            case bool():
                kinds.add("bool")
            case str():
                kinds.add("text")
            case tuple():
                kinds.add("list")
            case dict():
                kinds.add("table" if plain else "mixed")
            case _:
                kinds.add("number" if plain else "mixed")
    kind = kinds.pop() if len(kinds) == 1 else "mixed"
    return Type(kind, unit if kind in ("number", "table") else None, exact=exact)
