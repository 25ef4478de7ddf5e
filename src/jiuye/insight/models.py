"""What a lead asked of the whole city, and the answer."""

from __future__ import annotations

from django.db import models

from jiuye.desk.models import LawVersion
from jiuye.foundation.ids import new_id


class LawComparison(models.Model):
    """Another law over everybody: `b` with `settings` in place of `a`. Counts and sums, nobody's name.

    settings: parameters with other values, as "name=value@YYYY-MM-DD". on: the day; None: the first they
    differ on. result: JSON of cities.comparing without small cells. problem: why there is none.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    a = models.ForeignKey(LawVersion, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(LawVersion, on_delete=models.PROTECT, related_name="+")
    settings = models.JSONField(default=list)
    on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(max_length=20, blank=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    result = models.JSONField(null=True)
    problem = models.TextField(blank=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    @property
    def ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
