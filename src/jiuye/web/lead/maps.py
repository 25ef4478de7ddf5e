"""The districts as SVG paths, made once from the city's outline, and the steps of a colour ramp."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import cos, radians
from typing import Any

from jiuye.cities.city import city

WIDTH = 212  # of the drawing, in units in which a label of the style sheet fits the small inner districts
LABEL = (9.4, 4.8)  # width and height of a name of two characters
LEVELS = 5


@dataclass(frozen=True)
class Area:
    """`x`, `y`: where its name stands; None where the name would cover a neighbour's."""

    code: str
    path: str
    x: float | None
    y: float | None


@lru_cache(maxsize=1)
def districts() -> tuple[tuple[Area, ...], str]:
    """Every district and the viewBox. Plate carrée, shortened by the cosine of the middle latitude."""
    source = city().path / "regions" / "districts.geojson"
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    shapes = {item["properties"]["code"]: (item["properties"], _rings(item["geometry"])) for item in features}
    points = [point for _, rings in shapes.values() for ring in rings for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    across = WIDTH / (east - west)
    down = across / cos(radians((south + north) / 2))

    def place(point: Sequence[float]) -> tuple[float, float]:
        return round((point[0] - west) * across, 1), round((north - point[1]) * down, 1)

    taken: list[tuple[float, float]] = []
    areas = []
    for code, (at, rings) in shapes.items():
        x, y = place((at["label_lng"], at["label_lat"]))
        free = all(abs(x - a) > LABEL[0] or abs(y - b) > LABEL[1] for a, b in taken)
        if free:
            taken.append((x, y))
        path = "".join(_path([place(p) for p in ring]) for ring in rings)
        areas.append(Area(code, path, x if free else None, y if free else None))
    return tuple(areas), f"0 0 {WIDTH} {round((north - south) * down)}"


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    shape = geometry["coordinates"]
    polygons = shape if geometry["type"] == "MultiPolygon" else [shape]
    return [ring for polygon in polygons for ring in polygon]


def _path(ring: list[tuple[float, float]]) -> str:
    steps = [point for i, point in enumerate(ring) if i == 0 or point != ring[i - 1]]
    if len(steps) < 3:  # an islet smaller than a unit of the drawing
        return ""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in steps) + "z"


def cuts(values: Sequence[Decimal | int | None]) -> list[Decimal | int]:
    """Lower bounds of the levels, about as many different values in each: where most units have none, the few
    that have some still stand out.
    """
    known = sorted({value for value in values if value is not None})
    if not known:
        return []
    return sorted({known[len(known) * step // LEVELS] for step in range(LEVELS)})


def level(value: Decimal | int | None, bounds: Sequence[Decimal | int]) -> str:
    """level-0 = not known or protected, level-1 the lowest; the levels used are spread over the ramp."""
    if value is None or not bounds:
        return "level-0"
    reached = sum(value >= bound for bound in bounds) - 1
    steps = len(bounds) - 1
    return f"level-{1 + round(reached * (LEVELS - 1) / steps) if steps else 1}"
