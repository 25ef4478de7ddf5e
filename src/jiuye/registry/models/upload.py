"""A staff file that an employer's agent uploaded, and what was wrong with its rows."""

from __future__ import annotations

from django.db import models

from jiuye.foundation import clock
from jiuye.foundation.ids import new_id
from jiuye.registry.models.employer import Employer


class Upload(models.Model):
    """The same file (sha256) of the same employer is one upload: a retry returns it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=20)  # staff
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    bad = models.PositiveIntegerField()
    uploaded_by_id = models.BigIntegerField()
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "sha256"], name="upload_same_file_once"),
            models.CheckConstraint(
                condition=models.Q(rows=models.F("kept") + models.F("bad")), name="upload_rows_add_up"
            ),
        ]


class UploadProblem(models.Model):
    """One thing wrong in one cell. `value` is what was typed, masked where it is a document number."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="problems")
    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="+")
    row = models.PositiveIntegerField()  # line in the file, the heading is 1
    column = models.CharField(max_length=60)
    value = models.CharField(max_length=200)
    message = models.CharField(max_length=300)

    class Meta:
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["upload", "row"])]
