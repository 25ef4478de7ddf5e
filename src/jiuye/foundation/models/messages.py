"""Messages to people, and files."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiuye.foundation.ids import new_id


class Message(models.Model):
    """For exactly one of person, user, employer. The demonstration shows every channel in the portal."""

    class Channel(models.TextChoices):
        PORTAL = "portal", _("站内")
        SMS = "sms", _("短信")
        EMAIL = "email", _("邮件")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(null=True)
    user_id = models.BigIntegerField(null=True)
    employer_id = models.UUIDField(null=True)
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.PORTAL)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person_id__isnull=False, user_id__isnull=True, employer_id__isnull=True)
                | Q(person_id__isnull=True, user_id__isnull=False, employer_id__isnull=True)
                | Q(person_id__isnull=True, user_id__isnull=True, employer_id__isnull=False),
                name="message_has_one_addressee",
            )
        ]
        indexes = [
            models.Index(fields=["person_id", "-created_at"], name="message_person"),
            models.Index(fields=["user_id", "-created_at"], name="message_user"),
            models.Index(fields=["employer_id", "-created_at"], name="message_employer"),
        ]


class StoredFile(models.Model):
    """A file, kept in the database: one transaction with the row that needs it, no orphan. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(null=True)
    employer_id = models.UUIDField(null=True)
    unit_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes
    content = models.BinaryField()
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)  # null: the system

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-created_at"], name="file_person"),
            models.Index(fields=["employer_id", "-created_at"], name="file_employer"),
        ]

    def __str__(self) -> str:
        return self.name
