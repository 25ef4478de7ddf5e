"""Employment spells as employers register them, and contributions to unemployment insurance."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from jiuye.foundation.ids import new_id
from jiuye.registry.models.employer import Employer
from jiuye.registry.models.person import Person


class EmploymentSpell(models.Model):
    """One employment with one employer, `start` to `end` (both worked). Several employers at once are lawful.

    Source: 就业服务与就业管理规定 62条 (register a hire within 30 days, an end within 15).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="spells")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="spells")
    unit_code = models.CharField(max_length=12)
    reported_name = models.CharField(max_length=200)  # what the employer knows: it sees no more than this
    document_tail = models.CharField(max_length=4)
    start = models.DateField()
    end = models.DateField(null=True)  # last day; null = goes on
    contract_type = models.CharField(max_length=2, null=True)  # contract_type
    contract_until = models.DateField(null=True)
    occupation = models.CharField(max_length=16, null=True)  # CSCO 2022
    separation_reason = models.CharField(max_length=8, null=True)  # as the employer reports it
    hire_registered_on = models.DateField(null=True)
    end_registered_on = models.DateField(null=True)  # exit procedure done (退工)
    source = models.CharField(max_length=20)  # employer, exchange, counter, demo

    class Meta:
        indexes = [
            models.Index(fields=["person", "start"]),
            models.Index(fields=["employer", "reported_name"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="spell_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(separation_reason__isnull=True) | Q(end__isnull=False),
                name="spell_reason_needs_end",
            ),
            ExclusionConstraint(
                name="spell_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("employer", RangeOperators.EQUAL),
                    (Func(F("start"), F("end"), Value("[]"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一单位的两段就业时间重叠",
            ),
        ]


class ContributionSpell(models.Model):
    """Consecutive months of unemployment insurance with one employer (or none) and one base."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contributions")
    employer = models.ForeignKey(Employer, null=True, on_delete=models.PROTECT, related_name="contributions")
    unit_code = models.CharField(max_length=12)
    first_month = models.DateField()  # first day of the month
    last_month = models.DateField()  # first day of the last month received
    base_cents = models.BigIntegerField(null=True)
    place_code = models.CharField(max_length=6)  # GB/T 2260 of the fund
    flexible = models.BooleanField(default=False)  # paid by the person as flexible insured
    closed_on = models.DateField(null=True)  # enrolment ended; null = goes on

    class Meta:
        indexes = [models.Index(fields=["person", "first_month"])]
        constraints = [
            models.CheckConstraint(condition=Q(last_month__gte=F("first_month")), name="contribution_order"),
            models.CheckConstraint(
                condition=Q(first_month__day=1) & Q(last_month__day=1), name="contribution_whole_months"
            ),
            ExclusionConstraint(
                name="contribution_month_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (
                        Func(F("first_month"), F("last_month"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="同一人的缴费月份重复",
            ),
        ]
