"""The `jiuye` command. Each group of commands is a module of its own."""

from __future__ import annotations

import os

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuye.config.settings")
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Jiuye: a public employment service.")
