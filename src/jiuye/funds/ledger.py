"""Booking in the double-entry ledger. The database refuses what doesn't balance and whatever comes
afterwards.

    release   expense     → payable     owed to the person
    send      transit     → bank        the bank has the order
    paid      payable     → transit     settled
    failed    bank        → transit     came back: still owed (payable stays)
    returned  bank        → payable     came back after it had been settled: owed again
    cancelled payable     → expense     a failed month turned out not to be due
    recovery  receivable  → expense     a paid month turned out not to be due
    repaid    bank        → receivable  an instalment
(debit → credit; accounts by role, cities/<city>/accounts.yaml)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Sum

from jiuye.foundation import clock
from jiuye.foundation.ids import new_id
from jiuye.funds.city import funds
from jiuye.funds.models import LedgerEntry, LedgerTransaction, PaymentRun

SIDES: Final[dict[str, tuple[str, str]]] = {
    "release": ("expense", "payable"),
    "send": ("transit", "bank"),
    "paid": ("payable", "transit"),
    "failed": ("bank", "transit"),
    "returned": ("bank", "payable"),
    "cancelled": ("payable", "expense"),
    "recovery": ("receivable", "expense"),
    "repaid": ("bank", "receivable"),
}
BATCH: Final = 2000


@dataclass(frozen=True)
class Amount:
    """One amount that moves from the credit to the debit side of a booking; negative: the other way."""

    cents: int
    person_id: UUID
    unit_code: str
    payment_id: UUID | None = None


def book(
    kind: str,
    key: str,
    amounts: Iterable[Amount],
    *,
    benefit: str,
    text: str,
    on: date,
    run: PaymentRun | None = None,
) -> LedgerTransaction | None:
    """Book once: the same key again returns what was booked. Nothing to book (no amounts): None."""
    moved = [item for item in amounts if item.cents]
    if not moved:
        return None
    transaction, made = LedgerTransaction.objects.get_or_create(
        key=key, defaults={"kind": kind, "on": on, "text": text[:200], "run": run, "booked_at": clock.now()}
    )
    if made:
        LedgerEntry.objects.bulk_create(entries(transaction.pk, kind, moved, benefit), batch_size=BATCH)
    return transaction


def entries(transaction_id: UUID, kind: str, amounts: Iterable[Amount], benefit: str) -> list[LedgerEntry]:
    """Both sides of every amount."""
    debit, credit = (funds().account(role, benefit) for role in SIDES[kind])
    made = []
    for item in amounts:
        up, down = (debit, credit) if item.cents > 0 else (credit, debit)
        for account, side in ((up, "debit_cents"), (down, "credit_cents")):
            made.append(
                LedgerEntry(
                    id=new_id(),
                    transaction_id=transaction_id,
                    account=account,
                    person_id=item.person_id,
                    unit_code=item.unit_code,
                    payment_id=item.payment_id,
                    **{side: abs(item.cents)},
                )
            )
    return made


@dataclass(frozen=True)
class Balance:
    """Of one account, in cents. `balance` on the side on which the kind of account grows."""

    code: str
    kind: str
    title: str
    title_en: str
    debit_cents: int
    credit_cents: int

    @property
    def balance_cents(self) -> int:
        difference = self.debit_cents - self.credit_cents
        return -difference if self.kind == "liability" else difference


def balances() -> list[Balance]:
    """Every account of the chart in its order, also those nothing was booked on."""
    sums = {
        row["account"]: (row["debit"] or 0, row["credit"] or 0)
        for row in LedgerEntry.objects.values("account").annotate(
            debit=Sum("debit_cents"), credit=Sum("credit_cents")
        )
    }
    return [
        Balance(item.code, item.kind, item.title["zh"], item.title["en"], *sums.get(item.code, (0, 0)))
        for item in funds().accounts
    ]
