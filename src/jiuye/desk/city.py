"""The law and the calendar of the city this installation serves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from jiuye import cities
from jiuye.policy import Law
from jiuye.policy.law import ParameterValue


def folder() -> Path:
    return cities.folder(settings.CITY)


def law() -> Law:
    return cities.law(settings.CITY)


class NotInForceError(LookupError):
    """A parameter has no value on that day."""


def parameter(name: str, on: date) -> ParameterValue:
    """The value in force. KeyError for an unknown name, NotInForceError where there is none."""
    found = law().parameter(name, on)
    if found is None or found.value is None:
        raise NotInForceError(f"{name} on {on}")
    return found


def whole(name: str, on: date) -> int:
    """A parameter that counts something (days, months)."""
    value = parameter(name, on).value
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise NotInForceError(f"{name} on {on} is not a whole number")
    return int(value)
