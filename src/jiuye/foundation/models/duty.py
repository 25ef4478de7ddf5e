"""Who took which duty for which thing, so that incompatible duties stay apart."""

from __future__ import annotations

from django.db import models

from jiuye.foundation.ids import new_id


class Duty(models.Model):
    """One user did one duty (prepare, approve) of one kind (payment_run) for one subject."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    duty = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    user_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "kind", "duty", "user_id"], name="duty_once")
        ]
        indexes = [models.Index(fields=["user_id", "kind", "duty", "subject_id"], name="duty_user")]
