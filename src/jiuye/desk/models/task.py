"""Work with an owner and a due date that is not a case: answer a bad rating, fix an account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.desk.models.case import Case
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Employer, Person


class Task(models.Model):
    """About one person or one employer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=30)  # answer_rating, correct_account, agree_repayment
    key = models.CharField(max_length=100, unique=True)  # the same cause opens one task
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="tasks")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, null=True, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    handled_by = models.CharField(max_length=12)  # unit whose queue it is in
    owner_role = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    done_by_id = models.BigIntegerField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["handled_by", "due_on"], condition=Q(done_at__isnull=True), name="task_queue"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(answer=""), name="task_done_has_answer"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, employer__isnull=True)
                | Q(person__isnull=True, employer__isnull=False),
                name="task_one_subject",
            ),
        ]
