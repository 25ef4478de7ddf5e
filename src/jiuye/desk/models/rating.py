"""Five-level ratings (好差评) of a finished case. Source: 国办发〔2019〕51号."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.desk.models.case import Case
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Person


class Score(models.IntegerChoices):
    VERY_BAD = 1, "非常不满意"
    BAD = 2, "不满意"
    FAIR = 3, "基本满意"
    GOOD = 4, "满意"
    VERY_GOOD = 5, "非常满意"


class Rating(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    score = models.PositiveSmallIntegerField(choices=Score)
    comment = models.TextField(blank=True)
    rated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__range=(1, 5)), name="rating_five_levels")]
