"""`jiuye law`: the law of a city checked, asked, tried on worked examples, printed as a book. No database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from jiuye.cities.examples import Examiner, ExampleError, Report
from jiuye.cities.facts import read
from jiuye.cli import law_ask, law_change, law_population, law_replay, law_sql, law_tree
from jiuye.cli.errors import explained, fail
from jiuye.cli.law_common import CityOption, Language, chosen, day
from jiuye.foundation.worked_examples import SPECIAL
from jiuye.policy import FactError
from jiuye.policy.values import Value

app = typer.Typer(no_args_is_help=True, help="The law of a city: check it, ask it, print it.")
for module in (law_ask, law_change, law_population, law_replay, law_sql):
    module.register(app)


@app.command()
def check(code: CityOption = "shanghai") -> None:
    """Read the whole law; list every problem with file and line."""
    found = chosen(code)
    law = found.law
    if (found.path / "examples" / "questions.yaml").is_file() and (problems := Examiner(found).problems()):
        fail("\n".join(problems))
    typer.echo(
        f"{len(law.rules)} rules, {len(law.parameters)} parameters, {len(law.facts)} facts. "
        f"No problem found. Version {law.version[:12]}."
    )
    for warning in law_ask.warnings(law, day("")):
        typer.echo(warning)


@app.command()
def examples(
    file: Annotated[Path, typer.Argument(help="Worked examples in YAML.", exists=True, dir_okay=False)],
    code: CityOption = "shanghai",
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Put worked examples to the law. Code 1 when one comes out otherwise or can't be put."""
    try:
        report = Examiner(chosen(code), SPECIAL).run(file)
    except ExampleError as problem:
        fail(str(problem))
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        _print(report)
    if not report.good:
        raise typer.Exit(1)


@app.command()
def explain(
    rule: Annotated[str, typer.Option("--rule", "-r", help="Name of the rule.")],
    on: Annotated[
        str, typer.Option("--on", help="Day of the question, YYYY-MM-DD; today if not given.")
    ] = "",
    facts_file: Annotated[
        Path | None,
        typer.Option("--facts", help="Facts in YAML, `name: value`.", exists=True, dir_okay=False),
    ] = None,
    person: Annotated[
        UUID | None, typer.Option("--person", help="Facts from the registers, of this person.")
    ] = None,
    code: CityOption = "shanghai",
    language: Language = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome for machines.")] = False,
) -> None:
    """Decide one case and print why: every condition, its clause, what it looked at, how an amount arose."""
    law = chosen(code).law
    if rule not in law.rules:
        fail(f"No rule is called {rule}. There are: {', '.join(sorted(law.rules))}.")
    when = day(on)
    try:
        stated = read(law, facts_file) if facts_file else {}
        facts: Mapping[str, Value] = {**_register(person, when), **stated} if person else stated
        outcome = law.explain(rule, facts, when)
    except FactError as problem:
        fail(str(problem))
    if as_json:
        typer.echo(json.dumps(outcome.to_json(), ensure_ascii=False, indent=1))
        return
    law_tree.show(Console(), law, outcome, facts, "en" if language == "en" else "zh")


@app.command()
@app.command(name="rulebook", hidden=True)  # its name before
def book(
    folder: Annotated[Path, typer.Option("--to", help="Where to write.")] = Path("docs/rulebook"),
    code: CityOption = "shanghai",
) -> None:
    """Write the rule book: every clause in words, the tree of its conditions, parameters, examples."""
    from jiuye.cities.rulebook import write

    for path in write(chosen(code), folder):
        typer.echo(path)


def _register(person: UUID, on: date) -> dict[str, Value]:
    """What the registers know of a person on that day, read as the system."""
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        from jiuye.foundation import scope
        from jiuye.foundation.errors import NotFound
        from jiuye.registry import facts

        try:
            with scope.acting(scope.SYSTEM):
                return dict(facts.of_person(person, on))
        except NotFound:
            fail(f"No person has the id {person}.")


def _print(report: Report) -> None:
    console = Console()
    for entry in report.failed:
        console.print(
            f"[red]✗ {entry['id']}[/] {entry['key']}: expected {entry['expected']!r}, got {entry['got']!r}",
            highlight=False,
        )
    for entry in report.reported:
        console.print(
            f"[yellow]~ {entry['id']}[/] {entry['key']} (text is open): "
            f"expected {entry['expected']!r}, got {entry['got']!r}",
            highlight=False,
        )
    for error in report.errors:
        console.print(f"[red]! {error['id']}[/] {error['message']}", highlight=False)
    console.print(
        f"{report.total} cases: {report.passed} passed, {len({e['id'] for e in report.failed})} failed, "
        f"{len(report.errors)} errors, {len({e['id'] for e in report.reported})} reported.",
        highlight=False,
    )
