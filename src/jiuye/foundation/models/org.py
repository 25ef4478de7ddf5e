"""The organisation tree: city, districts, streets and towns, communities and villages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrgUnit(models.Model):
    """A unit's code is a prefix of the code of everything below it: 31, 310101, 310101002, 310101002001."""

    class Level(models.TextChoices):
        CITY = "city", _("市")
        DISTRICT = "district", _("区")
        STREET = "street", _("街道（乡镇）")
        COMMUNITY = "community", _("居（村）民委员会")

    code = models.CharField(max_length=12, primary_key=True)
    level = models.CharField(max_length=10, choices=Level)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    lng = models.FloatField(null=True)  # WGS 84, degrees
    lat = models.FloatField(null=True)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["level", "code"])]

    def __str__(self) -> str:
        return self.name
