"""Every version of the law that ever decided, with its text."""

from __future__ import annotations

from django.db import models

from jiuye.cities import archive
from jiuye.desk import city
from jiuye.foundation import clock, scope


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
    """Archive the law in force when a decision names it for the first time."""
    if version != city.law().version:
        return
    with scope.elevated("the law that decides is archived"):
        if LawVersion.objects.filter(pk=version).exists():
            return
        folder = city.folder()
        row = LawVersion(hash=version, city=folder.name, first_used_at=clock.now(), text=archive.pack(folder))
        LawVersion.objects.bulk_create([row], ignore_conflicts=True)  # two may be the first at once
