"""A folder of law read into parts: units, code tables, facts, parameters and rules.

Each is a file (`facts.yaml`), a folder of files (`rules/*.yaml`) or both.

Whatever is wrong is collected as "file:line: message" and reported at once.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from jiuye.policy.lines import LinedDict
from jiuye.policy.parts import ENTITIES, PERSON, SUPPLIERS, Fact, Parameter, ParameterValue
from jiuye.policy.reading import both
from jiuye.policy.rule_text import RuleReading
from jiuye.policy.values import BOOL, DATE, INT, MONTH, NUMBER, TEXT, Month, Type, Value

FACT_KINDS = {"bool": BOOL, "int": INT, "decimal": NUMBER, "date": DATE, "month": MONTH, "text": TEXT}
FACT_KEYS = {
    "type", "entity", "unit", "label", "question", "supplier", "evidence", "hint", "asked_of",
}  # fmt: skip
PARAMETER_KEYS = {"id", "name_zh", "name_en", "unit", "rule", "note", "values"}
PARAMETER_FILE_KEYS = {"schema", "jurisdiction", "compiled", "parameters"}
VALUE_KEYS = {"from", "to", "value", "source", "status", "confidence", "note", "gap_before"}


DAY = timedelta(days=1)


def gap(name: str, what: str, last: date, first: date) -> str:
    """What is said of dates between which nothing stands, and no reason given."""
    return f"{name} has no {what} from {last + DAY} to {first - DAY}: fill it or say why (gap_before)"


class Reader(RuleReading):
    """Reads one folder. What it found stands in its attributes, what was wrong in `problems`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.codes: dict[str, dict[str, dict[str, str]]] = {}
        self.facts: dict[str, Fact] = {}
        self.parameters: dict[str, Parameter] = {}

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

    def take_units(self, content: Any, where: str) -> None:
        for word, unit in self.mapping(content, where, 1, "units").items():
            self.units[word] = None if unit is None else str(unit)

    def take_codes(self, content: Any, where: str) -> None:
        content = self.mapping(content, where, 1, "code tables")
        for table, rows in content.items():
            line = content.line_of(table)
            rows = self.mapping(rows, where, line, f"code table {table}")
            if table in self.codes:
                self.problem(where, line, f"code table {table} is already in {self.where['codes', table]}")
                continue
            self.where["codes", table] = f"{where}:{line}"
            self.codes[table] = {code: both(label, code) for code, label in rows.items()}

    def take_facts(self, content: Any, where: str) -> None:
        content = self.mapping(content, where, 1, "facts")
        for name in content:
            line = content.line_of(name)
            node = self.mapping(content[name], where, line, f"fact {name}")
            self.named("fact", name, where, line)
            self.keys(node, FACT_KEYS, where)
            of = self.fact_type(node, where, line)
            supplier = self.one_of(node, "supplier", SUPPLIERS, "person", where, "supplier")
            entity = self.one_of(node, "entity", ENTITIES, PERSON, where, "entity")
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
                    entity,
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
            read = [(self.parameter_value(name, value, unit, where, at), at) for at, value in dated]
            read.sort(key=lambda item: item[0].first)
            for (before, _), (after, at) in pairwise(read):
                if before.last is None or before.last >= after.first:
                    self.problem(where, line, f"{name} has two values on {after.first}")
                elif before.last + DAY < after.first and not after.gap_before:
                    self.problem(where, at, gap(name, "value", before.last, after.first))
            values = [value for value, _ in read]
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
            str(node.get("gap_before") or ""),
        )  # fmt: skip


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
