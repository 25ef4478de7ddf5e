"""What the commands of `jiuye law` share: which city, which day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jiuye.cities.city import HERE, City, city, load
from jiuye.cli.errors import fail
from jiuye.policy import LawError

CityOption = Annotated[str, typer.Option("--city", help="Code of the city, or a folder of law.")]
Language = Annotated[str, typer.Option("--language", "-l", help="zh or en.")]


def chosen(code: str) -> City:
    """The city of that code or folder; ends the command with every problem of its law otherwise."""
    try:
        return load(Path(code)) if Path(code).is_dir() and not _is_city(code) else city(code)
    except KeyError:
        fail(f"No city is called {code}.")
    except LawError as problem:
        fail(str(problem))


def day(text: str) -> date:
    """The day written as YYYY-MM-DD, today without one; ends the command otherwise."""
    from jiuye.foundation import clock

    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        fail(f"Not a date: {text}. Write it as YYYY-MM-DD.")


def _is_city(code: str) -> bool:
    return code.isidentifier() and (HERE / code).is_dir()
