"""Who stands in for whom while they are away."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Grant, User


class AbsenceCover(models.Model):
    """From `starts_on` to `ends_on` (both inclusive) the colleague does the cases of who is away.

    `grant`: the right lent for these days, None where the colleague had it anyway. It ends by its own date.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_code = models.CharField(max_length=12)  # of who is away
    role = models.CharField(max_length=20)
    absent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    colleague = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200)
    grant = models.ForeignKey(Grant, null=True, on_delete=models.PROTECT, related_name="+")
    made_by_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # ended early

    class Meta:
        indexes = [
            models.Index(fields=["colleague", "ends_on"], name="cover_colleague"),
            models.Index(fields=["unit_code", "ends_on"], name="cover_unit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cover_ends_after_start"),
            models.CheckConstraint(condition=~Q(absent=F("colleague")), name="cover_by_another"),
        ]
