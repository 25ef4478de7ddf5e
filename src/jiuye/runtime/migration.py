"""Bring a database to this version: tables, rights, organisation. Repeating it changes nothing."""

from __future__ import annotations

import importlib


def migrate(verbosity: int = 0) -> None:
    """Everything `jiuye migrate` does, in a process whose JIUYE_DB_ROLE is owner."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=verbosity)
    after_migrate()


def after_migrate() -> None:
    """Rights of the application roles on every table, the organisation tree of the city, its items."""
    for module, name in (
        ("jiuye.foundation.grants", "apply"),
        ("jiuye.foundation.actions", "load_org_units"),
        ("jiuye.desk.actions.cataloguing", "install"),
    ):
        try:
            step = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            continue
        step()
