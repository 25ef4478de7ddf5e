"""Worked examples: questions put to the same rules that decide real cases.

How the words of a case become facts, and which rule answers which key, is data of the city
(`examples/questions.yaml`); nothing here knows what the law says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiuye.cities import facts
from jiuye.cities.city import City
from jiuye.policy import FactError, Month, Outcome, State
from jiuye.policy.lines import YamlError, read_yaml
from jiuye.policy.values import Value, add_months, plain

CENT = Decimal("0.01")
Special = Callable[[Mapping[str, Any], date], Mapping[str, object]]


class ExampleError(ValueError):
    """The runner can't put this case: unknown question, key or word, or a value of the wrong kind."""


@dataclass(frozen=True)
class Question:
    name: str
    on: list[Any]
    given: Mapping[str, Any]
    silent: list[Mapping[str, Any]]
    expect: Mapping[str, Any]
    special: bool


@dataclass
class Report:
    """`failed` and `reported` (cases that are not strict): one entry per key that differs."""

    total: int = 0
    passed: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    reported: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.failed and not self.errors

    def to_json(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "passed": self.passed,
            "failed": self.failed,
            "errors": self.errors,
            "reported": self.reported,
        }


class Examiner:
    """Puts cases to a city's law. `special` answers questions that aren't the law's (document numbers)."""

    def __init__(self, city: City, special: Mapping[str, Special] | None = None) -> None:
        self.law = city.law
        self.special = special or {}
        content = read_yaml(city.path / "examples" / "questions.yaml")
        self.words: Mapping[str, Mapping[str, Any]] = content.get("words", {})
        self.questions = {
            name: Question(
                name,
                node.get("on", []),
                node["given"],
                silent if isinstance(silent := node.get("silent", {}), list) else [silent],
                node["expect"],
                bool(node.get("special")),
            )
            for name, node in content["questions"].items()
        }

    def problems(self) -> list[str]:
        """Names in questions.yaml that the law doesn't know."""
        found = []
        for question in self.questions.values():
            names = [target["name"] for node in question.given.values() for target in targets(node)]
            names += [name for group in question.silent for name in group]
            names += [name for source in question.expect.values() for name in rules_of(source)]
            found += [
                f"examples/questions.yaml: {question.name}: nothing is called {name}"
                for name in dict.fromkeys(names)
                if name not in ("text", "special") and self.law.type_of(name) is None
            ]
        return found

    def run(self, path: Path) -> Report:
        """Every case of a file. Raises ExampleError when the file isn't a file of examples."""
        try:
            content = read_yaml(path)
        except YamlError as problem:
            raise ExampleError(f"{path}:{problem.line}: {problem}") from None
        if not isinstance(content, dict) or not isinstance(content.get("examples"), list):
            raise ExampleError(f"{path}: no list of examples")
        compiled = content.get("compiled")
        today = date.fromisoformat(str(compiled)) if compiled else date.today()  # noqa: DTZ011
        report = Report()
        for case in content["examples"]:
            report.total += 1
            if not isinstance(case, dict):
                report.errors.append({"id": f"#{report.total}", "message": "not a case"})
                continue
            name = str(case.get("id", f"#{report.total}"))
            try:
                differences = self.differences(case, today)
            except (ExampleError, ValueError, TypeError, KeyError, AttributeError) as problem:
                report.errors.append({"id": name, "message": _message(problem)})
                continue
            entries = [{"id": name, **difference} for difference in differences]
            if not entries:
                report.passed += 1
            elif case.get("strict", True):
                report.failed += entries
            else:
                report.reported += entries
        return report

    def differences(self, case: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
        """What came out otherwise than the case expects: [{key, expected, got}]."""
        got = self.answer(str(case.get("ask")), case.get("given") or {}, case.get("expect") or {}, today)
        return [
            {"key": key, "expected": plain_any(case["expect"][key]), "got": plain_any(value)}
            for key, value in got.items()
            if not same(case["expect"][key], value)
        ]

    def answer(
        self, ask: str, given: Mapping[str, Any], expect: Mapping[str, Any], today: date
    ) -> dict[str, object]:
        """The answers to the keys that are compared."""
        question = self.questions.get(ask)
        if question is None:
            raise ExampleError(f"not built: {ask}")
        if not isinstance(given, dict) or not isinstance(expect, dict):
            raise ExampleError("given and expect are written as `key: value`")
        for side, known, keys in (("given", question.given, given), ("expect", question.expect, expect)):
            unknown = [key for key in keys if key not in known]
            if unknown:
                raise ExampleError(f"unknown key of {ask}: {', '.join(f'{side}.{key}' for key in unknown)}")
        on = self.date_of(question, given) or today
        compared = {key: question.expect[key] for key in expect if question.expect[key] != "text"}
        if question.special:
            if ask not in self.special:
                raise ExampleError(f"not built: {ask}")
            answers = self.special[ask](given, on)
            return {key: answers[key] for key in compared}
        parts = []
        for part in _stretches(question, given):
            stated = self.facts(question, part, on)
            parts.append({key: self.result(source, stated, part, on) for key, source in compared.items()})
        return {key: _together([part[key] for part in parts], source) for key, source in compared.items()}

    def outcome(self, ask: str, given: Mapping[str, Any], today: date) -> list[Outcome]:
        """The outcomes of every rule a question asks, for the rule book."""
        question = self.questions[ask]
        on = self.date_of(question, given) or today
        stated = self.facts(question, given, on)
        names = [name for source in question.expect.values() for name in rules_of(source)]
        return [self.law.explain(name, stated, on) for name in dict.fromkeys(names) if name in self.law.rules]

    # -- the words of the case become facts ----------------------------------------------------------------

    def date_of(self, question: Question, given: Mapping[str, Any]) -> date | None:
        for candidate in question.on:
            days = [
                facts.day(given[key], candidate.get("take", "first_day"))
                for key in candidate["keys"]
                if given.get(key) is not None
            ]
            if days:
                return max(days)
        return None

    def facts(self, question: Question, given: Mapping[str, Any], on: date) -> dict[str, Value]:
        stated: dict[str, Value] = {}
        for key, raw in given.items():
            for target in targets(question.given[key]):
                name, value = target["name"], self.value(target, raw, on)
                if value is None:
                    continue
                if target.get("add"):
                    stated[name] = stated.get(name, 0) + value  # type: ignore[operator]
                else:
                    stated[name] = value
        for name, presumed in ((n, v) for group in question.silent for n, v in group.items()):
            unless = presumed["unless"] if isinstance(presumed, dict) else []
            raw = presumed["value"] if isinstance(presumed, dict) else presumed
            if name not in stated and not any(key in given for key in unless):
                stated[name] = on if raw == "$on" else facts.value(self.law, name, raw)
        return stated

    def value(self, target: Mapping[str, Any], raw: Any, on: date) -> Value:
        if "value" in target:
            return facts.value(self.law, target["name"], target["value"])
        if target.get("take") == "count":
            return sum(self.counts(target, row, on) for row in raw)
        if "words" in target:
            table = self.words[target["words"]]
            raw = [word(table, item) for item in raw] if isinstance(raw, list) else word(table, raw)
        if raw is None:
            return None
        match target.get("take"):
            case "sum":
                return int(sum(raw))
            case "first_day" | "last_day" as which:
                return facts.day(raw, which)
            case "month":
                return facts.month(raw)
            case "born":
                return add_months(on, -12 * int(raw))
            case "ahead":
                return add_months(on, int(raw))
            case "rows_from" | "rows_to" as end:
                return span(raw)[end == "rows_to"]
        return facts.value(self.law, target["name"], raw)

    def counts(self, target: Mapping[str, Any], row: Mapping[str, Any], on: date) -> bool:
        """Whether a row is one of those to count."""
        for key, parameter in target.get("least", {}).items():
            found = self.law.parameter(parameter, on)
            if found is None or row[key] < found.value:
                return False
        return word(self.words[target["words"]], row[target["key"]]) in target["among"]

    # -- what the law answers ------------------------------------------------------------------------------

    def result(self, source: Any, stated: Mapping[str, Value], given: Mapping[str, Any], on: date) -> object:
        if isinstance(source, str):
            return self.named(source, {}, stated, on)
        if "by" in source:
            for key, name in source["by"].items():
                if key in given:
                    found = self.result(name, stated, given, on)
                    return list(found.values()) if isinstance(found, dict) else found
            raise ExampleError(f"none of {', '.join(source['by'])} is given")
        if "list" in source:
            return [self.result(item, stated, given, on) for item in source["list"]]
        return self.named(source["rule"], source, stated, on)

    def named(self, name: str, source: Mapping[str, Any], stated: Mapping[str, Value], on: date) -> object:
        if name in self.law.parameters:
            found = self.law.parameter(name, on)
            return found.value if found else None
        outcome = self.law.explain(name, stated, on)
        take = source.get("take")
        if take:
            return taken(outcome, take)
        if outcome.conditions:
            if outcome.state == State.UNKNOWN:
                return source.get("open") if not outcome.ask else None
            return outcome.state == State.MET
        return outcome.value


def rules_of(source: Any) -> list[str]:
    """The names an answer is made of."""
    if isinstance(source, str):
        return [source]
    if "by" in source:
        return [name for item in source["by"].values() for name in rules_of(item)]
    return [*source["list"]] if "list" in source else [source["rule"]]


def targets(node: Any) -> list[Mapping[str, Any]]:
    items = node if isinstance(node, list) else [] if node is None else [node]
    return [{"name": item} if isinstance(item, str) else item for item in items]


def word(table: Mapping[str, Any], raw: Any) -> Any:
    key = "null" if raw is None else str(raw).lower() if isinstance(raw, bool) else str(raw)
    if key in table:
        return table[key]
    if raw is None:
        return None
    for part, meaning in table.items():
        if part.startswith("~") and part[1:] in key:
            return meaning
    if "else" not in table:
        raise ExampleError(f"unknown word: {key}")
    return table["else"]


def _stretches(question: Question, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The case once for every stretch of months without a gap: the law speaks of one at a time."""
    for key, rows in given.items():
        if any(target.get("take") == "rows_from" for target in targets(question.given[key])):
            groups: list[list[Any]] = []
            for row in sorted(rows, key=lambda row: facts.month(row[0])):
                adjoins = groups and facts.month(row[0]) - facts.month(groups[-1][-1][1]) == 1
                groups[-1:] = [[*groups[-1], row]] if adjoins else [*groups[-1:], [row]]
            return [{**given, key: group} for group in groups]
    return [given]


def _together(answers: list[Any], source: Any) -> object:
    """One answer from those of several stretches: sums are added up, one condition that is met is enough."""
    if len(answers) == 1 or None in answers:
        return answers[0] if len(answers) == 1 else None
    if isinstance(source, dict) and source.get("take") == "total":
        return sum(answers)
    return any(answers) if isinstance(answers[0], bool) else answers[0]


def span(rows: list[Any]) -> tuple[Month, Month]:
    """First and last month of rows [from, to, months]; they must be one stretch without a gap."""
    first = min(facts.month(row[0]) for row in rows)
    last = max(facts.month(row[1]) for row in rows)
    if sum(int(row[2]) for row in rows) != last - first + 1:
        raise ExampleError("months with gaps between them")
    return first, last


def taken(outcome: Outcome, take: str) -> object:
    lines = outcome.schedule
    match take:
        case "months":
            return len(lines) if outcome.state != State.UNKNOWN else None
        case "total":
            return outcome.total
        case "first_amount":
            return lines[0].value if lines else None
        case "segments":
            segments: list[dict[str, Any]] = []
            for line in lines:
                if segments and segments[-1]["yuan_per_month"] == line.value:
                    segments[-1]["to_month"] = line.month
                    segments[-1]["months"] += 1
                else:
                    segments.append(
                        {
                            "from_month": line.month,
                            "to_month": line.month,
                            "yuan_per_month": line.value,
                            "months": 1,
                        }
                    )
            return segments
    raise ExampleError(f"questions.yaml: can't take {take}")


def same(expected: Any, got: Any) -> bool:
    """Numbers to the cent; months and dates by their text; lists and objects part by part."""
    if expected is None or got is None:
        return expected is got
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(got, tuple):
        got = list(got)
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(expected) == len(got)
            and all(same(a, b) for a, b in zip(expected, got, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and expected.keys() == got.keys()
            and all(same(expected[k], got[k]) for k in got)
        )
    if isinstance(expected, int | Decimal):
        if isinstance(got, Month | date) or not isinstance(got, int | Decimal | str):
            return False
        try:
            return abs(Decimal(got) - Decimal(expected)) < CENT
        except ArithmeticError:
            return False
    return str(expected) == str(plain_any(got))


def plain_any(value: Any) -> Any:
    """JSON form of anything a case or an answer holds; decimals become numbers."""
    if isinstance(value, list | tuple):
        return [plain_any(item) for item in value]
    if isinstance(value, dict):
        return {key: plain_any(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return plain(value)


def _message(problem: Exception) -> str:
    return (
        str(problem)
        if isinstance(problem, ExampleError | FactError)
        else f"{type(problem).__name__}: {problem}"
    )
