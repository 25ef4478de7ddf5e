"""The two trails: what was changed (written by triggers) and what was looked at."""

from __future__ import annotations

from django.db import models

from jiuye.foundation.ids import new_id


class HistoryEntry(models.Model):
    """One change of one row. `before` and `after` hold only what changed; sealed values stay sealed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    person_id = models.UUIDField(null=True)
    unit_code = models.CharField(max_length=12, null=True)
    operation = models.CharField(max_length=6)  # insert, update, delete
    user_id = models.BigIntegerField(null=True)  # null: the system
    role = models.CharField(max_length=20)
    action = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "foundation_history"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person_id", "-id"], name="history_person"),
            models.Index(fields=["table_name", "row_id", "-id"], name="history_row"),
        ]


class ReadLogEntry(models.Model):
    """Somebody opened something of a person's file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    unit_code = models.CharField(max_length=12)  # where it was read
    user_id = models.BigIntegerField(null=True)  # null: the system
    user_name = models.CharField(max_length=200)
    role = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    what = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["person_id", "-at"], name="read_person"),
            models.Index(fields=["user_id", "person_id", "-at"], name="read_user_person"),
            models.Index(fields=["unit_code", "-at"], name="read_unit"),
        ]
