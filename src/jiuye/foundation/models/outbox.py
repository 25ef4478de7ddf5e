"""Events told upward, and whether each handler has had them."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from jiuye.foundation.ids import new_id


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction that caused it. `key` makes it happen once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="outbox_event_once")]
        indexes = [models.Index(fields=["at"])]


class OutboxDelivery(models.Model):
    """One event for one handler. Failed: given up after several attempts, a person has to look."""

    class State(models.TextChoices):
        PENDING = "pending", _("待处理")
        DONE = "done", _("已处理")
        FAILED = "failed", _("处理失败")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    deferred_at = models.DateTimeField()  # when a job was last queued for it
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="outbox_delivery_once")]
        indexes = [
            models.Index(
                fields=["deferred_at"], condition=~models.Q(state="done"), name="outbox_delivery_open"
            )
        ]
