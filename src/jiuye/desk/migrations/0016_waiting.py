import django.db.models.deletion
from django.db import migrations, models

import jiuye.foundation.ids
from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR)


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0015_handling"),
        ("foundation", "0005_catalogue_editor"),
        ("registry", "0005_feeds_protection"),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_code", models.CharField(max_length=12)),
                ("missing", models.JSONField()),
                ("words", models.TextField(blank=True)),
                ("due_on", models.DateField()),
                ("by_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_code", models.CharField(max_length=12)),
                ("ground", models.CharField(max_length=30)),
                ("words", models.TextField()),
                ("days", models.PositiveIntegerField()),
                ("by_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_code", models.CharField(max_length=12)),
                ("ground", models.CharField(max_length=30)),
                ("words", models.TextField()),
                ("since", models.DateField()),
                ("expected_on", models.DateField()),
                ("by_id", models.BigIntegerField()),
                ("ended_on", models.DateField(null=True)),
                ("ended_words", models.TextField(blank=True)),
                ("ended_by_id", models.BigIntegerField(null=True)),
            ],
            options={
                "ordering": ["since", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_ended_has_end_state",
        ),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("submitted", "已提交"),
                    ("street", "街镇核实中"),
                    ("asked", "等您补充"),
                    ("suspended", "中止办理"),
                    ("district", "区级审核中"),
                    ("prepared", "待复核"),
                    ("granted", "已办结：同意"),
                    ("refused", "已办结：不予"),
                    ("withdrawn", "已撤回"),
                    ("closed", "已办结"),
                ],
                default="submitted",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True),
                        ("state__in", ("submitted", "street", "asked", "suspended", "district", "prepared")),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        models.Q(
                            (
                                "state__in",
                                ("submitted", "street", "asked", "suspended", "district", "prepared"),
                            ),
                            _negated=True,
                        ),
                    ),
                    _connector="OR",
                ),
                name="case_ended_has_end_state",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="correction", to="desk.case"
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.person"
            ),
        ),
        migrations.AddField(
            model_name="extension",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="extension", to="desk.case"
            ),
        ),
        migrations.AddField(
            model_name="extension",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.person"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="suspensions", to="desk.case"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.person"
            ),
        ),
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gt", 0)), name="extension_some_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on__isnull", True)), fields=("case",), name="suspension_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(("expected_on__gt", models.F("since"))), name="suspension_expected_after"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on__isnull", True), models.Q(("ended_words", ""), _negated=True), _connector="OR"
                ),
                name="suspension_ended_says_why",
            ),
        ),
        *protect("desk_correction", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_correction", except_columns=("person_id",)),
        *protect("desk_extension", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_extension", except_columns=("person_id",)),
        *protect("desk_suspension", staff=READERS, write=CASE_STAFF),
        history.immutable("desk_suspension", except_columns=("person_id",), once="ended_on"),
    ]
