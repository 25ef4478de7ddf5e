"""Versions of items (事项). What is in force is here; the shipped files are the first published versions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.foundation.ids import new_id
from jiuye.foundation.models import User
from jiuye.foundation.two_person import TwoPerson


class VersionState(models.TextChoices):
    DRAFT = "draft", "起草中"
    SUBMITTED = "submitted", "等复核"
    PUBLISHED = "published", "使用中"
    RETIRED = "retired", "已停用"
    WITHDRAWN = "withdrawn", "已撤回"


OPEN = (VersionState.DRAFT, VersionState.SUBMITTED)
KEPT = (VersionState.PUBLISHED, VersionState.RETIRED)  # cases may have been opened under them


class ItemVersion(TwoPerson):
    """One text of an item. From `closed_at` (published or withdrawn) on the text is frozen.

    `version` is the hash of the text, '' while a draft is written. `ends`: no new text, the item is to
    leave the catalogue. `origin`: shipped (came with a release) or edited. `edition` grows with each
    save. `review_by`: until when the owner confirms the text again; `reminded_on`: when they were last
    reminded.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    version = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFT)
    ends = models.BooleanField(default=False)
    origin = models.CharField(max_length=10)
    reason = models.TextField(blank=True)  # why it is changed
    returned = models.TextField(blank=True)  # why it last came back from review
    edition = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    review_by = models.DateField(null=True)
    reminded_on = models.DateField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(TwoPerson.Meta):
        ordering = ["code", "-created_at"]
        indexes = [models.Index(fields=["code", "version"], name="itemversion_by_version")]
        constraints = [
            *TwoPerson.Meta.constraints,
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="published"), name="itemversion_one_published"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state__in=["draft", "submitted"]), name="itemversion_one_draft"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "retired"])
                | Q(origin="shipped")
                | Q(prepared_by__isnull=False, approved_by__isnull=False),
                name="itemversion_published_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(prepared_by__isnull=False),
                name="itemversion_submitted_by",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted"], closed_at__isnull=True)
                | Q(state__in=["published", "retired", "withdrawn"], closed_at__isnull=False),
                name="itemversion_closed_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "retired"])
                | Q(published_at__isnull=False, ends=False) & ~Q(version=""),
                name="itemversion_published_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version or self.state}"


class CatalogueRevision(models.Model):
    """One row: another token whenever the published items change, so that every process reads them anew."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField(default=new_id)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="cataloguerevision_one_row")]

    def __str__(self) -> str:
        return str(self.token)
