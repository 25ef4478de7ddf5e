"""What a person receives or received: the register that facts are made of. Kept by the funds room."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from jiuye.foundation.ids import new_id
from jiuye.registry.models.person import Person


class BenefitPeriod(models.Model):
    """One award as a period of months. `months_used` are the contribution months its assessment consumed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="benefits")
    unit_code = models.CharField(max_length=12)
    benefit = models.CharField(max_length=40)  # unemployment_benefit
    stage = models.CharField(max_length=10, default="ordinary")  # ordinary, extension
    assessed_on = models.DateField()
    first_month = models.DateField()
    last_month = models.DateField()  # as awarded
    stopped_from = models.DateField(null=True)  # first month that is no longer due
    stop_reason = models.CharField(max_length=20, null=True)
    months_used = models.PositiveIntegerField(default=0)
    award_id = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["person", "benefit"])]
        constraints = [
            models.CheckConstraint(condition=Q(last_month__gte=F("first_month")), name="benefit_order"),
            ExclusionConstraint(
                name="benefit_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("benefit", RangeOperators.EQUAL),
                    (
                        Func(F("first_month"), F("last_month"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(stopped_from__isnull=True),
            ),
        ]
