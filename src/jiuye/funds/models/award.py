"""An award and its months. A month of a benefit is due to a person at most once, whatever awards say."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jiuye.desk.models import Case, Decision
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Person


class Award(models.Model):
    """What a granted decision gives: `months` months from `first_month` (first day of the month)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="awards")
    unit_code = models.CharField(max_length=12)
    benefit = models.CharField(max_length=40)
    stage = models.CharField(max_length=10, default="ordinary")  # ordinary, extension
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="awards")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="award")
    first_month = models.DateField()
    months = models.PositiveIntegerField()
    stopped_from = models.DateField(null=True)
    stop_reason = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first_month__day=1), name="award_whole_months"),
            models.CheckConstraint(condition=Q(months__gte=1), name="award_some_months"),
        ]


class MonthState(models.TextChoices):
    DUE = "due", "待发"
    PAID = "paid", "已发"
    CANCELLED = "cancelled", "不再发"


class AwardMonth(models.Model):
    """One month of an award. The amount is the one of the law at the award; a later standard re-computes due
    months.

    `excludes`: benefits that the law doesn't give for the same month; the database refuses both, whichever
    comes second (JY005).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="schedule")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    benefit = models.CharField(max_length=40)
    month = models.DateField()
    index = models.PositiveIntegerField()  # 1 = first month of the award
    amount_cents = models.BigIntegerField()
    excludes = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=10, choices=MonthState, default=MonthState.DUE)
    # paid though not due: the claim it belongs to, so that no month is claimed back twice
    overpayment = models.ForeignKey(
        "funds.Overpayment", null=True, on_delete=models.PROTECT, related_name="overpaid_months"
    )

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "benefit", "month"],
                condition=~Q(state="cancelled"),
                name="benefit_month_once",
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="month_pays_something"),
        ]
        indexes = [models.Index(fields=["benefit", "month"], condition=Q(state="due"), name="month_due")]
