"""What a command says instead of a traceback."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import NoReturn

import typer


def fail(message: str) -> NoReturn:
    """End the command with a message and code 1."""
    typer.echo(message, err=True)
    sys.exit(1)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Errors of the database and of the start, in words."""
    from jiuye.runtime.house import PreparationError
    from jiuye.runtime.postgres import ClusterError
    from jiuye.runtime.roles import RolesMissingError

    try:
        yield
    except (ClusterError, PreparationError) as error:
        fail(str(error))
    except RolesMissingError as error:
        fail(f"{error}. The administrator of the database has to run:\n\n{error.sql}")
