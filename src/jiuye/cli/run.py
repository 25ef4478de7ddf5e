"""Commands that run Jiuye: the whole house, or one of its processes."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Annotated

import typer

from jiuye.cli.errors import explained, fail
from jiuye.config import env

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port; `run` takes the next free one when it is taken.")]


def register(app: typer.Typer) -> None:
    for command in (run, web, worker, status):
        app.command()(command)


def run(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    demo: Annotated[bool, typer.Option(help="Load the demonstration city into an empty database.")] = True,
) -> None:
    """Start everything: database, web, worker; Ctrl-C stops it."""
    from jiuye.runtime.house import House

    with explained():
        code = House(host, port, demo).run()
    raise typer.Exit(code)


def web(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Worker processes of the web server.")] = 1,
) -> None:
    """Serve pages and API, on a database that is prepared and running."""
    os.environ.update(JIUYE_PROCESS="web", JIUYE_DB_ROLE="app")
    from jiuye.runtime.web import serve

    serve(host, port, workers)


def worker(
    wait: Annotated[bool, typer.Option(help="Go on when no job is left.")] = True,
) -> None:
    """Run the jobs that wait in the database."""
    os.environ.update(JIUYE_PROCESS="worker", JIUYE_DB_ROLE="app")
    import django

    django.setup()
    from jiuye.runtime.worker import run as work

    work(wait)


def status() -> None:
    """Tell whether Jiuye runs here and whether its parts are well; the exit code is 1 when not."""
    from jiuye.runtime.house import note

    try:
        running = json.loads(note().read_text())
        with urllib.request.urlopen(running["address"] + "healthz", timeout=10) as answer:  # noqa: S310 (ours)
            health = json.loads(answer.read())
    except (OSError, ValueError):
        fail(f"Jiuye does not run on {env.HOME}.")
    typer.echo(f"{running['address']}  process {running['pid']}")
    for part, state in health.items():
        typer.echo(f"{part}: {state}")
    if set(health.values()) != {"ok"}:
        raise typer.Exit(1)
