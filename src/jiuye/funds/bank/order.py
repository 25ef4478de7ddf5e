"""What the bank is asked to do, independent of its file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Debtor:
    """Who pays. `clearing_code`: CNAPS number of the bank."""

    name: str
    account: str
    bank_name: str
    clearing_code: str
    currency: str


@dataclass(frozen=True)
class Transfer:
    """One credit transfer; `reference` comes back in the bank's answer (EndToEndId, ≤ 35 characters)."""

    reference: str
    amount_cents: int
    payee_name: str
    bank_name: str
    account: str
    text: str


@dataclass(frozen=True)
class Order:
    """`number` identifies the file at the bank. The same order makes the same bytes."""

    number: str
    made_at: datetime
    value_date: date
    debtor: Debtor
    transfers: Sequence[Transfer]

    @property
    def total_cents(self) -> int:
        return sum(item.amount_cents for item in self.transfers)
