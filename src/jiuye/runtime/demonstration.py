"""The demonstration city in an empty database: made whole or not at all."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # what is being made, how many are done, of how many

# (module, function) in the order in which they build on each other
STEPS = (
    ("jiuye.registry.demo", "load"),
    ("jiuye.desk.demo", "load"),
    ("jiuye.funds.demo", "load"),
    ("jiuye.web.demo", "load"),
    ("jiuye.desk.outreach.demo", "load"),
)


def wanted() -> bool:
    from django.conf import settings

    return bool(settings.DEMONSTRATION)


def empty() -> bool:
    """Whether no person is on file."""
    from django.apps import apps

    try:
        person = apps.get_model("registry", "Person")
    except LookupError:
        return False
    return not person._default_manager.exists()


def load(people: int, progress: Progress) -> None:
    """All steps in one transaction: a machine switched off half-way starts again from nothing."""
    from django.db import transaction

    with transaction.atomic():
        for module, function in STEPS:
            if importlib.util.find_spec(module) is not None:
                getattr(importlib.import_module(module), function)(people=people, progress=progress)
