import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jiuye.foundation.ids
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0014_employer_law_archived"),
        ("foundation", "0005_catalogue_editor"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="parked_reason",
            field=models.CharField(blank=True, default="", db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="case",
            name="parked_until",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="AbsenceCover",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_code", models.CharField(max_length=12)),
                ("role", models.CharField(max_length=20)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("reason", models.CharField(max_length=200)),
                ("made_by_id", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "absent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "colleague",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="foundation.grant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["colleague", "ends_on"], name="cover_colleague"),
                    models.Index(fields=["unit_code", "ends_on"], name="cover_unit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="cover_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("absent", models.F("colleague")), _negated=True),
                        name="cover_by_another",
                    ),
                ],
            },
        ),
        # Who is away and who stands in for them: staff of the unit, and who looks after them.
        *protect("desk_absencecover", person=None, staff=(*CASE_STAFF, Role.AUDITOR), write=CASE_STAFF),
    ]
