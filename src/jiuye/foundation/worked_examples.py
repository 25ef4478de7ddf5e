"""Answers to those questions of worked examples that aren't the law's: document numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from jiuye.foundation import identifiers


def document_number(given: Mapping[str, Any], on: date) -> dict[str, object]:
    """`validate_id` of the worked examples: form and check digit; what only looks odd is a warning there."""
    found = identifiers.validate(str(given["doc_type"]), str(given["number"]), on)
    odd = found.reason in ("area", "future") or (found.reason == "date" and _long_ago(found.normalised))
    return {"valid": found.status == "valid" or odd, "birth": found.birth}


def _long_ago(number: str) -> bool:
    """A right number whose day of birth exists but lies too far back for anybody alive."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return number[17] == identifiers.check_digit(number[:17])


SPECIAL: Final[Mapping[str, Callable[[Mapping[str, Any], date], Mapping[str, object]]]] = {
    "validate_id": document_number
}
