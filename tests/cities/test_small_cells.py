"""What is told of a comparison can't be worked out into what is not told."""

from __future__ import annotations

from typing import Any

import pytest

from jiuye.cities.small_cells import shareable


def result(**counts: int) -> dict[str, Any]:
    effect: dict[str, Any] = {
        "rule": "x", "for": "person", "kind": "bool", "unit": None, "before": {}, "after": {},
        "counts": counts, "amounts": {}, "sum_before": "0", "sum_after": "0", "groups": {},
        "group_amounts": {}, "months": [],
    }  # fmt: skip
    affected = {"person": sum(counts.values()), "employer": 40}
    return {"effects": [effect], "affected": affected, "not_compared": {}, "people": 99}


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"newly": 12, "lost": 8}, {"person": 20, "employer": 40}),
        ({"newly": 12, "lost": 3}, {"employer": 40}),  # 15 less the 12 would be the 3 that aren't told
        ({"newly": 0, "lost": 3}, {"person": None, "employer": 40}),
    ],
)
def test_the_total_goes_where_a_hidden_count_could_be_worked_out(
    counts: dict[str, int], told: dict[str, int | None]
) -> None:
    assert shareable(result(**counts), 5)["affected"] == told
