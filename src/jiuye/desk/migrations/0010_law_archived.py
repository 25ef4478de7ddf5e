from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from jiuye.foundation.ids import new_id
from jiuye.foundation.protection import protect
from jiuye.foundation.roles import CASE_STAFF, Role

# No decision without the text of the law that made it; of the former system's the law isn't kept here. Looks with
# the owner's eyes: who decides may not see the archive. Decisions made before are the nightly check's to find.
ARCHIVED = RunSQL(
    """
CREATE FUNCTION desk_law_is_archived() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $jiuye$
BEGIN
    IF NOT NEW.former AND NOT EXISTS (SELECT FROM desk_lawversion WHERE hash = NEW.law_version) THEN
        RAISE EXCEPTION 'decision %: the text of law % is not archived', NEW.number, NEW.law_version
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $jiuye$;
CREATE TRIGGER law_is_archived AFTER INSERT OR UPDATE OF law_version, former ON desk_decision
    FOR EACH ROW EXECUTE FUNCTION desk_law_is_archived();
""",
    """
DROP TRIGGER law_is_archived ON desk_decision;
DROP FUNCTION desk_law_is_archived;
""",
)


class Migration(migrations.Migration):
    dependencies = [("desk", "0009_outreach_choice")]

    operations = [
        migrations.CreateModel(
            name="ReplayRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=10)),
                ("law_version", models.CharField(max_length=64)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("last_id", models.UUIDField(null=True)),
                ("counts", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=list)),
            ],
            options={"ordering": ["-started_at"]},
        ),
        ARCHIVED,
        # written only by the service itself
        *protect(
            "desk_replayrun",
            person=None,
            unit=None,
            staff=(Role.AUDITOR, Role.CITY_LEAD),
            write=(),
            history=False,
        ),
        # The lead chooses among the archived versions.
        RunSQL(
            """
DROP POLICY app_select ON desk_lawversion;
DROP POLICY app_insert ON desk_lawversion;
DROP POLICY app_update ON desk_lawversion;
DROP POLICY app_delete ON desk_lawversion;
DROP POLICY owner_all ON desk_lawversion;
DROP POLICY audit_read ON desk_lawversion;
""",
            migrations.RunSQL.noop,
        ),
        *protect(
            "desk_lawversion",
            person=None,
            unit=None,
            staff=(*CASE_STAFF, Role.AUDITOR, Role.CITY_LEAD),
            write=(),
            history=False,
        ),
    ]
