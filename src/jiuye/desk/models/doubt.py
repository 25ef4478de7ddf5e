"""Doubts (疑点) and the evidence that clears them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.desk.models.case import Case
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import StoredFile
from jiuye.registry.models import Person


class Doubt(models.Model):
    """Why a case can't be decided by itself. What kinds there are stands in desk/doubts.py."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="doubts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=60)  # fact, parameter or rule it is about
    detail = models.JSONField(default=dict)  # e.g. {"register": "37", "person": "40"}
    owner_role = models.CharField(max_length=20)
    due_on = models.DateField()
    closes_itself = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.BigIntegerField(null=True)  # null with closed_at: closed by itself
    resolution = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "about"], condition=Q(closed_at__isnull=True), name="doubt_open_once"
            )
        ]


class Evidence(models.Model):
    """What was seen or heard: a document, a call, the person's words; and the facts it proves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=20)  # document, statement, call, register
    note = models.TextField()
    facts = models.JSONField(default=dict)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by_id = models.BigIntegerField()
    recorded_by_name = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
