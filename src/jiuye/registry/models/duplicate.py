"""Likely duplicates, and merges that can be undone."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jiuye.foundation import clock
from jiuye.foundation.ids import new_id
from jiuye.registry.models.person import Person


class DuplicateProposal(models.Model):
    """Two files that may be one person (same name and birth date)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")  # the older file
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    unit_code = models.CharField(max_length=12)
    reason = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default="open")  # open, merged, different
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=~Q(person=F("other")), name="duplicate_two_people"),
        ]


class Merge(models.Model):
    """`moved` lists every row that changed hands ([table, key]), so that it can be moved back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    absorbed = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    moved = models.JSONField()
    reason = models.TextField()
    merged_by_id = models.BigIntegerField()
    merged_at = models.DateTimeField(default=clock.now)
    undone_by_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
