"""Every version of the law that ever decided, with its text; what was asked of them afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from jiuye import cities
from jiuye.desk import city
from jiuye.foundation import clock, scope
from jiuye.foundation.ids import new_id


class LawVersion(models.Model):
    """`hash` as decisions have it in `law_version`; `text` is a zip file (cities.archive). Never changed."""

    hash = models.CharField(max_length=64, primary_key=True)
    city = models.CharField(max_length=40)
    first_used_at = models.DateTimeField()
    text = models.BinaryField()

    class Meta:
        ordering = ["first_used_at", "hash"]

    def __str__(self) -> str:
        return self.hash[:12]


def keep(version: str) -> None:
    """Archive the law in force when something names it for the first time."""
    keep_all([version])


def keep_all(versions: Iterable[str]) -> None:
    """`keep` for many decisions at once. Only the law in force can be archived: its text is at hand."""
    version = city.law().version
    if version not in set(versions):
        return
    with scope.elevated("the law that decides is archived"):
        if LawVersion.objects.filter(pk=version).exists():
            return
        text = cities.text_of(version)
        if text is None:
            return
        row = LawVersion(hash=version, city=city.folder().name, first_used_at=clock.now(), text=text)
        LawVersion.objects.bulk_create([row], ignore_conflicts=True)  # two may be the first at once


class ReplayRun(models.Model):
    """Decisions put again to the law that made them. `kind`: all, sample. It goes on after `last_id`.

    counts: equal, differs, impossible. findings: numbers of the first decisions that differ or can't be
    replayed, each with why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10)
    law_version = models.CharField(max_length=64)  # in force when it began
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_id = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)

    class Meta:
        ordering = ["-started_at"]
