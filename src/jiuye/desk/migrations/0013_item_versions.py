import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jiuye.foundation.ids
from jiuye.foundation import history
from jiuye.foundation.protection import role_in, setting
from jiuye.foundation.roles import Role

# What is in force is public: everybody reads it, also who isn't logged in. Drafts are the editors'.
PURPOSE = "(SELECT current_setting('jiuye.purpose', true))"
WRITERS = f"{role_in((Role.CATALOGUE_EDITOR,))} AND {PURPOSE} <> '' OR {setting('role')} = 'system'"
READERS = f"{role_in((Role.CATALOGUE_EDITOR, Role.AUDITOR, Role.CITY_LEAD))} AND {PURPOSE} <> ''"
IN_FORCE = "state IN ('published', 'retired')"


def public(table: str, everybody: str, readers: str) -> migrations.RunSQL:
    """Rows that `everybody` sees, others for `readers`; the system and the editors write."""
    see = f"({everybody}) OR ({readers}) OR {setting('role')} = 'system'"
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
        f"CREATE POLICY audit_read ON {table} FOR SELECT TO jiuye_audit USING (true)",
        f"CREATE POLICY app_select ON {table} FOR SELECT TO jiuye_app USING ({see})",
        f"CREATE POLICY app_insert ON {table} FOR INSERT TO jiuye_app WITH CHECK ({WRITERS})",
        f"CREATE POLICY app_update ON {table} FOR UPDATE TO jiuye_app USING ({WRITERS}) WITH CHECK ({WRITERS})",
        f"CREATE POLICY app_delete ON {table} FOR DELETE TO jiuye_app USING ({WRITERS})",
    ]
    names = ("owner_all", "audit_read", "app_select", "app_insert", "app_update", "app_delete")
    undo = [
        *(f"DROP POLICY IF EXISTS {name} ON {table}" for name in names),
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return migrations.RunSQL(";\n".join(statements), ";\n".join(undo))


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0012_case_letter"),
        ("foundation", "0005_catalogue_editor"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CatalogueRevision",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("token", models.UUIDField(default=jiuye.foundation.ids.new_id)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="cataloguerevision_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemVersion",
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
                ("code", models.CharField(max_length=40)),
                ("version", models.CharField(blank=True, max_length=16)),
                ("text", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "起草中"),
                            ("submitted", "等复核"),
                            ("published", "使用中"),
                            ("retired", "已停用"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("ends", models.BooleanField(default=False)),
                ("origin", models.CharField(max_length=10)),
                ("reason", models.TextField(blank=True)),
                ("returned", models.TextField(blank=True)),
                ("edition", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("review_by", models.DateField(null=True)),
                ("reminded_on", models.DateField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
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
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["code", "-created_at"],
                "abstract": False,
                "indexes": [models.Index(fields=["code", "version"], name="itemversion_by_version")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            ("prepared_by__isnull", True),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="desk_itemversion_two_persons",
                    ),
                    models.CheckConstraint(
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
                        name="desk_itemversion_three_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="desk_itemversion_signed_when",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")),
                        fields=("code",),
                        name="itemversion_one_published",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "submitted"])),
                        fields=("code",),
                        name="itemversion_one_draft",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["published", "retired"]), _negated=True),
                            ("origin", "shipped"),
                            models.Q(("approved_by__isnull", False), ("prepared_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="itemversion_published_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitted"), _negated=True),
                            ("prepared_by__isnull", False),
                            _connector="OR",
                        ),
                        name="itemversion_submitted_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state__in", ["draft", "submitted"])),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state__in", ["published", "retired", "withdrawn"]),
                            ),
                            _connector="OR",
                        ),
                        name="itemversion_closed_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["published", "retired"]), _negated=True),
                            models.Q(
                                ("ends", False),
                                ("published_at__isnull", False),
                                models.Q(("version", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="itemversion_published_when",
                    ),
                ],
            },
        ),
        public("desk_itemversion", IN_FORCE, READERS),
        public("desk_cataloguerevision", "true", READERS),
        # the row keeps its own text; what was published or withdrawn never changes, only where it stands
        history.track("desk_itemversion", exclude=("text",)),
        history.immutable(
            "desk_itemversion",
            except_columns=(
                "state",
                "retired_at",
                "review_by",
                "reminded_on",
                "confirmed_at",
                "confirmed_by_id",
            ),
            once="closed_at",
        ),
    ]
