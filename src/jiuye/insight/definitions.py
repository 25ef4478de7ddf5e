"""The figures a lead sees, as data of the city: title, unit and definition in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from jiuye.cities.city import city


@dataclass(frozen=True)
class Figure:
    """`better`: high, low or none, which change is an improvement."""

    code: str
    title: Mapping[str, str]
    unit: Mapping[str, str]
    definition: Mapping[str, str]
    better: str


def _content() -> dict[str, Any]:
    return _read(city().path)


@lru_cache(maxsize=4)
def _read(folder: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((folder / "insight" / "figures.yaml").read_text(encoding="utf-8")))


def figures() -> tuple[Figure, ...]:
    return tuple(Figure(**row) for row in _content()["figures"])


def figure(code: str) -> Figure:
    """KeyError for a code the city doesn't have."""
    return {item.code: item for item in figures()}[code]


def small_cell() -> int:
    """Below this number of observations a mean or median is not shown."""
    return small_cell_of(city().path)


def small_cell_of(folder: Path) -> int:
    """That of another city's folder."""
    return int(_read(folder)["small_cell"])
