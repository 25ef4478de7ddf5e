"""What was paid though not due, and how it comes back. Recovery needs a decision signed by two persons."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.desk.models import Decision
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import StoredFile
from jiuye.funds.models.award import Award
from jiuye.registry.models import Person


class Overpayment(models.Model):
    """State: found → prepared → decided → agreed (a plan) → repaid; or dropped. `months` are the first days
    of those months.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="overpayments")
    unit_code = models.CharField(max_length=12)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="overpayments")
    months = models.JSONField()
    amount_cents = models.BigIntegerField()
    repaid_cents = models.BigIntegerField(default=0)
    cause = models.CharField(max_length=20)  # stop reason
    state = models.CharField(max_length=10, default="found")
    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="overpayment")
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award"], condition=Q(state="found"), name="overpayment_undecided_once"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="overpayment_amount"),
            models.CheckConstraint(
                condition=Q(repaid_cents__gte=0) & Q(repaid_cents__lte=models.F("amount_cents")),
                name="repaid_within_amount",
            ),
        ]


class RepaymentPlan(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    overpayment = models.OneToOneField(Overpayment, on_delete=models.PROTECT, related_name="plan")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    agreed_by_id = models.BigIntegerField()  # user: the person
    agreed_at = models.DateTimeField()
    letter = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")


class Instalment(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(RepaymentPlan, on_delete=models.PROTECT, related_name="instalments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    due_on = models.DateField()
    amount_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="instalment_once"),
            models.CheckConstraint(
                condition=Q(paid_cents__gte=0) & Q(paid_cents__lte=models.F("amount_cents")),
                name="instalment_within_amount",
            ),
        ]
