import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jiuye.foundation.ids
from jiuye.foundation import history
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role

READERS = (*CASE_STAFF, Role.AUDITOR, Role.CITY_LEAD)
OFFICERS = (Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)


class Migration(migrations.Migration):
    dependencies = [("desk", "0010_law_archived"), ("registry", "0002_protection")]

    operations = [
        migrations.CreateModel(
            name="EmployerCase",
            fields=[
                ("started_on", models.DateField(null=True)),
                ("promised_days", models.PositiveIntegerField(null=True)),
                ("statutory_days", models.PositiveIntegerField(null=True)),
                ("promised_due", models.DateField(null=True)),
                ("statutory_due", models.DateField(null=True)),
                ("paused_on", models.DateField(null=True)),
                ("pause_reason", models.CharField(blank=True, max_length=200)),
                ("paused_days", models.PositiveIntegerField(default=0)),
                ("closed_on", models.DateField(null=True)),
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=30, unique=True)),
                ("unit_code", models.CharField(max_length=12)),
                ("item", models.CharField(max_length=40)),
                ("item_version", models.CharField(max_length=16)),
                ("worker_name", models.CharField(blank=True, max_length=200)),
                ("request_key", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "区级审核中"),
                            ("prepared", "待复核"),
                            ("granted", "已办结：同意"),
                            ("refused", "已办结：不予"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="submitted",
                        max_length=10,
                    ),
                ),
                ("said", models.JSONField(default=dict)),
                ("recorded", models.JSONField(default=dict)),
                ("words", models.TextField(blank=True)),
                ("submitted_by_id", models.BigIntegerField()),
                ("submitted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "employer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="registry.employer",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="foundation.storedfile",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EmployerDecision",
            fields=[
                ("prepared_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("second_approved_at", models.DateTimeField(null=True)),
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_code", models.CharField(max_length=12)),
                ("kind", models.CharField(max_length=10)),
                ("rule", models.CharField(max_length=60)),
                ("law_version", models.CharField(max_length=64)),
                ("on", models.DateField()),
                ("outcome", models.JSONField()),
                ("facts", models.JSONField()),
                ("effects", models.JSONField(default=dict)),
                ("amount_cents", models.BigIntegerField(default=0)),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_reason", models.TextField(blank=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="desk.employercase",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EmployerMonth",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jiuye.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_code", models.CharField(max_length=12)),
                ("benefit", models.CharField(max_length=40)),
                ("month", models.DateField()),
                ("amount_cents", models.BigIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="months",
                        to="desk.employercase",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.employer"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.person",
                    ),
                ),
            ],
            options={
                "ordering": ["month"],
            },
        ),
        migrations.AddIndex(
            model_name="employercase",
            index=models.Index(fields=["employer", "-submitted_at"], name="firm_cases"),
        ),
        migrations.AddIndex(
            model_name="employercase",
            index=models.Index(
                condition=models.Q(("state__in", ["submitted", "prepared"])),
                fields=["unit_code", "promised_due"],
                name="firm_case_queue",
            ),
        ),
        migrations.AddConstraint(
            model_name="employercase",
            constraint=models.UniqueConstraint(
                fields=("employer", "item", "request_key"), name="firm_case_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="employercase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["submitted", "prepared"])),
                fields=("employer", "item", "worker"),
                name="firm_case_one_open",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="employercase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["submitted", "prepared"]), ("ended_at__isnull", True)),
                    models.Q(
                        models.Q(("state__in", ["submitted", "prepared"]), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="firm_case_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="employerdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    ("prepared_by__isnull", True),
                    models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                    _connector="OR",
                ),
                name="desk_employerdecision_two_persons",
            ),
        ),
        migrations.AddConstraint(
            model_name="employerdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_approved_by__isnull", True),
                    models.Q(
                        ("approved_by__isnull", False),
                        models.Q(("second_approved_by", models.F("approved_by")), _negated=True),
                        models.Q(
                            ("prepared_by__isnull", True),
                            models.Q(("second_approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="desk_employerdecision_three_persons",
            ),
        ),
        migrations.AddConstraint(
            model_name="employerdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    _connector="OR",
                ),
                name="desk_employerdecision_signed_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="employerdecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)), fields=("case",), name="firm_decision_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="employerdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_at__isnull", True),
                    models.Q(("approved_by__isnull", False), ("prepared_by__isnull", False)),
                    _connector="OR",
                ),
                name="firm_decision_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="employerdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["grant", "refusal"])), name="firm_decision_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="employermonth",
            constraint=models.UniqueConstraint(
                condition=models.Q(("worker__isnull", False)),
                fields=("worker", "benefit", "month"),
                name="worker_month_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="employermonth",
            constraint=models.UniqueConstraint(
                condition=models.Q(("worker__isnull", True)),
                fields=("employer", "benefit", "month"),
                name="firm_month_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="employermonth",
            constraint=models.CheckConstraint(condition=models.Q(("month__day", 1)), name="firm_month_whole"),
        ),
        migrations.AddConstraint(
            model_name="employermonth",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="firm_month_pays"
            ),
        ),
        *protect("desk_employercase", person=None, employer="employer_id", staff=READERS, write=OFFICERS),
        *protect("desk_employerdecision", person=None, staff=READERS, write=OFFICERS),
        history.immutable("desk_employerdecision", once="decided_at"),
        *protect("desk_employermonth", person=None, employer="employer_id", staff=READERS, write=()),
        history.immutable("desk_employermonth", except_columns=("worker_id",)),
    ]
