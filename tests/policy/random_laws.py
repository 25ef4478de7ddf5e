"""Random rules over a fixed small vocabulary, and random people with missing facts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from jiuye.policy import Law, Month
from jiuye.policy.working_days import WorkingCalendar
from tests.policy.law_text import law
from tests.policy.oracle import Tree, Version, text

COLOURS = ("red", "green", "blue")
FACTS = {
    "b0": "bool", "b1": "bool", "b2": "bool", "n0": "int", "n1": "int", "w0": "decimal", "t0": "date",
    "t1": "date", "m0": "month", "c0": "code:colour", "c1": "code:colour", "l0": "list:colour", "x0": "text",
}  # fmt: skip
SUPPLIERS = ("register", "person", "document", "staff")
FACTS_YAML = "".join(
    f'{name}: {{type: "{kind}", supplier: {SUPPLIERS[number % 4]}, label: L}}\n'
    for number, (name, kind) in enumerate(FACTS.items())
)
BETWEEN = ("years_between", "months_between", "days_between")
AGES = (date.min, date.max)
PARAMETERS: dict[str, list[tuple[date, date, Any]]] = {
    "p_int": [(date(2000, 1, 1), date(2001, 6, 30), 3), (date(2001, 7, 1), date(2003, 12, 31), -2)],
    "p_rate": [(*AGES, Decimal("0.125"))],
    "p_day": [(*AGES, date(2001, 2, 28))],
    "p_list": [(*AGES, ("red", "blue"))],
    "p_table": [(*AGES, {"red": 7, "green": -1})],
    "p_yes": [(*AGES, True)],
    "p_none": [(date(1990, 1, 1), date(1990, 1, 1), 5)],
}
ON = (date(2000, 2, 29), date(2001, 6, 30), date(2001, 7, 1), date(2004, 1, 1))


COUNTS: tuple[Tree, ...] = (
    ("name", "n0"), ("name", "p_int"), ("literal", 0), ("literal", 15),
    ("row", ("name", "p_table"), ("name", "c0")),
)  # fmt: skip
# Holidays and worked weekends without any pattern, from the end of one year into the next.
HOLIDAYS = {date(2000, 12, 20) + timedelta(days=n): n * n % 7 < 4 for n in range(400)}


def parameters_yaml() -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return float(value) if isinstance(value, Decimal) else value

    out = ["parameters:"]
    for name, values in PARAMETERS.items():
        unit = ", unit: 日期" if name == "p_day" else ""
        dated = [
            {"from": first.isoformat(), "to": last.isoformat(), "value": plain(value), "status": "verified"}
            for first, last, value in values
        ]
        out.append(f"- {{id: {name}{unit}, values: {json.dumps(dated)}}}")
    return "\n".join(out) + "\n"


@dataclass
class Rules:
    versions: dict[str, list[Version]]
    kinds: dict[str, str]

    def yaml(self) -> str:
        out = []
        for name, versions in self.versions.items():
            for version in versions:
                keys = [f"- rule: {name}", "  title: T", "  basis: B"]
                keys.append(f"  from: {version.first.isoformat()}")
                keys.append(f"  until: {version.last.isoformat()}")
                for key in ("given", "otherwise"):
                    tree = getattr(version, key)
                    if tree is not None:
                        keys.append(f"  {key}: {json.dumps(text(tree))}")
                keys.append(
                    f"  value: {json.dumps(text(version.body))}" if version.is_value else group(version.body)
                )
                out.append("\n".join(keys))
        return "\n".join(out) + "\n"

    def law(self, folder: Path) -> Law:
        return law(
            folder, self.yaml(), WorkingCalendar(HOLIDAYS), facts=FACTS_YAML, parameters=parameters_yaml()
        )


def group(tree: Tree, indent: int = 2) -> str:
    """A condition as YAML: and/or at the top become all/any."""
    pad = " " * indent
    if tree[0] not in ("and", "or"):
        return f"{pad}when: {json.dumps(text(tree))}"
    lines = [f"{pad}{'all' if tree[0] == 'and' else 'any'}:"]
    for number, part in enumerate(tree[1:]):
        lines += [f"{pad}  k{number}:", f"{pad}    zh: 甲", f"{pad}    en: A", group(part, indent + 4)]
    return "\n".join(lines)


def leaf(kind: str, kinds: dict[str, str]) -> st.SearchStrategy[Tree]:
    names = {
        "bool": ["b0", "b1", "b2", "p_yes"],
        "int": ["n0", "n1", "p_int", "p_none"],
        "number": ["w0", "p_rate", "n0"],
        "date": ["t0", "t1", "on", "p_day"],
        "month": ["m0"],
        "text": ["c0", "c1"],
    }[kind]
    names = names + [name for name, of in kinds.items() if of == kind]
    literals: dict[str, Any] = {
        "bool": st.booleans(),
        "int": st.integers(0, 40),
        "number": st.sampled_from([Decimal("0.5"), Decimal("12.34"), Decimal("1.125")]),
        "text": st.sampled_from(COLOURS),
    }
    out = st.sampled_from(names).map(lambda name: ("name", name))
    return out | literals[kind].map(lambda value: ("literal", value)) if kind in literals else out


@st.composite
def tree(draw: st.DrawFn, kind: str, depth: int, kinds: dict[str, str]) -> Tree:
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(leaf(kind, kinds))

    def part(of: str) -> Tree:
        return draw(tree(of, depth - 1, kinds))

    if draw(st.integers(0, 6)) == 0:
        open_ = kind != "text" and draw(st.integers(0, 4)) == 0
        return ("if", part("bool"), part(kind), ("name", "unknown") if open_ else part(kind))
    if kind == "bool":
        return draw(st.deferred(lambda: st.just(condition(draw, part))))
    choice = draw(st.integers(0, 5))
    if kind == "int":
        return [
            lambda: ("row", ("name", "p_table"), part("text")),
            lambda: (draw(st.sampled_from(["+", "-", "*", "//"])), part("int"), part("int")),
            lambda: (draw(st.sampled_from(["min", "max"])), part("int"), part("int")),
            lambda: (draw(st.sampled_from(BETWEEN)), part("date"), part("date")),
            lambda: ("-", part("month"), part("month")),
            lambda: ("minus", part("int")),
        ][choice]()  # fmt: skip
    if kind == "number" and choice == 0:
        return ("round_cents", part("number"))
    if kind == "number":
        return (
            draw(st.sampled_from(["+", "-", "*", "min", "max"])),
            part("number"),
            part(draw(st.sampled_from(["int", "number"]))),
        )
    if kind == "date":
        return [
            lambda: ("add_months", part("date"), part("int")),
            lambda: ("add_days", part("date"), part("int")),
            lambda: ("first_day", part("month")),
            lambda: ("last_day", part("month")),
            lambda: (draw(st.sampled_from(["min", "max"])), part("date"), part("date"), part("date")),
            lambda: ("add_working_days", part("date"), draw(st.sampled_from(COUNTS))),
        ][choice]()
    if kind == "month":
        return (
            ("month_of", part("date"))
            if choice < 3
            else (draw(st.sampled_from(["+", "-"])), part("month"), part("int"))
        )
    return draw(leaf("text", kinds))


def condition(draw: st.DrawFn, part: Any) -> Tree:
    match draw(st.integers(0, 9)):
        case 0 | 1:
            parts = [part("bool") for _ in range(draw(st.integers(2, 3)))]
            if draw(st.integers(0, 9)) == 0:
                parts.append(("name", "unknown"))
            return (draw(st.sampled_from(["and", "or"])), *parts)
        case 2:
            return ("not", part("bool"))
        case 3:
            return ("compare", part("text"), (draw(st.sampled_from(["==", "!="])), part("text")))
        case 4:
            words = draw(st.lists(st.sampled_from(COLOURS), min_size=1, max_size=2))
            among: Tree = draw(st.sampled_from([("list", *words), ("name", "p_list")]))
            return ("compare", part("text"), (draw(st.sampled_from(["in", "not in"])), among))
        case 5:
            word = ("literal", draw(st.sampled_from(COLOURS)))
            return draw(
                st.sampled_from(
                    [
                        ("compare", word, ("in", ("name", "l0"))),
                        ("overlaps", ("name", "p_list"), ("name", "l0")),
                        ("overlaps", ("name", "l0"), ("list", "green", "blue")),
                        ("compare", ("name", "x0"), ("==", ("literal", "here"))),
                    ]
                )
            )
        case 6:
            return ("compare", part("bool"), (draw(st.sampled_from(["==", "!="])), part("bool")))
    kind = draw(st.sampled_from(["int", "number", "date", "month"]))
    order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    rest = [(draw(order), part(kind)) for _ in range(draw(st.integers(1, 2)))]
    return ("compare", part(kind), *rest)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Four rules, later ones may speak of earlier ones; some with versions and gaps between them."""
    out = Rules({}, {})
    for number in range(4):
        kind = draw(
            st.sampled_from(["condition", "condition", "bool", "int", "number", "date", "month", "text"])
        )
        spans = draw(
            st.sampled_from(
                [
                    [AGES],
                    [(date.min, date(2001, 6, 30)), (date(2001, 7, 1), date.max)],
                    [(date(2000, 3, 1), date(2001, 6, 30))],
                ]
            )
        )
        versions = []
        for first, last in spans:
            of = "bool" if kind == "condition" else kind
            given = None if kind == "condition" or draw(st.booleans()) else draw(tree("bool", 2, out.kinds))
            otherwise = draw(tree(of, 1, out.kinds)) if given is not None and draw(st.booleans()) else None
            body = draw(tree(of, 3, out.kinds))
            versions.append(Version(first, last, body, kind != "condition", given, otherwise))
        out.versions[f"r{number}"] = versions
        out.kinds[f"r{number}"] = "bool" if kind == "condition" else kind
    return out


DATES = st.dates(date(1998, 1, 1), date(2006, 12, 31)) | st.dates(date(1890, 1, 1), date(2090, 12, 31))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int": st.integers(-30, 60),
    "decimal": st.integers(-5000, 5000).map(lambda cents: Decimal(cents).scaleb(-2)),
    "date": DATES,
    "month": DATES.map(Month.of_date),
    "code:colour": st.sampled_from(COLOURS),
    "list:colour": st.lists(st.sampled_from(COLOURS), max_size=3).map(tuple),
    "text": st.sampled_from(["here", "there"]),
}
PERSON = st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in FACTS.items()})
WHOLE_PERSON = st.fixed_dictionaries({name: VALUES[kind] for name, kind in FACTS.items()})
