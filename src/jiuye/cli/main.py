"""The `jiuye` command. Each group of commands is a module of its own."""

from __future__ import annotations

import importlib
import importlib.util
import os

import typer

from jiuye.cli import database, run

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuye.config.settings")
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold what is sealed
    help="Jiuye: a public employment service.",
)
run.register(app)
database.register(app)
for group in ("catalogue", "demo", "keys", "law", "outreach"):
    if importlib.util.find_spec(f"jiuye.cli.{group}"):
        app.add_typer(importlib.import_module(f"jiuye.cli.{group}").app, name=group)
