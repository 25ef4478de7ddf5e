"""A fact that a person, a document or a member of staff supplied where no register has it."""

from __future__ import annotations

from django.db import models

from jiuye.foundation import clock
from jiuye.foundation.ids import new_id
from jiuye.registry.models.person import Person


class StatedFact(models.Model):
    """`fact` is a name of facts.yaml, `value` its JSON form. The newest row in force on a day counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stated")
    unit_code = models.CharField(max_length=12)
    fact = models.CharField(max_length=60)
    value = models.JSONField(null=True)  # null: taken back
    source = models.CharField(max_length=10)  # person, document, staff
    as_of = models.DateField()
    until = models.DateField(null=True)  # last day it counts
    case_id = models.UUIDField(null=True)
    stated_by_id = models.BigIntegerField(null=True)  # user
    stated_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["person", "fact", "-as_of"])]
