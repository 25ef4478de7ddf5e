"""`jiuye law decide` and `expiring`: facts in, decisions out; what ends soon."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from jiuye.cities.facts import value
from jiuye.cli.errors import fail
from jiuye.cli.law_common import CityOption, chosen, day
from jiuye.policy import FactError, Law
from jiuye.policy.values import Value

DAYS = 90  # ahead, in the warnings of `check`
KEYS = {"id", "on", "rules", "facts", "members", "employer"}


def register(app: typer.Typer) -> None:
    app.command()(decide)
    app.command()(expiring)


def decide(
    file: Annotated[
        Path, typer.Argument(help="One JSON object, or one a line; - reads standard input.", dir_okay=False)
    ] = Path("-"),
    rules: Annotated[
        list[str] | None, typer.Option("--rule", "-r", help="Rule to ask; may be repeated.")
    ] = None,
    on: Annotated[str, typer.Option("--on", help="Day of the question, unless a case says its own.")] = "",
    code: CityOption = "shanghai",
) -> None:
    """Decide cases: {"id", "on", "rules", "facts", "members": […], "employer": {…}}, or only the facts.

    One decision a case comes out: {"id", "on", "version", "outcomes": {rule: outcome}}; a case that can't be
    put is {"id", "error"}, and the command ends with code 1.
    """
    law, otherwise = chosen(code).law, day(on)
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as problem:
        fail(str(problem))
    wrong = False
    for number, case in enumerate(_cases(text), 1):
        try:
            out = _decided(law, case, rules or [], otherwise)
        except (ValueError, TypeError) as problem:
            wrong = True
            out = {"id": case.get("id", number) if isinstance(case, dict) else number, "error": str(problem)}
        typer.echo(json.dumps(out, ensure_ascii=False))
    if wrong:
        raise typer.Exit(1)


def expiring(
    on: Annotated[str, typer.Option("--on", help="Day to look from, YYYY-MM-DD; today if not given.")] = "",
    days: Annotated[int, typer.Option("--days", min=0, help="How far to look.")] = DAYS,
    code: CityOption = "shanghai",
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """List rules and parameters that end within so many days with nothing to follow."""
    found = chosen(code).law.expiring(day(on), days)
    if as_json:
        rows = [
            {"kind": item.kind, "name": item.name, "last": item.last.isoformat(), "title": dict(item.title)}
            for item in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for item in found:
        typer.echo(f"{item.last}  {item.kind:9} {item.name}  {item.title['zh']}")
    typer.echo(f"{len(found)} end within {days} days.")


def warnings(law: Law, on: date) -> Iterator[str]:
    """What `check` says and doesn't fail for."""
    for text in law.warnings:
        yield f"warning: {text}"
    for item in law.expiring(on, DAYS):
        yield f"warning: {item.kind} {item.name} ends on {item.last} with nothing to follow"
    recalled = [
        name
        for name, parameter in law.parameters.items()
        if (found := parameter.at(on)) is not None and found.status == "recalled"
    ]
    if recalled:
        used = {name for versions in law.rules.values() for rule in versions if rule.in_force(on)
                for expression in rule.expressions() for name in expression.reads}  # fmt: skip
        yield (
            f"warning: {len(recalled)} parameters in force are recalled, "
            f"{sum(name in used for name in recalled)} of them used by rules in force"
        )


def _cases(text: str) -> Iterator[Any]:
    """One JSON object, a list of them, or one a line; decimals stay exact."""
    try:
        whole = json.loads(text, parse_float=Decimal)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            fail("No case: nothing was read.")
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line, parse_float=Decimal)
            except ValueError as problem:
                fail(f"line {number}: {problem}")
        return
    yield from whole if isinstance(whole, list) else [whole]


def _decided(law: Law, case: Any, rules: Sequence[str], otherwise: date) -> dict[str, Any]:
    if not isinstance(case, dict):
        raise FactError("a case is a JSON object")
    if "facts" not in case:
        case = {"facts": case}
    if unknown := set(case) - KEYS:
        raise FactError(f"unknown keys: {', '.join(sorted(unknown))}")
    asked = case.get("rules") or rules
    if not asked:
        raise FactError("no rule is asked: give `rules` or --rule")
    if missing := [name for name in asked if name not in law.rules]:
        raise FactError(f"no rule is called {', '.join(missing)}")
    on = date.fromisoformat(case["on"]) if case.get("on") else otherwise
    members, employer = case.get("members"), case.get("employer")
    put = law.case(
        _facts(law, case["facts"]),
        None if members is None else [_member(law, one) for one in members],
        None if employer is None else _facts(law, employer),
    )
    outcomes = {name: put.outcome(name, on).to_json() for name in asked}
    known = {"id": case["id"]} if "id" in case else {}
    return {**known, "on": on.isoformat(), "version": law.version, "outcomes": outcomes}


def _facts(law: Law, raw: Any) -> dict[str, Value]:
    if not isinstance(raw, dict):
        raise FactError("facts are an object of names and values")
    return {name: value(law, name, given) for name, given in raw.items()}


def _member(law: Law, raw: Any) -> Mapping[str, Any]:
    """A member may hold the facts of an employer of their own."""
    if not isinstance(raw, dict):
        raise FactError("a member is an object of names and values")
    own = {name: given for name, given in raw.items() if name != "employer"}
    found: dict[str, Any] = dict(_facts(law, own))
    if isinstance(raw.get("employer"), dict):
        found["employer"] = _facts(law, raw["employer"])
    return found
