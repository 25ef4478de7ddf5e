"""Registrations (work, unemployment, flexible work) and recognitions: dated periods with their reasons."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from jiuye.foundation.ids import new_id
from jiuye.registry.models.person import Person


class RegistrationKind(models.TextChoices):
    EMPLOYMENT = "employment", "就业登记"
    UNEMPLOYMENT = "unemployment", "失业登记"
    FLEXIBLE = "flexible", "灵活就业登记"
    HARDSHIP = "hardship", "就业困难人员认定"
    ZERO_HOUSEHOLD = "zero_household", "零就业家庭确认"


class Registration(models.Model):
    """`opened_on` to the day before `closed_on`. Reason codes: unemployment_reason, registration_exit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="registrations")
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=14, choices=RegistrationKind)
    opened_on = models.DateField()
    open_reason = models.CharField(max_length=4)
    expires_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    close_reason = models.CharField(max_length=4, null=True)
    case_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "kind"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="registration_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, close_reason__isnull=True)
                | Q(closed_on__isnull=False, close_reason__isnull=False),
                name="registration_close_has_reason",
            ),
            ExclusionConstraint(
                name="registration_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (
                        Func(F("opened_on"), F("closed_on"), Value("[)"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="同类登记期间重叠",
            ),
        ]
