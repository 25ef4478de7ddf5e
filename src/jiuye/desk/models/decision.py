"""A decision: what the law made of the facts, who signed. Frozen once `decided_at` is set (trigger)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from jiuye.desk.models import law
from jiuye.desk.models.case import Case
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import StoredFile
from jiuye.foundation.two_person import TwoPerson
from jiuye.registry.models import Person


class DecisionKind(models.TextChoices):
    GRANT = "grant", "同意"
    REFUSAL = "refusal", "不予"
    STOP = "stop", "停发"
    RECOVERY = "recovery", "追回"


class Decisions(models.QuerySet["Decision"]):
    def bulk_create(self, objs: Iterable[Decision], *args: Any, **kwargs: Any) -> list[Decision]:
        """With the text of the law that decided, as one by one; a trigger refuses decisions without it."""
        rows = list(objs)
        law.keep_all(row.law_version for row in rows)
        return super().bulk_create(rows, *args, **kwargs)


class Decision(TwoPerson):
    """`outcome` and `facts` are the JSON of policy.Outcome and of the facts with their sources."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=30, unique=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="decisions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="decisions")
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=10, choices=DecisionKind)
    rule = models.CharField(max_length=60)
    law_version = models.CharField(max_length=64)  # content hash of the law that decided
    on = models.DateField()  # the day the law was asked about
    outcome = models.JSONField()
    facts = models.JSONField()
    effects = models.JSONField(
        default=dict
    )  # what follows: {"benefit", "first_month", "months", "schedule": [...]}
    amount_cents = models.BigIntegerField(default=0)  # total money that follows, for the approval bands
    automatic = models.BooleanField(default=False)
    # taken over from the system before: letter and signatures are kept there; only the tables' owner says so
    former = models.BooleanField(default=False)
    reason = models.TextField(blank=True)  # the preparer's words
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    letter = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # sent back by the second person before it was decided
    withdrawn_reason = models.TextField(blank=True)

    objects = Decisions.as_manager()

    class Meta(TwoPerson.Meta):
        constraints = [
            *TwoPerson.Meta.constraints,
            models.CheckConstraint(
                condition=Q(automatic=False) | Q(kind__in=["grant", "stop"]),
                name="decision_against_needs_person",
            ),
            models.CheckConstraint(
                condition=Q(automatic=True)
                | Q(former=True)
                | Q(decided_at__isnull=True)
                | Q(prepared_by__isnull=False, approved_by__isnull=False),
                name="decision_signed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="decision_decided_or_not",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(withdrawn_at__isnull=True, corrects__isnull=True, case__isnull=False),
                name="decision_one_per_case",
            ),
        ]
        indexes = [models.Index(fields=["person", "-created_at"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the text of the law that decided, so that the decision can be replayed."""
        law.keep(self.law_version)
        super().save(*args, **kwargs)
