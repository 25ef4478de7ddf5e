"""Cents in the database, yuan in the law and in files."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def cents(yuan: Decimal | int | str) -> int:
    """Whole cents of an amount in yuan. ValueError when it has a fraction of a cent or is no amount."""
    try:
        exact = Decimal(yuan) * 100
    except InvalidOperation:
        raise ValueError(f"not an amount: {yuan}") from None
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise ValueError(f"not whole cents: {yuan}")
    return int(exact)


def yuan(amount_cents: int) -> str:
    """Yuan with two decimals and a point, as bank files want it: 234000 -> '2340.00'."""
    sign = "-" if amount_cents < 0 else ""
    whole, part = divmod(abs(amount_cents), 100)
    return f"{sign}{whole}.{part:02d}"


def words(amount_cents: int) -> str:
    """Yuan for people: 234000 -> '2,340.00'."""
    sign = "-" if amount_cents < 0 else ""
    whole, part = divmod(abs(amount_cents), 100)
    return f"{sign}{whole:,}.{part:02d}"
