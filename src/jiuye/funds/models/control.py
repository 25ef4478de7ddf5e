"""Ex-post control: automatic grants drawn for a second look, with the seed that drew them."""

from __future__ import annotations

from django.db import models

from jiuye.desk.models import Decision
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Person


class ControlSeed(models.Model):
    """The secret of a year's draw, kept so that an auditor can draw again and get the same sample."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    seed = models.CharField(max_length=64)
    made_at = models.DateTimeField()


class ControlSample(models.Model):
    """State: drawn → confirmed or objected. The auditor who looked is not one who decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="control")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    seed = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="drawn")
    finding = models.TextField(blank=True)
    looked_by_id = models.BigIntegerField(null=True)
    looked_at = models.DateTimeField(null=True)
