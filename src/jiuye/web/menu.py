"""The menu of a portal for base/nav.html."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

Entry = tuple[str, str, int]  # name of the URL in the portal, words, how many wait there


def menu(portal: str, entries: Iterable[Entry], current: str) -> list[dict[str, Any]]:
    """`current` is the entry the page belongs to."""
    return [
        {"label": label, "url": reverse(f"{portal}:{name}"), "current": name == current, "count": count}
        for name, label, count in entries
    ]
