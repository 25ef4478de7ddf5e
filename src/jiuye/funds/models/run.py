"""A payment run: lock, prepare, approve, release, file, return. Payee and amount are frozen when it is
locked.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.foundation.ids import new_id
from jiuye.foundation.models import StoredFile
from jiuye.foundation.sealed import SealedField
from jiuye.foundation.two_person import TwoPerson
from jiuye.funds.models.award import AwardMonth
from jiuye.registry.models import PayeeAccount, Person


class RunState(models.TextChoices):
    """In this order; every step may be repeated and changes nothing the second time."""

    OPEN = "open", "已建立"
    LOCKED = "locked", "名单已锁定"
    APPROVED = "approved", "已复核"
    RELEASED = "released", "已记账"
    SENT = "sent", "已送银行"
    RECONCILED = "reconciled", "已对账"
    DISCARDED = "discarded", "已退回"  # sent back by the second person: nothing of it was paid


class PaymentRun(TwoPerson):
    """`sequence` 0 is the monthly run of a benefit; 1, 2 … are supplementary runs of the same month."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=30, unique=True)
    benefit = models.CharField(max_length=40)
    month = models.DateField()
    sequence = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.OPEN)
    count = models.PositiveIntegerField(default=0)
    total_cents = models.BigIntegerField(default=0)
    value_date = models.DateField()  # when the bank is to pay
    bank_file = models.ForeignKey(
        StoredFile, null=True, on_delete=models.PROTECT, related_name="+"
    )  # pain.001
    list_file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")  # CSV
    created_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    discarded_by_id = models.BigIntegerField(null=True)  # user
    discarded_reason = models.TextField(blank=True)

    class Meta(TwoPerson.Meta):
        constraints = [
            *TwoPerson.Meta.constraints,
            models.UniqueConstraint(fields=["benefit", "month", "sequence"], name="run_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "locked", "discarded"])
                | Q(prepared_by__isnull=False, approved_by__isnull=False),
                name="run_signed_by_two",
            ),
        ]


class PaymentState(models.TextChoices):
    FROZEN = "frozen", "待发"
    SENT = "sent", "银行处理中"
    PAID = "paid", "已到账"
    FAILED = "failed", "银行退回"
    VOID = "void", "未发出"  # taken out of the run before release


class Payment(models.Model):
    """One transfer. Nothing of it but its state may change after the run is locked (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="payments")
    award_month = models.ForeignKey(AwardMonth, on_delete=models.PROTECT, related_name="payments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="payments")
    unit_code = models.CharField(max_length=12)
    amount_cents = models.BigIntegerField()
    payee_name = models.CharField(max_length=200)
    bank_name = models.CharField(max_length=100)
    payee_account = models.ForeignKey(PayeeAccount, on_delete=models.PROTECT, related_name="+")
    account = SealedField("funds_payment.account")
    account_tail = models.CharField(max_length=4)
    end_to_end_id = models.CharField(max_length=35, unique=True)  # ISO 20022 EndToEndId
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.FROZEN)
    failure = models.CharField(max_length=10, blank=True)  # ISO 20022 status reason code, e.g. AC01
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    settled_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award_month"],
                condition=Q(state__in=["frozen", "sent", "paid"]),
                name="payment_month_once",
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(state="void"), name="payment_replaced_once"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_pays_something"),
        ]
        indexes = [models.Index(fields=["person", "-id"]), models.Index(fields=["run", "state"])]


class LeftOut(models.Model):
    """A due month that a run could not take, and why: no_account, account_failed, no_standard, deceased."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="left_out")
    award_month = models.ForeignKey(AwardMonth, on_delete=models.PROTECT, related_name="left_out")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    reason = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "award_month"], name="left_out_once")]


class BankReturn(models.Model):
    """What the bank said of a run. The same file is taken in once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="returns")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    paid = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()  # lines that fit no payment of the run
    problems = models.JSONField(default=list)  # [{"line": 3, "reference": "…", "message": "…"}]
    received_at = models.DateTimeField()
    received_by_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "sha256"], name="bank_return_once")]
