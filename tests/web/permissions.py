"""Every URL, who may ask for it, and what others get. `test_permissions.py` walks them all.

A visitor is a role; "street_clerk elsewhere" is that role in another place (see `world.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """`may` get `answer`; `may_not` get 403; those `elsewhere` get 404; logged out: the login page."""

    url: str  # name with namespace
    may: tuple[str, ...]
    may_not: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    thing: str = ""  # what the URL is about: a method `make_…` of World
    arguments: dict[str, str] = field(default_factory=dict)  # of the URL, besides the thing's
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)  # of a POST
    answer: int = 200


# Needs no login: URL name → the answer to a plain GET of somebody unknown.
PUBLIC = {
    "healthz": 200,
}

ROWS: tuple[Row, ...] = ()
