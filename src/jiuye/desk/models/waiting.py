"""Why a case stands still or may take longer: returned once for correction, suspended, extended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jiuye.desk.models.case import Case
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Person


class Correction(models.Model):
    """一次性告知: what is missing, told at once and only once; the database refuses a second one.

    missing: [{kind: condition|fact|material, name, zh, en, basis}]. `due_on`: the day it should come by.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="correction")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    missing = models.JSONField()
    words = models.TextField(blank=True)
    due_on = models.DateField()
    by_id = models.BigIntegerField()
    at = models.DateTimeField()


class Suspension(models.Model):
    """Both clocks stand still on a ground of handling.yaml, from `since` until it is resumed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="suspensions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    ground = models.CharField(max_length=30)
    words = models.TextField()
    since = models.DateField()
    expected_on = models.DateField()  # when it should go on; somebody looks into it then
    by_id = models.BigIntegerField()
    ended_on = models.DateField(null=True)
    ended_words = models.TextField(blank=True)
    ended_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_on__isnull=True), name="suspension_one_open"
            ),
            models.CheckConstraint(condition=Q(expected_on__gt=F("since")), name="suspension_expected_after"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | ~Q(ended_words=""), name="suspension_ended_says_why"
            ),
        ]


class Extension(models.Model):
    """Both clocks got that many working days more, once, on a ground of handling.yaml."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="extension")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    ground = models.CharField(max_length=30)
    words = models.TextField()
    days = models.PositiveIntegerField()  # working days
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(days__gt=0), name="extension_some_days")]
