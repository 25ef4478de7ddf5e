"""What registers of other authorities deliver, fact by fact; which fact comes from which is in feeds.yaml."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.foundation.ids import new_id
from jiuye.registry.models.employer import Employer
from jiuye.registry.models.person import Person


class Feed(models.Model):
    """A register that has delivered. From `as_of` on its silence may be an answer, as feeds.yaml says."""

    code = models.CharField(primary_key=True, max_length=40)
    as_of = models.DateField()  # day of the first whole delivery


class FeedRecord(models.Model):
    """One fact about one person or employer. Of those in force on a day the newest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="fed")
    employer = models.ForeignKey(Employer, null=True, on_delete=models.CASCADE, related_name="fed")
    unit_code = models.CharField(max_length=12)
    feed = models.CharField(max_length=40)  # code in feeds.yaml
    fact = models.CharField(max_length=60)
    value = models.JSONField()
    as_of = models.DateField()
    until = models.DateField(null=True)  # last day it counts

    class Meta:
        indexes = [
            models.Index(fields=["person", "fact", "-as_of"], name="fed_person"),
            models.Index(fields=["employer", "fact", "-as_of"], name="fed_employer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, employer__isnull=True)
                | Q(person__isnull=True, employer__isnull=False),
                name="fed_one_subject",
            )
        ]
