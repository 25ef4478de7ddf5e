"""Double-entry ledger in cents. A transaction balances (deferred constraint trigger) and never changes
(trigger).

Accounts are data of the city: cities/<city>/accounts.yaml.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.foundation.ids import new_id


class LedgerTransaction(models.Model):
    """`key` names the cause (run:…:release): booking the same cause twice is one transaction.

    The two totals and `booked_in` are written by triggers; nobody else can write them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=30)
    on = models.DateField()
    text = models.CharField(max_length=200)
    run = models.ForeignKey("funds.PaymentRun", null=True, on_delete=models.PROTECT, related_name="bookings")
    booked_at = models.DateTimeField()
    debit_cents = models.BigIntegerField(default=0)
    credit_cents = models.BigIntegerField(default=0)
    booked_in = models.BigIntegerField(default=0)  # database transaction that booked it, set by a trigger


class LedgerEntry(models.Model):
    """One side of a transaction; exactly one of debit and credit is positive."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=20)
    debit_cents = models.BigIntegerField(default=0)
    credit_cents = models.BigIntegerField(default=0)
    person_id = models.UUIDField(null=True)
    unit_code = models.CharField(max_length=12)
    payment = models.ForeignKey("funds.Payment", null=True, on_delete=models.PROTECT, related_name="bookings")

    class Meta:
        indexes = [models.Index(fields=["account", "transaction"]), models.Index(fields=["person_id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(debit_cents__gt=0, credit_cents=0) | Q(debit_cents=0, credit_cents__gt=0),
                name="entry_one_side",
            )
        ]
