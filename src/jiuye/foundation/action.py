"""Every write is an action: one use case, one permission check, one transaction, one context of history."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Concatenate, Final, ParamSpec, TypeVar, cast

from django.db import Error, transaction

from jiuye.foundation import history, scope
from jiuye.foundation.errors import Conflict, Forbidden
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Declared:
    """An action as declared: its name in the history and who may do it."""

    name: str
    roles: frozenset[Role]


ACTIONS: Final[dict[str, Declared]] = {}


def action(
    name: str, roles: Iterable[Role]
) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function an action. Its first argument is the actor; a keyword `reason` goes into the history.

    Raises Forbidden when the role may not; the database's refusals become Forbidden (42501) and Conflict (row
    locked, deadlock). Whatever is raised, nothing of the action stays.
    """
    declared = Declared(name, frozenset(roles))
    if name in ACTIONS:
        raise ValueError(f"there is an action {name} already")
    ACTIONS[name] = declared

    def decorate(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(function)
        def act(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            if actor.role not in declared.roles:
                raise Forbidden
            reason = str(kwargs.get("reason") or "")
            try:
                with transaction.atomic(), scope.acting(actor), history.context(name, reason):
                    return function(actor, *args, **kwargs)
            except Error as error:
                raise translated(error) from error

        return cast("Callable[Concatenate[Actor, P], R]", act)

    return decorate


def translated(error: Error) -> Exception:
    """A refusal of the database in the words of the house; other errors as they are."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state == "42501":
        return Forbidden()
    if state in ("55P03", "40P01", "40001"):
        return Conflict()
    return error
