"""`jiuye catalogue`: items of the city (事项库)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiuye.cli.errors import explained, fail

app = typer.Typer(no_args_is_help=True, help="The catalogue of items (事项库).")


@app.callback()
def catalogue() -> None:
    """The catalogue of items (事项库)."""


@app.command()
def check(
    code: Annotated[str, typer.Argument(help="Only this item.")] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Folder with items/ and bundles/; else the city's.")
    ] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="zh or en.")] = "zh",
) -> None:
    """Say what is wrong with the items of the city, and which national element each one lacks."""
    import django

    django.setup()
    from jiuye.desk import catalogue, city

    with explained():
        place = folder or city.folder()
        try:
            found = catalogue.read(place)
        except catalogue.CatalogueError as error:
            fail(str(error))
        problems = list(found.problems(city.law()))
        entries = [one for one in found.items.values() if code in ("", one.code)]
        if not entries:
            fail(f"No item is called {code}.")
        lacking = {one.code: catalogue.missing(one) for one in entries}
        for one in entries:
            words = "; ".join(element.words[language] for element in lacking[one.code])
            typer.echo(f"{one.code} ({one.title[language]}): {words or 'complete'}")
        for problem in problems:
            typer.echo(problem, err=True)
        nameless = [one.code for one in entries if catalogue.unassigned(one)]
        for key, why in catalogue.unknown(place).items():
            typer.echo(f"{key}: null in {len(nameless)} items: {why[language]}")
        whole = sum(not elements for elements in lacking.values())
        typer.echo(f"{whole} of {len(entries)} complete, {len(problems)} wrong")
        if problems or whole < len(entries):
            raise typer.Exit(1)
