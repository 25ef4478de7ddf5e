"""An employer's application: for itself, or for one person whom it hired. The district decides; two sign."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from jiuye.desk.models import law
from jiuye.foundation.deadlines import Clocked
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import StoredFile
from jiuye.foundation.two_person import TwoPerson
from jiuye.registry.models import Employer, Person


class EmployerCaseState(models.TextChoices):
    SUBMITTED = "submitted", "区级审核中"
    PREPARED = "prepared", "待复核"
    GRANTED = "granted", "已办结：同意"
    REFUSED = "refused", "已办结：不予"
    WITHDRAWN = "withdrawn", "已撤回"


_OPEN = Q(state__in=[EmployerCaseState.SUBMITTED, EmployerCaseState.PREPARED])


class EmployerCase(Clocked):
    """`unit_code`: the employer's. `worker`: whom it is about, `worker_name` as the employer reported it.

    said: facts about the employer as its agent stated them; recorded: facts as staff found them; both JSON
    values by name. words: what came of it, for the employer.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=30, unique=True)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="cases")
    unit_code = models.CharField(max_length=12)
    item = models.CharField(max_length=40)
    item_version = models.CharField(max_length=16)
    worker = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    worker_name = models.CharField(max_length=200, blank=True)
    request_key = models.UUIDField()  # made with the form: a repeated submission is the same case
    state = models.CharField(max_length=10, choices=EmployerCaseState, default=EmployerCaseState.SUBMITTED)
    said = models.JSONField(default=dict)
    recorded = models.JSONField(default=dict)
    words = models.TextField(blank=True)
    letter = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_by_id = models.BigIntegerField()
    submitted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["employer", "-submitted_at"], name="firm_cases"),
            models.Index(fields=["unit_code", "promised_due"], condition=_OPEN, name="firm_case_queue"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["employer", "item", "request_key"], name="firm_case_once"),
            models.UniqueConstraint(
                fields=["employer", "item", "worker"],
                condition=_OPEN,
                nulls_distinct=False,
                name="firm_case_one_open",
            ),
            models.CheckConstraint(
                condition=(_OPEN & Q(ended_at__isnull=True)) | (~_OPEN & Q(ended_at__isnull=False)),
                name="firm_case_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class EmployerDecision(TwoPerson):
    """What the law made of the facts; they may be a worker's, so only staff see it. Frozen once decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(EmployerCase, on_delete=models.PROTECT, related_name="decisions")
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=10)  # grant, refusal
    rule = models.CharField(max_length=60)
    law_version = models.CharField(max_length=64)
    on = models.DateField()
    outcome = models.JSONField()
    facts = models.JSONField()
    effects = models.JSONField(default=dict)
    amount_cents = models.BigIntegerField(default=0)
    reason = models.TextField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)

    former = False  # none was taken over from the system before

    class Meta(TwoPerson.Meta):
        constraints = [
            *TwoPerson.Meta.constraints,
            models.UniqueConstraint(
                fields=["case"], condition=Q(withdrawn_at__isnull=True), name="firm_decision_one"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True)
                | Q(prepared_by__isnull=False, approved_by__isnull=False),
                name="firm_decision_signed",
            ),
            models.CheckConstraint(condition=Q(kind__in=["grant", "refusal"]), name="firm_decision_kind"),
        ]

    @property
    def number(self) -> str:
        return self.case.number

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the text of the law that decided, so that the decision can be replayed."""
        law.keep(self.law_version)
        super().save(*args, **kwargs)


class EmployerMonth(models.Model):
    """One month of a granted benefit: at most once for a worker, whoever employs them, or for an employer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(EmployerCase, on_delete=models.PROTECT, related_name="months")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    benefit = models.CharField(max_length=40)
    month = models.DateField()
    amount_cents = models.BigIntegerField()

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "benefit", "month"],
                condition=Q(worker__isnull=False),
                name="worker_month_once",
            ),
            models.UniqueConstraint(
                fields=["employer", "benefit", "month"],
                condition=Q(worker__isnull=True),
                name="firm_month_once",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="firm_month_whole"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="firm_month_pays"),
        ]
