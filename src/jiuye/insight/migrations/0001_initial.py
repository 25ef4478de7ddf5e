from django.db import migrations, models
from django.db.models.deletion import PROTECT

from jiuye.foundation.ids import new_id
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import Role


class Migration(migrations.Migration):
    initial = True
    dependencies = [("desk", "0010_law_archived"), ("foundation", "0002_protection")]

    operations = [
        migrations.CreateModel(
            name="LawComparison",
            fields=[
                (
                    "id",
                    models.UUIDField(default=new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("settings", models.JSONField(default=list)),
                ("on", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("working", "Working"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=20)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("result", models.JSONField(null=True)),
                ("problem", models.TextField(blank=True)),
                ("created_by_id", models.BigIntegerField(null=True)),
                ("created_by_name", models.CharField(blank=True, max_length=100)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "a",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to="desk.lawversion"),
                ),
                (
                    "b",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to="desk.lawversion"),
                ),
            ],
            options={"ordering": ["-created_at", "-id"]},
        ),
        # written only by the service itself, for the lead who asked
        *protect(
            "insight_lawcomparison",
            person=None,
            unit=None,
            staff=(Role.CITY_LEAD, Role.AUDITOR),
            write=(),
            history=False,
        ),
    ]
