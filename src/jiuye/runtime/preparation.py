"""What has to be true before web and worker start; each step finds out by itself whether it has work to do.

Runs in a process of its own, as the owner of the tables, so that the supervisor stays small and Django-free.
"""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jiuye.config import env
from jiuye.runtime import demonstration, migration, people, static

PEOPLE = 20_000


def people_file() -> Path:
    """Where `jiuye run` finds the logins it prints."""
    return env.HOME / "people.json"


def prepare(demo: bool = True, number: int = PEOPLE) -> None:
    """Tables, rights, organisation, a demonstration city when empty, static files, the list of logins."""
    console = Console()
    with console.status("Database: tables, rights, organisation"):
        migration.migrate()
    if demo and demonstration.wanted() and demonstration.empty():
        load_demonstration(number, console)
    with console.status("Static files"):
        static.collect()
    fresh = people_file().with_suffix(".new")
    fresh.write_text(json.dumps(people.table(), ensure_ascii=False))
    fresh.replace(people_file())


def load_demonstration(number: int, console: Console) -> None:
    """The demonstration city with a bar for each part of it."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bars:
        bar = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in bar:
                bar[what] = bars.add_task(what, total=total)
            bars.update(bar[what], completed=done, total=total)

        demonstration.load(number, progress)
