from django.db import migrations
from django.db.migrations.operations import RunSQL

# As of 0010, for decisions about employers' applications.
ARCHIVED = RunSQL(
    """
CREATE FUNCTION desk_employer_law_is_archived() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $jiuye$
BEGIN
    IF NOT EXISTS (SELECT FROM desk_lawversion WHERE hash = NEW.law_version) THEN
        RAISE EXCEPTION 'decision %: the text of law % is not archived', NEW.id, NEW.law_version
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $jiuye$;
CREATE TRIGGER law_is_archived AFTER INSERT OR UPDATE OF law_version ON desk_employerdecision
    FOR EACH ROW EXECUTE FUNCTION desk_employer_law_is_archived();
""",
    """
DROP TRIGGER law_is_archived ON desk_employerdecision;
DROP FUNCTION desk_employer_law_is_archived;
""",
)


class Migration(migrations.Migration):
    dependencies = [("desk", "0013_item_versions")]
    operations = [ARCHIVED]
