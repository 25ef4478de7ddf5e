"""An employer, public by law; not a person's data."""

from __future__ import annotations

from django.db import models

from jiuye.foundation import clock
from jiuye.foundation.ids import new_id


class Employer(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    credit_code = models.CharField(max_length=18, unique=True)  # GB 32100 unified social credit code
    credit_code_suspect = models.BooleanField(default=False)  # wrong check digit: lawful early codes exist
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=4)  # employer_type
    industry = models.CharField(max_length=5, null=True)  # GB/T 4754-2017
    unit_code = models.CharField(max_length=12)
    closed_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["unit_code"]), models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name
