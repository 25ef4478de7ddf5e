"""`jiuye law diff` and `simulate`: another text, or other values, over everybody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from jiuye.cities import changes, population, simulate
from jiuye.cities.population import People
from jiuye.cli.errors import explained, fail
from jiuye.cli.law_common import chosen, day
from jiuye.policy import FactError, Law
from jiuye.policy.columns import ColumnError
from jiuye.policy.values import Month

GROUPS = ("district", "sex", "age")
People_ = Annotated[
    Path | None,
    typer.Option("--people", help="Parquet or CSV file of facts; otherwise the registers.", dir_okay=False),
]


def register(app: typer.Typer) -> None:
    app.command()(diff)
    app.command(name="simulate")(simulated)


def diff(
    a: Annotated[
        str, typer.Argument(help="A folder of law, the beginning of an archived hash, or `current`.")
    ],
    b: Annotated[str, typer.Argument(help="The same.")],
    people_file: People_ = None,
    on: Annotated[str, typer.Option("--on", help="Day; otherwise the first they differ on.")] = "",
    rules: Annotated[list[str] | None, typer.Option("--rule", "-r", help="Only these rules.")] = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="People shown for each effect.")] = 3,
    text_only: Annotated[bool, typer.Option("--text", help="Only what the texts say.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """What another text of the law says, and whom it affects how: newly entitled, lost, more, less."""
    before, after = law_of(a), law_of(b)
    found = changes.changes(before, after)
    when = day(on) if on else changes.first_day(before, after, day(""), found)
    out: dict[str, Any] = {"a": before.version, "b": after.version, "on": when.isoformat()}
    out["changes"] = [change.to_json() for change in found]
    if not text_only and found:
        out |= _over_everybody(before, after, found, when, people_file, rules, examples)
    if as_json:
        typer.echo(json.dumps(out, ensure_ascii=False, indent=1))
    else:
        _print(out)


def simulated(
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="PARAMETER=VALUE[@YYYY-MM-DD]; may be repeated.")
    ] = None,
    folder: Annotated[str, typer.Option("--law", help="A folder of law to try instead.")] = "",
    people_file: People_ = None,
    start: Annotated[str, typer.Option("--from", help="First month, YYYY-MM; this one if not given.")] = "",
    months: Annotated[int, typer.Option("--months", min=1, max=240)] = 12,
    rules: Annotated[list[str] | None, typer.Option("--rule", "-r", help="Only these rules.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """What if: people and money by month, with other values of parameters or another text."""
    law = law_of("current")
    other = law_of(folder) if folder else law
    try:
        other = simulate.supposing(other, [simulate.Supposed.parse(text) for text in settings or []])
        first = Month.parse(start) if start else Month.of_date(day(""))
    except ValueError as problem:
        fail(str(problem))
    listed = [Month(first + n) for n in range(months)]
    asked = rules or changes.affected(law, other, changes.changes(law, other))
    if missing := [name for name in asked if name not in law.rules]:
        fail(f"no rule is called {', '.join(missing)}")
    good, bad = population.columnar((law, other), asked, first.first_day)
    rows = []
    if good:
        people = read((law, other), good, first.first_day, people_file)
        rows = simulate.by_month((law, other), good, listed, people)
    if as_json:
        out = {"months": [row.to_json() for row in rows], "not_compared": bad}
        typer.echo(json.dumps(out, ensure_ascii=False, indent=1))
        return
    table = Table("rule", "month", "people", "then", "amount", "then", "difference")
    for row in rows:
        if row.people != (0, 0):
            change = f"{row.amount[1] - row.amount[0]:+,.2f}"
            numbers = (f"{row.people[0]:,}", f"{row.people[1]:,}", *(f"{one:,.2f}" for one in row.amount))
            table.add_row(row.rule, str(row.month), *numbers, change)
    Console().print(table)
    _not_compared(bad)


def law_of(text: str) -> Law:
    """`current`, a folder, or the beginning of the hash of an archived version."""
    if text == "current":
        return chosen("shanghai").law
    if Path(text).is_dir():
        return chosen(text).law
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        from jiuye.desk.models import LawVersion
        from jiuye.desk.replay import archived
        from jiuye.foundation import scope

        with scope.acting(scope.SYSTEM):
            found = list(LawVersion.objects.filter(hash__startswith=text).values_list("hash", flat=True)[:2])
            if len(found) != 1:
                fail(f"{text} is no folder, and {len(found) or 'no'} archived version(s) begin so.")
            return archived(found[0]).law


def read(laws: Sequence[Law], rules: Sequence[str], on: date, file: Path | None) -> People:
    """Everybody, with what the rules read and what groups them."""
    programs = [law.columns(rules, on) for law in laws]
    names = {name for program in programs for name in program.facts if name in laws[0].facts}
    names |= {name for name in ("sex", "birth") if name in laws[0].facts}
    theirs = {name for program in programs for name in program.employer_facts if name in laws[0].facts}
    people = _file(file, programs[0], names) if file else _registers(on, names, theirs)
    population.group_by_facts(people, laws[0], on)
    return people


def _file(file: Path, program: Any, names: set[str]) -> People:
    from jiuye.cities.people_file import people_of

    try:
        return people_of(file, program, names)
    except (ColumnError, FactError, OSError) as problem:
        fail(str(problem))


def _registers(on: date, names: Iterable[str], theirs: Iterable[str]) -> People:
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        from jiuye.foundation import scope
        from jiuye.registry.facts.everybody import everybody

        with scope.acting(scope.SYSTEM):
            return everybody(on, names, theirs)


def _over_everybody(
    a: Law, b: Law, found: list[Any], on: date, file: Path | None, rules: list[str] | None, most: int
) -> dict[str, Any]:
    asked = [name for name in changes.affected(a, b, found) if not rules or name in rules]
    good, bad = population.columnar((a, b), asked, on)
    if not good:
        return {"people": None, "effects": [], "examples": [], "not_compared": bad}
    people = read((a, b), good, on, file)
    try:
        effects = [one for one in population.compare(a, b, good, on, people) if one.anybody]
    except (ValueError, ColumnError) as problem:
        fail(str(problem))
    shown = [row for one in effects for row in population.explained(a, b, one, on, people, most)]
    return {
        "people": len(people),
        "effects": [one.to_json() for one in effects],
        "examples": shown,
        "not_compared": bad,
    }


def _print(out: dict[str, Any]) -> None:
    console = Console()
    for change in out["changes"]:
        console.print(f"{change['how']} {change['kind']} {change['name']}", highlight=False, markup=False)
        for row in change["details"]:
            text = f"    {row['what']}: {row['before']} → {row['after']}"
            console.print(text, highlight=False, markup=False)
    if not out["changes"]:
        console.print("The two say the same.")
    if "effects" not in out:
        return
    console.print(f"{out['people'] or 0:,} people on {out['on']}", highlight=False)
    table = Table("rule", "newly", "lost", "more", "less", "sum before", "sum after")
    for one in out["effects"]:
        numbers = [f"{one[key]:,}" for key in ("newly_entitled", "lost", "up", "down")]
        table.add_row(one["rule"], *numbers, one["sum_before"], one["sum_after"])
    console.print(table)
    for one in out["effects"]:
        for kind in GROUPS:
            for word, counts in sorted(one["groups"].get(kind, {}).items()):
                said = ", ".join(f"{what} {count:,}" for what, count in sorted(counts.items()))
                console.print(f"{one['rule']} {kind} {word}: {said}", highlight=False, markup=False)
    for row in out["examples"]:
        said = f"{row['what']} {row['id']} {row['rule']}: {row['before']} → {row['after']}"
        conditions = "; ".join(f"{name} {was} → {now}" for name, (was, now) in row["conditions"].items())
        console.print(f"{said}  {conditions}".rstrip(), highlight=False, markup=False)
    _not_compared(out["not_compared"])


def _not_compared(bad: dict[str, str]) -> None:
    if bad:
        typer.echo("Not asked of everybody (one case at a time only): " + ", ".join(sorted(bad)))
