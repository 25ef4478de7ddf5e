"""The result of a comparison that may be handed on: counts of a few people are left out (None).

Below `least` people nothing is said of a cell. Where only one cell of a table is left out the next smallest
goes with it, so that it can't be worked out from the total. With a count go its amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any


def shareable(result: Mapping[str, Any], least: int) -> dict[str, Any]:
    """A copy without small cells and without examples or lists of people; `least` stands in it."""
    out = {key: deepcopy(value) for key, value in result.items() if key not in ("examples", "listed")}
    for entity, count in out["affected"].items():
        if small(count, least):
            out["affected"][entity] = None
    for effect in out["effects"]:
        _effect(effect, least)
        if None in effect["counts"].values() and out["affected"].get(effect["for"]) is not None:
            del out["affected"][effect["for"]]  # from the total the hidden ones could be worked out
    # why one wasn't asked may tell of the case it failed at
    return out | {"least": least, "not_compared": dict.fromkeys(out["not_compared"], "")}


def small(count: int | None, least: int) -> bool:
    return count is not None and 0 < count < least


def _effect(effect: dict[str, Any], least: int) -> None:
    if effect.get("same_for_all"):
        return
    hidden = {kind for kind, count in effect["counts"].items() if small(count, least)}
    for kind in hidden:
        effect["counts"][kind] = None
        effect["amounts"].pop(kind, None)
    if hidden:  # the sums and the states before and after would tell the hidden count
        effect["before"] = effect["after"] = None
        effect["sum_before"] = effect["sum_after"] = None
    for group, rows in effect["groups"].items():
        for kind in effect["counts"]:
            _column(rows, kind, least, everything=kind in hidden)
        amounts = effect["group_amounts"].get(group, {})
        for key, counts in rows.items():
            if None in counts.values():
                amounts.pop(key, None)
        if len(set(rows) - set(amounts)) == 1 and amounts:  # the total would tell the one that is gone
            amounts.pop(min(amounts, key=lambda key: abs(Decimal(amounts[key]))))
    for month in effect["months"]:
        if (
            hidden
            or any(small(count, least) for count in month["people"])
            or small(abs(month["people"][0] - month["people"][1]), least)
        ):
            month["people"] = month["amount"] = None


def _column(rows: dict[str, dict[str, int | None]], kind: str, least: int, everything: bool) -> None:
    """One kind of effect down the groups."""
    counts = {key: counts[kind] for key, counts in rows.items() if counts.get(kind)}
    gone = [key for key, count in counts.items() if everything or small(count, least)]
    if len(gone) == 1 and len(counts) > 1:
        gone.append(min((key for key in counts if key not in gone), key=lambda key: counts[key] or 0))
    for key in gone:
        rows[key][kind] = None
